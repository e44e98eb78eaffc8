"""Simplifies a graph: what follows a convolution or a dense layer is computed with it.

A multiplication or addition by channel becomes part of the weights, and a rectifier part of the
operator before it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from mnist_desktop.networks.litert.graph import NONE, Constant, Graph, Operator

# Where the outputs are in the kernels of operators with weights.
WEIGHTED = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": -1, "FULLY_CONNECTED": 0}
TAKES_RECTIFIER = frozenset(
    {*WEIGHTED, "ADD", "MUL", "SUB", "DIV", "MAX_POOL_2D", "AVERAGE_POOL_2D"}
)
RECTIFIERS = {"RELU": 1, "RELU6": 3}  # by their numbers in the schema
RECTIFIER = "fusedActivationFunction"


def fused(graph: Graph, output: int) -> Graph:
    """Return a graph that computes the same with fewer operators.

    Parameters
    ----------
    graph : Graph
        Its operators have no rectifiers of their own.
    output : int
        The tensor that is the network's output.
    """
    return _Fusing(graph, output).run()


class _Fusing:
    def __init__(self, graph: Graph, output: int) -> None:
        self._operators = graph.operators
        self._made = Graph(list(graph.tensors))
        # Which of the operators made so far computes a tensor.
        self._makers: dict[int, int] = {}
        self._uses = Counter(one for operator in graph.operators for one in operator.inputs)
        self._uses[output] += 1

    def run(self) -> Graph:
        for one in self._operators:
            if not self._merge(one):
                self._put(len(self._made.operators), one)
        return self._made

    def _put(self, place: int, operator: Operator) -> None:
        self._made.operators[place : place + 1] = [operator]
        for output in operator.outputs:
            self._makers[output] = place

    def _merge(self, operator: Operator) -> bool:
        """Merge an operator with the one that it takes its input from, where that can be."""
        source = operator.inputs[0]
        place = self._makers.get(source)
        if place is None or self._uses[source] > 1:
            return False
        before = self._made.operators[place]
        if RECTIFIER in before.options:
            return False
        merged: Operator | None = None
        if operator.name in RECTIFIERS and before.name in TAKES_RECTIFIER:
            merged = _with_rectifier(before, operator)
        elif operator.name in ("MUL", "ADD") and before.name in WEIGHTED:
            merged = self._with_weights(before, operator)
        if merged is None:
            return False
        self._put(place, merged)
        return True

    def _with_weights(self, before: Operator, operator: Operator) -> Operator | None:
        """Multiply or add to the weights, if there is one number for each output or for all."""
        values, axis = self._values(operator.inputs[1]), WEIGHTED[before.name]
        kernel = self._values(before.inputs[1])
        if values is None or kernel is None:
            return None
        count = kernel.shape[axis]
        if values.shape not in ((), (count,)):
            return None
        bias = self._values(before.inputs[2])
        bias = np.zeros(count, np.float32) if bias is None else bias
        if operator.name == "ADD":
            bias = bias + values
        else:
            bias = bias * values
            by_output = (
                values if axis or not values.shape else values.reshape(-1, *[1] * (kernel.ndim - 1))
            )
            kernel = kernel * by_output
        return replace(
            before,
            inputs=(before.inputs[0], self._constant(kernel), self._constant(bias)),
            outputs=operator.outputs,
        )

    def _values(self, index: int) -> Constant | None:
        return None if index == NONE else self._made.tensors[index].values

    def _constant(self, values: Any) -> int:
        return self._made.constant(values.astype(np.float32, copy=False)).index


def _with_rectifier(before: Operator, operator: Operator) -> Operator:
    options = {**before.options, RECTIFIER: RECTIFIERS[operator.name]}
    return replace(before, outputs=operator.outputs, options=options)
