"""The way a pen went, as a network sees it.

Where a pen closes a narrow loop, the image of the ink is a blot, but the pen's way still shows an
8 from a 1 and a 9 from a 7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.ink import Ink, without_specks

POINTS = 64
FEATURES = 5


def pen_path(ink: Ink) -> NDArray[np.float32]:
    """Follow the pen through all strokes, and through the air between them.

    Parameters
    ----------
    ink : Ink
        The drawing; it may be empty.

    Returns
    -------
    ndarray of float32, shape (64, 5)
        At points equally far apart along the way: x and y, from -1 to 1 on the longer side and
        0 in the middle; the direction's cosine and sine; 1 where the pen is down and 0 in the
        air. All 0 without ink.
    """
    path = np.zeros((POINTS, FEATURES), np.float32)
    if not ink:
        return path
    strokes = without_specks([stroke.astype(np.float64) for stroke in ink.strokes])
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) * (2 / max(float((high - low).max()), 1e-9))
    starts = np.cumsum([0, *(len(stroke) for stroke in strokes[:-1])])
    is_down = np.ones(len(points))
    is_down[starts[1:]] = 0  # the way to a stroke's first point goes through the air
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    positions = np.linspace(0, along[-1], POINTS)
    for axis in (0, 1):
        path[:, axis] = np.interp(positions, along, points[:, axis])
    # By hand what np.gradient and np.linalg.norm do, which take longer to check their arguments.
    way, steps = path[:, :2], np.empty((POINTS, 2), np.float32)
    steps[1:-1] = (way[2:] - way[:-2]) / 2
    steps[0], steps[-1] = way[1] - way[0], way[-1] - way[-2]
    lengths = np.sqrt((steps * steps).sum(axis=1, keepdims=True))
    path[:, 2:4] = steps / np.maximum(lengths, 1e-9)
    path[:, 4] = is_down[np.clip(np.searchsorted(along, positions), 0, len(points) - 1)]
    return path
