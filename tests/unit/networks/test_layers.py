"""Shapes and weights that are told without Keras are those that Keras makes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layers import (
    FAKE_QUANTIZATION,
    MERGES,
    SHAPES,
    layer_shape,
)
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.training.engine import load_keras
from tests.made_layers import ON_ROWS, WINDOWED, random_settings

IMAGE = (28, 28, 1)
NOT_COMPARED = ("Flatten", "Reshape", FAKE_QUANTIZATION)  # the last is no layer of Keras


def assert_is_what_keras_makes(plan: NetworkPlan) -> None:
    network = build_network(plan)
    layers = [layer for layer in network.layers if type(layer).__name__ != "InputLayer"]
    assert plan.parameters == network.count_params()
    shapes = [one.output_shape for one in plan.layers]
    assert shapes == [layer.output.shape[1:] for layer in layers]
    for one, layer in zip(plan.layers, layers, strict=True):
        assert one.weights == tuple(tuple(weight.shape) for weight in layer.weights)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind not in NOT_COMPARED])
def test_each_kind_of_layer_makes_what_is_told(kind: str, seed: int) -> None:
    load_keras()
    rng = np.random.default_rng(seed)
    before = [Layer("Conv2D", {"filters": 2, "kernel_size": (3, 2)})]
    if kind in ON_ROWS:
        before.append(Layer("Reshape", {"target_shape": (26, 27 * 2)}))
    one = Layer(kind, random_settings(kind, rng))
    assert_is_what_keras_makes(plan_sequence("one", IMAGE, [*before, one]))


@pytest.mark.parametrize("seed", range(12))
def test_a_network_of_random_layers_is_what_is_told(seed: int) -> None:
    load_keras()
    rng = np.random.default_rng(seed)
    chosen = ["ZeroPadding2D", *map(str, rng.choice([*WINDOWED, "BatchNormalization"], 3))]
    layers = [Layer(kind, random_settings(kind, rng)) for kind in chosen]
    ending = [Layer("Flatten", {}), Layer("Dense", {"units": 10}), Layer("Softmax", {})]
    assert_is_what_keras_makes(plan_sequence("random", IMAGE, [*layers, *ending]))


def test_reshaping_is_what_is_told() -> None:
    load_keras()
    back = Layer("Reshape", {"target_shape": (7, 4, 28)})
    assert_is_what_keras_makes(plan_sequence("back", IMAGE, [Layer("Flatten", {}), back]))


@pytest.mark.parametrize("kind", MERGES)
def test_a_layer_of_two_inputs_is_what_is_told(kind: str) -> None:
    load_keras()
    found = layer_shape(kind, {}, [IMAGE, IMAGE])
    relu = LayerPlan("ReLU", "relu", {}, (), (0,), IMAGE)
    merged = LayerPlan(kind, "merged", {}, found.weights, (0, 1), found.output)
    assert_is_what_keras_makes(NetworkPlan("two", IMAGE, (relu, merged), 2))


def test_a_network_within_a_network_is_counted() -> None:
    inner = plan_sequence("inner", (784,), [Layer("Dense", {"units": 10})])
    body = LayerPlan("", "inner", {}, (), (0,), (10,), body=inner)
    outer = NetworkPlan("outer", (784,), (body,), 1)
    assert (outer.parameters, outer.cost, outer.values) == (7850, 7840, 10)


def test_a_separable_convolution_costs_less_than_a_whole_one() -> None:
    settings = {"filters": 8, "kernel_size": (3, 3)}
    whole = layer_shape("Conv2D", settings, [(28, 28, 4)]).cost
    parts = layer_shape("SeparableConv2D", settings, [(28, 28, 4)]).cost
    assert whole == 26 * 26 * 8 * math.prod((3, 3, 4))
    assert parts == 26 * 26 * (9 * 4 + 4 * 8)


def test_a_layer_that_needs_images_is_refused_without() -> None:
    pool = Layer("MaxPooling2D", {})
    with pytest.raises(InvalidSettingError, match=r"MaxPooling2D needs images.*\(784,\)"):
        plan_sequence("flat", (784,), [pool])
    with pytest.raises(InvalidSettingError, match="leaves nothing"):
        plan_sequence("small", IMAGE, [pool] * 5)
