"""The confusion matrix: how often each digit was read as each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike) -> NDArray[np.int64]:
    """Count how often each label was read as each.

    Parameters
    ----------
    labels, predictions : array_like of int, shape (n,)
        The true and the predicted digit of each image, 0 to 9.

    Returns
    -------
    ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.

    Raises
    ------
    ValueError
        If the shapes differ or a value is no digit.
    """
    true, read = _as_int64(labels), _as_int64(predictions)
    if true.shape != read.shape or true.ndim != 1:
        raise ValueError(f"one prediction a label is needed, got {read.shape} for {true.shape}")
    if true.size and not 0 <= min(true.min(), read.min()) <= max(true.max(), read.max()) < CLASSES:
        raise ValueError("labels and predictions must be digits from 0 to 9")
    counts = np.bincount(true * CLASSES + read, minlength=CLASSES * CLASSES)
    return counts.reshape(CLASSES, CLASSES)


def _as_int64(values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"labels and predictions must be integers, got {array.dtype}")
    return array.astype(np.int64)


def row_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide each row by its sum: of all true sevens, the fraction read as each digit.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        A confusion matrix.

    Returns
    -------
    ndarray of float64, shape (10, 10)
        Fractions from 0 to 1; a row without digits stays 0.
    """
    shares: NDArray[np.float64] = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return shares


def column_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide each column by its sum: of all digits read as seven, the fraction of each digit.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        A confusion matrix.

    Returns
    -------
    ndarray of float64, shape (10, 10)
        Fractions from 0 to 1; a column without digits stays 0.
    """
    shares: NDArray[np.float64] = matrix / np.maximum(matrix.sum(axis=0, keepdims=True), 1)
    return shares


@dataclass(frozen=True)
class ConfusedPair:
    """A digit that was read as another, how often, and what the two stand for."""

    true: int
    predicted: int
    count: int
    classes: ClassNames = DIGITS

    @property
    def text(self) -> str:
        """In words, for example ``"4 read as 9: 14 times"``."""
        true, predicted = self.classes.of(self.true), self.classes.of(self.predicted)
        return f"{true} read as {predicted}: {times(self.count)}"


def times(count: int) -> str:
    """Say how often: ``"once"``, ``"twice"``, ``"14 times"``."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def most_confused(
    matrix: NDArray[np.int64], count: int, classes: ClassNames = DIGITS
) -> tuple[ConfusedPair, ...]:
    """Find the pairs of digits that were mistaken for each other most often.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        A confusion matrix.
    count : int
        How many to find; fewer if there are fewer kinds of mistakes.
    classes : ClassNames, optional
        What the labels stand for.

    Returns
    -------
    tuple of ConfusedPair
        The most frequent one first; equally frequent ones in the order of the matrix.
    """
    mistakes = matrix.copy()
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    pairs = (divmod(int(place), len(matrix)) for place in order)
    return tuple(
        ConfusedPair(true, predicted, int(mistakes[true, predicted]), classes)
        for true, predicted in pairs
        if mistakes[true, predicted]
    )
