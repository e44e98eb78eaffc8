"""From a picture of digits to the 28×28 images that a network sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_desktop.digits.dataset import SIDE, Images
from mnist_desktop.digits.ink import BOX
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.digits.picture_file import read_grey
from mnist_desktop.digits.picture_ink import (
    MIN_CONTRAST,
    WIDEST_STROKE,
    InkedPage,
    ink_of,
    plain_ink_of,
)
from mnist_desktop.digits.picture_layout import Layout, box_of, lay_out, touches_edge
from mnist_desktop.digits.picture_turns import PageRequest, turned

Ink = NDArray[np.float64]
PictureSource = Path | bytes | PageRequest

# MNIST's own digits: their longest side is 20 pixels, or 19 and 18 where its edge is faint, and
# their centre of mass is in the middle [1]; the paper around them is 0.
MNIST_SIDES = range(17, 22)
MNIST_OFF_MIDDLE = 1.2  # pixels
# How much more must speak for the ink being lighter than the paper, or darker, than the other way
# round, if most of the page speaks against it.
AGAINST_MEDIAN = 1.5
AGAINST_MEDIAN_IF_SMALL = 50.0  # lines a few pixels wide are hardly told from what they enclose
WORTHWHILE = 0.5  # times the score of the one: less, and the other is not looked at again
SMALL = 96  # pixels, of the shorter side
# MNIST's digits have soft edges. Those of a paint program are hard, and networks that learnt from
# MNIST read them better once their edges are soft as well: so much of a pixel of 28×28 is its
# neighbours' on either side, as under a Gaussian with a standard deviation of 0.6 pixels.
SHARED = 0.18
# Strokes are closed with a square so many times as wide as the lines of the digits.
STROKES = 4.0
NEAR_PAPER = 0.05 * 255  # grey values that are taken for the edge's, of a page with one thing
CROP = "Crop the picture to the digit."
UNEVEN_LIGHT = "The light is uneven."
UNEVEN = 1.35  # the brightest paper next to the darkest: more is a shadow


@dataclass(frozen=True)
class Picture:
    """A picture of digits, read row by row and from left to right.

    Attributes
    ----------
    page : ndarray of uint8, shape (height, width)
        The picture in grey, at most 800 pixels on a side.
    digits : ndarray of uint8, shape (n, 28, 28)
        Each digit as the network sees it, 0 paper to 255 ink; n is at least 1, and a blank page has
        one blank digit.
    boxes : tuple of (left, top, right, bottom)
        Where each lies on the page, in pixels; none where the picture was taken as it is.
    ink : ndarray of float64, shape (height, width), or None
        Ink of the page, 0 paper to 1; None until it was looked for.
    owners : ndarray of uint8, shape (height, width), or None
        Which digit each pixel of ink belongs to, counted from 1; None where the boxes say so.
    doubts : tuple of str
        Why what is read of each digit cannot be relied on, in words; mostly empty ones, or none.
    hint : str
        What may be wrong where a digit is turned away, in words; mostly empty.
    note : str
        What else the user should know, in words; mostly empty.
    unturned : ndarray of uint8, shape (height, width), or None
        The page before it was turned; None if it never was.
    degrees : float
        How far it was turned since, clockwise.
    """

    page: NDArray[np.uint8]
    digits: Images
    boxes: tuple[Box, ...] = ()
    ink: Ink | None = field(default=None, repr=False, compare=False)
    owners: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    doubts: tuple[str, ...] = ()
    hint: str = ""
    note: str = ""
    unturned: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    degrees: float = 0.0

    def ink_of(self, number: int) -> Ink:
        """The ink of a digit, counted from 0, as large as its box."""
        if self.ink is None:
            whole: Ink = self.digits[number] / 255
            return whole
        if self.owners is None:
            return _cut_out(self.ink, self.boxes, number)
        left, top, right, bottom = self.boxes[number]
        is_mine = self.owners[top:bottom, left:right] == number + 1
        mine: Ink = np.where(is_mine, self.ink[top:bottom, left:right], 0)
        return mine


def read_picture(source: PictureSource, name: str = "This", *, is_whole: bool = False) -> Picture:
    """Read a picture of one digit or several, and bring them to the shape of MNIST's digits.

    Dark ink on light paper and light ink on dark are both understood. Shadows, ruled lines, frames
    and what comes from beyond the edge are left out. A picture of 28×28 pixels that looks as
    MNIST's own do is taken as it is.

    Parameters
    ----------
    source : Path, bytes or PageRequest
        A picture file of one of `mnist_desktop.digits.picture_file.FORMATS`, or its content; the
        content decides, not the name. Of one that moves, the first picture is read. Or a page of
        a picture that is to be turned first.
    name : str, optional
        What errors call it, if it is given by its content.
    is_whole : bool, optional
        Whether it shows one thing that is no digit, as `read_whole_page` takes it.

    Returns
    -------
    Picture

    Raises
    ------
    ImageFileError
        If there is no such file, it is no picture, or it is too large.
    TiltError
        If a page is to be straightened that cannot be.
    """
    find = read_whole_page if is_whole else read_page
    if isinstance(source, PageRequest):
        degrees = source.all_degrees()
        picture = find(turned(source.page, degrees))
        return replace(picture, unturned=source.page, degrees=degrees)
    return find(read_grey(source, str(source) if isinstance(source, Path) else name))


def read_page(page: NDArray[np.uint8]) -> Picture:
    """Find the digits of a page; as `read_picture`, from the grey page on.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey, 0 black to 255 white.
    """
    if _is_mnists_own(page):
        return Picture(page, page[np.newaxis])
    found = _best_layout(page)
    digits, owners = found.layout.digits, found.layout.owners()
    ink = np.where((owners > 0) & (found.inked.ink == 0), 1, found.inked.ink)  # gaps, bridged
    return _with_owners(
        Picture(
            page,
            _no_digits(),
            tuple(box_of(parts) for parts in digits),
            ink,
            owners,
            (found.doubt,) * len(digits),
            found.hint,
            "A sign was left out." if found.layout.has_signs else "",
        )
    )


def read_whole_page(page: NDArray[np.uint8]) -> Picture:
    """Bring a page with one thing on it to the shape of Fashion-MNIST's images [1]_.

    A page of 28×28 pixels stays as it is; if it is light it is inverted. Of any other what differs
    from the edge is scaled to a longest side of 28 pixels and put in the middle, and the edge
    becomes 0.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey, 0 black to 255 white.

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
       machine learning algorithms", 2017, section 2.
    """
    edge = _border(page)
    if page.shape == (SIDE, SIDE):  # where a thing may reach the edge, its ground is all 0 or 255
        is_light = np.count_nonzero(edge > 255 - NEAR_PAPER) > np.count_nonzero(edge < NEAR_PAPER)
        return Picture(page, (255 - page if is_light else page)[np.newaxis])
    paper = float(np.median(edge))
    image = 255 - page if paper > 127 else page
    differs = np.abs(page - paper) > NEAR_PAPER
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if len(rows) == 0:
        return Picture(page, _no_digits())
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(side * SIDE / max(cut.shape))) for side in cut.shape)
    small = Image.fromarray(cut).resize((width, height), Image.Resampling.BOX)
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    canvas[top : top + height, left : left + width] = np.asarray(small)
    return Picture(page, canvas[np.newaxis])


def _no_digits() -> Images:
    return np.zeros((1, SIDE, SIDE), np.uint8)


def _with_owners(picture: Picture) -> Picture:
    """The same picture with the digits that its boxes and their ink give."""
    cuts = [normalise(picture.ink_of(number)) for number in range(len(picture.boxes))]
    return replace(picture, digits=np.stack(cuts)) if cuts else picture


def divided(picture: Picture, number: int, right: NDArray[np.bool_]) -> Picture:
    """Divide a digit in two that touch.

    Parameters
    ----------
    picture : Picture
        The picture, as it was read.
    number : int
        Which digit, counted from 0.
    right : ndarray of bool, shape of its box
        What belongs to the one on the right.
    """
    left, top, _, _ = picture.boxes[number]
    ink = picture.ink_of(number)
    before = np.zeros(picture.page.shape, np.uint8) if picture.owners is None else picture.owners
    boxes, owners = [], np.where(before > number + 1, before + 1, before)
    for place, side in enumerate((~right, right)):
        rows, columns = (np.flatnonzero((ink * side).any(axis=axis)) for axis in (1, 0))
        boxes.append(
            (left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1,
             top + int(rows[-1]) + 1)
        )  # fmt: skip
        mine = owners[top : top + ink.shape[0], left : left + ink.shape[1]]
        mine[(ink > 0) & side] = number + 1 + place
    parts = (*picture.boxes[:number], *boxes, *picture.boxes[number + 1 :])
    doubts = (*picture.doubts[: number + 1], *picture.doubts[number:])
    return _with_owners(replace(picture, boxes=parts, owners=owners, doubts=doubts))


def with_boxes(picture: Picture, boxes: Iterable[Box]) -> Picture:
    """Cut other boxes out of a picture.

    Parameters
    ----------
    picture : Picture
        The picture.
    boxes : iterable of (left, top, right, bottom)
        Where its digits are, in pixels of its page.

    Returns
    -------
    Picture
        The same page; the boxes and digits from left to right, one blank digit without boxes.
    """
    ink = _best_layout(picture.page).inked.ink if picture.ink is None else picture.ink
    corrected = Picture(
        picture.page,
        _no_digits(),
        tuple(sorted(boxes)),
        ink,
        unturned=picture.unturned,
        degrees=picture.degrees,
    )
    return _with_owners(corrected)


def _is_mnists_own(page: NDArray[np.uint8]) -> bool:
    if page.shape != (SIDE, SIDE) or np.ptp(page) < MIN_CONTRAST or _border(page).any():
        return False
    rows, columns = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
    longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    places = np.arange(SIDE) + 0.5
    weights = page / page.sum(dtype=np.float64)
    centre = weights.sum(axis=0) @ places, weights.sum(axis=1) @ places
    return longest in MNIST_SIDES and max(abs(at - SIDE / 2) for at in centre) <= MNIST_OFF_MIDDLE


def _border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


@dataclass(frozen=True)
class _Found:
    """Ink of a page, either darker or lighter than its paper, and the digits in it."""

    inked: InkedPage
    layout: Layout

    @property
    def score(self) -> float:
        """How much it looks like digits."""
        return self.layout.score * self.inked.contrast

    @property
    def is_at_edge(self) -> bool:
        """Whether a digit reaches the edge of the page."""
        shape = self.inked.ink.shape
        return any(touches_edge(box_of(parts), shape) for parts in self.layout.digits)

    @property
    def doubt(self) -> str:
        """Why it may be the wrong thing, whatever it is read as."""
        if self.layout.is_crowded:
            return CROP
        return UNEVEN_LIGHT if self.is_uneven and self.is_at_edge else ""

    @property
    def hint(self) -> str:
        """What may be wrong if it cannot be read."""
        if self.is_uneven:
            return UNEVEN_LIGHT
        return CROP if self.layout.has_surroundings else ""

    @property
    def is_uneven(self) -> bool:
        """Whether there is a shadow on the paper."""
        return self.inked.unevenness > UNEVEN


def _best_layout(page: NDArray[np.uint8]) -> _Found:
    """Look for dark ink and for light ink, and take what looks more like digits."""
    paper = float(np.median(page))
    is_dark = paper - float(page.min()) >= float(page.max()) - paper
    usual, other = (_found(page, is_dark=dark) for dark in (is_dark, not is_dark))
    usual = _refined(page, usual, is_dark=is_dark)
    if other.score > WORTHWHILE * usual.score:
        other = _refined(page, other, is_dark=not is_dark)
    if not usual.layout.digits and (not other.layout.digits or other.is_at_edge):
        plain = plain_ink_of(page)  # wider than any line, but a person sees it
        return _Found(plain, lay_out(plain.ink))
    least = AGAINST_MEDIAN_IF_SMALL if min(page.shape) < SMALL else AGAINST_MEDIAN
    if other.score <= least * usual.score or _is_ground(other, page, paper, is_dark=is_dark):
        return usual
    return other


def _is_ground(found: _Found, page: NDArray[np.uint8], paper: float, *, is_dark: bool) -> bool:
    """Whether ink like most of the page covers more than what it would be written on.

    That is the ground seen between the segments of a display.
    """
    extreme = float(page.min() if is_dark else page.max())
    middle = (paper + extreme) / 2
    written_on = page < middle if is_dark else page > middle
    inked = sum(part.area for parts in found.layout.digits for part in parts)
    return inked > int(np.count_nonzero(written_on))


def _found(page: NDArray[np.uint8], *, is_dark: bool, stroke: float | None = None) -> _Found:
    inked = ink_of(page, is_dark=is_dark, stroke=stroke)
    return _Found(inked, lay_out(inked.ink))


def _refined(page: NDArray[np.uint8], found: _Found, *, is_dark: bool) -> _Found:
    """Find ink again, now that it is known how wide its strokes are."""
    parts = [part for parts in found.layout.digits for part in parts]
    stroke = STROKES * max((part.thickness for part in parts), default=0.0) + 2
    if not parts or stroke > WIDEST_STROKE * min(page.shape):
        return found
    return _found(page, is_dark=is_dark, stroke=stroke)


def _cut_out(ink: Ink, boxes: tuple[Box, ...], number: int) -> Ink:
    """Ink of one box; where boxes share columns, a pixel goes to the box whose middle is nearer."""
    left, top, right, bottom = boxes[number]
    cut = ink[top:bottom, left:right].copy()
    columns = np.arange(left, right) + 0.5
    mine = np.abs(columns - (left + right) / 2)
    for other, (start, _, end, _) in enumerate(boxes):
        if other != number and start < right and left < end:
            is_theirs = (columns >= start) & (columns < end)
            cut[:, is_theirs & (np.abs(columns - (start + end) / 2) < mine)] = 0
    return cut


def normalise(ink: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Scale ink to a longest side of 20 pixels, its centre of mass in the middle of 28×28.

    Parameters
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 ink.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        All 0 without ink.
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    if len(rows) == 0:
        return canvas
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = (BOX - 2) / max(cut.shape)  # softening adds a pixel on each side
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    # In floats: a thin line on a large page is fainter than 1/255 once it is scaled down.
    resized = Image.fromarray(cut.astype(np.float32)).resize(
        (width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    )
    small = np.maximum(np.asarray(resized, np.float64), 0)  # bicubic swings below paper
    soft = _softened(_softened(np.pad(small, 2)).T).T[1:-1, 1:-1]
    soft *= 255 / soft.max()
    total = soft.sum()
    height, width = soft.shape
    top = _place(float(soft.sum(axis=1) @ (np.arange(height) + 0.5) / total), height)
    left = _place(float(soft.sum(axis=0) @ (np.arange(width) + 0.5) / total), width)
    canvas[top : top + height, left : left + width] = soft.round().astype(np.uint8)
    return canvas


def _softened(values: Ink) -> Ink:
    """Give each pixel's neighbours above and below a share of it."""
    soft = values * (1 - 2 * SHARED)
    soft[1:] += SHARED * values[:-1]
    soft[:-1] += SHARED * values[1:]
    return soft


def _place(centre_of_mass: float, extent: int) -> int:
    """First pixel of the ink, so that its centre of mass comes nearest to the middle."""
    return min(max(round(SIDE / 2 - centre_of_mass), 0), SIDE - extent)
