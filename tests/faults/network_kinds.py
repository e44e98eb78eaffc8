"""Small networks of seventy kinds, with which opened files are compared with Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images, as_network_input
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.training.engine import load_keras
from tests.made_networks import write_tfjs
from tools.bundled.eight_bits import write_eight_bits

ACTIVATIONS = (
    "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "leaky_relu", "linear",
    "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh",
)  # fmt: skip
# Outputs so many steps of a float32 apart are the same: where sigmoid saturates, Keras gives
# several 1 exactly, and LiteRT may round some of them to the number below; elsewhere the two add in
# another order, and their outputs were measured to be up to 6.6e-7 apart.
SAME = 8
FEW = ("relu", "conv same", "batch norm", "ends in tiny sigmoid", "ends in saturated sigmoid",
       "ends in logits", "8 bits, softmax", "8 bits, sigmoid", "8-bit weights")  # fmt: skip
# LiteRT files of these give logits, or use operators that are not accepted.
NOT_AS_LITERT = (
    "another size", "ends in log-softmax", "ends in logits", "row after row",
    "row after row, both ways", "row after row, gates",
)  # fmt: skip
EIGHT_BITS = ("8-bit weights", "8 bits, softmax", "8 bits, sigmoid")
Model = Any


def kinds() -> Mapping[str, Callable[[], Model]]:
    """Seventy kinds of networks by name, each made when it is asked for."""
    keras = load_keras()
    layers = keras.layers

    def network(*inner: Any, shape: tuple[int, ...] = (28, 28, 1), end: Any = "softmax") -> Model:
        last = [layers.Dense(10, activation=end)] if isinstance(end, str) else list(end)
        return keras.Sequential([keras.Input(shape), *inner, layers.Flatten(), *last])

    def dense(activation: str, end: Any = "softmax") -> Model:
        return network(layers.Dense(16, activation=activation), shape=(784,), end=end)

    def conv(**settings: Any) -> Model:
        return network(layers.Conv2D(4, settings.pop("size", 3), activation="relu", **settings))

    def after_conv(*more: Any) -> Model:
        return network(layers.Conv2D(4, 3, strides=2, activation="relu"), *more)

    def joined(kind: str) -> Model:
        pixels = keras.Input((28, 28, 1))
        first = layers.Conv2D(4, 3, padding="same", activation="relu")(pixels)
        second = layers.Conv2D(4, 5, padding="same", activation="tanh")(pixels)
        flow = layers.Flatten()(getattr(layers, kind)()([first, second]))
        return keras.Model(pixels, layers.Dense(10, activation="softmax")(flow))

    def biased(bias: float) -> Model:
        constant = keras.initializers.Constant(bias)
        last = layers.Dense(10, activation="sigmoid", bias_initializer=constant)
        return dense("relu", [last])

    def nested() -> Model:
        inner = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(4, 3), layers.ReLU()])
        return network(inner)

    def attention() -> Model:
        pixels = keras.Input((28, 28))
        flow = layers.MultiHeadAttention(2, 8)(pixels, pixels)
        flow = layers.Flatten()(layers.Add()([pixels, layers.Attention()([flow, pixels])]))
        return keras.Model(pixels, layers.Dense(10, activation="softmax")(flow))

    def arithmetic() -> Model:
        pixels = keras.Input((28, 28, 1))
        flow = layers.Conv2D(4, 3, strides=2)(1 - (pixels / 0.5 - 0.5) * 2)
        flow = keras.ops.relu(flow) + flow
        return keras.Model(pixels, layers.Dense(10, activation="softmax")(layers.Flatten()(flow)))

    ends: dict[str, Any] = {
        "a softmax layer": [layers.Dense(10), layers.Softmax()],
        "a softmax activation": [layers.Dense(10), layers.Activation("softmax")],
        "a sigmoid activation": [layers.Dense(10), layers.Activation("sigmoid")],
        "a reshaped softmax": [layers.Dense(10, activation="softmax"), layers.Reshape((10,))],
        "logits": "linear",
        "log-softmax": "log_softmax",
        "sigmoid": "sigmoid",
        "hard sigmoid": "hard_sigmoid",
    }
    return {
        **{name: functools.partial(dense, name) for name in ACTIVATIONS},
        **{f"ends in {name}": functools.partial(dense, "relu", end) for name, end in ends.items()},
        "ends in tiny sigmoid": lambda: biased(-25),
        "ends in tinier sigmoid": lambda: biased(-60),
        "ends in vanishing sigmoid": lambda: biased(-104),
        "ends in saturated sigmoid": lambda: biased(17),
        "ends in ones": lambda: biased(40),
        "takes 28×28": lambda: network(layers.Reshape((784,)), shape=(28, 28)),
        "takes 28×28×1": network,
        "conv": conv,
        "conv same": lambda: conv(padding="same"),
        "conv, strides": lambda: conv(strides=2),
        "conv same, strides": lambda: conv(strides=2, padding="same"),
        "conv, dilated": lambda: conv(dilation_rate=2),
        "conv, 1×1": lambda: conv(size=1),
        "conv, 5×5": lambda: conv(size=5),
        "conv, without bias": lambda: conv(use_bias=False),
        "conv, by depth": lambda: after_conv(layers.DepthwiseConv2D(3)),
        "conv, separable": lambda: after_conv(layers.SeparableConv2D(6, 3)),
        "max pool": lambda: after_conv(layers.MaxPooling2D()),
        "max pool same": lambda: after_conv(layers.MaxPooling2D(3, 2, padding="same")),
        "average pool": lambda: after_conv(layers.AveragePooling2D(2)),
        "global average": lambda: after_conv(layers.GlobalAveragePooling2D()),
        "global maximum": lambda: after_conv(layers.GlobalMaxPooling2D()),
        "batch norm": lambda: after_conv(layers.BatchNormalization()),
        "layer norm": lambda: after_conv(layers.LayerNormalization()),
        "dropout": lambda: after_conv(layers.Dropout(0.3)),
        "noise": lambda: after_conv(layers.GaussianNoise(0.3)),
        "zero padding": lambda: after_conv(layers.ZeroPadding2D(2)),
        "cropping": lambda: after_conv(layers.Cropping2D(2)),
        "rescaled": lambda: network(layers.Rescaling(2.0, -1.0), layers.Conv2D(4, 3, strides=2)),
        "leaky rectifier with weights": lambda: after_conv(layers.PReLU()),
        "largest of two": lambda: joined("Maximum"),
        "added": lambda: joined("Add"),
        "averaged": lambda: joined("Average"),
        "concatenated": lambda: joined("Concatenate"),
        "multiplied": lambda: joined("Multiply"),
        "nested": nested,
        "centre": lambda: network(layers.CenterCrop(20, 24)),
        "another size": lambda: network(layers.Resizing(20, 32), layers.UpSampling2D(2)),
        "known mean": lambda: network(layers.Normalization(mean=0.13, variance=0.09)),
        "group norm": lambda: after_conv(layers.GroupNormalization(2)),
        "root mean square norm": lambda: after_conv(layers.RMSNormalization()),
        "turned": lambda: network(layers.Permute((2, 1, 3)), layers.Conv2D(4, 3, strides=2)),
        "rows": lambda: network(layers.Conv1D(8, 3), layers.MaxPooling1D(), shape=(28, 28)),
        "row after row": lambda: network(layers.SimpleRNN(16, unroll=True), shape=(28, 28)),
        "row after row, gates": lambda: network(layers.LSTM(16, unroll=True), shape=(28, 28)),
        "row after row, both ways": lambda: network(
            layers.Bidirectional(layers.GRU(8, unroll=True)), shape=(28, 28)
        ),
        "the same for each row": lambda: network(
            layers.TimeDistributed(layers.Dense(8, activation="relu")), shape=(28, 28)
        ),
        "channels first": lambda: network(
            layers.Conv2D(4, 3, activation="relu", data_format="channels_first"),
            layers.BatchNormalization(axis=1),
            layers.MaxPooling2D(data_format="channels_first"),
            shape=(1, 28, 28),
        ),
        "attention": attention,
        "arithmetic": arithmetic,
        "8-bit weights": lambda: conv(padding="same"),
        "8 bits, softmax": conv,
        "8 bits, sigmoid": lambda: dense("relu", "sigmoid"),
    }


def set_weights(model: Model) -> None:
    """Give each weight, also of batch normalisation, a value that no other network of it has."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [
            weight + rng.uniform(0.01, 0.3, weight.shape) * (weight.ndim == 1)
            for weight in model.get_weights()
        ]
    )


