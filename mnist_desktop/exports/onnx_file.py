"""A trained network as ONNX file, for the many programs that read that format."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_desktop.networks.plan import Array, Shape
from mnist_desktop.networks.steps import Step

if TYPE_CHECKING:
    import onnx

OPSET = 17
IR_VERSION = 8
# Channels first, as ONNX convolves, and back to channels last, as the weights expect it flattened.
CHANNELS_FIRST, CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def write_onnx(steps: Sequence[Step], input_shape: Shape, path: Path) -> None:
    """Write a network to an ONNX file.

    Parameters
    ----------
    steps : sequence of Step
        The network.
    input_shape : tuple of int
        Shape of one image, as Keras takes it.
    path : Path
        The file. Its input ``pixels`` takes float32 in [0, 1] of shape ``(n, *input_shape)``, its
        output ``scores`` gives float32 of shape ``(n, 10)``.
    """
    import onnx
    from onnx import helper

    graph = _Graph(input_shape)
    for step in steps:
        graph.add(step)
    model = helper.make_model(
        helper.make_graph(
            graph.finish(),
            "mnist",
            [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["n", *input_shape])],
            [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["n", 10])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="MNIST Desktop",
    )
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


@dataclass(frozen=True)
class _Flow:
    """The output of a node, and its shape for one image as Keras has it: channels last."""

    name: str
    shape: Shape | None

    @property
    def is_image(self) -> bool:
        """Whether its channels come first here."""
        return self.shape is None or len(self.shape) == 3


class _Graph:
    """Nodes and weights as they come together.

    Images have their channels first, as ONNX convolves; the shape of one after a convolution is not
    needed, and None.
    """

    def __init__(self, input_shape: Shape) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        given = _Flow("pixels", input_shape)
        is_image = len(input_shape) == 3
        self._flows = [self.apply("Transpose", given, perm=CHANNELS_FIRST) if is_image else given]

    def add(self, step: Step) -> None:
        """Add the nodes of a step."""
        taken = [self._flows[index] for index in step.inputs]
        self._flows.append(_NODES[step.kind](self, step, *taken))

    def finish(self) -> list[onnx.NodeProto]:
        """Call what the last node gives ``scores``."""
        self.nodes[-1].output[0] = "scores"
        return self.nodes

    def apply(self, operation: str, *inputs: _Flow | Array, **attributes: Any) -> _Flow:
        """Add a node; arrays become weights. Its output has the shape of its first input."""
        from onnx import helper

        number = len(self.nodes)
        names = [
            one.name if isinstance(one, _Flow) else self._weight(f"weights_{number}_{place}", one)
            for place, one in enumerate(inputs)
        ]
        output = f"step_{number}"
        self.nodes.append(helper.make_node(operation, names, [output], **attributes))
        first = next(one for one in inputs if isinstance(one, _Flow))
        return _Flow(output, first.shape)

    def _weight(self, name: str, values: Array) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def _window(step: Step) -> dict[str, Any]:
    return {"strides": step.options["strides"], "pads": step.options["border"]}


def _conv(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
    kernel, bias = step.weights
    return replace(
        graph.apply("Conv", flow, kernel.transpose(3, 2, 0, 1), bias, **_window(step)), shape=None
    )


def _depthwise(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
    kernel, bias = step.weights
    rows, columns, channels, times = kernel.shape
    filters = kernel.transpose(2, 3, 0, 1).reshape(channels * times, 1, rows, columns)
    made = graph.apply("Conv", flow, filters, bias, group=channels, **_window(step))
    return replace(made, shape=None)


def _pool(operation: str, **attributes: Any) -> Callable[[_Graph, Step, _Flow], _Flow]:
    def add(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
        size = step.options["size"]
        made = graph.apply(operation, flow, kernel_shape=size, **_window(step), **attributes)
        return replace(made, shape=None)

    return add


def _scale(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
    for operation, weight in zip(("Mul", "Add"), step.weights, strict=True):
        flow = graph.apply(operation, flow, weight.reshape((-1, 1, 1) if flow.is_image else (-1,)))
    return flow


def _reshape(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
    """Give values another shape, with the channels last, as the weights expect them."""
    shape = step.options["shape"]
    if flow.shape == shape:
        return flow
    if flow.is_image:
        flow = graph.apply("Transpose", flow, perm=CHANNELS_LAST)
    return replace(graph.apply("Flatten", flow), shape=shape)


def _layer_norm(graph: _Graph, step: Step, flow: _Flow) -> _Flow:
    epsilon = step.options["epsilon"]
    last = graph.apply("Transpose", flow, perm=CHANNELS_LAST) if flow.is_image else flow
    made = graph.apply("LayerNormalization", last, *step.weights, axis=-1, epsilon=epsilon)
    return graph.apply("Transpose", made, perm=CHANNELS_FIRST) if flow.is_image else made


def _global_average(graph: _Graph, _step: Step, flow: _Flow) -> _Flow:
    return replace(graph.apply("Flatten", graph.apply("GlobalAveragePool", flow)), shape=(0,))


def _gelu(graph: _Graph, _step: Step, flow: _Flow) -> _Flow:
    """Compute x/2 (1 + erf(x / √2)); ONNX has no such operator before version 20."""
    root, one, half = (np.array([value], np.float32) for value in (1 / math.sqrt(2), 1, 0.5))
    curved = graph.apply("Erf", graph.apply("Mul", flow, root))
    return graph.apply("Mul", graph.apply("Mul", flow, half), graph.apply("Add", curved, one))


def _silu(graph: _Graph, _step: Step, flow: _Flow) -> _Flow:
    return graph.apply("Mul", flow, graph.apply("Sigmoid", flow))


def _operator(name: str) -> Callable[..., _Flow]:
    return lambda graph, _step, *flows: graph.apply(name, *flows)


_NODES: Mapping[str, Callable[..., _Flow]] = {
    "add": _operator("Sum"),
    "average": _operator("Mean"),
    "average_pool": _pool("AveragePool", count_include_pad=0),
    "conv": _conv,
    "dense": lambda graph, step, flow: graph.apply("Gemm", flow, *step.weights),
    "depthwise": _depthwise,
    "gelu": _gelu,
    "global_average": _global_average,
    "layer_norm": _layer_norm,
    "leaky_relu": lambda graph, step, flow: graph.apply(
        "LeakyRelu", flow, alpha=step.options["slope"]
    ),
    "max_pool": _pool("MaxPool"),
    "relu": _operator("Relu"),
    "reshape": _reshape,
    "scale": _scale,
    "sigmoid": _operator("Sigmoid"),
    "silu": _silu,
    "softmax": lambda graph, _step, flow: graph.apply(
        "Softmax", flow, axis=1 if flow.is_image else -1
    ),
    "tanh": _operator("Tanh"),
}
