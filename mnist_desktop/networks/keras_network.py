"""Keras networks built from a plan and numbers, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mnist_desktop.networks.plan import ActivationPlan, Array, LayerPlan, NetworkPlan


def build_network(plan: NetworkPlan, weights: Sequence[Array]) -> Any:
    """Build a network and give it its weights.

    Parameters
    ----------
    plan : NetworkPlan
        What it consists of.
    weights : sequence of ndarray of float32
        Those of all layers, one after another, in the plan's order.

    Returns
    -------
    keras.Model
        A `keras.Sequential` where each layer takes what the one before gives.
    """
    return _build(plan, iter(weights))


def _build(plan: NetworkPlan, weights: Iterator[Array]) -> Any:
    import keras

    layers, numbers = [], []
    for one in plan.layers:
        layers.append(_make_layer(one) if one.body is None else _build(one.body, weights))
        numbers.append([next(weights) for _ in one.weights])
    given = keras.Input(plan.input_shape)
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
