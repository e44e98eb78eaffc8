"""Activations as LiteRT's operators. Formulas are those of Keras, of which LiteRT knows a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mnist_desktop.networks.layers import LEAKY_FUNCTION_SLOPE, LEAKY_LAYER_SLOPE
from mnist_desktop.networks.litert.graph import Flow, Graph
from mnist_desktop.networks.plan import InnerLayer

# G. Klambauer and others, Self-Normalizing Neural Networks, 2017.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def activated(graph: Graph, flow: Flow, activation: str | InnerLayer) -> Flow:
    """Pass values through an activation.

    Parameters
    ----------
    graph : Graph
        Operators are added to it.
    flow : Flow
        The values.
    activation : str or InnerLayer
        A key of `FUNCTIONS`, or a layer of `ACTIVATION_LAYERS` with its settings.
    """
    if isinstance(activation, InnerLayer):
        return ACTIVATION_LAYERS[activation.kind](graph, flow, activation.settings)
    return FUNCTIONS[activation](graph, flow)


def _operator(name: str, **options: Any) -> Callable[[Graph, Flow], Flow]:
    return lambda graph, flow: graph.apply(name, flow, **options)


def _hard_sigmoid(graph: Graph, flow: Flow) -> Flow:
    return graph.apply("MUL", graph.apply("RELU6", graph.apply("ADD", flow, 3.0)), 1 / 6)


def _selu(graph: Graph, flow: Flow) -> Flow:
    return graph.apply("MUL", _scaled_elu(graph, flow, SELU_ALPHA), SELU_SCALE)


def _scaled_elu(graph: Graph, flow: Flow, alpha: float) -> Flow:
    """Compute x above 0 and alpha (exp(x) - 1) below; LiteRT's own ELU has an alpha of 1."""
    above, curved = graph.apply("RELU", flow), graph.apply("ELU", flow)
    if alpha == 1:
        return curved
    below = graph.apply("MUL", graph.apply("MINIMUM", curved, 0.0), alpha)
    return graph.apply("ADD", above, below)


def _silu(graph: Graph, flow: Flow) -> Flow:
    return graph.apply("MUL", flow, graph.apply("LOGISTIC", flow))


def _softplus(graph: Graph, flow: Flow) -> Flow:
    """Compute log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)), which does not overflow."""
    power = graph.apply("EXP", graph.apply("NEG", graph.apply("ABS", flow)))
    rest = graph.apply("LOG", graph.apply("ADD", power, 1.0))
    return graph.apply("ADD", graph.apply("RELU", flow), rest)


def _mish(graph: Graph, flow: Flow) -> Flow:
    return graph.apply("MUL", flow, graph.apply("TANH", _softplus(graph, flow)))


def _softsign(graph: Graph, flow: Flow) -> Flow:
    return graph.apply("DIV", flow, graph.apply("ADD", graph.apply("ABS", flow), 1.0))


def _leaky(graph: Graph, flow: Flow, slope: float) -> Flow:
    return graph.apply("LEAKY_RELU", flow, alpha=slope)


FUNCTIONS: Mapping[str, Callable[[Graph, Flow], Flow]] = {
    "celu": _operator("ELU"),
    "elu": _operator("ELU"),
    "exponential": _operator("EXP"),
    "gelu": _operator("GELU", approximate=False),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": _operator("HARD_SWISH"),
    "hard_swish": _operator("HARD_SWISH"),
    "leaky_relu": lambda graph, flow: _leaky(graph, flow, LEAKY_FUNCTION_SLOPE),
    "linear": lambda _graph, flow: flow,
    "log_softmax": _operator("LOG_SOFTMAX"),
    "mish": _mish,
    "relu": _operator("RELU"),
    "relu6": _operator("RELU6"),
    "selu": _selu,
    "sigmoid": _operator("LOGISTIC"),
    "silu": _silu,
    "softmax": _operator("SOFTMAX", beta=1.0),
    "softplus": _softplus,
    "softsign": _softsign,
    "swish": _silu,
    "tanh": _operator("TANH"),
}


def _relu_layer(graph: Graph, flow: Flow, settings: Mapping[str, Any]) -> Flow:
    """Compute x above the threshold, up to the maximum, and below it slope (x - threshold)."""
    slope, most = settings.get("negative_slope") or 0.0, settings.get("max_value")
    threshold = settings.get("threshold") or 0.0
    if threshold:
        is_above = graph.apply("GREATER", flow, threshold, is_flag=True)
        above = graph.apply("MUL", flow, graph.apply("CAST", is_above))
    elif most is None and slope:
        return _leaky(graph, flow, slope)
    elif most == 6:
        above, most = graph.apply("RELU6", flow), None
    else:
        above = graph.apply("RELU", flow)
    if most is not None:
        above = graph.apply("MINIMUM", above, most)
    if not slope:
        return above
    below = graph.apply("RELU", graph.apply("SUB", threshold, flow))
    return graph.apply("SUB", above, graph.apply("MUL", below, slope))


ACTIVATION_LAYERS: Mapping[str, Callable[[Graph, Flow, Mapping[str, Any]], Flow]] = {
    "ELU": lambda graph, flow, settings: _scaled_elu(graph, flow, settings.get("alpha", 1.0)),
    "LeakyReLU": lambda graph, flow, settings: _leaky(
        graph, flow, settings.get("negative_slope", LEAKY_LAYER_SLOPE)
    ),
    "ReLU": _relu_layer,
}
