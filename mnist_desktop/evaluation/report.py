"""Scores of many digits summed up: accuracy, loss, and how each class did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.confusion import CLASSES, confusion_matrix

# Keras clips scores to this before it takes the logarithm (keras.config.epsilon()).
EPSILON = 1e-7


@dataclass(frozen=True)
class ClassReport:
    """How one digit was read.

    Attributes
    ----------
    digit : int
        0 to 9.
    precision : float
        Of the images read as this digit, the share that shows it.
    recall : float
        Of the images that show this digit, the share read as it.
    f1 : float
        Harmonic mean of the two.
    support : int
        How many images show this digit.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Evaluation:
    """What the scores of a split come to.

    Attributes
    ----------
    accuracy : float
        Share read right, 0 to 1.
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


def cross_entropy(
    scores: NDArray[np.float64], labels: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Return the loss of each digit: minus the logarithm of its true digit's score.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, 10)
        Each row adds up to 1.
    labels : ndarray of int, shape (n,)
        True digits.

    Returns
    -------
    ndarray of float64, shape (n,)
        In nats, at least 0.
    """
    true_scores = np.maximum(scores[np.arange(len(labels)), labels], EPSILON)
    losses: NDArray[np.float64] = -np.log(true_scores)
    return losses


def evaluate_scores(scores: NDArray[np.float64], labels: NDArray[np.integer[Any]]) -> Evaluation:
    """Sum up the scores of a split.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, 10)
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
            f"for {len(labels)} labels"
        )
    matrix = confusion_matrix(labels, scores.argmax(axis=1))
    return Evaluation(
        accuracy=float(np.trace(matrix) / matrix.sum()),
        loss=float(cross_entropy(scores, labels).mean()),
        confusion=matrix,
        per_class=per_class(matrix),
    )


def per_class(matrix: NDArray[np.int64]) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each digit; 0 where there is nothing to divide by."""
    right = np.diag(matrix).astype(np.float64)
    support, read = matrix.sum(axis=1), matrix.sum(axis=0)
    precision = right / np.maximum(read, 1)
    recall = right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(support + read, 1)
    return tuple(
        ClassReport(
            digit,
            float(precision[digit]),
            float(recall[digit]),
            float(f1[digit]),
            int(support[digit]),
        )
        for digit in range(len(matrix))
    )
