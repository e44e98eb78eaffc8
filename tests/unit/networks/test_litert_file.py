"""LiteRT files that are written from plans read as Keras does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.foreign.litert_operators import check_operators
from mnist_desktop.inference.litert_file import output_activation
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layers import (
    ATTENTIONS,
    FAKE_QUANTIZATION,
    MERGES,
    SHAPES,
    layer_shape,
)
from mnist_desktop.networks.litert.activations import FUNCTIONS
from mnist_desktop.networks.litert.network import COMPUTED, litert_file
from mnist_desktop.networks.plan import Array, InnerLayer, LayerPlan, NetworkPlan, Shape
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import PRESETS, preset
from mnist_desktop.training.engine import load_keras
from tests.made_layers import ON_ROWS, random_settings

IMAGE = (9, 8, 2)
CONV = Layer("Conv2D", {"filters": 4, "kernel_size": (2, 2)})
ROWS = Layer("Reshape", {"target_shape": (8, 7 * 4)})
FLATTEN = Layer("Flatten", {})
RELUS: tuple[dict[str, Any], ...] = (
    {"max_value": 6.0},
    {"max_value": 1.5},
    {"negative_slope": 0.3},
    {"negative_slope": 0.3, "max_value": 0.7},
    {"threshold": 0.4},
    {"threshold": 0.4, "negative_slope": 0.3, "max_value": 2.0},
)


def random_weights(plan: NetworkPlan) -> list[Array]:
    """Draw weights of either sign, except for variances."""
    rng, weights = np.random.default_rng(7), list[Array]()
    for one in plan.all_layers:
        weights += [rng.normal(0, 0.5, shape).astype(np.float32) for shape in one.weights]
        inner = one.settings.get("layer")
        if (inner.kind if isinstance(inner, InnerLayer) else one.kind) == "BatchNormalization":
            weights[-1] = np.abs(weights[-1]) + np.float32(0.1)
    return weights


def opened(content: bytes, plan: NetworkPlan) -> LiteRTNetwork:
    outputs = math.prod(plan.output_shape)
    return LiteRTNetwork(Path("x.tflite"), outputs, (plan.input_shape,), content=content)


def assert_reads_like_keras(plan: NetworkPlan) -> None:
    """Compare what both make of one image and of several; the file is also one to be accepted."""
    weights = random_weights(plan)
    content = bytes(litert_file(plan, weights))
    check_operators(content)
    keras, litert = build_network(plan, weights), opened(content, plan)
    images = np.random.default_rng(8).normal(0, 1, (5, *plan.input_shape)).astype(np.float32)
    expected = keras.predict_on_batch(images)
    scale = max(1.0, float(np.abs(expected).max()))
    for count in (1, 5, 2):
        found = litert.run(images[:count])
        np.testing.assert_allclose(found, expected[:count], rtol=0, atol=1e-4 * scale)


def assert_layers_read_like_keras(*layers: Layer, shape: Shape = IMAGE) -> None:
    assert_reads_like_keras(plan_sequence("some", shape, [*layers, FLATTEN]))


@pytest.fixture(scope="module", autouse=True)
def _keras() -> None:
    load_keras()


def test_each_kind_of_layer_can_be_written() -> None:
    assert set(COMPUTED) == {*SHAPES, *MERGES, *ATTENTIONS}


def drawn(kind: str, seed: int) -> dict[str, Any]:
    return random_settings(kind, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        (kind, seed)
        for kind in sorted({*SHAPES} - {"Flatten", "Reshape", FAKE_QUANTIZATION})
        for seed in range(2)
        if seed == 0 or drawn(kind, 0) != drawn(kind, seed)
    ],
)
def test_a_layer_of_each_kind_reads_like_keras(kind: str, seed: int) -> None:
    before = [CONV, ROWS] if kind in ON_ROWS else [CONV]
    assert_layers_read_like_keras(*before, Layer(kind, drawn(kind, seed)))


def test_numbers_are_rounded_to_steps() -> None:
    """Keras has no such layer."""
    steps = Layer(FAKE_QUANTIZATION, {"step": 0.1, "least": -3, "most": 4})
    plan = plan_sequence("some", (12,), [steps])
    numbers = np.random.default_rng(4).normal(0, 0.3, (5, 12)).astype(np.float32)
    found = opened(bytes(litert_file(plan, [])), plan).run(numbers)
    np.testing.assert_allclose(found, np.round(numbers / 0.1).clip(-3, 4) * 0.1, atol=1e-6)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_each_activation_reads_like_keras(name: str) -> None:
    dense = Layer("Dense", {"units": 6, "activation": name})
    plan = plan_sequence("some", (12,), [Layer("Rescaling", {"scale": 4.0}), dense])
    assert_reads_like_keras(plan)


@pytest.mark.parametrize("settings", RELUS, ids=str)
def test_each_rectifier_reads_like_keras(settings: dict[str, Any]) -> None:
    activation = InnerLayer("ReLU", settings)
    assert_layers_read_like_keras(Layer("Conv2D", {**CONV.settings, "activation": activation}))


@pytest.mark.parametrize(
    "layers",
    [
        [Layer("ELU", {"alpha": 0.4})],
        [Layer("Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal"})],
        [Layer("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear"})],
        [Layer("Resizing", {"height": 5, "width": 11, "interpolation": "nearest"})],
        [Layer("GroupNormalization", {"groups": -1})],
        [Layer("LSTM", {"units": 3, "go_backwards": True, "return_sequences": True})],
        [Layer("Rescaling", {"scale": 2.0, "offset": -0.7}), CONV],
        [Layer("Flatten", {}), Layer("Dense", {"units": 3, "use_bias": False})],
    ],
    ids=lambda layers: layers[0].kind,
)
def test_settings_that_are_rare_read_like_keras(layers: Sequence[Layer]) -> None:
    before = [CONV, ROWS] if layers[0].kind in ON_ROWS else [CONV]
    assert_layers_read_like_keras(*before, *layers)


@pytest.mark.parametrize("weighted", ["Conv2D", "Dense", "DepthwiseConv2D", "SeparableConv2D"])
def test_what_follows_a_layer_with_weights_is_computed_with_it(weighted: str) -> None:
    """Batch normalization, a factor and a rectifier become part of it, and are all there."""
    first = Layer(weighted, drawn(weighted, 1))
    more = [
        Layer("BatchNormalization", {}), Layer("Rescaling", {"scale": -2.0, "offset": 0.3}),
        Layer("Dropout", {"rate": 0.1}), Layer("ReLU", {}),
    ]  # fmt: skip
    assert_layers_read_like_keras(CONV, first, *more)
    plan = plan_sequence("some", IMAGE, [first, *more])
    weights = random_weights(plan)
    assert len(litert_file(plan, weights)) < 6_000


@pytest.mark.parametrize("kind", MERGES)
def test_layers_of_several_inputs_read_like_keras(kind: str) -> None:
    """One of them is also used elsewhere, so that nothing after it may become part of it."""
    conv = LayerPlan("Conv2D", "conv", CONV.settings, ((2, 2, 2, 4), (4,)), (0,), (8, 7, 4))
    relu = LayerPlan("ReLU", "relu", {}, (), (1,), (8, 7, 4))
    shape = layer_shape(kind, {}, [(8, 7, 4)] * 2).output
    merged = LayerPlan(kind, "merged", {}, (), (1, 2), shape)
    flat = LayerPlan("Flatten", "flat", {}, (), (3,), (math.prod(shape),))
    assert_reads_like_keras(NetworkPlan("two", IMAGE, (conv, relu, merged, flat), 4))


def test_a_network_within_a_network_reads_like_keras() -> None:
    inner = plan_sequence("inner", (12,), [Layer("Dense", {"units": 10})])
    first = LayerPlan("Rescaling", "first", {"scale": 0.5}, (), (0,), (12,))
    body = LayerPlan("", "inner", {}, (), (1,), (10,), body=inner)
    last = LayerPlan("Softmax", "last", {}, (), (2,), (10,))
    assert_reads_like_keras(NetworkPlan("outer", (12,), (first, body, last), 3))


@pytest.mark.parametrize("inputs", [(1, 2), (1, 2, 3), (1, 1)])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Attention", {}),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 5, "use_bias": True}),
        ("MultiHeadAttention", {"num_heads": 3, "key_dim": 4, "value_dim": 4, "use_bias": False}),
    ],
)
def test_attention_between_rows_reads_like_keras(
    kind: str, settings: dict[str, Any], inputs: tuple[int, ...]
) -> None:
    rows = LayerPlan("Reshape", "rows", {"target_shape": (7, 4)}, (), (0,), (7, 4))
    others = LayerPlan("AveragePooling1D", "others", {"pool_size": 2}, (), (1,), (3, 4))
    scaled = LayerPlan("Rescaling", "scaled", {"scale": -0.5}, (), (2,), (3, 4))
    made = layer_shape(kind, settings, [((7, 4), (3, 4), (3, 4))[one - 1] for one in inputs])
    last = LayerPlan(kind, "last", settings, made.weights, inputs, made.output)
    flat = LayerPlan("Flatten", "flat", {}, (), (4,), (math.prod(made.output),))
    assert_reads_like_keras(NetworkPlan("some", (28,), (rows, others, scaled, last, flat), 5))


@pytest.mark.parametrize("kind", ["BatchNormalization", "Conv2D", "Dense", "Flatten", "ReLU"])
def test_a_layer_for_each_part_reads_like_keras(kind: str) -> None:
    inner = InnerLayer(kind, random_settings(kind, np.random.default_rng(2)))
    parts = Layer("Reshape", {"target_shape": (4, 7, 8, 5)})
    assert_layers_read_like_keras(parts, Layer("TimeDistributed", {"layer": inner}), shape=(1120,))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_programs_own_networks_read_like_keras(name: str, activation: str) -> None:
    plan = preset(name, (12,), activation)
    assert_reads_like_keras(plan)
    content = bytes(litert_file(plan, random_weights(plan)))
    assert output_activation(content) == activation
    network = opened(content, plan)
    network.run(np.zeros((2, *plan.input_shape), np.float32))
    delegated = [one["op_name"] for one in network._interpreter._get_ops_details()]
    assert delegated.count("DELEGATE") == 1  # XNNPACK computes all of it


def test_weights_that_overflow_are_written_without_a_warning() -> None:
    plan = plan_sequence("some", IMAGE, [CONV, Layer("BatchNormalization", {}), FLATTEN])
    weights = [np.full_like(one, -3e38) for one in random_weights(plan)]
    found = opened(bytes(litert_file(plan, weights)), plan).run(np.ones((1, *IMAGE), np.float32))
    assert not np.isfinite(found).any()


def test_other_programs_find_input_and_output_by_name() -> None:
    from ai_edge_litert.interpreter import Interpreter

    plan = preset("dense-10", (), "softmax")
    content = bytes(litert_file(plan, random_weights(plan)))
    runner = Interpreter(model_content=content).get_signature_runner("serving_default")
    found = runner(pixels=np.zeros((1, 784), np.float32))
    assert found["output_0"].sum() == pytest.approx(1)
