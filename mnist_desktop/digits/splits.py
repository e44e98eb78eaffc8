"""Digits to learn from, to choose by and to test on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.disputed_labels import DisputedLabel, find_disputed

# Which digits are held out must not change with the training's seed, or runs could not be compared.
VALIDATION_SEED = 2026


def split_training_digits(
    digits: Digits, validation_share: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the digits to learn from, and of those held out: the same in each training."""
    return digits.split_indices(validation_share, VALIDATION_SEED)


SPLITS = {"test": "Test", "validation": "Validation", "training": "Training"}


@dataclass(frozen=True, eq=False)
class Split:
    """Some of a file's digits.

    Attributes
    ----------
    name : {"test", "validation", "training"}
        What they are for.
    digits : Digits
        All digits of the file.
    indices : ndarray of int, shape (n,)
        Which of them belong to the split.
    classes : ClassNames
        What their labels stand for.
    disputed : mapping of int to DisputedLabel
        Those whose label people dispute, by their indices in the file: known of MNIST's test
        digits, and of no others.
    """

    name: str
    digits: Digits
    indices: NDArray[np.intp]
    classes: ClassNames = DIGITS
    disputed: Mapping[int, DisputedLabel] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.indices)

    @property
    def count(self) -> str:
        """How many it has, in words: ``"10,000 test digits"``."""
        return formats.count(len(self), f"{self.name} {self.classes.noun}")


def make_split(dataset: Dataset, name: str, validation_share: float) -> Split:
    """Choose the digits of a split; validation digits are those that a training holds out."""
    if name == "test":
        disputed = find_disputed(dataset.name, dataset.test.labels)
        indices = np.arange(len(dataset.test))
        return Split(name, dataset.test, indices, dataset.classes, disputed)
    learnt, held_out = split_training_digits(dataset.train, validation_share)
    indices = held_out if name == "validation" else learnt
    return Split(name, dataset.train, indices, dataset.classes)
