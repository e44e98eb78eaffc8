"""Many digits as a network read them: how each was read, and which of them are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES, Labels
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.evaluation.metrics import cross_entropy
from mnist_desktop.formats import percent

# From this score on, a wrong prediction is one that the network was sure of.
CONFIDENT = 0.9
KINDS: Mapping[str, str] = {
    "all": "Right and wrong",
    "right": "Right",
    "wrong": "Wrong",
    "confident-wrong": f"Wrong with {percent(CONFIDENT, 0)} or more",
}
DISPUTED = "disputed"  # digits of a kind that does not depend on how they were read
# Name, and whether the largest comes first where one looks for what is interesting.
ORDERS: Mapping[str, tuple[str, bool]] = {
    "index": ("Index", False),
    "label": ("Label", False),
    "loss": ("Loss", True),
    "confidence": ("Confidence", True),
    "margin": ("Margin", False),
}


@dataclass(frozen=True, eq=False)
class Readings:
    """The scores of many digits, and what follows from them.

    Attributes
    ----------
    labels : ndarray of uint8, shape (n,)
        True digits.
    scores : ndarray of float, shape (n, 10)
        Each row adds up to 1.

    Raises
    ------
    ValueError
        If the shapes do not match.
    """

    labels: Labels
    scores: NDArray[np.floating[Any]]

    def __post_init__(self) -> None:
        """Check that each label has ten scores."""
        if self.labels.ndim != 1 or self.scores.shape != (len(self.labels), CLASSES):
            raise ValueError(
                f"ten scores a label are needed, got {self.scores.shape} for {self.labels.shape}"
            )

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.labels)

    @cached_property
    def predicted(self) -> Labels:
        """The digit with the highest score, shape (n,)."""
        return best_labels(self.scores)

    @cached_property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether each digit was read correctly, shape (n,)."""
        right: NDArray[np.bool_] = self.predicted == self.labels
        return right

    @cached_property
    def confidence(self) -> NDArray[np.floating[Any]]:
        """The highest score, shape (n,), 0.1 to 1."""
        highest: NDArray[np.floating[Any]] = self.scores.max(axis=1)
        return highest

    @cached_property
    def margin(self) -> NDArray[np.floating[Any]]:
        """How far the highest score is above the second, shape (n,), 0 to 1."""
        best = np.partition(self.scores, CLASSES - 2, axis=1)
        difference: NDArray[np.floating[Any]] = best[:, -1] - best[:, -2]
        return difference

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """The cross-entropy of each digit in nats, shape (n,)."""
        return cross_entropy(self.scores, self.labels)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """Their confusion matrix, shape (10, 10)."""
        return confusion_matrix(self.labels, self.predicted)

    def accuracy_without(self, indices: Sequence[int]) -> float:
        """Return the fraction read correctly of all digits but some, 0 to 1.

        Parameters
        ----------
        indices : sequence of int
            Of those that are left out; others are left.
        """
        return float(np.delete(self.is_right, list(indices)).mean())

    def find(self, cells: NDArray[np.bool_] | None = None, kind: str = "all") -> NDArray[np.intp]:
        """Find the digits behind cells of the confusion matrix.

        Parameters
        ----------
        cells : ndarray of bool, shape (10, 10), optional
            The cells (true, predicted) that are requested; all of them if left out.
        kind : {"all", "right", "wrong", "confident-wrong"}
            Only those read correctly, misread, or misread with a score of at least 0.9.

        Returns
        -------
        ndarray of int, shape (k,)
            Their indices, in ascending order.
        """
        wanted = np.ones(len(self), bool) if cells is None else cells[self.labels, self.predicted]
        if kind != "all":
            wanted = wanted & (self.is_right == (kind == "right"))
        if kind == "confident-wrong":
            wanted = wanted & (self.confidence >= CONFIDENT)
        found: NDArray[np.intp] = np.flatnonzero(wanted)
        return found

    def sort(
        self, indices: NDArray[np.intp], order: str, *, descending: bool = False
    ) -> NDArray[np.intp]:
        """Sort digits; equal ones stay in the order of their indices.

        Parameters
        ----------
        indices : ndarray of int, shape (k,)
            Which digits, in their order.
        order : {"index", "label", "loss", "confidence", "margin"}
            What they are sorted by.
        descending : bool
            Whether the largest comes first.

        Returns
        -------
        ndarray of int, shape (k,)
        """
        keys: Mapping[str, Callable[[], NDArray[Any]]] = {
            "index": lambda: indices,
            "label": lambda: self.labels[indices],
            "loss": lambda: self.losses[indices],
            "confidence": lambda: self.confidence[indices],
            "margin": lambda: self.margin[indices],
        }
        key = keys[order]().astype(np.float64)
        sorted_indices: NDArray[np.intp] = indices[
            np.argsort(-key if descending else key, kind="stable")
        ]
        return sorted_indices
