"""Keras networks built from a plan, and from nothing else: all networks are built here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mnist_desktop.networks.plan import ActivationPlan, Array, LayerPlan, NetworkPlan


def build_network(plan: NetworkPlan, weights: Sequence[Array] | None = None) -> Any:
    """Build a network, and give it its weights if there are any yet.

    Parameters
    ----------
    plan : NetworkPlan
        What it consists of.
    weights : sequence of ndarray of float32, optional
        Those of all layers, one after another, in the plan's order. Without them they are fresh;
        layers are made in the plan's order, so that the same seed gives the same weights.

    Returns
    -------
    keras.Model
        A `keras.Sequential` where each layer takes what the one before gives.
    """
    return _build(plan, None if weights is None else iter(weights))


def _build(plan: NetworkPlan, weights: Iterator[Array] | None) -> Any:
    import keras

    layers, numbers = [], []
    for one in plan.layers:
        layers.append(_make_layer(one) if one.body is None else _build(one.body, weights))
        numbers.append([] if weights is None else [next(weights) for _ in one.weights])
    given = keras.Input(plan.input_shape, name=plan.input_name or None)
    if plan.is_sequence:
        network = keras.Sequential([given, *layers], name=plan.name)
    else:
        flow = [given]
        for one, layer in zip(plan.layers, layers, strict=True):
            taken = [flow[place] for place in one.inputs]
            flow.append(layer(taken if len(taken) > 1 else taken[0]))
        network = keras.Model(given, flow[plan.output], name=plan.name)
    for one, layer, arrays in zip(plan.layers, layers, numbers, strict=True):
        if arrays:
            layer.set_weights(arrays)
        if not one.trainable:
            layer.trainable = False
    return network


def _make_layer(plan: LayerPlan) -> Any:
    from keras import layers

    settings = {
        name: getattr(layers, value.kind)(**value.settings)
        if isinstance(value, ActivationPlan)
        else value
        for name, value in plan.settings.items()
    }
    return getattr(layers, plan.kind)(name=plan.name, **settings)
