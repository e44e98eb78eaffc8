"""The search space: what is drawn for a trial, and the training that it stands for."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnist_desktop.errors import InvalidInputError, InvalidSettingError, reason
from mnist_desktop.files.reading import read_small
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.search.settings import (
    CONVOLUTIONAL,
    DENSE,
    SETTINGS,
    STRENGTHS,
    Drawn,
    Setting,
    Value,
)
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.augmentation import NONE, STANDARD, STANDARD_WORD, Augmentation
from mnist_desktop.training.config import CUSTOM, OWN_DECAY, TrainingConfig

MAX_BYTES = 100_000  # of a file of a search space
TRIAL_SEED = 1
# Of MNIST that is 6,000 digits. Twice as many as elsewhere: many trials are compared by them.
VALIDATION_SHARE = 0.1

Draw = Callable[[Setting, tuple[Value, ...]], Any]


@dataclass(frozen=True)
class Space:
    """Where a search looks for settings.

    Attributes
    ----------
    values : mapping of str to tuple
        For each setting where it is searched, as `Setting.usual`; those that are not named are
        searched where they usually are.

    Raises
    ------
    InvalidSettingError
        If there is no such setting, or it cannot have these values.
    """

    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every setting, and fill in those that are not named."""
        for name in self.values:
            if name not in SETTINGS:
                raise InvalidSettingError(
                    f"{name!r:.60} is no setting of a search; there are {', '.join(SETTINGS)}."
                )
        checked = {
            name: setting.checked(self.values.get(name, setting.usual))
            for name, setting in SETTINGS.items()
        }
        object.__setattr__(self, "values", checked)

    def draw(self, draw: Draw) -> dict[str, Any]:
        """Draw a value of each setting that applies, in order.

        Parameters
        ----------
        draw : callable
            Takes a `Setting` and where it is searched, and returns a value.
        """
        drawn: dict[str, Any] = {}
        for name, setting in SETTINGS.items():
            if setting.applies(drawn):
                drawn[name] = draw(setting, self.values[name])
        return drawn

    def recipes(self) -> list[dict[str, Any]]:
        """The presets with the settings they come with, as far as these lie in the space."""
        named = (one for one in self.values["architecture"] if one not in (CONVOLUTIONAL, DENSE))
        found = [_recipe(str(name)) for name in named]
        return [one for one in found if all(self._holds(*item) for item in one.items())]

    def _holds(self, name: str, value: Any) -> bool:
        values = self.values[name]
        if SETTINGS[name].is_range:
            return bool(values[0] <= value <= values[1])
        return value in values


def config_of(drawn: Drawn) -> TrainingConfig:
    """Make the training that drawn settings stand for; seed and validation digits are always alike.

    Parameters
    ----------
    drawn : mapping
        What `Space.draw` has returned.
    """
    name = drawn["architecture"]
    is_built = name in (CONVOLUTIONAL, DENSE)
    recipe = architecture(CUSTOM if is_built else name).recipe
    decay = drawn["weight_decay"]
    return recipe.changed(
        layers=built_layers(drawn) if is_built else "",
        epochs=drawn["epochs"],
        learning_rate=drawn["learning_rate"],
        batch_size=drawn["batch_size"],
        optimizer=drawn["optimizer"],
        schedule=drawn["schedule"],
        label_smoothing=round(drawn["label_smoothing"], 3),
        weight_decay=None if decay == OWN_DECAY[drawn["optimizer"]] else decay,
        augment=_augmentation(STRENGTHS[drawn["augment"]]),
        seed=TRIAL_SEED,
        validation_share=VALIDATION_SHARE,
    )


def kept_config(drawn: Drawn) -> TrainingConfig:
    """Make the training of settings that were found: as many digits as other runs learn from.

    No settings are to be chosen by the validation digits any more.

    Parameters
    ----------
    drawn : mapping
        As for `config_of`; the settings of a trial.
    """
    return config_of(drawn).changed(validation_share=TrainingConfig.validation_share)


def _augmentation(strength: float) -> Augmentation:
    amounts = STANDARD.amounts if strength else {}
    return Augmentation(**{name: round(amount * strength, 3) for name, amount in amounts.items()})


def built_layers(drawn: Drawn) -> str:
    """Write the layers of a network that is built from numbers and sizes of layers.

    A convolutional one halves the image after its first, third and fifth convolution and after its
    last, so that the costly ones work on little of it. Dropout stands before each dense layer.
    """
    between = ["batchnorm", "relu"] if drawn.get("batch_norm") else ["relu"]
    rate = round(drawn.get("dropout", 0.0), 2)
    dropout = [f"dropout {rate:g}"] if rate else []
    layers: list[str] = []
    if drawn["architecture"] == CONVOLUTIONAL:
        count, kernel = drawn["conv_layers"], drawn["kernel"]
        for index in range(count):
            layers += [f"conv {drawn['filters']} {kernel}x{kernel} padding=same", *between]
            if index % 2 == 0 or index == count - 1:
                layers.append("pool")
        layers += ["flatten", *dropout]
    for _ in range(drawn["dense_layers"]):
        layers += [f"dense {drawn['dense_units']}", *between, *dropout]
    return "; ".join(map(_written, layers))


@functools.cache  # there are few layers, and they are written anew for each trial that is read
def _written(layer: str) -> str:
    return layers_text(parse_layers(layer))


def _recipe(name: str) -> dict[str, Any]:
    """The settings that a preset comes with, as if they had been drawn."""
    recipe = architecture(name).recipe
    names = ("epochs", "learning_rate", "batch_size", "optimizer", "schedule", "label_smoothing")
    return {
        "architecture": name,
        **{one: getattr(recipe, one) for one in names},
        "weight_decay": recipe.decay,
        "augment": STANDARD_WORD if recipe.augment == STANDARD else NONE,
    }


def read_space(path: Path) -> Space:
    """Read a search space from a TOML file: a line for each setting that is searched elsewhere.

    Parameters
    ----------
    path : Path
        Such as ``epochs = [2, 10]``, ``optimizer = ["adam", "sgd"]`` or ``batch_size = 128``.

    Raises
    ------
    InvalidInputError
        If it cannot be read, or holds what cannot be searched; it says where and why.
    """
    try:
        values = tomllib.loads(read_small(path, MAX_BYTES).decode())
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read ({reason(error)}).") from error
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is no text in UTF-8; a search space is text.") from None
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise InvalidInputError(f"{path} is no TOML file: {str(error).rstrip('.')}.") from None
    try:
        return Space(values)
    except InvalidSettingError as error:
        raise InvalidInputError(f"{path}: {error}") from None
