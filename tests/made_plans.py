"""Plans of networks that are no chain of layers, or very long, as foreign files have them."""

from __future__ import annotations

from typing import Any

from mnist_desktop.networks.plan import InnerLayer, LayerPlan, NetworkPlan
from mnist_desktop.networks.plan_builder import Layer, PlanBuilder


class PlannedGraph:
    """A network as it comes together; each layer takes the output of the one before, or others."""

    def __init__(self, *shape: int) -> None:
        self._builder = PlanBuilder(shape)
        self.layers = self._builder.layers

    @property
    def last(self) -> int:
        return self._builder.count

    def add(self, kind: str, *inputs: int, **settings: Any) -> int:
        return self._builder.add(Layer(kind, settings), *inputs)

    def nest(self, body: NetworkPlan, given: int, name: str) -> int:
        self.layers.append(LayerPlan("", name, {}, (), (given,), body.output_shape, body=body))
        return self.last

    def convolve(self, filters: int, *inputs: int, size: int = 3, **settings: Any) -> int:
        made = {"filters": filters, "kernel_size": (size, size), "padding": "same", **settings}
        return self.add("Conv2D", *inputs, **made)

    def plan(self) -> NetworkPlan:
        self.add("Dense", units=10, activation="softmax")
        return self._builder.plan("graph")


def residual() -> NetworkPlan:
    """Two residual blocks."""
    graph = PlannedGraph(28, 28, 1)
    graph.convolve(16, activation="relu")
    graph.add("MaxPooling2D")
    for _ in range(2):
        start = graph.last
        for kind in ("BatchNormalization", "ReLU"):
            graph.convolve(16)
            graph.add(kind)
        graph.add("Add", start, graph.last)
    graph.add("GlobalAveragePooling2D")
    return graph.plan()


def with_branches() -> NetworkPlan:
    """Four branches, joined."""
    graph = PlannedGraph(28, 28, 1)
    start = graph.convolve(8)
    branches = [graph.convolve(8, start, size=size) for size in (1, 3, 5)]
    branches.append(
        graph.add("MaxPooling2D", start, pool_size=(3, 3), strides=(1, 1), padding="same")
    )
    graph.add("Concatenate", *branches)
    graph.add("Flatten")
    return graph.plan()


def with_attention() -> NetworkPlan:
    """A small vision transformer."""
    graph = PlannedGraph(28, 28, 1)
    graph.convolve(32, size=7, strides=(7, 7))
    graph.add("Reshape", target_shape=(16, 32))
    for _ in range(2):
        start = graph.last
        rows = graph.add("LayerNormalization")
        heads = {"num_heads": 4, "key_dim": 8, "value_dim": 8}
        found = graph.add("MultiHeadAttention", rows, rows, **heads)
        middle = graph.add("Add", start, found)
        graph.add("Dense", units=64, activation="gelu")
        graph.add("Dense", units=32)
        graph.add("Add", middle, graph.last)
    graph.add("GlobalAveragePooling1D")
    return graph.plan()


def recurrent() -> NetworkPlan:
    """A network that reads a picture line by line."""
    graph = PlannedGraph(28, 28)
    graph.add("Rescaling", scale=2.0, offset=-1.0)
    graph.add("Bidirectional", layer=InnerLayer("LSTM", {"units": 32, "return_sequences": True}))
    graph.add("GRU", units=64)
    return graph.plan()


def long(layers: int = 24) -> NetworkPlan:
    """Many convolutions."""
    graph = PlannedGraph(28, 28, 1)
    for _ in range(layers):
        graph.convolve(16, activation="relu")
        graph.add("BatchNormalization")
    graph.add("Flatten")
    return graph.plan()


def averaged() -> NetworkPlan:
    """Two equal networks whose outputs are averaged."""
    graph = PlannedGraph(28, 28)
    bodies = []
    for _ in range(2):
        body = PlannedGraph(28, 28)
        body.add("Flatten")
        body.add("Dense", units=20)
        bodies.append(body.plan())
    outputs = [graph.nest(body, 0, f"member_{number}") for number, body in enumerate(bodies)]
    graph.add("Average", *outputs)
    return NetworkPlan("averaged", (28, 28), tuple(graph.layers), graph.last)


GRAPHS = (residual, with_branches, with_attention, recurrent, long, averaged)
