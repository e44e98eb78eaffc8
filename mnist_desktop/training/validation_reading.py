"""How the validation digits are read after an epoch, and what that epoch has changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images, Labels
from mnist_desktop.evaluation.confusion import confusion_matrix

MOST_SHOWN = 24  # digits whose reading has changed; more are counted only


@dataclass(frozen=True, eq=False)
class ChangedDigit:
    """A validation digit that is read as another one than after the epoch before.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        The digit.
    label, before, after : int
        What it is, and what it was read as after the epoch before and after this one, 0 to 9.
    """

    image: NDArray[np.uint8]
    label: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class ValidationReading:
    """The validation digits after an epoch.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    matrix : ndarray of int64, shape (10, 10)
        Their confusion matrix.
    corrected, spoiled : int
        How many are read correctly now and were not before, and the other way round.
    changed : tuple of ChangedDigit
        Some of those that are read otherwise now, `MOST_SHOWN` at most, spread over all of them;
        empty after the first epoch.
    """

    epoch: int
    matrix: NDArray[np.int64]
    corrected: int = 0
    spoiled: int = 0
    changed: tuple[ChangedDigit, ...] = ()


def compare_epochs(
    epoch: int, images: Images, labels: Labels, before: Labels | None, after: Labels
) -> ValidationReading:
    """Compare how digits are read after an epoch and after the one before.

    Parameters
    ----------
    epoch : int
        The later epoch, counted from 1.
    images : ndarray of uint8, shape (n, 28, 28)
        The digits.
    labels : ndarray of uint8, shape (n,)
        What they are.
    before, after : ndarray of uint8, shape (n,)
        What they were read as after each; ``before`` is None for the first epoch.
    """
    matrix = confusion_matrix(labels, after)
    if before is None:
        return ValidationReading(epoch, matrix)
    was_right, is_right = before == labels, after == labels
    places = np.flatnonzero(before != after)
    if len(places) > MOST_SHOWN:
        places = places[np.linspace(0, len(places) - 1, MOST_SHOWN).astype(int)]
    return ValidationReading(
        epoch,
        matrix,
        corrected=int((is_right & ~was_right).sum()),
        spoiled=int((was_right & ~is_right).sum()),
        changed=tuple(
            ChangedDigit(images[at], int(labels[at]), int(before[at]), int(after[at]))
            for at in places
        ),
    )
