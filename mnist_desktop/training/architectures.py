"""The networks that can be trained: one registry of names, descriptions, builders and recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.config import TrainingConfig

Builder = Callable[[TrainingConfig], list[Any]]


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

    return [
        layers.Conv2D(24, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
    ]


def _cnn(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
    ]


def _cnn_accurate(_config: TrainingConfig) -> list[Any]:
    from keras import layers

    def block(filters: int, size: int) -> list[Any]:
        return [
            layers.Conv2D(filters, size, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]

    return [
        *block(24, 5),
        layers.MaxPooling2D(),
        *block(48, 3),
        *block(64, 3),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(128, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.4),
    ]
