"""From pen strokes to the 28×28 image that a network sees.

MNIST's digits were scaled to a box of 20×20 pixels, aspect kept, and placed in 28×28 with their
centre of mass in the middle [1]_. A drawing is brought to the same geometry from its vectors, so
that neither the size of the pad nor the brush nor the place on the pad matters.

References
----------
.. [1] Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_desktop.digits.dataset import SIDE, Images

Stroke = NDArray[np.float32]

BOX = 20.0  # the longest side of the ink, in pixels
PEN_WIDTH = 2.6  # the median stroke width of MNIST's training digits, in pixels
SUPERSAMPLING = 8  # drawn this many times larger, then box-filtered: 65 grey levels


@dataclass(frozen=True)
class Ink:
    """A drawing as it was made: strokes in order, each a path of pen positions.

    Attributes
    ----------
    strokes : tuple of ndarray of float32, each of shape (n, 2)
        Positions ``(x, y)`` with y down, in any unit; n is at least 1.
    """

    strokes: tuple[Stroke, ...] = ()

    @classmethod
    def from_points(cls, strokes: Sequence[Sequence[Sequence[float]]]) -> Ink:
        """Make ink from nested lists ``[[[x, y], ...], ...]``; empty strokes are left out.

        Raises
        ------
        ValueError
            If a position is not two finite numbers.
        """
        arrays = [_as_stroke(stroke) for stroke in strokes]
        return cls(tuple(array for array in arrays if len(array) > 0))

    def __bool__(self) -> bool:
        """Whether there is any ink."""
        return bool(self.strokes)


def _as_stroke(positions: Sequence[Sequence[float]]) -> Stroke:
    try:
        array = np.asarray(positions)
        if array.shape == (0,):
            return np.zeros((0, 2), np.float32)
        if array.dtype.kind in "iuf" and array.ndim == 2 and array.shape[1] == 2:
            with np.errstate(over="ignore"):  # too large for a float32 becomes infinite
                stroke = array.astype(np.float32)
            if np.isfinite(stroke).all():
                return stroke
    except ValueError:  # positions of different lengths
        pass
    raise ValueError("each position of a stroke must be two finite numbers [x, y]")


def render(ink: Ink) -> Images:
    """Draw ink as MNIST's digits look.

    Parameters
    ----------
    ink : Ink
        The drawing; it may be empty.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        Grey values, 0 paper to 255 ink; all 0 without ink. The ink's longest side is 20 pixels
        and its centre of mass is the middle of the image, unless ink would be cut off there.
    """
    if not ink:
        return np.zeros((SIDE, SIDE), np.uint8)
    points = np.concatenate(ink.strokes).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    # The pen adds half its width on each side; a dot has no extent and is not enlarged.
    extent = float((high - low).max())
    scale = (BOX - PEN_WIDTH) / extent if extent > 0 else 1.0
    middle = np.array([SIDE / 2, SIDE / 2])
    centred = [(stroke - (low + high) / 2) * scale + middle for stroke in ink.strokes]
    shift = _shift_to_middle(_draw(centred), (high - low) * scale)
    image = _draw([stroke + shift for stroke in centred])
    return np.asarray(image.reduce(SUPERSAMPLING), np.uint8)


def _shift_to_middle(image: Image.Image, extents: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far to move the ink so that its centre of mass is the middle, kept inside the image."""
    weights = np.asarray(image, np.float64)
    total = weights.sum()
    places = (np.arange(len(weights)) + 0.5) / SUPERSAMPLING
    centre = np.array([weights.sum(axis=0) @ places, weights.sum(axis=1) @ places]) / total
    room = (SIDE - PEN_WIDTH - extents) / 2
    shift: NDArray[np.float64] = np.clip(SIDE / 2 - centre, -room, room)
    return shift


def _draw(strokes: Sequence[NDArray[np.float64]]) -> Image.Image:
    """Draw paths in pixel units with a round pen, `SUPERSAMPLING` times enlarged."""
    image = Image.new("L", (SIDE * SUPERSAMPLING, SIDE * SUPERSAMPLING))
    draw = ImageDraw.Draw(image)
    radius = PEN_WIDTH * SUPERSAMPLING / 2
    for stroke in strokes:
        path = [(x, y) for x, y in (stroke * SUPERSAMPLING).tolist()]
        if len(path) > 1:
            draw.line(path, fill=255, width=round(2 * radius))
        for x, y in path:  # round joints and ends
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image
