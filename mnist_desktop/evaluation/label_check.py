"""Which labels of a dataset are probably wrong, as one network or several of them have it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import Labels
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import count, percent

ORDER, NAME = "mislabelled", "Probably mislabelled"  # as `readings.ORDERS` has others


@dataclass(frozen=True, eq=False)
class LabelCheck:
    """What networks make of the labels of the same digits.

    What counts is the mean of their scores, in which a network that misreads half as many digits
    has twice the weight. How suspicious a label is, is the normalised margin of confident learning
    [1]_ with the sign turned: how far the mean score of the most likely other label is above that
    of the label itself. It is near 1 where all networks are sure of one and the same other label,
    near 0 where they are torn, and near -1 where they confirm the label.

    How that was chosen is told in ``docs/LABELS.md``.

    Networks that have learnt from these digits with these labels know them: they confirm also many
    that are wrong.

    Attributes
    ----------
    readings : tuple of Readings
        Of the same digits in the same order, one for each network; at least one.

    Raises
    ------
    ValueError
        If there are none, or their labels are not the same.

    References
    ----------
    .. [1] C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
       Labels", Journal of Artificial Intelligence Research 70, 2021.
    """

    readings: tuple[Readings, ...]

    def __post_init__(self) -> None:
        """Check that all read the same digits."""
        if not self.readings:
            raise ValueError("labels are checked by at least one network")
        if not all(np.array_equal(one.labels, self.labels) for one in self.readings):
            raise ValueError("networks can check the labels of the same digits only")

    @property
    def labels(self) -> Labels:
        """The labels that are checked, shape (n,)."""
        return self.readings[0].labels

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """The weight of each network, shape (k,); they add up to 1."""
        misread = np.array([(~one.is_right).sum() for one in self.readings], np.float64)
        weights = 1 / (misread + 1)  # also of a network that has misread none
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """The weighted mean of the scores, shape (n, 10); each row adds up to 1."""
        mean = np.zeros(self.readings[0].scores.shape)
        for weight, one in zip(self.weights, self.readings, strict=True):
            mean += weight * one.scores
        return mean

    @cached_property
    def likelier(self) -> Labels:
        """The most likely other label of each digit, shape (n,)."""
        others = self.scores.copy()
        others[np.arange(len(others)), self.labels] = -1
        return best_labels(others)

    @cached_property
    def agreeing(self) -> NDArray[np.intp]:
        """How many networks read each digit as that other label, shape (n,)."""
        votes: NDArray[np.intp] = sum(
            (one.predicted == self.likelier for one in self.readings), np.zeros(len(self), np.intp)
        )
        return votes

    @cached_property
    def suspicion(self) -> NDArray[np.float64]:
        """How suspicious each label is, shape (n,), -1 to 1."""
        places = np.arange(len(self))
        margin: NDArray[np.float64] = (
            self.scores[places, self.likelier] - self.scores[places, self.labels]
        )
        return margin

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.labels)

    def sort(self, indices: NDArray[np.intp], *, descending: bool = True) -> NDArray[np.intp]:
        """Sort digits by how suspicious their labels are; those alike stay in their order.

        Parameters
        ----------
        indices : ndarray of int, shape (k,)
            Which digits, in their order.
        descending : bool
            Whether the most suspicious comes first.

        Returns
        -------
        ndarray of int, shape (k,)
        """
        key: NDArray[Any] = self.suspicion[indices]
        found: NDArray[np.intp] = indices[np.argsort(-key if descending else key, kind="stable")]
        return found

    def figure(self, place: int, classes: ClassNames = DIGITS) -> str:
        """What stands below a digit: the likelier label, such as ``"4? 97.3%"``, or ``"fits"``."""
        likelier = int(self.likelier[place])
        if self.suspicion[place] <= 0:
            return "fits"
        return f"{classes.short(likelier)}? {percent(self.scores[place, likelier], 1)}"

    def words(self, place: int, classes: ClassNames = DIGITS) -> str:
        """What the networks make of a digit's label, such as ``"3 of 4 networks read 4"``."""
        networks, label = len(self.readings), int(self.labels[place])
        other = classes.of(int(self.likelier[place]))
        if self.suspicion[place] > 0:
            if networks == 1:
                return f"the network reads {other}"
            return f"{self.agreeing[place]} of {count(networks, 'network')} read {other}"
        confirming = sum(int(one.predicted[place]) == label for one in self.readings)
        if networks == 1:
            return "the network confirms the label"
        return f"label confirmed by {confirming} of {count(networks, 'network')}"
