"""Scores of many digits summed up: accuracy, loss, and how each class did."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.formats import percent

# Keras clips scores to this before it takes the logarithm (keras.config.epsilon()).
EPSILON = 1e-7
Z_95 = 1.959963984540054  # of a normal distribution, 95% lie within so many standard deviations
# Accuracy on training digits below which a network has not learnt enough, and the distance to the
# test digits from which on it has learnt too much by heart: rules of thumb for MNIST.
UNDERFITTING = 0.95
OVERFITTING = 0.01


@dataclass(frozen=True)
class ClassReport:
    """How one digit was read.

    Attributes
    ----------
    digit : int
        0 to 9.
    precision : float or None
        Of the images read as this digit, the fraction that shows it; None where there are none.
    recall : float or None
        Of the images that show this digit, the fraction read as it.
    f1 : float or None
        Harmonic mean of the two. Where no image shows the digit, nothing is known of how it is
        read, and all three are None.
    support : int
        How many images show this digit.
    """

    digit: int
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class Evaluation:
    """What the scores of a split come to.

    Attributes
    ----------
    accuracy : float
        Fraction read correctly, 0 to 1.
    loss : float
        Mean categorical cross-entropy of the scores, in nats.
    confusion : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    per_class : tuple of ClassReport
        One for each digit.
    """

    accuracy: float
    loss: float
    confusion: NDArray[np.int64]
    per_class: tuple[ClassReport, ...]

    @property
    def count(self) -> int:
        """How many digits were read."""
        return int(self.confusion.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the accuracy."""
        return wilson_interval(int(np.trace(self.confusion)), self.count)


def cross_entropy(
    scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Return the loss of each digit: minus the logarithm of its true digit's score.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        Each row adds up to 1.
    labels : ndarray of int, shape (n,)
        True digits.

    Returns
    -------
    ndarray of float64, shape (n,)
        In nats, at least 0.
    """
    true_scores = scores[np.arange(len(labels)), labels].astype(np.float64)
    losses: NDArray[np.float64] = -np.log(np.maximum(true_scores, EPSILON))
    return losses


def evaluate_scores(
    scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]
) -> Evaluation:
    """Sum up the scores of a split.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        Each row adds up to 1; n is at least 1.
    labels : ndarray of int, shape (n,)
        True digits.

    Raises
    ------
    ValueError
        If there are no digits, or the shapes do not match.
    """
    if len(labels) == 0 or scores.shape != (len(labels), CLASSES):
        raise ValueError(
            f"ten scores for each of at least one label are needed, got {scores.shape} "
            f"for {formats.count(len(labels), 'label')}"
        )
    matrix = confusion_matrix(labels, best_labels(scores))
    return evaluate_matrix(matrix, float(cross_entropy(scores, labels).mean()))


def evaluate_matrix(matrix: NDArray[np.int64], loss: float) -> Evaluation:
    """Sum up a confusion matrix of which the mean loss is known.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit; at least one digit in all.
    loss : float
        Mean categorical cross-entropy of the digits, in nats.
    """
    accuracy = float(np.trace(matrix) / matrix.sum())
    return Evaluation(accuracy, loss, matrix, per_class(matrix))


def per_class(matrix: NDArray[np.int64]) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each digit, as far as they are known.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.

    Returns
    -------
    tuple of ClassReport
        Ten, from digit 0 to 9.
    """
    return tuple(
        _class_report(digit, *numbers)
        for digit, numbers in enumerate(
            zip(
                np.diag(matrix).tolist(),
                matrix.sum(axis=1).tolist(),
                matrix.sum(axis=0).tolist(),
                strict=True,
            )
        )
    )


def _class_report(digit: int, right: int, support: int, read: int) -> ClassReport:
    if support == 0:
        return ClassReport(digit, None, None, None, 0)
    precision = right / read if read else None
    return ClassReport(digit, precision, right / support, 2 * right / (support + read), support)


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Return the 95% interval of a fraction: where it would lie on ever more such digits [1]_.

    Parameters
    ----------
    right, count : int
        How many of how many; the latter at least 1.

    Returns
    -------
    tuple of float
        Lower and upper limit, 0 to 1.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927.
    """
    share, z_squared = right / count, Z_95**2
    middle = (share + z_squared / (2 * count)) / (1 + z_squared / count)
    half = (Z_95 / (1 + z_squared / count)) * math.sqrt(
        share * (1 - share) / count + z_squared / (4 * count**2)
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def describe_overfitting(train: Evaluation, test: Evaluation, classes: ClassNames = DIGITS) -> str:
    """Say in words what the distance between training and test digits means.

    Parameters
    ----------
    train : Evaluation
        Of digits that were learnt from.
    test : Evaluation
        Of digits that the network has not seen.
    classes : ClassNames, optional
        What their labels stand for.
    """
    digits = f"{classes.noun}s"
    gap = train.accuracy - test.accuracy
    spread = math.sqrt(sum(one.accuracy * (1 - one.accuracy) / one.count for one in (train, test)))
    points = f"{abs(gap) * 100:.1f} percentage points"
    if train.accuracy < UNDERFITTING:
        return (
            f"Underfitting: even of the {digits} it learnt from it reads only "
            f"{percent(train.accuracy)} right. More epochs or a larger network would help."
        )
    if gap <= Z_95 * spread:
        return (
            f"No overfitting to be seen: {digits} it learnt from and {digits} it never saw are "
            f"read equally well, as far as so many {digits} can show."
        )
    if gap < OVERFITTING:
        return (
            f"A little overfitting: {digits} it learnt from are read {points} better than "
            f"{digits} it never saw. That is usual, and does no harm."
        )
    return (
        f"Overfitting: {digits} it learnt from are read {points} better than {digits} it never "
        f"saw; it has learnt some by heart. More {digits}, dropout, augmentation or fewer epochs "
        "would help."
    )
