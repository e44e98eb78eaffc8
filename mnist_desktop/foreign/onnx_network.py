"""Turns the graph of an ONNX file into a plan of layers, or refuses it.

ONNX keeps the channels of an image first, Keras last. Each value of the graph is therefore tracked
with the shape that ONNX gives it and how the layers hold it; what is flattened keeps the order of
the layers, and the next dense layer's weights are put in that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.files.reading import read_small
from mnist_desktop.foreign.budget import Budget
from mnist_desktop.foreign.keras_config import NEEDED, OUTPUT_SHAPE
from mnist_desktop.foreign.keras_settings import PlanError, quoted
from mnist_desktop.foreign.onnx_call import Call, Flow, attributes_of
from mnist_desktop.foreign.onnx_constants import FOLDED, folded
from mnist_desktop.foreign.onnx_gelu import with_gelu
from mnist_desktop.foreign.onnx_graph import MAX_FILE, parse_graph, weights_of
from mnist_desktop.foreign.onnx_operators import KEEP_ROUNDED, OPERATORS
from mnist_desktop.foreign.refusal import refusing
from mnist_desktop.formats import count
from mnist_desktop.inference.network import CHANNELS_FIRST, INPUT_SHAPES
from mnist_desktop.networks.layers import layer_shape
from mnist_desktop.networks.plan import Array, LayerPlan, NetworkPlan, Shape

if TYPE_CHECKING:
    import onnx

IMAGE = (SIDE, SIDE, 1)


def read_onnx_file(path: Path) -> tuple[NetworkPlan, list[Array]]:
    """Read the layers and weights of an ONNX file, and run nothing in it.

    Returns
    -------
    NetworkPlan
        A network that takes one image of 28×28 pixels and gives ten scores.
    list of ndarray of float32
        The weights of all layers, in order.

    Raises
    ------
    ModelFileError
        If the file is damaged, is not such a network of plain layers, or is larger than one needs
        to be.
    """
    with refusing(path, PlanError):
        return _Planner(parse_graph(read_small(path, MAX_FILE))).network()


class _Planner:
    """Plans operator by operator and keeps track of what the network would cost to build."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.constants = weights_of(graph)
        self.layers: list[LayerPlan] = []
        self.weights: list[Array] = []
        self.flows: dict[str, Flow] = {}
        self._graph = graph
        self._budget = Budget()

    def network(self) -> tuple[NetworkPlan, list[Array]]:
        """Plan all operators, which come in the order that they are computed in."""
        given = [one for one in self._graph.input if one.name not in self.constants]
        if len(given) != 1 or len(self._graph.output) != 1:
            ends = count(len(self._graph.output), "output")
            raise PlanError(f"has {count(len(given), 'input')} and {ends}")
        sides = given[0].type.tensor_type.shape.dim
        shape = tuple(int(one.dim_value) for one in sides)[1:]
        if shape not in INPUT_SHAPES:
            raise PlanError(f"takes {shape[:8]}, and {NEEDED}")
        held = IMAGE if shape == CHANNELS_FIRST else shape
        self.flows[given[0].name] = Flow(0, shape, held, is_turned=shape == CHANNELS_FIRST)
        for node in with_gelu(self._graph.node, self.constants):
            try:
                with np.errstate(all="ignore"):  # what is too large is found by `add`
                    self._plan(node)
            except PlanError:
                raise
            except (IndexError, OverflowError, TypeError, ValueError) as error:
                raise PlanError(
                    f"has an operator {quoted(node.op_type)} whose settings cannot be read"
                ) from error
        end = self.flows.get(self._graph.output[0].name)
        if end is None or end.shape != OUTPUT_SHAPE or end.order or not end.number:
            found = None if end is None else end.shape
            raise PlanError(f"takes {shape} and gives {found}, and {NEEDED}")
        plan = NetworkPlan("network", held, tuple(self.layers), end.number)
        return plan, self.weights

    def _plan(self, node: onnx.NodeProto) -> None:
        kind = node.op_type
        if not 1 <= len(node.output) <= 8 or len(node.input) > 100:
            raise PlanError(f"has an operator {quoted(kind)} without an output")
        if any(one in self.flows or one in self.constants for one in node.output):
            raise PlanError("computes something twice")
        attributes = attributes_of(node)
        if any(one in self.flows for one in node.input):
            if kind not in OPERATORS:
                raise PlanError(
                    f"uses the operator {quoted(kind)}, and only those of plain layers can be "
                    "opened"
                )
            call = Call(self.add, self.flows, self.constants, kind, list(node.input), attributes)
            if any(one.steps for one in call.taken) and kind not in KEEP_ROUNDED:
                raise call.refuse("on integers of 8 bits")
            found = OPERATORS[kind](call)
            if isinstance(found, Flow):
                self.flows[node.output[0]] = found
            else:
                self.constants[node.output[0]] = found
        elif kind in FOLDED:
            arrays = [self.constants[one] for one in node.input if one in self.constants]
            if len(arrays) != sum(map(bool, node.input)):
                raise PlanError(f"has an operator {quoted(kind)} that takes nothing known")
            self.constants[node.output[0]] = folded(kind, arrays, attributes)
        else:
            raise PlanError(f"computes constants with the operator {quoted(kind)}")

    def add(
        self,
        kind: str,
        settings: Mapping[str, Any],
        inputs: Sequence[Flow],
        weights: Sequence[NDArray[Any]] = (),
    ) -> tuple[int, Shape]:
        """Add a layer, and return its number and the shape that it gives."""
        found = layer_shape(kind, settings, [one.held for one in inputs])
        if found.weights != tuple(one.shape for one in weights):
            raise PlanError(f"has weights of another shape than a layer {kind} needs")
        self._budget.spend(found, f"a layer {kind}")
        numbers = np.array([one for one in settings.values() if isinstance(one, float)])
        if not all(np.isfinite(one).all() for one in (numbers, *weights)):
            raise PlanError(f"computes a layer {kind} with numbers that are too large")
        number = len(self.layers) + 1
        self.layers.append(
            LayerPlan(
                kind,
                f"layer_{number}",
                settings,
                found.weights,
                tuple(one.number for one in inputs),
                found.output,
                cost=found.cost,
            )
        )
        self.weights += [np.ascontiguousarray(one, np.float32) for one in weights]
        return number, found.output
