"""Eighty networks as people write them, opened and compared: ``make bench-networks [ONLY=WORDS]``.

Each is trained for a moment on a few real digits, written by the program that people write such
files with, opened as the window opens it, and its labels of all test digits are compared with those
of its own framework: Keras 3, Keras 2 (`tf-keras`), TensorFlow Lite, ONNX Runtime. What Keras 2 and
``tf2onnx`` write is left out, with a word, where they are not installed.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from references import full_mnist

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.pixel_scale import PIXEL_SCALES, ZERO_TO_ONE, PixelScale
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.engine import load_keras
from tests.faults.network_kinds import count_differences
from tests.made_networks import (
    RNG,
    Graph,
    gelu_written_out,
    quantized,
    random,
    statistics,
    whole,
    write_tfjs,
)

TRAINED_ON, EPOCHS, BATCH = 800, 4, 16
RAW, BOTH_SIDES, STANDARD, DARK_ON_LIGHT = PIXEL_SCALES[1:5]
Outputs = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Made:
    """A file, and what its own framework makes of pixels as the network takes them."""

    path: Path
    shape: tuple[int, ...]
    outputs: Outputs
    scale: PixelScale = ZERO_TO_ONE


Make = Callable[[Path, Digits], Made]


# Architectures, each for any Keras; `k` is the package.


def mlp(k: Any) -> Any:
    return sequence(k, (28, 28), k.layers.Flatten(), k.layers.Dense(64, activation="relu"))


def flat(k: Any) -> Any:
    return sequence(k, (784,), k.layers.Dense(64, activation="relu"), k.layers.Dropout(0.2))


def cnn(k: Any) -> Any:
    conv = functools.partial(k.layers.Conv2D, activation="relu")
    pool = k.layers.MaxPooling2D
    return sequence(k, (28, 28, 1), conv(8, 3), pool(), conv(16, 3), pool(), k.layers.Flatten())


def cnn_logits(k: Any) -> Any:
    inner = [k.layers.Conv2D(8, 5, strides=2, activation="relu"), k.layers.Flatten()]
    return sequence(k, (28, 28, 1), *inner, end=None)


def normalized(k: Any) -> Any:
    conv = k.layers.Conv2D(8, 3, padding="same", use_bias=False)
    inner = [conv, k.layers.BatchNormalization(momentum=0.8), k.layers.ReLU()]
    return sequence(k, (28, 28, 1), *inner, k.layers.MaxPooling2D(), k.layers.Flatten())


def lenet(k: Any) -> Any:
    conv = functools.partial(k.layers.Conv2D, activation="tanh")
    inner = [k.layers.ZeroPadding2D(2), conv(6, 5), k.layers.AveragePooling2D(2), conv(16, 5)]
    dense = [k.layers.Dense(84, activation="tanh")]
    pool = k.layers.AveragePooling2D(2)
    return sequence(k, (28, 28, 1), *inner, pool, k.layers.Flatten(), *dense)


def vgg(k: Any) -> Any:
    conv = functools.partial(k.layers.Conv2D, activation="relu", padding="same")
    inner = [conv(8, 3), conv(8, 3), k.layers.MaxPooling2D(), conv(16, 3), conv(16, 3)]
    rest = [k.layers.MaxPooling2D(), k.layers.SpatialDropout2D(0.1), k.layers.Flatten()]
    return sequence(k, (28, 28, 1), *inner, *rest)


def augmented(k: Any) -> Any:
    change = [k.layers.RandomRotation(0.02), k.layers.RandomTranslation(0.05, 0.05)]
    inner = [k.layers.Conv2D(8, 3, strides=2, activation="relu"), k.layers.Flatten()]
    return sequence(k, (28, 28, 1), *change, k.layers.RandomZoom(0.05), *inner)


def residual(k: Any) -> Any:
    pixels = k.Input((28, 28, 1))
    flow = k.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(pixels)
    more = k.layers.Conv2D(8, 3, padding="same")(flow)
    flow = k.layers.Activation("relu")(k.layers.Add()([flow, more]))
    flow = k.layers.Flatten()(flow)
    return k.Model(pixels, k.layers.Dense(10, activation="softmax")(flow))


def inception(k: Any) -> Any:
    pixels = k.Input((28, 28, 1))
    flow = k.layers.Conv2D(8, 3, strides=2, activation="relu")(pixels)
    sides = [k.layers.Conv2D(4, size, padding="same")(flow) for size in (1, 3, 5)]
    sides.append(k.layers.MaxPooling2D(3, 1, padding="same")(flow))
    flow = k.layers.Flatten()(k.layers.ReLU()(k.layers.Concatenate()(sides)))
    return k.Model(pixels, k.layers.Dense(10, activation="softmax")(flow))


def separable(k: Any) -> Any:
    inner = [k.layers.SeparableConv2D(16, 5, strides=2, activation="relu")]
    return sequence(k, (28, 28, 1), *inner, k.layers.DepthwiseConv2D(3), k.layers.Flatten())


def slopes(k: Any) -> Any:
    inner = [k.layers.Conv2D(8, 3, strides=2), k.layers.PReLU(shared_axes=[1, 2])]
    rest = [k.layers.Flatten(), k.layers.Dense(32), k.layers.LeakyReLU(), k.layers.Dense(32)]
    return sequence(k, (28, 28, 1), *inner, *rest, k.layers.ELU())


def gelu(k: Any) -> Any:
    dense = k.layers.Dense
    inner = [dense(64, activation="gelu"), k.layers.LayerNormalization()]
    return sequence(k, (784,), *inner, dense(32, activation="swish"))


def rows(k: Any) -> Any:
    return sequence(k, (28, 28), k.layers.LSTM(24))


def rows_both_ways(k: Any) -> Any:
    return sequence(k, (28, 28), k.layers.Bidirectional(k.layers.GRU(16)))


def rows_simple(k: Any) -> Any:
    return sequence(k, (28, 28), k.layers.SimpleRNN(32, return_sequences=True), k.layers.Flatten())


def rows_filtered(k: Any) -> Any:
    inner = [k.layers.Conv1D(32, 3, activation="relu"), k.layers.MaxPooling1D()]
    return sequence(k, (28, 28), *inner, k.layers.Flatten())


def half_precision(k: Any) -> Any:
    k.mixed_precision.set_global_policy("mixed_float16")
    try:
        inner = [k.layers.Conv2D(8, 3, strides=2, activation="relu"), k.layers.Flatten()]
        last = [k.layers.Dense(10), k.layers.Activation("softmax", dtype="float32")]
        return k.Sequential([k.Input((28, 28, 1)), *inner, *last])
    finally:
        k.mixed_precision.set_global_policy("float32")


def double_precision(k: Any) -> Any:
    dense = functools.partial(k.layers.Dense, dtype="float64")
    first = k.layers.Flatten(dtype="float64")
    end = dense(10, activation="softmax")
    return k.Sequential([k.Input((28, 28)), first, dense(48, activation="relu"), end])


def rescaled(k: Any) -> Any:
    inner = [k.layers.Rescaling(1 / 255), k.layers.Conv2D(8, 5, strides=2, activation="relu")]
    return sequence(k, (28, 28, 1), *inner, k.layers.Flatten())


def standardized(k: Any) -> Any:
    given = k.layers.Normalization(mean=0.1307, variance=0.0949)
    return sequence(k, (28, 28), given, k.layers.Flatten(), k.layers.Dense(32, activation="relu"))


def padded(k: Any) -> Any:
    inner = [k.layers.Resizing(32, 32), k.layers.Conv2D(8, 5, strides=3, activation="relu")]
    return sequence(k, (28, 28, 1), *inner, k.layers.Flatten())


def channels_first(k: Any) -> Any:
    settings = {"data_format": "channels_first"}
    inner = [
        k.layers.Conv2D(8, 3, activation="relu", **settings),
        k.layers.BatchNormalization(axis=1, momentum=0.8),
        k.layers.MaxPooling2D(**settings),
        k.layers.Flatten(**settings),
    ]
    return sequence(k, (1, 28, 28), *inner)


def distributed(k: Any) -> Any:
    each = k.layers.TimeDistributed
    inner = [k.layers.Reshape((4, 7, 28, 1)), each(k.layers.Conv2D(6, 3, activation="relu"))]
    rest = [each(k.layers.MaxPooling2D()), each(k.layers.Flatten()), k.layers.LSTM(24)]
    return sequence(k, (28, 28), *inner, *rest)


def attention(k: Any) -> Any:
    pixels = k.Input((28, 28))
    flow = k.layers.Dense(24, activation="relu")(pixels)
    heads = k.layers.MultiHeadAttention(2, 12)(flow, flow)
    flow = k.layers.LayerNormalization()(k.layers.Add()([flow, heads]))
    flow = k.layers.Flatten()(flow)
    return k.Model(pixels, k.layers.Dense(10, activation="softmax")(flow))


def nested(k: Any) -> Any:
    conv = k.layers.Conv2D(8, 3, strides=2, activation="relu")
    base = k.Sequential([k.Input((28, 28, 1)), conv, k.layers.MaxPooling2D()])
    return sequence(k, (28, 28, 1), base, k.layers.Flatten(), k.layers.Dense(32))


def averaged(k: Any) -> Any:
    conv = functools.partial(k.layers.Conv2D, kernel_size=5, strides=2, activation="relu")
    return sequence(k, (28, 28, 1), conv(16), conv(32), k.layers.GlobalAveragePooling2D())


def sigmoid(k: Any) -> Any:
    inner = [k.layers.Dense(64, activation="sigmoid"), k.layers.Dense(48, activation="tanh")]
    return sequence(k, (784,), *inner, end="sigmoid")


def arithmetic(k: Any) -> Any:
    pixels = k.Input((28, 28))
    flow = k.layers.Flatten()(pixels / 127.5 - 1.0)
    flow = k.layers.Dense(48, activation="relu")(flow)
    return k.Model(pixels, k.layers.Dense(10, activation="softmax")(flow))


def grouped(k: Any) -> Any:
    inner = [k.layers.Conv2D(8, 3, strides=2), k.layers.GroupNormalization(4), k.layers.ReLU()]
    return sequence(k, (28, 28, 1), *inner, k.layers.Flatten())


def hard_gates(k: Any) -> Any:
    return sequence(k, (28, 28), k.layers.LSTM(24, recurrent_activation="hard_sigmoid"))


def sequence(k: Any, shape: Any, *inner: Any, end: str | None = "softmax") -> Any:
    return k.Sequential([k.Input(shape), *inner, k.layers.Dense(10, activation=end)])


# How each program writes its files.


def trained(k: Any, make: Callable[[Any], Any], digits: Digits, scale: PixelScale) -> Any:
    """Train a network of some Keras for a moment."""
    k.utils.set_random_seed(1)
    model = make(k)
    ends_in_logits = model.layers[-1].get_config().get("activation") == "linear"
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=ends_in_logits)
    model.compile(optimizer=k.optimizers.Adam(2e-3), loss=loss)
    pixels = scale.inputs(digits.images, model.input_shape[1:])
    model.fit(pixels, digits.labels, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


def outputs_of(model: Any) -> Outputs:
    return lambda pixels: np.asarray(model.predict(pixels, batch_size=500, verbose=0), np.float32)


def keras_file(
    make: Callable[[Any], Any],
    ending: str,
    scale: PixelScale = ZERO_TO_ONE,
    load: Callable[[], Any] = load_keras,
    change: Callable[[Path], None] | None = None,
) -> Make:
    def write(folder: Path, digits: Digits) -> Made:
        model = trained(load(), make, digits, scale)
        path = folder / f"network{ending}"
        model.save(path)
        if change is not None:
            change(path)
        return Made(path, model.input_shape[1:], outputs_of(model), scale)

    return write


def load_keras_2() -> Any:
    load_keras()
    import tf_keras

    return tf_keras


def as_keras_2_2_wrote(path: Path) -> None:
    """Leave out the input layer; the first layer has the shape."""
    with h5py.File(path, "a") as file:
        config = json.loads(file.attrs["model_config"])
        layers = config["config"]["layers"]
        given = layers.pop(0)["config"]
        shape = given.get("batch_input_shape") or given.get("batch_shape")
        layers[0]["config"]["batch_input_shape"] = shape
        config["config"] = layers  # and a list was all there was
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.1.6"


def litert_file(
    make: Callable[[Any], Any], change: Callable[[Any, Any], None], scale: PixelScale = ZERO_TO_ONE
) -> Make:
    def write(folder: Path, digits: Digits) -> Made:
        import tensorflow as tf

        model = trained(load_keras(), make, digits, scale)
        shape = model.input_shape[1:]
        some = scale.inputs(digits.images[:200], shape)
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.representative_dataset = lambda: ([one[np.newaxis]] for one in some)
        change(converter, tf)
        path = folder / "network.tflite"
        path.write_bytes(converter.convert())
        return Made(path, shape, functools.partial(litert_outputs, path), scale)

    return write


def litert_outputs(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Outputs one by one, as TensorFlow's documents read a file of 8 bits."""
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    (given,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()
    if given["dtype"] != np.float32:
        step, zero = given["quantization"]
        limits = np.iinfo(given["dtype"])
        pixels = np.clip(np.rint(pixels / np.float32(step)) + zero, limits.min, limits.max)
    found = []
    for one in pixels.astype(given["dtype"]):
        interpreter.set_tensor(given["index"], one[np.newaxis])
        interpreter.invoke()
        found.append(interpreter.get_tensor(gives["index"])[0].astype(np.float32))
    return np.stack(found)


def plain(converter: Any, tf: Any) -> None:
    converter.representative_dataset = None


def eight_bit_weights(converter: Any, tf: Any) -> None:
    plain(converter, tf)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def half_weights(converter: Any, tf: Any) -> None:
    eight_bit_weights(converter, tf)
    converter.target_spec.supported_types = [tf.float16]


def eight_bits(converter: Any, tf: Any) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def whole_bytes(kind: str) -> Callable[[Any, Any], None]:
    def change(converter: Any, tf: Any) -> None:
        eight_bits(converter, tf)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = getattr(tf, kind)

    return change


def tf2onnx_file(make: Callable[[Any], Any], scale: PixelScale = ZERO_TO_ONE) -> Make:
    def write(folder: Path, digits: Digits) -> Made:
        import tensorflow as tf
        import tf2onnx

        model = trained(load_keras_2(), make, digits, scale)
        takes = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="pixels")]
        path = folder / "network.onnx"
        tf2onnx.convert.from_keras(model, takes, opset=15, output_path=str(path))
        return Made(path, model.input_shape[1:], functools.partial(onnx_outputs, path), scale)

    return write


