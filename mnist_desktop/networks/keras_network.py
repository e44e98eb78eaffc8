"""Builds Keras networks from plans. Every network in the program is built here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from mnist_desktop.networks.layers import FAKE_QUANTIZATION
from mnist_desktop.networks.plan import Array, InnerLayer, LayerPlan, NetworkPlan

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


def _make_layer(plan: LayerPlan) -> Any:
    if plan.kind == FAKE_QUANTIZATION:
        return _fake_quantization()(name=plan.name, **plan.settings)
    return _make(plan.kind, plan.settings, name=plan.name)


def _make(kind: str, settings: Mapping[str, Any], **more: str) -> Any:
    from keras import layers

    made = {
        name: _make(value.kind, value.settings) if isinstance(value, InnerLayer) else value
        for name, value in settings.items()
    }
    return getattr(layers, kind)(**made, **more)


@cache
def _fake_quantization() -> Any:
    """Return a layer that rounds to the nearest of few numbers, as files for 8 bits say."""
    import keras

    class FakeQuantization(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, step: float, least: float, most: float, **settings: Any) -> None:
            super().__init__(**settings)
            self._step, self._least, self._most = step, least, most

        def call(self, inputs: Any) -> Any:
            steps = keras.ops.round(inputs / self._step)
            return keras.ops.clip(steps, self._least, self._most) * self._step

    return FakeQuantization
