"""Layers that go row after row as LiteRT's operators, unrolled: one step for each row.

The products with the rows do not depend on the steps before and are computed for all rows at once.
Before the first row, all states are 0. Formulas are those of Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mnist_desktop.networks.litert.activations import activated
from mnist_desktop.networks.litert.graph import Flow, Graph
from mnist_desktop.networks.litert.layers import Task
from mnist_desktop.networks.plan import Array


class _Steps:
    """The steps of a layer that goes row after row.

    Parameters
    ----------
    task : Task
        The layer.
    gates : int
        How many products of its state it computes for each unit.
    """

    def __init__(self, task: Task, gates: int) -> None:
        self.graph, self.settings = task.graph, task.settings
        self.units: int = task.settings["units"]
        self.state_kernel = task.weights[1]
        has_bias, width = task.settings.get("use_bias", True), gates * self.units
        # The biases for the rows and, where they are apart, for the state.
        bias = task.weights[2] if has_bias else np.zeros(width, np.float32)
        self.row_bias: Array = bias[0] if bias.ndim == 2 else bias
        self.state_bias: Array | None = bias[1] if bias.ndim == 2 else None
        self._kernel = task.weights[0]
        self._parts: dict[tuple[int, int], tuple[Flow, Flow | None]] = {}

    def products(self, rows: Flow) -> list[Flow]:
        """Multiply all rows by the kernel, in the order in which they are read."""
        width = self._kernel.shape[1]
        shape = (rows.shape[0], width)
        made = self.graph.apply(
            "FULLY_CONNECTED", rows, self._kernel.T, self.row_bias, shape=shape, keepNumDims=True
        )
        apart = self.graph.unpack(made)
        return apart[::-1] if self.settings.get("go_backwards") else apart

    def state_products(self, state: Flow, gates: slice) -> Flow:
        """Multiply a state by the part of its kernel that belongs to some of the gates."""
        kernel, bias = self._state_weights(gates)
        shape = (self.units * (gates.stop - gates.start),)
        return self.graph.apply("FULLY_CONNECTED", state, kernel, bias, shape=shape)

    def _state_weights(self, gates: slice) -> tuple[Flow, Flow | None]:
        """Kernel and bias of the state for some of the gates; all steps share them."""
        key = gates.start, gates.stop
        if key not in self._parts:
            part = slice(gates.start * self.units, gates.stop * self.units)
            kernel = self.graph.constant(self.state_kernel[:, part].T)
            bias = None if self.state_bias is None else self.graph.constant(self.state_bias[part])
            self._parts[key] = kernel, bias
        return self._parts[key]

    def sums(self, products: Flow, states: Sequence[Flow]) -> Flow:
        """Add the products of the state before to those of a row."""
        if not states:
            return products
        gates = slice(0, products.shape[0] // self.units)
        return self.graph.apply("ADD", products, self.state_products(states[-1], gates))

    def gate(self, products: Flow, number: int) -> Flow:
        """Take the products that belong to one gate."""
        start, shape = (0, number * self.units), (self.units,)
        if products.shape == shape:
            return products
        return self.graph.apply("SLICE", products, start, (-1, self.units), shape=shape)

    def opened(self, products: Flow) -> Flow:
        """Pass products through the activation of gates."""
        chosen = self.settings.get("recurrent_activation", "sigmoid")
        return activated(self.graph, products, chosen)

    def activated(self, products: Flow) -> Flow:
        """Pass products through the activation of states."""
        return activated(self.graph, products, self.settings.get("activation", "tanh"))

    def outputs(self, states: Sequence[Flow]) -> Flow:
        """Return the last state, or all of them."""
        if not self.settings.get("return_sequences"):
            return states[-1]
        shape = (len(states), self.units)
        return self.graph.apply("PACK", *states, shape=shape, valuesCount=len(states), axis=1)


def _simple_rnn(task: Task) -> Flow:
    steps, states = _Steps(task, 1), list[Flow]()
    for products in steps.products(task.flow):
        states.append(steps.activated(steps.sums(products, states)))
    return steps.outputs(states)


def _lstm(task: Task) -> Flow:
    """Gates are, in order: input, forget, cell and output."""
    steps, states, memory = _Steps(task, 4), list[Flow](), None
    for products in steps.products(task.flow):
        sums = steps.sums(products, states)
        let_in, forget, out = (steps.opened(steps.gate(sums, one)) for one in (0, 1, 3))
        new = task.apply("MUL", let_in, steps.activated(steps.gate(sums, 2)))
        memory = (
            new if memory is None else task.apply("ADD", task.apply("MUL", forget, memory), new)
        )
        states.append(task.apply("MUL", out, steps.activated(memory)))
    return steps.outputs(states)


def _gru(task: Task) -> Flow:
    """Gates are, in order: update, reset and state."""
    steps, states = _Steps(task, 3), list[Flow]()
    is_after = task.settings.get("reset_after", True)
    step = _gru_step_after if is_after else _gru_step_before
    for products in steps.products(task.flow):
        states.append(step(steps, products, states[-1] if states else None))
    return steps.outputs(states)


def _gru_step_after(steps: _Steps, products: Flow, state: Flow | None) -> Flow:
    """Reset the products of the state."""
    graph = steps.graph
    if state is None:
        bias = (
            np.zeros(3 * steps.units, np.float32) if steps.state_bias is None else steps.state_bias
        )
        inner: list[Any] = list(bias.reshape(3, steps.units))
    else:
        whole = steps.state_products(state, slice(0, 3))
        inner = [steps.gate(whole, one) for one in range(3)]
    update, reset = (
        steps.opened(graph.apply("ADD", steps.gate(products, one), inner[one])) for one in (0, 1)
    )
    remembered = graph.apply("MUL", reset, inner[2])
    new = steps.activated(graph.apply("ADD", steps.gate(products, 2), remembered))
    return _mixed(graph, update, state, new)


def _gru_step_before(steps: _Steps, products: Flow, state: Flow | None) -> Flow:
    """Reset the state before its products are computed."""
    graph = steps.graph
    gates = [steps.gate(products, one) for one in range(3)]
    if state is None:
        return _mixed(graph, steps.opened(gates[0]), None, steps.activated(gates[2]))
    update, reset = (
        steps.opened(
            graph.apply("ADD", gates[one], steps.state_products(state, slice(one, one + 1)))
        )
        for one in (0, 1)
    )
    remembered = steps.state_products(graph.apply("MUL", reset, state), slice(2, 3))
    new = steps.activated(graph.apply("ADD", gates[2], remembered))
    return _mixed(graph, update, state, new)


def _mixed(graph: Graph, update: Flow, state: Flow | None, new: Flow) -> Flow:
    """Keep as much of the state as the gate says, and take the rest from the new one."""
    taken = graph.apply("MUL", graph.apply("SUB", 1.0, update), new)
    return taken if state is None else graph.apply("ADD", graph.apply("MUL", update, state), taken)


def _bidirectional(task: Task) -> Flow:
    """Apply a layer twice, from the first row on and from the last, and merge the outputs."""
    inner = task.settings["layer"]
    is_turned = bool(inner.settings.get("go_backwards"))
    half = len(task.weights) // 2
    flows = []
    for goes_back, weights in ((False, task.weights[:half]), (True, task.weights[half:])):
        settings = {**inner.settings, "go_backwards": is_turned != goes_back}
        flows.append(RECURRENT[inner.kind](_inner(task, settings, weights)))
    if inner.settings.get("return_sequences"):
        rows = task.graph.unpack(flows[1])[::-1]
        flows[1] = task.apply("PACK", *rows, shape=flows[1].shape, valuesCount=len(rows), axis=1)
    return _MERGES[task.settings.get("merge_mode", "concat")](task, *flows)


def _inner(task: Task, settings: Mapping[str, Any], weights: Sequence[Array]) -> Task:
    return Task(task.graph, settings, weights, task.inputs, task.shape)


_MERGES: Mapping[str, Callable[[Task, Flow, Flow], Flow]] = {
    "ave": lambda task, one, other: task.apply("MUL", task.apply("ADD", one, other), 0.5),
    "concat": lambda task, one, other: task.apply(
        "CONCATENATION", one, other, shape=task.shape, axis=len(task.shape)
    ),
    "mul": lambda task, one, other: task.apply("MUL", one, other),
    "sum": lambda task, one, other: task.apply("ADD", one, other),
}
RECURRENT: Mapping[str, Callable[[Task], Flow]] = {
    "Bidirectional": _bidirectional,
    "GRU": _gru,
    "LSTM": _lstm,
    "SimpleRNN": _simple_rnn,
}
