"""Digits collected from a table, some rows at a time, and which of its columns are what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES, MAX_DIGITS, Digits
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.usual_forms import MAX_BYTES, SIDES, Array, as_images, as_labels
from mnist_desktop.errors import DataFileError

LABEL_NAMES = ("label", "labels", "digit", "class", "target", "y")
COLUMNS = {1 + side * side for side in SIDES}


class DigitRows:
    """Collects labels and pixels within limits, whole grey values in a byte each.

    Parameters
    ----------
    path : Path
        The file that they come from, for messages.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._labels: list[Array] = []
        self._pixels: list[Array] = []
        self._count = self._size = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    def add(self, labels: Array, pixels: Array) -> None:
        """Take some rows.

        Parameters
        ----------
        labels : ndarray, shape (n,) or (n, classes)
        pixels : ndarray of numbers, shape (n, pixels)

        Raises
        ------
        DataFileError
            If there are too many by now.
        """
        self._labels.append(labels)
        self._pixels.append(_as_small(pixels))
        self._count += len(pixels)
        self._size += self._pixels[-1].nbytes
        if self._count > MAX_DIGITS or self._size > MAX_BYTES:
            raise DataFileError(
                f"{self._path} holds more than {formats.count(self._count, 'digit')}; "
                "choose a smaller file."
            )

    def digits(self, images: str, labels: str) -> FoundDigits:
        """Make digits of all that was taken, at least one row.

        Parameters
        ----------
        images, labels : str
            What holds them, as the beginning of a sentence.

        Raises
        ------
        DataFileError
            If they are in no usual form.
        """
        notes: list[str] = []
        pixels = as_images(np.concatenate(self._pixels), images, notes)
        known = as_labels(np.concatenate(self._labels), labels, notes)
        return FoundDigits(Digits(pixels, known), None, tuple(notes))


def _as_small(pixels: Array) -> Array:
    """Keep grey values in a byte each where they are whole numbers."""
    if not pixels.size or pixels.dtype == np.uint8:
        return pixels
    is_whole = pixels.min() >= 0 and pixels.max() <= 255 and not np.any(pixels % 1)
    return pixels.astype(np.uint8) if is_whole else pixels


def find_columns(table: Array, heading: list[str], path: Path) -> tuple[int, NDArray[np.intp]]:
    """Find the label's column, and the pixels'; an index before them is left out.

    Parameters
    ----------
    table : ndarray of numbers, shape (n, columns)
        The first rows.
    heading : list of str
        The columns' names in lower case; empty where they have none.
    path : Path
        The file, for messages.

    Raises
    ------
    DataFileError
        If there are not as many columns as a usual image has pixels, or no labels.
    """
    width = table.shape[1]
    columns = np.arange(width)
    if width - 1 in COLUMNS and np.all(np.diff(table[:, 0]) == 1):
        columns = columns[1:]
    if len(columns) not in COLUMNS:
        if len(columns) + 1 in COLUMNS:
            raise DataFileError(
                f"{path} has {formats.count(len(columns), 'column')} and so no labels (as Kaggle's "
                "test.csv); "
                "choose one with labels, such as its train.csv."
            )
        raise DataFileError(
            f"{path} has {formats.count(width, 'column')}; a label and 784 grey values are needed."
        )
    ends = (int(columns[0]), int(columns[-1]))
    named = [end for end in ends if heading[end : end + 1] and heading[end] in LABEL_NAMES]
    label = named[0] if named else _label_column(table, ends, path)
    return label, columns[columns != label]


def _label_column(table: Array, ends: tuple[int, int], path: Path) -> int:
    """Tell which of the first and last columns holds labels: a corner of a digit is mostly one."""
    kinds = {}
    for end in ends:
        values = np.unique(table[:, end])
        if np.all(np.isin(values, np.arange(CLASSES + 1))) and (values.any() or len(table) == 1):
            kinds[end] = len(values)
    if not kinds:
        raise DataFileError(f"{path} has no labels from 0 to 9 in its first or last column.")
    return max(kinds, key=lambda end: kinds[end])
