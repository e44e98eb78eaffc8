"""From pen strokes to the 28×28 image that a network sees.

MNIST's digits were scaled to a box of 20×20 pixels, aspect kept, and placed in 28×28 with their
centre of mass in the middle [1]_. A drawing is brought to the same geometry from its vectors, so
that neither the size of the pad nor the brush nor the position on the pad matters.

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
BRUSH = 0.065  # of a pad's side: as wide as a felt pen on a sheet of that size
PEN_WIDTH = 2.6  # the median stroke width of MNIST's training digits, in pixels
SUPERSAMPLING = 8  # drawn this many times larger, then box-filtered: 65 grey levels
STEP = 0.15  # pixels between the points that are drawn; the pen may have reported many more

# A few strokes this small next to the longest one, and this far from all others, are a slip of the
# hand. A dotted line has more of them, and the dot of an i is nearer.
SPECK = 0.08
SPECK_DISTANCE = 0.3
MAX_SPECKS = 3

# A 3 as a hand draws it in one stroke, in fractions of the pad's side.
THREE = (
    (0.30, 0.27), (0.38, 0.18), (0.52, 0.15), (0.65, 0.21), (0.68, 0.32), (0.60, 0.43),
    (0.45, 0.48), (0.60, 0.52), (0.70, 0.62), (0.68, 0.76), (0.55, 0.85), (0.40, 0.84),
    (0.29, 0.75),
)  # fmt: skip


@dataclass(frozen=True)
class Ink:
    """A drawing as it was made: strokes in order, each a path of pen positions.

    Attributes
    ----------
    strokes : tuple of ndarray of float32, each of shape (n, 2)
        Positions ``(x, y)`` with y down, in any unit; n is at least 1.
    brush : float
        Width of the strokes as they were shown, in fractions of the pad's side; only `shrink` looks
        at it.
    """

    strokes: tuple[Stroke, ...] = ()
    brush: float = BRUSH

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

    def is_same_drawing(self, other: Ink) -> bool:
        """Whether another one holds the very same strokes, not only some of the same shape."""
        pairs = zip(self.strokes, other.strokes, strict=False)
        return len(self.strokes) == len(other.strokes) and all(
            one is another for one, another in pairs
        )


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


def render(ink: Ink, *, pen_width: float = PEN_WIDTH) -> Images:
    """Draw ink as MNIST's digits look.

    Parameters
    ----------
    ink : Ink
        The drawing; it may be empty.
    pen_width : float
        Width of the strokes in pixels.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        Grey values, 0 paper to 255 ink; all 0 without ink. The ink's longest side is 20 pixels
        and its centre of mass is the middle of the image, unless ink would be cut off there.
        Specks far from the rest are left out.
    """
    if not ink:
        return np.zeros((SIDE, SIDE), np.uint8)
    strokes = without_specks([stroke.astype(np.float64) for stroke in ink.strokes])
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    # The pen adds half its width on each side; a dot has no extent and is not enlarged.
    extent = float((high - low).max())
    scale = (BOX - pen_width) / extent if extent > 0 else 1.0
    middle = np.array([SIDE / 2, SIDE / 2])
    centred = [_thinned((stroke - (low + high) / 2) * scale + middle) for stroke in strokes]
    room = (SIDE - pen_width - (high - low) * scale) / 2
    shift = np.clip(_way_to_middle(_draw(centred, pen_width)), -room, room)
    image = _draw([stroke + shift for stroke in centred], pen_width)
    return np.asarray(image.reduce(SUPERSAMPLING), np.uint8)


def shrink(ink: Ink) -> Images:
    """Shrink the entire pad to 28×28, as programs do that do not normalise.

    Parameters
    ----------
    ink : Ink
        A drawing in fractions of the pad's side, 0 to 1.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        Grey values, 0 paper to 255 ink, wherever and however large it was drawn.
    """
    image = _draw([stroke.astype(np.float64) * SIDE for stroke in ink.strokes], ink.brush * SIDE)
    return np.asarray(image.reduce(SUPERSAMPLING), np.uint8)


def without_specks(strokes: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Leave out a few tiny strokes that lie far from all others.

    Parameters
    ----------
    strokes : sequence of ndarray of float64, each of shape (n, 2)
        A drawing.

    Returns
    -------
    list of ndarray
        The same strokes without the specks; never empty if there were any strokes.
    """
    if len(strokes) < 2:
        return list(strokes)
    extents = [float(np.ptp(stroke, axis=0).max()) for stroke in strokes]
    longest = max(extents, default=0.0)
    large = [
        stroke for stroke, extent in zip(strokes, extents, strict=True) if extent > SPECK * longest
    ]
    if not large or len(strokes) - len(large) > MAX_SPECKS:
        return list(strokes)
    low = np.min([stroke.min(axis=0) for stroke in large], axis=0) - SPECK_DISTANCE * longest
    high = np.max([stroke.max(axis=0) for stroke in large], axis=0) + SPECK_DISTANCE * longest
    return [
        stroke
        for stroke, extent in zip(strokes, extents, strict=True)
        if extent > SPECK * longest or ((stroke >= low) & (stroke <= high)).all()
    ]


def _thinned(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out points that lie nearer together than `STEP`, but neither end."""
    ways = stroke[1:] - stroke[:-1]
    along = np.sqrt((ways * ways).sum(axis=1)).cumsum()
    steps = np.floor(along / STEP)
    is_kept = np.ones(len(stroke), bool)
    is_kept[1:] = steps > np.concatenate(([0.0], steps[:-1]))
    is_kept[-1] = True
    thinned: NDArray[np.float64] = stroke[is_kept]
    return thinned


def _way_to_middle(image: Image.Image) -> NDArray[np.float64]:
    """How far, in pixels of the small image, the centre of mass is from the middle."""
    weights = np.asarray(image).astype(np.float32)
    ones = np.ones(len(weights), np.float32)
    columns, rows = ones @ weights, weights @ ones  # integers, which float32 adds exactly
    centres = (np.arange(len(weights)) + 0.5) / SUPERSAMPLING
    centre = np.array([columns @ centres, rows @ centres])
    way: NDArray[np.float64] = SIDE / 2 - centre / float(columns.astype(np.float64).sum())
    return way


def _draw(strokes: Sequence[NDArray[np.float64]], pen_width: float) -> Image.Image:
    """Draw paths in pixel units with a round pen, `SUPERSAMPLING` times enlarged."""
    image = Image.new("L", (SIDE * SUPERSAMPLING, SIDE * SUPERSAMPLING))
    draw = ImageDraw.Draw(image)
    radius = pen_width * SUPERSAMPLING / 2
    for stroke in strokes:
        path = [(x, y) for x, y in (stroke * SUPERSAMPLING).tolist()]
        if len(path) > 1:
            draw.line(path, fill=255, width=round(2 * radius))
        for x, y in path:  # round joints and ends
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image
