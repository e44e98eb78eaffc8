"""Which part of a digit counts most for its reading, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import Images
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.formats import percent
from mnist_desktop.inference.scores import log_odds

ROWS = COLUMNS = 3
LEAST_SIDE = 9  # pixels: what is narrower is not divided that way, because a stroke has 3 to 4
# Of a change of log-odds: one that takes 50% to 51%, which nobody would speak of.
UNNOTICED = 0.05
PLACES = (
    ("at the top left", "at the top", "at the top right"),
    ("on the left", "in the middle", "on the right"),
    ("at the bottom left", "at the bottom", "at the bottom right"),
)


@dataclass(frozen=True)
class InkPart:
    """A part of a digit that has ink.

    Attributes
    ----------
    place : str
        Where it is, such as ``"at the top left"``.
    top, left, bottom, right : int
        Its pixels' rows and columns; the last two are beyond it.
    scores : tuple of float
        The ten scores of the digit without this part.
    """

    place: str
    top: int
    left: int
    bottom: int
    right: int
    scores: tuple[float, ...] = ()


def ink_parts(image: NDArray[np.uint8]) -> list[InkPart]:
    """Divide a digit into up to nine parts with ink, none of which has all of it.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        The digit.
    """
    if not image.any():
        return []
    rows = _thirds(np.flatnonzero(image.any(axis=1)), ROWS)
    columns = _thirds(np.flatnonzero(image.any(axis=0)), COLUMNS)
    parts = [
        InkPart(PLACES[row][column], top, left, bottom, right)
        for row, top, bottom in rows
        for column, left, right in columns
    ]
    all_ink = np.count_nonzero(image)
    inks = [np.count_nonzero(image[p.top : p.bottom, p.left : p.right]) for p in parts]
    return [part for part, ink in zip(parts, inks, strict=True) if 0 < ink < all_ink]


def _thirds(inked: NDArray[np.intp], count: int) -> list[tuple[int, int, int]]:
    """Number, start and end of each third; what is narrow is one, the middle."""
    start, end = int(inked[0]), int(inked[-1]) + 1
    if end - start < LEAST_SIDE:
        return [(1, start, end)]
    edges = np.linspace(start, end, count + 1).round().astype(int).tolist()
    return [(number, edges[number], edges[number + 1]) for number in range(count)]


def covered(image: NDArray[np.uint8], parts: list[InkPart]) -> Images:
    """Cover each part of a digit, one at a time.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        The digit, 0 paper to 255 ink.
    parts : list of InkPart
        Its parts.

    Returns
    -------
    ndarray of uint8, shape (len(parts), 28, 28)
        The digit with paper where that part is.
    """
    images = np.repeat(image[np.newaxis], len(parts), axis=0)
    for one, part in zip(images, parts, strict=True):
        one[part.top : part.bottom, part.left : part.right] = 0
    return images


def speaking_part(
    parts: tuple[InkPart, ...],
    scores: tuple[float, ...],
    heat: NDArray[np.float64],
    digit: int,
) -> InkPart | None:
    """Find the part that speaks most for the digit that is read, or against another one.

    Parameters
    ----------
    parts : tuple of InkPart
        With their scores.
    scores : tuple of float
        The ten scores of the whole digit.
    heat : ndarray of float64, shape (28, 28)
        What each pixel does for the digit that is asked about; the part has most of it.
    digit : int
        Which digit that is.

    Returns
    -------
    InkPart or None
        None where no part makes a difference of note when it is covered.
    """
    sign = 1 if digit == _label(scores) else -1
    whole = log_odds(np.array(scores))[digit]

    def weight(part: InkPart) -> float:
        return sign * float(heat[part.top : part.bottom, part.left : part.right].sum())

    def lost(part: InkPart) -> float:
        return sign * float(whole - log_odds(np.array(part.scores))[digit])

    noticed = [part for part in parts if weight(part) > 0 and lost(part) > UNNOTICED]
    return max(noticed, key=weight, default=None)


def describe_part(
    part: InkPart | None, scores: tuple[float, ...], digit: int, classes: ClassNames = DIGITS
) -> str:
    """Say in a sentence what a part does for a digit, or against it where it is not read.

    Parameters
    ----------
    part : InkPart or None
        What `speaking_part` has found.
    scores : tuple of float
        The ten scores of the whole digit.
    digit : int
        Which digit is asked about.
    classes : ClassNames, optional
        What the labels stand for.
    """
    name, read = classes.of(digit), _label(scores)
    side = "for" if digit == read else "against"
    if part is None:
        return f"No part of the ink speaks {side} {name} by itself."
    label = _label(part.scores)
    share = percent(part.scores[label], 1)
    still = "still read" if label == read else "read"
    return (
        f"The ink {part.place} speaks most {side} {name}; "
        f"without it the network would {still} {classes.of(label)} ({share})."
    )


def _label(scores: tuple[float, ...]) -> int:
    return int(best_labels(np.array([scores]))[0])
