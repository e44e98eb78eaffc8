"""From what a network gives to ten scores that add up to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Nobody sees a difference between surer scores, and their logarithms grow without an end.
SUREST = 1 - 1e-6
EPSILON = 1e-7  # of a probability, below which Keras does not look either (keras.config.epsilon())


def as_scores(outputs: NDArray[np.floating[Any]], output_activation: str) -> NDArray[np.float64]:
    """Normalise network outputs, so that the ten scores of a digit add up to 1.

    Keras trains a network with sigmoid outputs and categorical cross-entropy on the logits
    in front of the sigmoid, as if they went through a softmax [1]_. The normalised scores are
    that softmax, taken back from the outputs ``p`` as their odds ``p / (1 - p)`` divided by the
    sum of all ten; so scores, loss and training speak of the same numbers. The odds are kept as
    logarithms: those of outputs that are all below 1e-30 differ as much as those near 0.5.

    Parameters
    ----------
    outputs : ndarray of float, shape (n, 10)
        What the network gave, each in [0, 1]; any finite numbers if they are logits.
    output_activation : {"logits", "sigmoid", "softmax"}
        What its outputs passed through; logits passed through nothing, and their softmax is taken.

    Returns
    -------
    ndarray of float64, shape (n, 10)
        In [0, 1]; each row adds up to 1 and has the same label as the outputs
        (`mnist_desktop.digits.labels.best_labels`): where outputs are equal, so are the scores.

    References
    ----------
    .. [1] ``_get_logits`` in keras/src/backend/tensorflow/nn.py of Keras 3.15.
    """
    if output_activation == "sigmoid":
        weights = _odds(outputs)
    elif output_activation == "logits":
        logits = outputs.astype(np.float64)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    else:
        weights = np.clip(outputs.astype(np.float64), EPSILON, 1)
    scores: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return scores


def log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms of the odds of scores, up to those of one in a million.

    Parameters
    ----------
    scores : ndarray of float64, any shape
        In [0, 1].

    Returns
    -------
    ndarray of float64, of the same shape
        From −13.8 to 13.8; 0 for a score of 0.5.
    """
    shares = np.clip(scores, 1 - SUREST, SUREST)
    logarithms: NDArray[np.float64] = np.log(shares / (1 - shares))
    return logarithms


def _odds(outputs: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Odds of outputs, as fractions of the largest of their row.

    0 and 1 stand for what was rounded to them: half of the smallest number that there is, and
    what is half a step below 1.
    """
    kind = np.finfo(outputs.dtype)
    shares = outputs.astype(np.float64)
    least = max(float(kind.smallest_subnormal), float(np.finfo(np.float64).tiny)) / 2
    logits = np.log(np.maximum(shares, least)) - np.log(np.maximum(1 - shares, kind.epsneg / 2))
    odds: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds
