"""Builds Keras networks from plans. Every network in the program is built here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mnist_desktop.networks.plan import Array, InnerLayer, NetworkPlan

# Kinds that take their inputs one by one; all others take several as a list.
SEPARATE_INPUTS = ("MultiHeadAttention",)


def build_network(plan: NetworkPlan, weights: Sequence[Array] | None = None) -> Any:
    """Build a network, and set its weights if they are given.

    Parameters
    ----------
    plan : NetworkPlan
        The layers and how they are connected.
    weights : sequence of ndarray of float32, optional
        The weights of all layers, in the plan's order. Without them, weights are initialised;
        layers are made in the plan's order, so that the same seed gives the same weights.

    Returns
    -------
    keras.Model
        A `keras.Sequential` if each layer takes the output of the one before.
    """
    return _build(plan, None if weights is None else iter(weights))


def weights_of(plan: NetworkPlan, model: Any) -> list[Array]:
    """Return the weights of a network in the order of the plan that it was built from.

    Keras's own order of a network with branches is another one: by their lengths.

    Parameters
    ----------
    plan : NetworkPlan
        What it was built from.
    model : keras.Model
        The network.
    """
    found: list[Array] = []
    for one in plan.layers:
        if one.body is None:
            found += model.get_layer(one.name).get_weights()
        else:
            found += weights_of(one.body, model.get_layer(one.body.name))
    return found


def _build(plan: NetworkPlan, weights: Iterator[Array] | None) -> Any:
    import keras

    layers, numbers = [], []
    for one in plan.layers:
        layers.append(
            _make(one.kind, one.settings, name=one.name)
            if one.body is None
            else _build(one.body, weights)
        )
        numbers.append([] if weights is None else [next(weights) for _ in one.weights])
    given = keras.Input(plan.input_shape, name=plan.input_name or None)
    if plan.is_sequence:
        network = keras.Sequential([given, *layers], name=plan.name)
    else:
        flow = [given]
        for one, layer in zip(plan.layers, layers, strict=True):
            taken = [flow[index] for index in one.inputs]
            is_list = len(taken) > 1 and one.kind not in SEPARATE_INPUTS
            flow.append(layer(taken) if is_list else layer(*taken))
        network = keras.Model(given, flow[plan.output], name=plan.name)
    for one, layer, arrays in zip(plan.layers, layers, numbers, strict=True):
        if arrays:
            layer.set_weights(arrays)
        if not one.trainable:
            layer.trainable = False
    return network


def _make(kind: str, settings: Mapping[str, Any], **more: str) -> Any:
    from keras import layers

    made = {
        name: _make(value.kind, value.settings) if isinstance(value, InnerLayer) else value
        for name, value in settings.items()
    }
    return getattr(layers, kind)(**made, **more)
