"""The settings that a search can try: where each may lie, and when it applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import NONE, STANDARD_WORD
from mnist_desktop.training.config import (
    MAX_BATCH_SIZE,
    MAX_DECAY,
    MAX_EPOCHS,
    MAX_HIDDEN_LAYERS,
    MAX_SMOOTHING,
    MAX_UNITS,
    OPTIMIZERS,
    SCHEDULES,
    is_number,
)

Value = int | float | str | bool
Drawn = Mapping[str, Any]  # one value of each setting that applies

CONVOLUTIONAL, DENSE = "conv", "dense"  # networks that are built from numbers and sizes of layers
MAX_CONVOLUTIONS = 6  # three halvings leave 3×3 of 28×28 places
MAX_FILTERS = 256
# Of augmentation: how many times as far as usual digits are changed. Each is compiled by itself.
STRENGTHS = {NONE: 0.0, "light": 0.5, STANDARD_WORD: 1.0, "strong": 1.5}


@dataclass(frozen=True)
class Setting:
    """A setting that is searched: the values it can have, and those it has by default.

    Attributes
    ----------
    name : str
        Its name in a study and in a file of a search space.
    usual : tuple
        Where it is searched unless told otherwise: from and to, or the values to choose from.
    words : tuple
        What may be chosen; empty for numbers.
    low, high : float
        The smallest and the largest number it can be.
    is_range : bool
        Whether it is a range of numbers, and not a choice.
    is_integer : bool
        Whether its numbers are integers.
    is_log : bool
        Whether a range is searched by factors, and not by differences.
    applies : callable
        Tells from the values drawn before whether it has a meaning with them.
    """

    name: str
    usual: tuple[Value, ...]
    words: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    is_range: bool = False
    is_integer: bool = False
    is_log: bool = False
    applies: Callable[[Drawn], bool] = lambda _: True

    def checked(self, given: object) -> tuple[Value, ...]:
        """Check where the setting is to be searched.

        Parameters
        ----------
        given : object
            One value, a list of values to choose from, or of the two ends of a range.

        Returns
        -------
        tuple
            As `usual`; a range of one value has two equal ends.

        Raises
        ------
        InvalidSettingError
            If it is none of these, or a value cannot be.
        """
        values = tuple(given) if isinstance(given, list | tuple) else (given,)
        if self.is_range and len(values) == 1:
            values *= 2
        is_right = all(map(self._can_be, values)) and (
            len(values) == 2 and values[0] <= values[1]
            if self.is_range
            else 0 < len(values) == len(set(values))
        )
        if not is_right:
            raise InvalidSettingError(f"{self.name} must be {self.rule}, not {given!r:.80}.")
        return values

    @property
    def rule(self) -> str:
        """What it must be, as the end of a sentence."""
        if self.words:
            shown = ", ".join(str(one).lower() for one in self.words)
            return f"one or several of {shown}, each once"
        kind = "integer" if self.is_integer else "number"
        limits = f"from {self.low:,g} to {self.high:,g}"
        if self.is_range:
            return f"one {kind} {limits}, or two, the smaller first"
        return f"one or several {kind}s {limits}, each once"

    def _can_be(self, value: Any) -> bool:
        if self.words:
            return any(value == word and type(value) is type(word) for word in self.words)
        is_right = type(value) is int if self.is_integer else is_number(value)
        return is_right and self.low <= value <= self.high


def _numbers(
    name: str, usual: tuple[Value, ...], limits: tuple[float, float], **rest: Any
) -> Setting:
    return Setting(name, usual, low=limits[0], high=limits[1], **{"is_range": True, **rest})


def _is_built(drawn: Drawn) -> bool:
    return drawn["architecture"] in (CONVOLUTIONAL, DENSE)


def _is_convolutional(drawn: Drawn) -> bool:
    return bool(drawn["architecture"] == CONVOLUTIONAL)


def _has_hidden_layers(drawn: Drawn) -> bool:
    return _is_convolutional(drawn) or _has_dense_layers(drawn)


def _has_dense_layers(drawn: Drawn) -> bool:
    return bool(drawn.get("dense_layers", 0))


_COUNT = {"is_integer": True}
_SIZE = {"is_integer": True, "is_log": True}

# In the order in which they are drawn: what others depend on comes first. By default, the presets
# that are good at once stand beside convolutional networks of any size.
_ALL = (
    Setting(
        "architecture",
        (CONVOLUTIONAL, "cnn-fast", "cnn-small", "cnn-compact", "cnn-accurate"),
        (CONVOLUTIONAL, DENSE, *ARCHITECTURES),
    ),
    _numbers("conv_layers", (2, 4), (1, MAX_CONVOLUTIONS), **_COUNT, applies=_is_convolutional),
    _numbers("filters", (8, 48), (1, MAX_FILTERS), **_SIZE, applies=_is_convolutional),
    Setting("kernel", (3, 5), (1, 3, 5, 7), applies=_is_convolutional),
    _numbers("dense_layers", (0, 1), (0, MAX_HIDDEN_LAYERS), **_COUNT, applies=_is_built),
    _numbers("dense_units", (16, 128), (1, MAX_UNITS), **_SIZE, applies=_has_dense_layers),
    Setting("batch_norm", (True, False), (True, False), applies=_has_hidden_layers),
    _numbers("dropout", (0.0, 0.5), (0, 0.9), applies=_has_hidden_layers),
    _numbers("epochs", (1, 20), (1, MAX_EPOCHS), **_SIZE),
    _numbers("learning_rate", (0.001, 0.03), (1e-6, 10), is_log=True),
    _numbers("batch_size", (64, 128, 256), (1, MAX_BATCH_SIZE), is_integer=True, is_range=False),
    Setting("optimizer", ("adam", "adamw"), tuple(OPTIMIZERS)),
    Setting("schedule", ("one-cycle", "cosine"), tuple(SCHEDULES)),
    _numbers("label_smoothing", (0.0, 0.1), (0, MAX_SMOOTHING)),
    # A few values: for each, the update of the weights is compiled anew.
    _numbers("weight_decay", (0.0, 0.005, 0.02), (0, MAX_DECAY), is_range=False),
    Setting("augment", (STANDARD_WORD, NONE), tuple(STRENGTHS)),
)

SETTINGS: Mapping[str, Setting] = {one.name: one for one in _ALL}
