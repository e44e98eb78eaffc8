"""Scores that mean what they say: of all predictions made with 90%, nine in ten are right."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Labels

COLDEST, HOTTEST = 0.05, 20.0
STEPS = 60  # of a golden-section search; each makes the interval shorter by a third


def at_temperature(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Make scores softer (above 1) or sharper (below 1) without changing their order [1]_.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, 10)
        Each row adds up to 1.
    temperature : float
        Above 0; 1 changes nothing.

    Returns
    -------
    ndarray of float64, shape (n, 10)
        Softmax of the logarithms divided by the temperature.

    References
    ----------
    .. [1] C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    if temperature == 1:
        return scores
    logits = np.log(np.maximum(scores, 1e-300)) / temperature
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    softened: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return softened


def fit_temperature(scores: NDArray[np.float64], labels: Labels) -> float:
    """Find the temperature at which held-out digits are likeliest.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, 10)
        What a network said of digits that it has not learnt from; each row adds up to 1.
    labels : ndarray of uint8, shape (n,)
        What they are.

    Returns
    -------
    float
        0.05 to 20.
    """

    def loss(logarithm: float) -> float:
        softened = at_temperature(scores, math.exp(logarithm))
        truth = softened[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(truth, 1e-300)).mean())

    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(COLDEST), math.log(HOTTEST)
    for _ in range(STEPS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)
