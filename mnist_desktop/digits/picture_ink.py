"""Ink on a page: how much darker or lighter each pixel is than the paper would be there.

The paper under the ink is estimated by a greyscale closing [1]_, with a square that is wider than
a stroke: whatever is narrower than the square is taken for ink, and whatever is wider, a shadow or
a dark desk, for paper of another brightness. The sharp edge of a shadow stays where it is.

References
----------
.. [1] J. Serra, "Image Analysis and Mathematical Morphology", 1982: top-hat transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]
Ink = NDArray[np.float64]

# Fainter than this fraction of the strongest ink counts as paper: compression noise, shadows.
INK_THRESHOLD = 0.2
# Grey values that differ by less, an eighth of the range, are paper: a blank page is never even.
MIN_CONTRAST = 32
# Side of the square that closes strokes, in fractions of the page's shorter side. The thickest
# strokes of tight crops are a third as wide.
WIDEST_STROKE = 0.35
LEAST_LIGHT = 90  # grey value
MOST_INK = 0.65  # of the page
LEAST_PHOTO = (
    240  # pixels: whatever is smaller is no whole photo, and its lines may be a pixel wide
)
BRIGHTEST = 0.999  # the quantile that stands for the strongest ink; the rest are single pixels


@dataclass(frozen=True)
class InkedPage:
    """Ink of a page, and what the paper looks like.

    Attributes
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 the strongest ink.
    contrast : float
        How much the strongest ink differs from the paper, as a fraction of the paper's brightness,
        or of the whole range where the ink is brighter.
    unevenness : float
        How much brighter the paper is where it is bright than where it is dark, as a factor from
        1 up.
    """

    ink: Ink
    contrast: float
    unevenness: float


def ink_of(grey: Grey, *, is_dark: bool, stroke: float | None = None) -> InkedPage:
    """Find the ink of a page.

    Parameters
    ----------
    grey : ndarray of uint8, shape (height, width)
        The page.
    is_dark : bool
        Whether the ink is darker than the paper.
    stroke : float, optional
        The width of the widest stroke, in pixels, if it is known; the better it is known, the more
        of the light is evened out.
    """
    page = _smooth(grey if is_dark else 255 - grey)
    side = WIDEST_STROKE * min(page.shape) if stroke is None else stroke
    paper = _closed(page, max(3, 2 * round(side / 2) + 1))
    differs = paper - page.astype(np.float64)
    # Light falls on ink and paper alike; where there is little of it, noise must not become ink.
    ink = differs / np.maximum(paper, LEAST_LIGHT) if is_dark else differs / 255
    low, high = np.quantile(paper, (0.05, 0.95)).tolist()
    unevenness = (high + 1) / (low + 1) if is_dark else (256 - low) / (256 - high)
    return _without_paper(ink, float(differs.max()), unevenness)


def plain_ink_of(grey: Grey) -> InkedPage:
    """How much each pixel differs from the middle brightness of the page, however wide the ink."""
    differs = np.abs(grey - float(np.median(grey)))
    return _without_paper(differs / 255, float(differs.max()), 1.0)


def _without_paper(ink: Ink, contrast: float, unevenness: float) -> InkedPage:
    """Scale ink so that the strongest is 1, and take what is too faint for paper."""
    inked = ink[ink > MIN_CONTRAST / 512]
    if contrast < MIN_CONTRAST or len(inked) == 0:
        return InkedPage(np.zeros_like(ink), 0.0, unevenness)
    strongest = float(np.quantile(inked, BRIGHTEST))
    ink = np.minimum(ink / strongest, 1)
    ink[ink < max(INK_THRESHOLD, otsu(ink) / 2)] = 0
    if np.count_nonzero(ink) > MOST_INK * ink.size:  # noise
        return InkedPage(np.zeros_like(ink), 0.0, unevenness)
    return InkedPage(ink, strongest, unevenness)


def otsu(values: Ink) -> float:
    """Level that parts values in [0, 1] into two best: Otsu's (1979)."""
    counts, edges = np.histogram(values, 64, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below, mass = counts.cumsum(), (counts * middles).cumsum()
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (mass[-1] * below / below[-1] - mass) ** 2 / (below * above)
    return float(middles[np.nanargmax(np.where(np.isfinite(apart), apart, -1))])


def _smooth(grey: Grey) -> Grey:
    """Take the noise off a photo."""
    if min(grey.shape) < LEAST_PHOTO:
        return grey
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(1)))


def _closed(grey: Grey, side: int) -> NDArray[np.float64]:
    highest = _extreme(_extreme(grey, side, np.maximum, 0), side, np.maximum, 1)
    lowest = _extreme(_extreme(highest, side, np.minimum, 0), side, np.minimum, 1)
    return lowest.astype(np.float64)


def grown(mask: NDArray[np.bool_], wide: int, high: int) -> NDArray[np.bool_]:
    """Where a box of `wide` by `high` pixels around a place has any of a shape in it: dilation."""
    around = _extreme(mask.astype(np.uint8), high | 1, np.maximum, 0)
    return _extreme(around, wide | 1, np.maximum, 1) > 0


def shrunk(mask: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Where a square of `side` pixels fits into a shape: erosion; beyond the edge is none of it."""
    low, high = side // 2, (side - 1) // 2
    padded = np.pad(mask, ((low, high), (low, high))).astype(np.uint8)
    inside = _windows(_windows(padded, side, np.minimum, 0), side, np.minimum, 1)
    return inside > 0


def _extreme(grey: Grey, side: int, best: np.ufunc, axis: int) -> Grey:
    """The greatest or least of `side` pixels around each along one axis; the edge goes on."""
    pads = [(0, 0), (0, 0)]
    pads[axis] = (side // 2, side // 2)
    return _windows(np.pad(grey, pads, mode="edge"), side, best, axis)


def _windows(values: Grey, side: int, best: np.ufunc, axis: int) -> Grey:
    """The greatest or least of each `side` pixels in a row along one axis.

    The window doubles from step to step, so that a wide one costs hardly more than a narrow one.
    """
    width = 1

    def part(start: int | None, end: int | None) -> tuple[slice, ...]:
        return tuple(slice(start, end) if at == axis else slice(None) for at in (0, 1))

    while width < side:
        step = min(width, side - width)
        values = best(values[part(None, -step)], values[part(step, None)])
        width += step
    return values
