"""From what a network gives to ten scores that add up to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-7


def as_scores(outputs: NDArray[np.floating[Any]], output_activation: str) -> NDArray[np.float64]:
    """Normalise network outputs, so that the ten scores of a digit add up to 1.

    Keras trains a network with sigmoid outputs and categorical cross-entropy on the logits
    in front of the sigmoid, as if they went through a softmax [1]_. The normalised scores are
    that softmax, taken back from the outputs ``p`` as their odds ``p / (1 - p)`` divided by the
    sum of all ten; so scores, loss and training speak of the same numbers.

    Parameters
    ----------
    outputs : ndarray of float, shape (n, 10)
        What the network gave, each in [0, 1].
    output_activation : {"sigmoid", "softmax"}
        What its outputs passed through.

    Returns
    -------
    ndarray of float64, shape (n, 10)
        In [0, 1]; each row adds up to 1 and has its maximum where the output had it.

    References
    ----------
    .. [1] ``_get_logits`` in keras/src/backend/tensorflow/nn.py of Keras 3.15.
    """
    clipped = np.clip(outputs.astype(np.float64), EPSILON, 1 - EPSILON)
    weights = clipped / (1 - clipped) if output_activation == "sigmoid" else clipped
    scores: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return scores
