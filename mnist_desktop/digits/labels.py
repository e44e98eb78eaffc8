"""What label ten scores stand for: decided here, and nowhere else.

The digit with the highest score is the label, and of several with the very same score the lowest
digit, as Keras's users get it from ``predict(...).argmax(axis=1)``. Whatever scores become on
their way, normalised, calibrated or kept in fewer bits, they have to keep giving the same label.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_desktop.digits.dataset import Labels


def best_labels(scores: NDArray[np.floating[Any]]) -> Labels:
    """Return the label of each row of scores.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        Outputs of a network, or what was made of them.

    Returns
    -------
    ndarray of uint8, shape (n,)
    """
    labels: Labels = scores.argmax(axis=1).astype(np.uint8)
    return labels


def rounded(scores: NDArray[np.floating[Any]], kind: DTypeLike) -> NDArray[np.floating[Any]]:
    """Round scores to fewer bits, so that each row still has the label that it had.

    Two scores may become the same number; where the wrong digit would win by that, the right one
    gets the next larger number.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 10)
        In [0, 1].
    kind : dtype
        float32 or float16.

    Returns
    -------
    ndarray of `kind`, shape (n, 10)
    """
    coarse: NDArray[np.floating[Any]] = scores.astype(kind)
    labels = best_labels(scores)
    lost = np.flatnonzero(best_labels(coarse) != labels)
    above = np.nextafter(coarse[lost].max(axis=1), coarse.dtype.type(np.inf))
    coarse[lost, labels[lost]] = above
    return coarse