def onnx_outputs(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    given = session.get_inputs()[0]
    size = 1 if given.shape[0] == 1 else 500
    parts = [pixels[start : start + size] for start in range(0, len(pixels), size)]
    return np.concatenate([session.run(None, {given.name: one})[0] for one in parts])


def onnx_file(
    make: Callable[[Graph], None],
    shape: tuple[int, ...] = (1, 28, 28),
    scale: PixelScale = ZERO_TO_ONE,
    change: Callable[[Path, NDArray[np.float32]], None] | None = None,
    end: str = "",
) -> Make:
    """A graph of random weights, whose last layer is fitted to some digits by least squares."""

    def write(folder: Path, digits: Digits) -> Made:
        graph, path = Graph(*shape), folder / "network.onnx"
        make(graph)
        pixels = scale.inputs(digits.images, shape)
        given = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, graph.shape)
        gives = helper.make_tensor_value_info(graph.last, TensorProto.FLOAT, None)
        inner = helper.make_graph(graph.nodes, "g", [given], [gives], graph.weights)
        sets = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(inner, opset_imports=sets, ir_version=8), path)
        features = np.c_[onnx_outputs(path, pixels), np.ones(len(pixels))]
        wanted = np.eye(10)[digits.labels] * 10 - 1
        inverse = np.linalg.inv(features.T @ features + 0.1 * np.eye(features.shape[1]))
        weights = (inverse @ features.T @ wanted).T.astype(np.float32)
        graph.add("Gemm", weights[:, :-1].copy(), weights[:, -1].copy(), transB=1)
        if end:
            graph.add(end, axis=1)
        onnx.save(graph.model(), path)
        if change is not None:
            change(path, pixels)
        return Made(path, shape, functools.partial(onnx_outputs, path), scale)

    return write


