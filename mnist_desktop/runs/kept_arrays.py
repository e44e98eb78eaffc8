"""What the arrays of a run must be, wherever they come from; checked when they are read.

Each function raises a `ValueError` that says what is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.training.config import MAX_EPOCHS

ROUNDING = 0.01  # by which ten scores of 16 or 32 bits may miss 1
# Fraction of digits whose scores may give another prediction than the record counts: two scores
# that differ in 64 bits can be equal in 32.
TIES = 0.01

Array = NDArray[Any]


def check_test_scores(scores: Array, labels: Array, confusion: NDArray[np.int64]) -> None:
    """Check scores (n, 10) and labels (n,) of test digits, also against the record."""
    count = int(confusion.sum())
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds labels of the shape {labels.shape}, not of {digits}")
    if scores.shape != (count, CLASSES):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds scores of the shape {scores.shape} for {digits}")
    _check_scores(scores)
    try:
        found = confusion_matrix(labels, scores.argmax(axis=1))
    except ValueError as error:
        raise ValueError("it holds labels that are no digits") from error
    others = np.abs(found - confusion).sum() / 2
    if (found.sum(axis=1) != confusion.sum(axis=1)).any() or others > max(TIES * count, 1):
        raise ValueError("its scores are not those that the confusion matrix was counted from")


def check_batches(places: Array, loss: Array, accuracy: Array) -> None:
    """Check where batches end (k,), in epochs, and their loss and accuracy."""
    if not all(column.shape == (places.size,) for column in (places, loss, accuracy)):
        raise ValueError("it holds columns of different lengths")
    for column, most in ((places, MAX_EPOCHS), (loss, np.inf), (accuracy, 1)):
        if not (np.isfinite(column).all() and (column >= 0).all() and (column <= most).all()):
            raise ValueError("it holds numbers that no batch can come to")
    if (np.diff(places) < 0).any():
        raise ValueError("its batches are in no order")


def check_epochs(epochs: Array, last: int) -> None:
    """Check the numbers (k,) of epochs, given how many there were."""
    is_list = epochs.dtype.kind in "iu" and epochs.ndim == 1
    if not is_list or (len(epochs) and not 1 <= int(epochs.min()) <= int(epochs.max()) <= last):
        raise ValueError(f"it holds epochs that are not among the {last} of the run")
    if (np.diff(epochs.astype(np.int64)) <= 0).any():
        raise ValueError("its epochs are in no order")


def check_validation_scores(epochs: Array, scores: Array, count: int) -> None:
    """Check the scores (k, n, 10) of held-out digits after some epochs."""
    if scores.shape != (len(epochs), count, CLASSES):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds scores of the shape {scores.shape} for {digits}")


def check_epoch_scores(scores: Array) -> None:
    """Check the scores (n, 10) of held-out digits after one epoch."""
    _check_scores(scores)


def _check_scores(scores: Array) -> None:
    if not (np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1 + ROUNDING).all()):
        raise ValueError("it holds scores that are not from 0 to 1")
    if (np.abs(scores.sum(axis=-1, dtype=np.float64) - 1) > ROUNDING).any():
        raise ValueError("it holds scores that do not add up to 1")
