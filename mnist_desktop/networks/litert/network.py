"""A network of a plan as a LiteRT file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mnist_desktop.networks.litert.attention import ATTENTION
from mnist_desktop.networks.litert.file import packed
from mnist_desktop.networks.litert.fusing import fused
from mnist_desktop.networks.litert.graph import Flow, Graph
from mnist_desktop.networks.litert.layers import LAYERS, Task
from mnist_desktop.networks.litert.recurrent import RECURRENT
from mnist_desktop.networks.plan import Array, NetworkPlan


def _time_distributed(task: Task) -> Flow:
    """To a layer, the parts of an image are as many images."""
    inner, parts = task.settings["layer"], task.flow.shape[1:]
    each = task.graph.reshape(task.flow, parts)
    made = COMPUTED[inner.kind](
        Task(task.graph, inner.settings, task.weights, (each,), task.shape[1:])
    )
    return task.graph.reshape(made, task.shape)


COMPUTED: dict[str, Callable[[Task], Flow]] = {
    **LAYERS,
    **RECURRENT,
    **ATTENTION,
    "TimeDistributed": _time_distributed,
}


def litert_file(plan: NetworkPlan, weights: Sequence[Array]) -> memoryview:
    """Write a network as a LiteRT file, which reads any number of images at once.

    Parameters
    ----------
    plan : NetworkPlan
        The layers and how they are connected.
    weights : sequence of ndarray of float32
        The weights of all layers, in the plan's order, as `build_network` takes them.

    Returns
    -------
    memoryview
        The content of the file. It gives what Keras gives in evaluation, rounded otherwise.
    """
    graph = Graph()
    with np.errstate(all="ignore"):  # weights of a foreign network may overflow
        output = _compute(graph, plan, graph.flow(plan.input_shape), iter(weights))
        made = fused(graph, output.index)
    return packed(made, output.index, plan.input_name or "input")


def _compute(graph: Graph, plan: NetworkPlan, given: Flow, weights: Iterator[Array]) -> Flow:
    flows = [given]
    for one in plan.layers:
        inputs = [flows[index] for index in one.inputs]
        if one.body is not None:
            flows.append(_compute(graph, one.body, inputs[0], weights))
            continue
        own = [next(weights) for _ in one.weights]
        task = Task(graph, one.settings, own, inputs, one.output_shape)
        flows.append(COMPUTED[one.kind](task))
    return flows[plan.output]
