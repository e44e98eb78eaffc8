"""Augmentation: how far training digits are changed, differently each time they are used.

As text, each setting has one form only: ``shift=2 rotate=8 scale=0.08``, in the order of
`CHANGES`, without those that are 0. ``none`` stands for no change, and ``standard`` can be typed
for what the presets use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.formats import count
from mnist_desktop.printable import printable

NONE, STANDARD_WORD = "none", "standard"
EXAMPLE = "shift=2 rotate=8 scale=0.08"
MAX_SPEC = 300  # characters; all of the changes take about a hundred
MAX_WORD = 40  # characters of a word that are shown
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Change:
    """A way in which digits are changed.

    Attributes
    ----------
    title : str
        Its name on the screen.
    most : float
        The largest amount that can be set; 0 switches the change off.
    step : float
        By how much a key or a click changes the amount.
    unit : {"px", "°", "%"}
        What the amount is given in; a percentage is a fraction of 1 in the record and in text.
    words : str
        What it comes to, with a place for the amount and its unit, behind "up to".
    sentence : str
        What is done, and why it helps.
    """

    title: str
    most: float
    step: float
    unit: str
    words: str
    sentence: str

    @property
    def shown_by(self) -> int:
        """What an amount is multiplied by to be shown in its unit."""
        return 100 if self.unit == "%" else 1

    @property
    def rule(self) -> str:
        """Which amounts it may have, as the end of a sentence."""
        return f"must be a number from 0 to {written(self.most)}"

    def fits(self, amount: object) -> bool:
        """Whether it may have an amount."""
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        return is_number and 0 <= amount <= self.most  # type: ignore[operator]

    def written(self, amount: float) -> str:
        """Write an amount with its unit, such as ``"2 pixels"``, ``"8°"`` or ``"8%"``."""
        number = written(round(amount * self.shown_by, 9))
        if self.unit == "px":
            return f"{number} {'pixel' if amount == 1 else 'pixels'}"
        return number + self.unit


CHANGES: Mapping[str, Change] = {
    "shift": Change(
        "Shift", 14, 0.5, "px", "{} shift",
        "Moves digits left, right, up and down, as they lie elsewhere on other people's paper",
    ),
    "rotate": Change(
        "Rotate", 180, 1, "°", "{} rotation",
        "Turns digits either way, as other people hold their paper",
    ),
    "scale": Change(
        "Scale", 0.5, 0.01, "%", "{} scaling",
        "Makes digits larger and smaller",
    ),
    "shear": Change(
        "Shear", 60, 1, "°", "{} shear",
        "Slants digits either way, as other hands do",
    ),
    "elastic": Change(
        "Elastic", 8, 0.1, "px", "{} elastic distortion",
        "Bends strokes smoothly, differently in each part of the image, as hands tremble",
    ),
    "stroke": Change(
        "Stroke width", 1, 0.05, "px", "{} thicker or thinner strokes",
        "Makes strokes thicker and thinner on each side, as other pens do",
    ),
    "noise": Change(
        "Noise", 0.5, 0.01, "%", "{} noise",
        "Adds a random number to each pixel: its standard deviation, of the way from paper to ink",
    ),
    "erase": Change(
        "Erase", 20, 1, "px", "{} of a square erased",
        "Blanks a square somewhere, so that no part of a digit is relied on alone",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Augmentation:
    """How far each training digit is changed at most; 0 leaves it as it is.

    Each time a digit is used, it is changed by random amounts from 0, or from as far the other
    way, to these.

    Attributes
    ----------
    shift : float
        Pixels in each direction, 0 to 14.
    rotate : float
        Degrees either way, 0 to 180.
    scale : float
        Fraction of the size, larger or smaller, 0 to 0.5.
    shear : float
        Degrees by which upright lines are slanted either way, 0 to 60.
    elastic : float
        Pixels by which points are displaced along each axis, 0 to 8.
    stroke : float
        How far strokes go towards being two pixels wider or thinner, 0 to 1.
    noise : float
        Standard deviation of what is added to pixels, whose range is 0 to 1; 0 to 0.5.
    erase : float
        Side of a square that is blanked, in pixels, 0 to 20.

    Raises
    ------
    InvalidSettingError
        If a value is outside its range.
    """

    shift: float = 0
    rotate: float = 0
    scale: float = 0
    shear: float = 0
    elastic: float = 0
    stroke: float = 0
    noise: float = 0
    erase: float = 0

    def __post_init__(self) -> None:
        """Check every value."""
        for name, amount in self.amounts.items():
            if not CHANGES[name].fits(amount):
                rule = CHANGES[name].rule
                raise InvalidSettingError(f"Augmentation: {name} {rule}, not {amount!r:.40}.")

    @property
    def amounts(self) -> dict[str, float]:
        """All values by their names, in the order of `CHANGES`."""
        return asdict(self)

    @property
    def is_on(self) -> bool:
        """Whether anything is changed."""
        return any(self.amounts.values())

    def __str__(self) -> str:
        """Write it as text, in the one form that it has."""
        used = {name: amount for name, amount in self.amounts.items() if amount}
        return " ".join(f"{name}={written(amount)}" for name, amount in used.items()) or NONE

    @property
    def words(self) -> str:
        """What is done to the digits, for people; empty if nothing is."""
        used = [(CHANGES[name], amount) for name, amount in self.amounts.items() if amount]
        text = ", ".join(change.words.format(change.written(amount)) for change, amount in used)
        return f"Up to {text}" if text else ""


OFF = Augmentation()
# What the presets use; more did not make them better.
STANDARD = Augmentation(shift=2, rotate=8, scale=0.08)
_WORDS = {NONE: OFF, STANDARD_WORD: STANDARD}


def short_name(augmentation: Augmentation) -> str:
    """Name an augmentation in a word or two, such as ``"Standard"`` or ``"4 changes"``."""
    if augmentation in (OFF, STANDARD):
        return "Standard" if augmentation.is_on else "Off"
    used = [name for name, amount in augmentation.amounts.items() if amount]
    return CHANGES[used[0]].title if len(used) == 1 else count(len(used), "change")


def written(number: float) -> str:
    """Write a number without an exponent, so that the same one is read from it."""
    return np.format_float_positional(number, trim="-")


def parse_augmentation(text: str) -> Augmentation:
    """Read an augmentation from text.

    Parameters
    ----------
    text : str
        Names and amounts in any order, such as ``"shift=2 rotate=8"``, or ``none`` or ``standard``.

    Raises
    ------
    InvalidSettingError
        If it cannot be read; it says where, and what may stand there.

    Examples
    --------
    >>> parse_augmentation("rotate=8 shift=2")
    Augmentation(shift=2.0, rotate=8.0, scale=0, shear=0, elastic=0, stroke=0, noise=0, erase=0)
    """
    if len(text) > MAX_SPEC:
        raise InvalidSettingError(
            f"Augmentation may have at most {MAX_SPEC} characters, such as {EXAMPLE}, and this has "
            f"{len(text):,}."
        )
    if text.strip().lower() in _WORDS:
        return _WORDS[text.strip().lower()]
    amounts: dict[str, float] = {}
    for found in _WORD.finditer(text):
        name, mark, number = found.group().lower().partition("=")
        amount = _number(number)
        if not (mark and name in CHANGES):
            names = ", ".join(CHANGES)
            raise _wrong(found, f"is no amount of {names}, which are written as in {EXAMPLE}")
        if name in amounts:
            raise _wrong(found, f"gives {name} a second time")
        if not CHANGES[name].fits(amount):
            raise _wrong(found, f"does not fit: {name} {CHANGES[name].rule}")
        amounts[name] = amount
    if not amounts:
        raise InvalidSettingError(
            f"Augmentation is empty; it is {NONE}, {STANDARD_WORD}, or amounts such as {EXAMPLE}."
        )
    return Augmentation(**amounts)


def augmentation_from_json(value: Any) -> Augmentation:
    """Rebuild an augmentation from the text that a file has, or from on or off in older ones.

    Raises
    ------
    InvalidSettingError
        If it is neither.
    """
    if isinstance(value, bool):
        return STANDARD if value else OFF
    if not isinstance(value, str):
        raise InvalidSettingError(
            f"Augmentation must be text such as {EXAMPLE}, not {value!r:.40}."
        )
    return parse_augmentation(value)


def _wrong(found: re.Match[str], rule: str) -> InvalidSettingError:
    word = printable(found.group(), MAX_WORD)
    return InvalidSettingError(f"Augmentation, column {found.start() + 1}: “{word}” {rule}.")


def _number(text: str) -> float:
    try:
        return float(text) if text.isascii() and len(text) <= MAX_WORD else np.nan
    except ValueError:
        return np.nan
