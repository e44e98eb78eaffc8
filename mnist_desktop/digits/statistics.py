"""What a split of digits holds, before any network has seen it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES, SIDE, Digits
from mnist_desktop.errors import InvalidInputError

GREYS = 256


@dataclass(frozen=True, eq=False)
class SplitStatistics:
    """Numbers about many digits.

    Attributes
    ----------
    counts : ndarray of int64, shape (10,)
        How many digits each class has.
    means : ndarray of float64, shape (10, 28, 28)
        The mean image of each class, 0 to 255; 0 for a class without digits.
    histogram : ndarray of int64, shape (256,)
        How many pixels have each grey value.
    """

    counts: NDArray[np.int64]
    means: NDArray[np.float64]
    histogram: NDArray[np.int64]


def describe_split(digits: Digits, indices: NDArray[np.intp]) -> SplitStatistics:
    """Count classes and grey values, and find the mean digits.

    Parameters
    ----------
    digits : Digits
        A file's digits.
    indices : ndarray of int, shape (n,)
        Which of them belong to the split.
    """
    means = np.zeros((CLASSES, SIDE, SIDE))
    histogram = np.zeros(GREYS, np.int64)
    labels = digits.labels[indices]
    for label in range(CLASSES):  # class by class: a copy of all images would be large
        images = digits.images[indices[labels == label]]
        if len(images):
            means[label] = images.mean(axis=0)
            histogram += np.bincount(images.ravel(), minlength=GREYS)
    return SplitStatistics(np.bincount(labels, minlength=CLASSES), means, histogram)


def parse_indices(text: str, count: int) -> NDArray[np.intp]:
    """Read indices of digits from text such as ``"4821"`` or ``"7, 100-199"``.

    Parameters
    ----------
    text : str
        Integers and ranges with commas between them; a range has both its ends.
    count : int
        How many digits there are; indices beyond them are left out.

    Returns
    -------
    ndarray of int, shape (k,)
        The indices in order, each once.

    Raises
    ------
    InvalidInputError
        If a part is neither a number nor a range.
    """
    wanted = np.zeros(count, bool)
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?", part)
        if match is None:
            raise InvalidInputError(
                f"Indices are integers or ranges, such as 4821 or 100-199, not {part!r}."
            )
        first, last = int(match[1]), int(match[2] or match[1])
        wanted[first : last + 1] = True
    found: NDArray[np.intp] = np.flatnonzero(wanted)
    return found
