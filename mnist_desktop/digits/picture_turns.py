"""Turning, straightening and cropping the page of a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.errors import TiltError

MAX_SIDE = 800  # pixels of a turned page; no digit needs more
PAPER_TILES = 12  # along the longer side, for what paper lies beyond the page's edges
MAX_TILT = 30.0  # degrees; beyond it, a line of digits and a column of them look alike
TILT_STEP = 0.25  # degrees
MAX_POINTS = 20_000  # pixels of ink that the tilt is measured by
LEAST_TURN = 0.2  # degrees; a page that is turned by less is straight
LEAST_GAIN = 1.02  # of the profile's sharpness, below which one tilt is as good as another
# One line is measured where it is this many times as wide as high; several are, whatever their
# shape, where the profile is as sharp as no single digit's.
NARROWEST = 2.0
CLEAR_GAIN = 1.85


@dataclass(frozen=True, eq=False)
class PageRequest:
    """A page that is to be turned and looked through for digits.

    Attributes
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey, as it was before it was turned at all: many small turns blur it only once.
    degrees : float
        Clockwise.
    ink : ndarray of float64, shape (height, width), or None
        Of the page turned by these degrees, 0 paper to 1 ink, if it is to be straightened besides.
    """

    page: NDArray[np.uint8]
    degrees: float = 0.0
    ink: NDArray[np.float64] | None = None

    def all_degrees(self) -> float:
        """How far the page is to be turned, with what straightens it, from 0 up to 360.

        Raises
        ------
        TiltError
            If it is to be straightened and is straight, or its tilt cannot be measured.
        """
        return (self.degrees - (0 if self.ink is None else _tilt_of(self.ink))) % 360


def _tilt_of(ink: NDArray[np.float64]) -> float:
    found = tilt(ink)
    if found is None:
        raise TiltError("Its tilt cannot be measured: turn it by hand")
    if abs(found) < LEAST_TURN:
        raise TiltError("It is straight already")
    return found


def turned(page: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Turn a page, with paper as bright as its own in the corners that come into sight.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey.
    degrees : float
        Clockwise; any number.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        All of the page; reduced where a side would have more than 800 pixels. Quarter turns
        change no pixel.
    """
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        return np.ascontiguousarray(np.rot90(page, -int(quarters) % 4))
    height, width = page.shape
    across, along = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    wide, high = (
        one * abs(across) + other * abs(along) for one, other in ((width, height), (height, width))
    )
    # Turned back, the new page is larger than the old one once more.
    beside = int(np.ceil((wide * abs(across) + high * abs(along) - width) / 2)) + 1
    above = int(np.ceil((wide * abs(along) + high * abs(across) - height) / 2)) + 1
    canvas = np.pad(_paper(page), ((above, above), (beside, beside)), mode="edge")
    canvas[above : above + height, beside : beside + width] = page
    zoom = max(1.0, max(wide, high) / MAX_SIDE)
    size = (max(1, round(wide / zoom)), max(1, round(high / zoom)))
    a, b = zoom * across, zoom * along
    middle_x, middle_y = canvas.shape[1] / 2, canvas.shape[0] / 2
    matrix = (
        *(a, b, middle_x - a * size[0] / 2 - b * size[1] / 2),
        *(-b, a, middle_y + b * size[0] / 2 - a * size[1] / 2),
    )
    image = Image.fromarray(canvas)
    return np.asarray(
        image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    )


def _paper(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How bright the page is around each pixel, without what is written there."""
    height, width = page.shape
    tile = max(8, max(page.shape) // PAPER_TILES)
    tiles = np.array(
        [
            [np.median(page[y : y + tile, x : x + tile]) for x in range(0, width, tile)]
            for y in range(0, height, tile)
        ]
    )
    smooth = Image.fromarray(tiles.astype(np.uint8))
    return np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR))


def tilt(ink: NDArray[np.float64]) -> float | None:
    """How far the lines on a page are turned: the angle at which their profile is sharpest.

    The ink is projected along each angle; a line of digits, or a ruled one, fills the fewest rows
    along its own (W. Postl, 1986).

    Parameters
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 ink.

    Returns
    -------
    float or None
        Degrees clockwise, -30 to 30. None if it cannot be measured: there is no ink, no angle
        stands out, or it is hardly more than one digit.
    """
    rows, columns = np.nonzero(ink)
    if len(rows) == 0:
        return None
    kept = slice(None, None, -(-len(rows) // MAX_POINTS))
    y, x = rows[kept] - rows.mean(), columns[kept] - columns.mean()
    angles = np.arange(-MAX_TILT, MAX_TILT + TILT_STEP, TILT_STEP)
    sharpness = np.array([_sharpness(x, y, angle) for angle in angles])
    best = float(angles[sharpness.argmax()])
    across, along = np.cos(np.deg2rad(best)), np.sin(np.deg2rad(best))
    wide, high = np.ptp(x * across + y * along) + 1, np.ptp(y * across - x * along) + 1
    gain = sharpness.max() / np.median(sharpness)
    is_measured = gain >= (LEAST_GAIN if wide >= NARROWEST * high else CLEAR_GAIN)
    return best if is_measured and abs(best) < MAX_TILT else None


def _sharpness(x: NDArray[np.float64], y: NDArray[np.float64], degrees: float) -> float:
    """Sum of squares of the ink in each row of a page that is turned back by an angle."""
    angle = np.deg2rad(degrees)
    row = np.round(y * np.cos(angle) - x * np.sin(angle)).astype(np.int64)
    counts = np.bincount(row - row.min()).astype(np.float64)
    return float(counts @ counts)


def cropped(page: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Keep one part of a page only.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey.
    box : Box
        What is kept, in pixels of the page.

    Returns
    -------
    ndarray of uint8, shape (bottom - top, right - left)
        A copy.
    """
    left, top, right, bottom = box
    return page[top:bottom, left:right].copy()


class TurnDrag:
    """A page turned around its middle by dragging.

    Parameters
    ----------
    at : tuple of float
        Where it was pressed, in pixels of the page.
    size : tuple of int
        Width and height of the page.

    Attributes
    ----------
    degrees : float
        How far it is turned, clockwise, -180 to 180.
    """

    def __init__(self, at: tuple[float, float], size: tuple[int, int]) -> None:
        self._middle = size[0] / 2, size[1] / 2
        self._start = self._angle(at)
        self.degrees = 0.0

    def _angle(self, place: tuple[float, float]) -> float:
        return math.degrees(math.atan2(place[1] - self._middle[1], place[0] - self._middle[0]))

    def move_to(self, place: tuple[float, float]) -> None:
        """Drag to another place, in pixels of the page."""
        self.degrees = (self._angle(place) - self._start + 180) % 360 - 180