def like_pytorch(graph: Graph) -> None:
    graph.add("Conv", random(8, 1, 5, 5), random(8))
    graph.add("Relu")
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Conv", random(16, 8, 5, 5), random(16))
    graph.add("Relu")
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Flatten")


def like_resnet(graph: Graph) -> None:
    graph.add("Conv", random(12, 1, 7, 7), strides=[2, 2], pads=[3, 3, 3, 3])
    graph.add("BatchNormalization", *statistics(12))
    flow = graph.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    graph.add("Conv", random(12, 12, 3, 3), pads=[1, 1, 1, 1])
    graph.add("BatchNormalization", *statistics(12))
    graph.add("Relu")
    graph.add("Conv", random(12, 12, 3, 3), pads=[1, 1, 1, 1])
    graph.add("Add", takes=[graph.last, flow])
    graph.add("Relu")
    graph.add("Flatten")


def with_slopes(graph: Graph) -> None:
    graph.add("Conv", random(16, 1, 3, 3), random(16), strides=[2, 2])
    graph.add("PRelu", RNG.uniform(0, 0.5, (16, 1, 1)).astype(np.float32))
    graph.add("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    graph.add("Reshape", whole(0, -1))


def with_gelus(graph: Graph) -> None:
    graph.add("Flatten")
    graph.add("Gemm", random(128, 784), random(128), transB=1)
    gelu_written_out(graph, first_half=False)
    graph.add("LayerNormalization", *statistics(128)[:2], axis=-1)


def with_swish(graph: Graph) -> None:
    flow = graph.add("Conv", random(16, 1, 5, 5), strides=[2, 2], pads=[2, 2, 2, 2])
    graph.add("Sigmoid")
    graph.add("Mul", takes=[flow, graph.last])
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Flatten")


def of_rounded_numbers(graph: Graph) -> None:
    """As a network that was trained to be rounded is exported."""
    pixels = quantized(graph, 1 / 255, np.uint8(0))
    kernel = quantized(graph, 0.01, np.int8(0), random(12, 1, 5, 5))
    graph.add("Conv", takes=[pixels, kernel], strides=[2, 2])
    graph.add("Relu")
    quantized(graph, 0.02, np.uint8(0))
    graph.add("Flatten")


def rounded(path: Path, pixels: NDArray[np.float32]) -> None:
    """Round a graph to 8 bits as ONNX Runtime's tool does."""
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(pixels[:100])

        def get_next(self) -> dict[str, Any] | None:
            one = next(self._left, None)
            return None if one is None else {"pixels": one[np.newaxis]}

    quantization.quantize_static(
        str(path), str(path), Reader(), quant_format=quantization.QuantFormat.QDQ, per_channel=True
    )


def browser_file(
    make: Callable[[Any], Any], kind: str = "float32", load: Callable[[], Any] = load_keras
) -> Make:
    def write(folder: Path, digits: Digits) -> Made:
        model = trained(load(), make, digits, ZERO_TO_ONE)
        if kind == "float16":  # the file's numbers, not those that were rounded away
            model.set_weights([one.astype(kind).astype("f4") for one in model.get_weights()])
        path = write_tfjs(model, folder, kind=kind)
        return Made(path, model.input_shape[1:], outputs_of(model))

    return write


KERAS_2 = functools.partial(keras_file, load=load_keras_2)


def networks() -> Mapping[str, Make]:
    """All eighty by name, which begins with what writes such a file."""
    new = {
        one.__name__: one
        for one in (
            mlp, flat, cnn, cnn_logits, normalized, lenet, vgg, augmented, residual, inception,
            separable, slopes, gelu, rows, rows_both_ways, rows_simple, rows_filtered,
            half_precision, double_precision, padded, channels_first, distributed,
            attention, nested, averaged, sigmoid, grouped,
        )
    }  # fmt: skip
    as_h5 = (mlp, cnn, normalized, residual, rows, channels_first)
    old = (mlp, cnn_logits, lenet, separable, rows_both_ways, hard_gates, nested, augmented)
    return {
        **{f"Keras 3, {name}": keras_file(make, ".keras") for name, make in new.items()},
        "Keras 3, rescaled": keras_file(rescaled, ".keras", RAW),
        "Keras 3, raw pixels": keras_file(cnn, ".keras", RAW),
        "Keras 3, −1 to 1": keras_file(normalized, ".keras", BOTH_SIDES),
        "Keras 3, standardized": keras_file(standardized, ".keras"),
        "Keras 3, dark on light": keras_file(cnn, ".keras", DARK_ON_LIGHT),
        "Keras 3, arithmetic": keras_file(arithmetic, ".keras", RAW),
        **{f"Keras 3 .h5, {one.__name__}": keras_file(one, ".h5") for one in as_h5},
        **{f"Keras 2 .h5, {one.__name__}": KERAS_2(one, ".h5") for one in old},
        "Keras 2 .h5, rescaled": KERAS_2(rescaled, ".h5", RAW),
        "Keras 2 .h5, arithmetic": KERAS_2(arithmetic, ".h5", RAW),
        "Keras 2 .h5, without an input layer": KERAS_2(cnn, ".h5", change=as_keras_2_2_wrote),
        "Keras 2 .keras, cnn": KERAS_2(cnn, ".keras"),
        "Keras 2 .keras, residual": KERAS_2(residual, ".keras"),
        "Keras 2 .keras, rows": KERAS_2(rows, ".keras"),
        "LiteRT, cnn": litert_file(cnn, plain),
        "LiteRT, logits": litert_file(cnn_logits, plain),
        "LiteRT, raw pixels": litert_file(mlp, plain, RAW),
        "LiteRT, 8-bit weights": litert_file(cnn, eight_bit_weights),
        "LiteRT, 16-bit weights": litert_file(lenet, half_weights),
        "LiteRT, 8 bits inside": litert_file(residual, eight_bits),
        "LiteRT, int8": litert_file(cnn, whole_bytes("int8")),
        "LiteRT, uint8": litert_file(flat, whole_bytes("uint8")),
        "LiteRT, uint8, logits": litert_file(cnn_logits, whole_bytes("uint8"), RAW),
        "LiteRT, int8, standardized": litert_file(mlp, whole_bytes("int8"), STANDARD),
        "tf2onnx, mlp": tf2onnx_file(mlp),
        "tf2onnx, cnn": tf2onnx_file(cnn),
        "tf2onnx, normalized": tf2onnx_file(normalized, BOTH_SIDES),
        "tf2onnx, residual": tf2onnx_file(residual),
        "tf2onnx, inception": tf2onnx_file(inception),
        "tf2onnx, slopes": tf2onnx_file(slopes),
        "ONNX, like PyTorch": onnx_file(like_pytorch, end="LogSoftmax"),
        "ONNX, standardized": onnx_file(like_pytorch, scale=STANDARD),
        "ONNX, like ResNet": onnx_file(like_resnet),
        "ONNX, slopes": onnx_file(with_slopes),
        "ONNX, gelu": onnx_file(with_gelus),
        "ONNX, swish": onnx_file(with_swish, end="Softmax"),
        "ONNX, trained to be rounded": onnx_file(of_rounded_numbers),
        "ONNX, rounded to 8 bits": onnx_file(like_pytorch, change=rounded),
        "TensorFlow.js, cnn": browser_file(cnn),
        "TensorFlow.js, flat": browser_file(flat, "float16"),
        "TensorFlow.js, residual": browser_file(residual),
    }


NEEDS = {"Keras 2": "tf_keras", "tf2onnx": "tf2onnx"}


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("only", nargs="*", help="only networks whose names contain one of these")
    return parser


def measure(name: str, make: Make, dataset: Dataset, home: Path) -> tuple[bool, bool]:
    """Make, open and compare one network; print a line; return whether it opens and is equal."""
    folder = home / f"{len(list(home.iterdir()))}"
    folder.mkdir()
    few = Digits(dataset.train.images[:TRAINED_ON], dataset.train.labels[:TRAINED_ON])
    try:
        made = make(folder, few)
    except Exception as error:  # noqa: BLE001 - whatever another program makes of a network
        print(f"{name}: not written: {str(error).splitlines()[0][:200]}", flush=True)
        return False, False
    began = time.perf_counter()
    try:
        reader = open_model(ModelRef(file=made.path), RunStore(home / "runs"))
    except ModelFileError as error:
        print(f"{name}: refused. {error}", flush=True)
        return False, False
    seconds = time.perf_counter() - began
    test = dataset.test
    labels = best_labels(reader.scores(test.images))
    outputs = made.outputs(made.scale.inputs(test.images, made.shape))
    different, tied = count_differences(labels, outputs)
    share = np.mean(outputs.argmax(axis=1) == test.labels)
    scale = "" if reader.pixel_scale == made.scale else f", reads {reader.pixel_scale.name}"
    told = f"{different} labels differ" if different else "equal"
    told += f" but for {tied} ties" if tied else ""
    print(f"{name}: {told}, {share:.1%} right, opened in {seconds:.1f} s{scale}", flush=True)
    return True, not different


def main() -> None:
    """Measure all networks and print one line for each, and their sums."""
    words = make_parser().parse_args().only
    warnings.simplefilter("ignore")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    dataset = full_mnist()
    absent = [word for word, package in NEEDS.items() if not importlib.util.find_spec(package)]
    found, skipped = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in networks().items():
            if words and not any(word in name for word in words):
                continue
            if name.startswith(tuple(absent)):
                print(
                    f"{name}: left out; {NEEDS[next(filter(name.startswith, absent))]} is missing"
                )
                skipped += 1
                continue
            found.append(measure(name, make, dataset, Path(folder)))
    opened, equal = (sum(one[place] for one in found) for place in (0, 1))
    total, digits = len(found), len(dataset.test)
    print(
        f"opened {opened} of {total}, {equal} with equal labels of {digits:,}; {skipped} left out"
    )


if __name__ == "__main__":
    main()
