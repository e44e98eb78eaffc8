"""Layers and arithmetic of other people's networks are rebuilt so that they compute the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign.h5_model_file import read_h5_model_file
from mnist_desktop.foreign.keras_calls import Call, Source
from mnist_desktop.foreign.keras_file import build_read, read_keras_file
from mnist_desktop.foreign.keras_operations import plan_operation
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.training.engine import load_keras

Layers = Callable[[], list[Any]]


def layers() -> Any:
    return load_keras().layers


def adapted() -> Any:
    known = layers().Normalization()
    known.adapt(np.random.default_rng(1).random((50, 28, 28)) * np.linspace(0, 1, 28))
    return known


ROWS: dict[str, Layers] = {
    "mean of each column": lambda: [adapted()],
    "means that are given": lambda: [layers().Normalization(mean=0.13, variance=0.09)],
    "rows": lambda: [layers().Conv1D(4, 3, strides=2, padding="causal")],
    "rows, dilated": lambda: [layers().Conv1D(4, 3, dilation_rate=3, padding="same")],
    "rows, largest": lambda: [layers().MaxPooling1D(3, strides=2, padding="same")],
    "rows, mean": lambda: [layers().AveragePooling1D(3), layers().GlobalAveragePooling1D()],
    "one step after the other": lambda: [layers().SimpleRNN(4, go_backwards=True)],
    "gates": lambda: [layers().LSTM(4, return_sequences=True), layers().LSTM(3, use_bias=False)],
    "reset before": lambda: [layers().GRU(4, reset_after=False)],
    "both ways": lambda: [
        layers().Bidirectional(layers().GRU(3, return_sequences=True), merge_mode="ave")
    ],
    "the same for each row": lambda: [
        layers().TimeDistributed(layers().Dense(6, activation=layers().LeakyReLU(0.1))),
        layers().Reshape((7, 4, 6)),
        layers().TimeDistributed(layers().Conv1D(3, 2, padding="same")),
        layers().TimeDistributed(layers().Flatten()),
        layers().LSTM(4),
    ],
    "turned": lambda: [layers().Permute((2, 1)), layers().UnitNormalization()],
}
IMAGES: dict[str, Layers] = {
    "only in training": lambda: [
        layers().RandomShear(0.2, 0.2), layers().RandomErasing(), layers().RandomInvert(),
        layers().RandomCrop(28, 28), layers().ActivityRegularization(0.1),
    ],
    "center": lambda: [layers().CenterCrop(21, 24)],
    "same size": lambda: [layers().Resizing(28, 28)],
    "another size": lambda: [layers().Resizing(20, 36), layers().UpSampling2D(2)],
    "groups": lambda: [layers().Conv2D(4, 3), layers().GroupNormalization(2)],
    "root mean square": lambda: [layers().Conv2D(4, 3), layers().RMSNormalization()],
}  # fmt: skip
CHANNELS_FIRST = {"data_format": "channels_first"}


def assert_rebuilt_the_same(model: Any, path: Path) -> None:
    rng = np.random.default_rng(2)
    for one in model.trainable_variables:
        one.assign(one + rng.uniform(0.01, 0.2, one.shape))
    model.save(path)
    read = read_h5_model_file if path.suffix == ".h5" else read_keras_file
    images = rng.random((4, *model.input_shape[1:])).astype("f4")
    expected = model.predict(images, verbose=0)
    assert np.ptp(expected, axis=0).max() > 1e-3  # the digits make a difference
    found = build_read(path, *read(path)).predict(images, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", [*ROWS, *IMAGES])
def test_a_layer_computes_the_same(name: str, tmp_path: Path) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(1)
    make, shape = (ROWS[name], (28, 28)) if name in ROWS else (IMAGES[name], (28, 28, 1))
    ends = [keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape), *make(), *ends])
    assert_rebuilt_the_same(model, tmp_path / "network.keras")


def test_arithmetic_in_a_graph_computes_the_same(tmp_path: Path) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(1)
    pixels = keras.Input((28, 28))
    flow = 1 - (pixels / 0.5 - 0.5) * 2 + 0.25
    flow = keras.ops.expand_dims(-flow, -1)
    first, second = keras.layers.Conv2D(2, 3)(flow), keras.layers.Conv2D(2, 3)(flow)
    flow = keras.ops.leaky_relu(first - second, 0.1) * keras.ops.relu(first) + second
    flow = keras.ops.reshape(flow, (-1, 26 * 26 * 2))
    model = keras.Model(pixels, keras.ops.softmax(keras.layers.Dense(10)(flow)))
    assert_rebuilt_the_same(model, tmp_path / "network.keras")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_channels_may_come_first(ending: str, tmp_path: Path) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((1, 28, 28)),
            layers().ZeroPadding2D(1, **CHANNELS_FIRST),
            layers().Conv2D(4, (5, 3), activation="relu", **CHANNELS_FIRST),
            layers().BatchNormalization(axis=1),
            layers().SeparableConv2D(6, 3, strides=2, **CHANNELS_FIRST),
            layers().MaxPooling2D(**CHANNELS_FIRST),
            layers().Dropout(0.2),
            layers().Flatten(**CHANNELS_FIRST),
            layers().Dense(10),
        ]
    )
    assert_rebuilt_the_same(model, tmp_path / f"network{ending}")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_attention_between_rows_computes_the_same(ending: str, tmp_path: Path) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(1)
    pixels = keras.Input((28, 28))
    heads = layers().MultiHeadAttention(2, 5, value_dim=3, dropout=0.1)(pixels, pixels)
    flow = layers().LayerNormalization()(layers().Add()([pixels, heads]))
    few = layers().MaxPooling1D(4)(flow)
    flow = layers().MultiHeadAttention(3, 4, use_bias=False)(query=flow, value=few, key=few)
    flow = layers().Attention()([flow, few])
    flow = layers().GlobalAveragePooling1D()(flow)
    model = keras.Model(pixels, layers().Dense(10)(flow))
    assert_rebuilt_the_same(model, tmp_path / f"network{ending}")


def test_an_image_of_open_size_is_one_of_mnist(tmp_path: Path) -> None:
    keras = load_keras()
    pixels = keras.Input((None, None, 1))
    flow = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(pixels))
    keras.Model(pixels, keras.layers.Dense(10)(flow)).save(tmp_path / "open.keras")
    assert read_keras_file(tmp_path / "open.keras")[0].input_shape == (28, 28, 1)


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (lambda: [layers().RandomCrop(20, 20)], r"height and width is \[20, 20\]"),
        (lambda: [layers().CenterCrop(40, 40)], r"height and width is \[40, 40\]"),
        (lambda: [layers().Resizing(32, 32, interpolation="area")], "interpolation is 'area'"),
        (lambda: [layers().Reshape((784, 1)), layers().LSTM(4)], "at most 64 rows"),
        (
            lambda: [
                layers().Reshape((28, 28)),
                *(layers().SimpleRNN(2, return_sequences=True) for _ in range(10)),
            ],
            "more than the 128 steps, one after the other",
        ),
        (lambda: [layers().Reshape((28, 28)), layers().SimpleRNN(1_100)], "units is 1100"),
        (
            lambda: [layers().TimeDistributed(layers().LSTM(8))],
            "'TimeDistributed' whose layer is 'LSTM'",
        ),
        (
            lambda: [layers().Reshape((392, 2)), layers().TimeDistributed(layers().Dense(2))],
            "more than the 128 steps, one after the other",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_by_name(
    inner: Layers, told: str, tmp_path: Path
) -> None:
    keras = load_keras()
    ends = [keras.layers.Flatten(), keras.layers.Dense(10)]
    keras.Sequential([keras.Input((28, 28, 1)), *inner(), *ends]).save(tmp_path / "a.keras")
    with pytest.raises(ModelFileError, match=told):
        read_keras_file(tmp_path / "a.keras")


X = Source("x")


@pytest.mark.parametrize(
    ("name", "values", "named", "told"),
    [
        ("TrueDivide", (X, 0), {}, "computes with 0"),
        ("TrueDivide", (1.0, X), {}, "computes with 1.0"),
        ("Add", (X, "x"), {}, "computes with 'x'"),
        ("Add", (X, [1, 2]), {}, r"computes with \[1, 2\]"),
        ("Add", (X, Source("y")), {}, "two inputs that do not fit together"),
        ("Add", (1, 2), {}, "something other than a layer's output"),
        ("Multiply", (X, 1e300), {}, "computes with 1e\\+300"),
        ("Cast", (X,), {"dtype": "int32"}, "converts to 'int32'"),
        ("Softmax", (X,), {"axis": 0}, "has the axis 0"),
        ("Reshape", (X,), {"newshape": [784]}, "joins several pictures"),
        ("Reshape", (X,), {"newshape": [-1, 700]}, "makes the shape"),
        ("Relu", (X,), {"hook": "os.system"}, "called with 'hook'"),
        ("Relu", (Source("later"),), {}, "no earlier layer"),
    ],
)
def test_arithmetic_that_no_layer_does_is_refused(
    name: str, values: tuple[object, ...], named: dict[str, object], told: str
) -> None:
    shapes = {"x": (28, 28), "y": (28, 28, 1)}
    with pytest.raises(PlanError, match=told):
        plan_operation(name, "an operation", Call(values, named), {}, shapes)
