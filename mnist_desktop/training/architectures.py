"""The networks that can be trained: one registry of names, descriptions, plans and recipes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layer_check import plan_text
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.presets import preset
from mnist_desktop.training.augmentation import STANDARD
from mnist_desktop.training.config import CUSTOM, TrainingConfig


@dataclass(frozen=True)
class Architecture:
    """A kind of network, with the settings it is trained with by default.

    Attributes
    ----------
    id : str
        Name on the command line, in run files and in `mnist_desktop.networks.presets`.
    name : str
        Name on the screen.
    description : str
        What the network is and what to expect of it, in plain words.
    recipe : TrainingConfig
        Default settings.
    accuracy : mapping of str to float
        What fraction of the test digits the recipe reads, by the name of the digits: the mean of
        seeds 1, 2 and 3 on MNIST (1 to 5 of all convolutional networks but ``cnn``), and of 1 to 5
        on the sample that comes with the program. Empty for the bundled reader, whose ``seconds``
        are 0.
    seconds : float
        How long the recipe's fit takes with MNIST, on two cores of an AMD EPYC (Zen 5) server.
    """

    id: str
    name: str
    description: str
    recipe: TrainingConfig
    accuracy: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def plan(self, config: TrainingConfig) -> NetworkPlan:
        """Plan the network of a config, without Keras.

        Raises
        ------
        InvalidSettingError
            If its layers are a text from which none can be built.
        """
        if self.id == CUSTOM:
            return _custom_plan(config.layers, config.output_activation)
        return preset(self.id, config.hidden_units, config.output_activation)

    def build(self, config: TrainingConfig) -> Any:
        """Build the Keras model for a config, with fresh weights.

        Returns
        -------
        keras.Sequential
            Takes float32 pixels in [0, 1] of shape ``(n, *input_shape)`` and returns ten scores
            in [0, 1] of shape ``(n, 10)``.
        """
        return build_network(self.plan(config))


@functools.lru_cache(maxsize=64)
def _custom_plan(layers: str, output_activation: str) -> NetworkPlan:
    return plan_text(layers, output_activation)


def _source_recipe(architecture_id: str, epochs: int = 5) -> TrainingConfig:
    """Adam, sparse cross-entropy, batches of 32 and sigmoid outputs, as in the sources."""
    return TrainingConfig(architecture_id, epochs, batch_size=32, output_activation="sigmoid")


def _long_recipe(
    architecture_id: str,
    epochs: int,
    learning_rate: float = 0.012,
    label_smoothing: float = 0.1,
) -> TrainingConfig:
    """Augmented digits and a high learning rate that rises, then falls to zero."""
    return TrainingConfig(
        architecture_id,
        epochs,
        batch_size=128,
        learning_rate=learning_rate,
        schedule="one-cycle",
        beta_2=0.99,
        augment=STANDARD,
        label_smoothing=label_smoothing,
    )


_ALL = (
    Architecture(
        "dense-10",
        "Single layer",
        "Ten outputs straight on the 784 pixels: the simplest network there is. "
        "It weighs each pixel on its own.",
        _source_recipe("dense-10"),
        {"mnist": 0.9249, "sample": 0.907},
        1,
    ),
    Architecture(
        "dense-100",
        "One hidden layer",
        "784 pixels, 100 hidden units with ReLU, ten outputs. "
        "The hidden units find strokes and corners.",
        _source_recipe("dense-100"),
        {"mnist": 0.9752, "sample": 0.930},
        2,
    ),
    Architecture(
        "flatten-dense-100",
        "One hidden layer on 28×28",
        "The same network, given the picture as 28×28 and flattened inside. "
        "Good for seeing that flattening changes nothing.",
        _source_recipe("flatten-dense-100"),
        {"mnist": 0.9752, "sample": 0.930},
        2,
    ),
    Architecture(
        "dense-50-50",
        "Two hidden layers",
        "Two hidden layers of 50 units. After ten epochs it reads the digits it has learnt "
        "better than any others: a first look at overfitting.",
        _source_recipe("dense-50-50", epochs=10),
        {"mnist": 0.9706, "sample": 0.935},
        3,
    ),
    Architecture(
        "mlp",
        "Your own hidden layers",
        "Any number of hidden layers, each as wide as you like. "
        "Type the sizes with commas between them, such as 256, 128.",
        TrainingConfig(
            "mlp",
            epochs=4,
            batch_size=128,
            learning_rate=0.004,
            schedule="linear",
            hidden_units=(128, 64),
        ),
        {"mnist": 0.9797, "sample": 0.937},
        1,
    ),
    Architecture(
        "cnn-fast",
        "Convolutional, fast",
        "Two convolutions and a hidden layer with batch normalisation. The learning rate rises "
        "high and falls to zero, so that a single epoch is enough.",
        TrainingConfig(
            "cnn-fast",
            epochs=1,
            # A hundred leaves no rest of MNIST's 57,000, for which more would have to be compiled.
            batch_size=100,
            learning_rate=0.012,
            schedule="one-cycle",
            beta_1=0.7,
            beta_2=0.9,
            label_smoothing=0.1,
        ),
        {"mnist": 0.9919, "sample": 0.966},
        3,
    ),
    Architecture(
        "cnn",
        "Convolutional",
        "Two convolution blocks and a hidden layer, with dropout against overfitting. "
        "Filters slide over the picture, so a stroke counts wherever it is.",
        TrainingConfig("cnn", epochs=8, batch_size=128, learning_rate=0.002, schedule="cosine"),
        {"mnist": 0.9927, "sample": 0.960},
        39,
    ),
    Architecture(
        "cnn-accurate",
        "Convolutional, accurate",
        "Three convolutions with batch normalisation and dropout, on digits that are shifted, "
        "turned and scaled a little each epoch, with smoothed labels.",
        _long_recipe("cnn-accurate", epochs=6),
        {"mnist": 0.9962, "sample": 0.985},
        43,
    ),
    Architecture(
        "cnn-best",
        "Convolutional, best",
        "Four wider convolutions, taught as the accurate one is, for longer: the fewest mistakes "
        "of all, for those who can wait.",
        _long_recipe("cnn-best", epochs=25),
        {"mnist": 0.9970, "sample": 0.989},
        265,
    ),
    Architecture(
        "cnn-small",
        "Convolutional, small",
        "Four convolutions of 16 filters and no hidden layer: fewer than 8,000 parameters, a tenth "
        "of what one hidden layer has, and less than a quarter of its mistakes.",
        _long_recipe("cnn-small", epochs=20, learning_rate=0.02, label_smoothing=0.0),
        {"mnist": 0.9944, "sample": 0.983},
        65,
    ),
    Architecture(
        "cnn-compact",
        "Convolutional, compact",
        "The small one with 32 filters in three of its four convolutions: fewer than 25,000 "
        "parameters.",
        _long_recipe("cnn-compact", epochs=20, learning_rate=0.015, label_smoothing=0.05),
        {"mnist": 0.9962, "sample": 0.987},
        84,
    ),
)

ARCHITECTURES: Mapping[str, Architecture] = {one.id: one for one in _ALL}

# The network that comes with the program (`tools.bundled`). It is not offered for training, which
# would take an hour, but it can be fine-tuned on the user's own digits.
READER = Architecture(
    "reader",
    "Bundled reader",
    "Two networks of six convolutions each, whose logits are averaged.",
    TrainingConfig("reader", epochs=35, batch_size=128, learning_rate=0.002, schedule="cosine"),
)

# Layers of the user's own, which are no recipe: what they come to is not known before.
CUSTOM_LAYERS = Architecture(
    CUSTOM,
    "Your own network",
    "Any layers, one after the other, such as: conv 16 5x5 relu; pool; flatten; dense 64 relu.",
    TrainingConfig(CUSTOM, epochs=5, batch_size=128, learning_rate=0.002, schedule="cosine"),
)
_OTHERS = {READER.id: READER, CUSTOM: CUSTOM_LAYERS}
# What the window's form offers.
OFFERED: Mapping[str, Architecture] = {**ARCHITECTURES, CUSTOM: CUSTOM_LAYERS}


def architecture(architecture_id: str) -> Architecture:
    """Look up an architecture.

    Raises
    ------
    InvalidSettingError
        If no architecture has this id.
    """
    found = ARCHITECTURES.get(architecture_id) or _OTHERS.get(architecture_id)
    if found is None:
        known = ", ".join([*ARCHITECTURES, CUSTOM])
        raise InvalidSettingError(f"Architecture must be one of {known}, not {architecture_id!r}.")
    return found


def plan_of(config: TrainingConfig) -> NetworkPlan:
    """Plan the network that a config trains.

    Raises
    ------
    InvalidSettingError
        If no architecture has its id.
    """
    return architecture(config.architecture).plan(config)


def count_parameters(config: TrainingConfig) -> int:
    """Number of weights in the network of a config, counted without building it."""
    return plan_of(config).parameters
