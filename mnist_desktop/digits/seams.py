"""Where two digits that touch can be cut apart: along the path with the least ink on it.

The path goes from the top to the bottom, one row at a time, at most one column to the side: the
seam of "seam carving" [1]_.

References
----------
.. [1] S. Avidan, A. Shamir, "Seam Carving for Content-Aware Image Resizing", 2007.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Where a path may start and end, in fractions of the width.
WINDOWS = ((0.2, 0.45), (0.35, 0.65), (0.55, 0.8))
STEP_ASIDE = 0.02  # of full ink: of two empty ways, the straight one


def cuts(ink: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
    """Cut ink in two, each time in another place.

    Parameters
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 ink.

    Yields
    ------
    ndarray of bool, shape (height, width)
        What is to the right of the cut; there is ink on either side.
    """
    width = ink.shape[1]
    seen: set[bytes] = set()
    for low, high in WINDOWS:
        first = min(round(low * width), width - 1)
        last = max(first + 1, round(high * width))
        right = np.zeros(ink.shape, bool)
        right[:, first:last] = _right_of_path(ink[:, first:last])
        right[:, last:] = True
        if right.tobytes() not in seen and (ink * right).any() and (ink * ~right).any():
            seen.add(right.tobytes())
            yield right


def _right_of_path(ink: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What is to the right of the path with the least ink, which itself belongs to the left."""
    height, width = ink.shape
    costs = ink.copy()
    came = np.zeros(ink.shape, np.intp)
    for row in range(1, height):
        above = np.pad(costs[row - 1], 1, constant_values=np.inf)
        ways = np.stack([above[:-2] + STEP_ASIDE, above[1:-1], above[2:] + STEP_ASIDE])
        best = ways.argmin(axis=0)
        came[row] = best - 1
        costs[row] += np.take_along_axis(ways, best[np.newaxis], 0)[0]
    path = np.empty(height, np.intp)
    path[-1] = costs[-1].argmin()
    for row in range(height - 1, 0, -1):
        path[row - 1] = path[row] + came[row][path[row]]
    right: NDArray[np.bool_] = np.arange(width) > path[:, np.newaxis]
    return right
