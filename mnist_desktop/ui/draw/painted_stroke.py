"""A stroke as the pad keeps it: for the network and for the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

Point = tuple[float, float]
DOT = 0.0001  # length of a dot's line: a path of no length would not be painted


@dataclass(frozen=True, eq=False)
class PaintedStroke:
    """What the pen drew from down to up, in fractions of the pad's side.

    It is made once, and not again for each reading and each paint event while others are drawn.

    Attributes
    ----------
    points : ndarray of float32, shape (n, 2)
        Where the pen was, for the network.
    path : QPainterPath
        The same, for the screen.
    """

    points: NDArray[np.float32]
    path: QPainterPath


def path_of(points: Sequence[Point]) -> QPainterPath:
    """Make a path for the screen; a single point becomes a dot."""
    (x, y), *others = points
    path = QPainterPath(QPointF(x, y))
    for place in others or [(x + DOT, y)]:
        path.lineTo(*place)
    return path


def as_points(pen: Sequence[Point]) -> NDArray[np.float32]:
    """Make an array (n, 2) for the network."""
    return np.array(pen, np.float32)


def distance(place: Point, stroke: NDArray[np.float32]) -> float:
    """Distance of a position from the nearest point of a path."""
    points = stroke.astype(np.float64)
    here = np.array(place)
    if len(points) == 1:
        return math.dist(place, points[0])
    start, way = points[:-1], np.diff(points, axis=0)
    share = ((here - start) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12)
    nearest = start + np.clip(share, 0, 1)[:, np.newaxis] * way
    return float(np.linalg.norm(nearest - here, axis=1).min())