def write(name: str, model: Model, path: Path, images: Images) -> None:
    """Write a network as the kind of file that its name tells."""
    if path.suffix in (".keras", ".h5"):
        model.save(path)
    elif path.suffix == ".json":
        write_tfjs(model, path.parent).replace(path)
    elif name not in EIGHT_BITS:
        model.export(str(path), format="litert", verbose=False)
    elif name == "8-bit weights":
        write_eight_bits(model, path)
    else:
        import tensorflow as tf

        shape = model.input_shape[1:]
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [as_network_input(image[np.newaxis], shape)] for image in images[:50]
        )
        path.write_bytes(converter.convert())


def differences(name: str, model: Model, path: Path, images: Images) -> tuple[int, int]:
    """Open a network's file as the program does, and compare its labels with those of Keras.

    Returns
    -------
    tuple of int
        How many labels differ, and how many more where the outputs themselves are the same.
    """
    predictor = open_foreign(path)
    found = best_labels(predictor.scores(images))
    if name in EIGHT_BITS and path.suffix == ".tflite":
        outputs = predictor._network.outputs(images)  # rounding is the file's own
    else:
        pixels = as_network_input(images, model.input_shape[1:])
        outputs = np.asarray(model.predict(pixels, verbose=0, batch_size=500), np.float32)
    return count_differences(found, outputs)


def count_differences(labels: NDArray[Any], outputs: NDArray[np.float32]) -> tuple[int, int]:
    """Count labels that differ from those of outputs, and those that differ by rounding only."""
    differ = np.flatnonzero(labels != outputs.argmax(axis=1))
    best = outputs[differ].max(axis=1)
    behind = best - outputs[differ, labels[differ]]
    is_same = behind <= SAME * np.abs(best) * np.finfo(np.float32).eps
    return int((~is_same).sum()), int(is_same.sum())
