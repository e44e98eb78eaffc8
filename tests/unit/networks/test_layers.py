"""Shapes and weights that are told without Keras are those that Keras makes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layers import MERGES, SHAPES, Layer, layer_shape, plan_sequence
from mnist_desktop.networks.plan import InnerLayer, LayerPlan, NetworkPlan
from mnist_desktop.training.engine import load_keras

IMAGE = (28, 28, 1)
PADDINGS = ["valid", "same"]
RECURRENT = ("GRU", "LSTM", "SimpleRNN")
ON_ROWS = (
    "AveragePooling1D", "Bidirectional", "Conv1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D",
    "MaxPooling1D", "SpatialDropout1D", *RECURRENT,
)  # fmt: skip
WINDOWED = ("AveragePooling2D", "Conv2D", "DepthwiseConv2D", "MaxPooling2D", "SeparableConv2D")


def random_settings(kind: str, rng: Generator) -> dict[str, Any]:
    """Settings of a layer on images, some left as they are in Keras."""
    window = tuple(int(side) for side in rng.integers(1, 4, 2))
    settings: dict[str, Any] = {}
    if kind in WINDOWED:
        settings = {"pool_size" if "Pooling" in kind else "kernel_size": window}
        stride = int(rng.integers(1, 3))
        settings |= {"strides": (stride, stride), "padding": str(rng.choice(["valid", "same"]))}
    if "Conv2D" in kind:
        settings["use_bias"] = bool(rng.integers(2))
    if kind in ("Conv2D", "SeparableConv2D"):
        settings["filters"] = int(rng.integers(1, 5))
    if kind == "Conv2D" and settings["strides"] == (1, 1):
        settings["dilation_rate"] = (1, 2)
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        settings["depth_multiplier"] = int(rng.integers(1, 3))
    if kind in ("BatchNormalization", "LayerNormalization"):
        settings = {"center": bool(rng.integers(2)), "scale": bool(rng.integers(2))}
    if kind in ("AveragePooling1D", "Conv1D", "MaxPooling1D"):
        settings = {"pool_size" if "Pooling" in kind else "kernel_size": int(rng.integers(1, 4))}
        settings |= {"strides": int(rng.integers(1, 3)), "padding": str(rng.choice(PADDINGS))}
    if kind in RECURRENT:
        settings = {"return_sequences": bool(rng.integers(2)), "use_bias": bool(rng.integers(2))}
    if kind == "GRU":
        settings["reset_after"] = bool(rng.integers(2))
    if kind == "Bidirectional":
        inner = str(rng.choice(RECURRENT))
        settings = {"layer": InnerLayer(inner, random_settings(inner, rng))}
        settings["merge_mode"] = str(rng.choice(["concat", "sum"]))
    return settings | FIXED.get(kind, {})


FIXED: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "tanh"},
    "AlphaDropout": {"rate": 0.1},
    "Conv1D": {"filters": 3},
    "Cropping2D": {"cropping": ((1, 0), (0, 2))},
    "Dense": {"units": 3},
    "Dropout": {"rate": 0.1},
    "FakeQuantization": {"step": 0.1, "least": -3, "most": 4},
    "GRU": {"units": 3},
    "GaussianDropout": {"rate": 0.1},
    "GaussianNoise": {"stddev": 0.1},
    "GlobalAveragePooling2D": {"keepdims": True},
    "GlobalMaxPooling2D": {"keepdims": True},
    "GroupNormalization": {"groups": 2},
    "LSTM": {"units": 3},
    "PReLU": {"shared_axes": [1]},
    "Permute": {"dims": (2, 3, 1)},
    "Rescaling": {"scale": 2.0},
    "Resizing": {"height": 20, "width": 30},
    "SimpleRNN": {"units": 3},
    "SpatialDropout1D": {"rate": 0.1},
    "SpatialDropout2D": {"rate": 0.1},
    "TimeDistributed": {"layer": InnerLayer("Conv1D", {"filters": 3, "kernel_size": 2})},
    "ZeroPadding2D": {"padding": ((1, 2), (0, 1))},
}


def assert_is_what_keras_makes(plan: NetworkPlan) -> None:
    network = build_network(plan)
    layers = [layer for layer in network.layers if type(layer).__name__ != "InputLayer"]
    assert plan.parameters == network.count_params()
    shapes = [one.output_shape for one in plan.layers]
    assert shapes == [layer.output.shape[1:] for layer in layers]
    for one, layer in zip(plan.layers, layers, strict=True):
        assert one.weights == tuple(tuple(weight.shape) for weight in layer.weights)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind not in ("Flatten", "Reshape")])
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
