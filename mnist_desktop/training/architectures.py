"""The networks that can be trained: one registry of names, descriptions, builders and recipes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.config import TrainingConfig

Builder = Callable[[TrainingConfig], list[Any]]

# Running means must have forgotten the first batches after the thirty of a small set of digits.
FAST_MOMENTUM = 0.8


@dataclass(frozen=True)
class Architecture:
    """One kind of network, and the recipe it is trained with unless told otherwise.

    Attributes
    ----------
    id : str
        Name in the contract, on the command line and in run files.
    name : str
        Name on the screen.
    description : str
        What it is and what to expect, in plain words.
    input_shape : tuple of int
        Shape of one digit as the network takes it: ``(784,)``, ``(28, 28)`` or ``(28, 28, 1)``.
    layers : callable
        Takes a `TrainingConfig`, returns the Keras layers between input and the ten outputs.
    recipe : TrainingConfig
        Default settings.
    convolutional : bool
        Whether it has convolution layers.
    """

    id: str
    name: str
    description: str
    input_shape: tuple[int, ...]
    layers: Builder
    recipe: TrainingConfig
    convolutional: bool = field(default=False)

    def build(self, config: TrainingConfig) -> Any:
        """Build the Keras model for a config, with fresh weights.

        Returns
        -------
        keras.Sequential
            Takes float32 pixels in [0, 1] of shape ``(n, *input_shape)`` and returns ten scores
            in [0, 1] of shape ``(n, 10)``.
        """
        import keras

        return keras.Sequential(
            [
                keras.Input(self.input_shape, name="pixels"),
                *self.layers(config),
                keras.layers.Dense(10, activation=config.output_activation, name="scores"),
            ],
            name=self.id.replace("-", "_"),
        )


def _no_hidden_layers(_config: TrainingConfig) -> list[Any]:
    return []


def _dense_100(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    return [layers.Dense(100, activation="relu")]


def _flatten_dense_100(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    return [layers.Flatten(), layers.Dense(100, activation="relu")]


def _dense_50_50(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    return [
        layers.Flatten(),
        layers.Dense(50, activation="relu"),
        layers.Dense(50, activation="relu"),
    ]


def _mlp(config: TrainingConfig) -> list[Any]:
    from keras import layers

    hidden = [layers.Dense(units, activation="relu") for units in config.hidden_units]
    return [layers.Flatten(), *hidden]


def _cnn_fast(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    def block(filters: int, size: int) -> list[Any]:
        return [
            layers.Conv2D(filters, size, use_bias=False),
            layers.MaxPooling2D(),  # first, so that what follows has a quarter of the values
            layers.BatchNormalization(momentum=FAST_MOMENTUM),
            layers.ReLU(),
        ]

    return [
        *block(16, 5),
        *block(32, 3),
        layers.Flatten(),
        layers.Dense(256, use_bias=False),
        layers.BatchNormalization(momentum=FAST_MOMENTUM),
        layers.ReLU(),
    ]


def _cnn(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(96, activation="relu"),
        layers.Dropout(0.5),
    ]


def _cnn_accurate(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    def block(filters: int, size: int, *, pooled: bool) -> list[Any]:
        return [
            layers.Conv2D(filters, size, use_bias=False),
            *([layers.MaxPooling2D()] if pooled else []),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]

    return [
        *block(24, 5, pooled=True),
        *block(48, 3, pooled=False),
        *block(64, 3, pooled=True),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(128, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.4),
    ]


def _reader(_config: TrainingConfig) -> list[Any]:
    """One of the reader's two networks: 327,000 weights.

    After C. Deotte's networks for MNIST, whose convolutions with a stride learn their pooling, with
    batch normalisation before each ReLU.
    """
    from keras import layers

    def block(filters: int) -> list[Any]:
        return [
            *normalised_convolution(filters, 3),
            *normalised_convolution(filters, 3),
            *normalised_convolution(filters, 5, stride=2),
            layers.Dropout(0.3),
        ]

    return [
        *block(32),
        *block(64),
        layers.Flatten(),
        layers.Dense(128, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.4),
    ]


def normalised_convolution(filters: int, size: int, stride: int = 1) -> list[Any]:
    """Layers of a convolution with batch normalisation; one with a stride keeps the border."""
    from keras import layers

    padding = "same" if stride > 1 else "valid"
    return [
        layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
    ]


def _source_recipe(architecture_id: str, epochs: int = 5) -> TrainingConfig:
    """Adam, sparse cross-entropy and batches of 32 on sigmoid outputs, as in the sources."""
    return TrainingConfig(architecture_id, epochs, batch_size=32, output_activation="sigmoid")


_ALL = (
    Architecture(
        "dense-10",
        "Single layer",
        "Ten outputs straight on the 784 pixels: the simplest network there is. "
        "It weighs each pixel on its own and reaches about 92.5%.",
        (784,),
        _no_hidden_layers,
        _source_recipe("dense-10"),
    ),
    Architecture(
        "dense-100",
        "One hidden layer",
        "784 pixels, 100 hidden units with ReLU, ten outputs. "
        "The hidden units find strokes and corners: about 97.5%.",
        (784,),
        _dense_100,
        _source_recipe("dense-100"),
    ),
    Architecture(
        "flatten-dense-100",
        "One hidden layer on 28×28",
        "The same network, given the picture as 28×28 and flattened inside: about 97.7%. "
        "Good for seeing that flattening changes nothing.",
        (28, 28),
        _flatten_dense_100,
        _source_recipe("flatten-dense-100"),
    ),
    Architecture(
        "dense-50-50",
        "Two hidden layers",
        "Two hidden layers of 50 units. Ten epochs bring the training digits to about 98.7% and "
        "the test digits to about 97.0%: a first look at overfitting.",
        (28, 28),
        _dense_50_50,
        _source_recipe("dense-50-50", epochs=10),
    ),
    Architecture(
        "mlp",
        "Your own layers",
        "Any number of hidden layers, each as wide as you like. "
        "Type the sizes with commas between them, such as 256, 128.",
        (28, 28),
        _mlp,
        TrainingConfig(
            "mlp",
            epochs=4,
            batch_size=128,
            learning_rate=0.004,
            schedule="linear",
            hidden_units=(128, 64),
        ),
    ),
    Architecture(
        "cnn-fast",
        "Convolutional, fast",
        "Two convolutions and a hidden layer with batch normalisation. The learning rate starts "
        "high and falls to zero: one epoch of a few seconds is enough for 99%.",
        (28, 28, 1),
        _cnn_fast,
        TrainingConfig(
            "cnn-fast",
            epochs=1,
            batch_size=128,
            learning_rate=0.006,
            schedule="linear",
            beta_1=0.7,
            beta_2=0.9,
        ),
        convolutional=True,
    ),
    Architecture(
        "cnn",
        "Convolutional",
        "Two convolution blocks and a hidden layer, with dropout against overfitting. "
        "Filters slide over the picture, so a stroke counts wherever it is: over 99%.",
        (28, 28, 1),
        _cnn,
        TrainingConfig("cnn", epochs=8, batch_size=128, learning_rate=0.002, schedule="cosine"),
        convolutional=True,
    ),
    Architecture(
        "cnn-accurate",
        "Convolutional, accurate",
        "Three convolutions with batch normalisation and dropout, on digits that are shifted, "
        "turned and scaled a little each epoch: about 99.5%, for those who can wait.",
        (28, 28, 1),
        _cnn_accurate,
        TrainingConfig(
            "cnn-accurate",
            epochs=7,
            batch_size=128,
            learning_rate=0.003,
            schedule="cosine",
            augment=True,
        ),
        convolutional=True,
    ),
)

ARCHITECTURES: Mapping[str, Architecture] = {one.id: one for one in _ALL}

# What ships with the program (`tools.bundled`). It is not offered for training,
# which would take an hour, but it can be taught the user's own digits.
READER = Architecture(
    "reader",
    "Bundled reader",
    "Two networks of six convolutions each, whose logits are averaged.",
    (28, 28, 1),
    _reader,
    TrainingConfig("reader", epochs=35, batch_size=128, learning_rate=0.002, schedule="cosine"),
    convolutional=True,
)


def architecture(architecture_id: str) -> Architecture:
    """Look an architecture up.

    Raises
    ------
    InvalidSettingError
        If there is none with this id.
    """
    if architecture_id == READER.id:
        return READER
    try:
        return ARCHITECTURES[architecture_id]
    except KeyError:
        raise InvalidSettingError(
            f"Architecture must be one of {', '.join(ARCHITECTURES)}, not {architecture_id!r}."
        ) from None


def count_parameters(config: TrainingConfig) -> int:
    """Number of weights the network of a config has, known without building it."""
    layer_sizes = {
        "dense-10": (784, 10),
        "dense-100": (784, 100, 10),
        "flatten-dense-100": (784, 100, 10),
        "dense-50-50": (784, 50, 50, 10),
        "mlp": (784, *config.hidden_units, 10),
    }
    fixed = {"cnn-fast": 213_594, "cnn": 173_482, "cnn-accurate": 172_034, "reader": 653_652}
    if config.architecture in fixed:
        return fixed[config.architecture]
    sizes = layer_sizes[architecture(config.architecture).id]
    return sum(a * b + b for a, b in itertools.pairwise(sizes))
