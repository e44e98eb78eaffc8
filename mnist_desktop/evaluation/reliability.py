"""Whether scores mean what they say: of all predictions made with 90%, nine in ten are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Labels
from mnist_desktop.digits.labels import best_labels

BINS = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence and accuracy side by side, in bins of equal width from 0 to 1 [1]_.

    Attributes
    ----------
    counts : ndarray of int64, shape (15,)
        How many digits were read with a highest score in each bin.
    confidence : ndarray of float64, shape (15,)
        Their mean highest score; 0 in an empty bin.
    accuracy : ndarray of float64, shape (15,)
        The fraction of them that was read correctly; 0 in an empty bin.

    References
    ----------
    .. [1] C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error, 0 to 1: the mean distance, weighted by the counts."""
        distances = self.counts * np.abs(self.confidence - self.accuracy)
        return float(distances.sum() / max(int(self.counts.sum()), 1))


def reliability(scores: NDArray[np.floating[Any]], labels: Labels) -> Reliability:
    """Compare how sure a network was with how often it was right.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        Each row adds up to 1.
    labels : ndarray of uint8, shape (n,)
        What the digits are.
    """
    confidence = scores.max(axis=1).astype(np.float64)
    right = best_labels(scores) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    some = np.maximum(counts, 1)
    return Reliability(
        counts=counts,
        confidence=np.bincount(bins, weights=confidence, minlength=BINS) / some,
        accuracy=np.bincount(bins, weights=right, minlength=BINS) / some,
    )


def expected_calibration_error(scores: NDArray[np.floating[Any]], labels: Labels) -> float:
    """Return how far confidence and accuracy are apart.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        Each row adds up to 1.
    labels : ndarray of uint8, shape (n,)
        What the digits are.

    Returns
    -------
    float
        0 to 1; 0 without digits.
    """
    return reliability(scores, labels).error
