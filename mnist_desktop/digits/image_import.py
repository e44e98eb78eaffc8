"""From a picture of digits to the 28×28 images that a network sees."""

from __future__ import annotations

import errno
import io
import struct
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from mnist_desktop.digits.dataset import SIDE, Images
from mnist_desktop.digits.ink import BOX
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.errors import ImageFileError, reason
from mnist_desktop.files.reading import read_small

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
KINDS = "a PNG, JPEG, BMP, GIF or WebP file"
MAX_DECODED = 50_000_000  # bytes
BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}  # that a pixel takes; four in all other modes
MAX_PHOTO_PIXELS = 60_000_000  # of a JPEG that can be decoded at an eighth of its size at once
MAX_SIDE = 20_000
MAX_SCANS = 200  # of a progressive JPEG, which has some ten; each goes over all of it
MAX_BYTES = 50_000_000
WORKING_SIDE = 800  # pixels; larger pictures are reduced to it, as no digit needs more
# Fainter than this fraction of the strongest ink counts as paper: compression noise, shadows.
INK_THRESHOLD = 0.2
# Grey values that differ by less, an eighth of the range, are paper: a blank page is never even.
MIN_CONTRAST = 32
# A picture smaller than this is no photo, and its light is even.
MIN_PHOTO_SIDE = 96
LIGHT_TILES = 12  # along the longer side, for estimating how bright the paper is where
MAX_DIGITS = 50
# A part whose width overlaps another's by this fraction belongs to the same digit.
SAME_DIGIT_OVERLAP = 0.35
GAP = 0.04  # of the ink's height; ink that is nearer hangs together
# Parts of less than this fraction of the largest one's height and width are specks.
SPECK = 0.12


@dataclass(frozen=True)
class Picture:
    """A picture of digits, read from left to right.

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
    """

    page: NDArray[np.uint8]
    digits: Images
    boxes: tuple[Box, ...] = ()
    ink: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)


def read_picture(source: Path | bytes, name: str = "This") -> Picture:
    """Read a picture of one digit or several, and bring them to the shape of MNIST's digits.

    Dark ink on light paper and light ink on dark are both understood: the border shows which is
    paper. Uneven light is evened out. A picture that already is 28×28 and light on dark is taken
    as it is, as MNIST's own.

    Parameters
    ----------
    source : Path or bytes
        A PNG, JPEG, BMP, GIF or WebP file, or its content; the content decides, not the name.
        Of one that moves, the first picture is read.
    name : str, optional
        What errors call it, if it is given by its content.

    Returns
    -------
    Picture

    Raises
    ------
    ImageFileError
        If there is no such file, it is no picture, or it is too large.
    """
    return read_page(_read_grey(source, str(source) if isinstance(source, Path) else name))


def read_page(page: NDArray[np.uint8]) -> Picture:
    """Find the digits of a page that was read before, and was turned or cropped since.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width)
        Grey, at most 800 pixels on a side.

    Returns
    -------
    Picture
        As `read_picture` makes it.
    """
    if np.ptp(page) >= MIN_CONTRAST and page.shape == (SIDE, SIDE) and _border(page).mean() < 128:
        return Picture(page, page[np.newaxis])
    ink = _as_ink(page)
    return _cut(page, ink, tuple(_find_digits(ink)))


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
    ink = _as_ink(picture.page) if picture.ink is None else picture.ink
    return _cut(picture.page, ink, tuple(sorted(boxes)))


def _cut(page: NDArray[np.uint8], ink: NDArray[np.float64], boxes: tuple[Box, ...]) -> Picture:
    """Cut the digits in the boxes out of a page."""
    if not boxes:
        return Picture(page, np.zeros((1, SIDE, SIDE), np.uint8), ink=ink)
    digits = [normalise(_cut_out(ink, boxes, number)) for number in range(len(boxes))]
    return Picture(page, np.stack(digits), boxes, ink)


def read_content(path: Path, read: Callable[[Path, int], bytes] = read_small) -> bytes:
    """Read a complete picture file, whatever it shows.

    Parameters
    ----------
    path : Path
        The file.
    read : callable
        `mnist_desktop.files.reading.read_small`, or `read_given` where a pipe will do.

    Raises
    ------
    ImageFileError
        If there is no such file, it cannot be read, or it is too large.
    """
    try:
        return read(path, MAX_BYTES)
    except FileNotFoundError:
        raise ImageFileError(f"There is no file {path}.") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise ImageFileError(
                f"{path} is larger than {MAX_BYTES // 10**6} MB; give a smaller picture."
            ) from error
        raise ImageFileError(f"{path} cannot be read ({reason(error)}); give {KINDS}.") from error


def _read_grey(source: Path | bytes, name: str) -> NDArray[np.uint8]:
    content = read_content(source) if isinstance(source, Path) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                _check_size(picture, content, name)
                # JPEG decodes a large photo several times faster at half or a quarter the size.
                picture.draft("L", (WORKING_SIDE, WORKING_SIDE))
                return _grey_on_white(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name, MAX_PHOTO_PIXELS) from error
    except (UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError) as error:
        raise ImageFileError(f"{name} is no picture that can be read; give {KINDS}.") from error


def _check_size(picture: Image.Image, content: bytes, name: str) -> None:
    """Refuse what would take much memory or time, before it is decoded."""
    size = 4 if picture.has_transparency_data else BYTES.get(picture.mode, 4)
    most = MAX_PHOTO_PIXELS if _is_plain_jpeg(content) else MAX_DECODED // size
    if picture.width * picture.height > most:
        raise _too_many_pixels(name, most)
    if max(picture.size) > MAX_SIDE:
        raise ImageFileError(
            f"{name} has a side of more than {MAX_SIDE:,} pixels; give a picture of digits."
        )
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MAX_SCANS:
        raise ImageFileError(f"{name} is stored in too many parts; save it again as a PNG file.")


def _is_plain_jpeg(content: bytes) -> bool:
    """Whether it is a JPEG that libjpeg decodes without keeping all of it in memory.

    That is one with all its components in its first and only scan, as cameras write it.
    """
    place, components = 2, 0
    while content[place : place + 1] == b"\xff" and len(content) > place + 9:
        kind, size = struct.unpack_from(">BH", content, place + 1)
        if kind in (0xC0, 0xC1):  # the frame of a sequential one
            components = content[place + 9]
        if kind == 0xDA:  # a scan
            return components > 0 and content[place + 4] == components
        place += 2 + size
    return False


def _too_many_pixels(name: str, most: int) -> ImageFileError:
    return ImageFileError(
        f"{name} has more than {most / 1e6:g} million pixels; give a smaller picture."
    )


def _grey_on_white(picture: Image.Image) -> NDArray[np.uint8]:
    """Turn a picture upright, as its camera noted, lay it on white paper, and limit its size."""
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode.startswith("I"):  # 16 bits a pixel; Pillow would cut them off at 255
        grey = Image.fromarray((np.asarray(picture) // 256).astype(np.uint8))
    elif picture.has_transparency_data:
        # Not by alpha_composite, which would keep the picture in colour three times.
        rgba = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        grey = Image.new("L", picture.size, "white")
        grey.paste(rgba.convert("L"), mask=rgba.getchannel("A"))
    else:
        grey = picture if picture.mode == "L" else picture.convert("L")
    return _reduced(grey)


def _reduced(grey: Image.Image) -> NDArray[np.uint8]:
    """Make a large picture smaller without losing lines that are thinner than a new pixel."""
    if max(grey.size) <= WORKING_SIDE:
        return np.asarray(grey)
    factor = -(-max(grey.size) // WORKING_SIDE)
    wide, high = (min(factor, side) for side in grey.size)
    small, large = np.asarray(grey.reduce((wide, high))), np.asarray(grey)
    if int(np.ptp(small)) * 2 < int(np.ptp(large)):  # the lines would all but vanish
        rows, columns = large.shape[0] // high, large.shape[1] // wide
        blocks = large[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
        is_dark_ink = 2 * float(np.median(small)) > float(large.min()) + float(large.max())
        small = blocks.min(axis=(1, 3)) if is_dark_ink else blocks.max(axis=(1, 3))
    return small


def _border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _as_ink(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Ink from 0 to 1, whichever of dark and light is the paper, and however it is lit."""
    paper = float(np.median(_border(grey)))
    differs = grey.astype(np.float64) - paper
    is_dark_ink = np.abs(differs.min()) >= differs.max()
    if min(grey.shape) >= MIN_PHOTO_SIDE:
        ink = _evenly_lit(grey if is_dark_ink else 255 - grey)
    else:
        ink = np.abs(differs)
    strongest = float(ink.max())
    if strongest < MIN_CONTRAST:
        return np.zeros_like(ink)
    ink /= strongest
    ink[ink < max(INK_THRESHOLD, _otsu(ink) / 2)] = 0
    return ink


def _evenly_lit(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much darker each pixel is than the paper around it.

    The paper's brightness is the upper quartile of each tile, or of a neighbouring tile where
    ink fills one, changing smoothly from tile to tile.
    """
    height, width = grey.shape
    tile = max(8, max(grey.shape) // LIGHT_TILES)
    rows, columns = range(0, height, tile), range(0, width, tile)
    tiles = np.array(
        [[np.quantile(grey[y : y + tile, x : x + tile], 0.75) for x in columns] for y in rows],
        np.float32,
    )
    light = Image.fromarray(tiles.round().astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
    smooth = light.resize((width, height), Image.Resampling.BICUBIC)
    return np.maximum(np.asarray(smooth, np.float64) - grey, 0)


def _otsu(ink: NDArray[np.float64]) -> float:
    """Level that parts ink from paper best: Otsu's (1979)."""
    counts, edges = np.histogram(ink, 64, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below, mass = counts.cumsum(), (counts * middles).cumsum()
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (mass[-1] * below / below[-1] - mass) ** 2 / (below * above)
    return float(middles[np.nanargmax(np.where(np.isfinite(apart), apart, -1))])


def _find_digits(ink: NDArray[np.float64]) -> list[Box]:
    """Boxes of digits from left to right: connected ink, its parts put together, no specks."""
    is_ink = ink > 0
    if not is_ink.any():
        return []
    parts = _connected_parts(_without_gaps(is_ink))
    tallest = max(bottom - top for _, top, _, bottom in parts)
    widest = max(right - left for left, _, right, _ in parts)
    kept = [
        part
        for part in parts
        if part[3] - part[1] > SPECK * tallest or part[2] - part[0] > SPECK * max(widest, tallest)
    ]
    digits: list[Box] = []
    for part in sorted(kept):
        if digits and _overlap(digits[-1], part) >= SAME_DIGIT_OVERLAP:
            left, top, right, bottom = digits[-1]
            digits[-1] = (
                min(left, part[0]),
                min(top, part[1]),
                max(right, part[2]),
                max(bottom, part[3]),
            )
        else:
            digits.append(part)
    # A page full of small things is no row of digits; it is read as one picture.
    return digits if len(digits) <= MAX_DIGITS else [(0, 0, ink.shape[1], ink.shape[0])]


def _without_gaps(is_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close gaps of a few hundredths of the ink's height: broken lines, dotted digits."""
    rows = np.flatnonzero(is_ink.any(axis=1))
    reach = 1 + 2 * round(GAP / 2 * (rows[-1] - rows[0]))
    grown = Image.fromarray(is_ink.astype(np.uint8)).filter(ImageFilter.MaxFilter(reach))
    closed: NDArray[np.bool_] = np.asarray(grown) > 0
    return closed


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Fraction of the narrower box's width that both have in common."""
    common = min(one[2], other[2]) - max(one[0], other[0])
    return common / min(one[2] - one[0], other[2] - other[0])


def _connected_parts(is_ink: NDArray[np.bool_]) -> list[Box]:
    """Boxes of ink that hangs together, corners included: runs of each row joined to the last."""
    owner: list[int] = []  # a run points to another one of its part, the first one to itself
    runs: list[tuple[int, int, int]] = []
    before: list[int] = []

    def find(run: int) -> int:
        while owner[run] != run:
            owner[run] = owner[owner[run]]
            run = owner[run]
        return run

    for row, line in enumerate(is_ink):
        edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0))
        current = []
        for start, end in edges.reshape(-1, 2).tolist():
            number = len(runs)
            runs.append((row, start, end))
            owner.append(number)
            current.append(number)
            for other in before:
                if runs[other][1] <= end and start <= runs[other][2]:
                    owner[find(other)] = find(number)
        before = current
    boxes: dict[int, tuple[int, int, int, int]] = {}
    for number, (row, start, end) in enumerate(runs):
        part = find(number)
        left, top, right, bottom = boxes.get(part, (start, row, end, row + 1))
        boxes[part] = (min(left, start), top, max(right, end), max(bottom, row + 1))
    return list(boxes.values())


def _cut_out(ink: NDArray[np.float64], boxes: tuple[Box, ...], number: int) -> NDArray[np.float64]:
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
    scale = BOX / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    # In floats: a thin line on a large page is fainter than 1/255 once it is scaled down.
    resized = Image.fromarray(cut.astype(np.float32)).resize(
        (width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    )
    small = np.maximum(np.asarray(resized, np.float64), 0)  # bicubic swings below paper
    small *= 255 / small.max()
    total = small.sum()
    top = _place(float(small.sum(axis=1) @ (np.arange(height) + 0.5) / total), height)
    left = _place(float(small.sum(axis=0) @ (np.arange(width) + 0.5) / total), width)
    canvas[top : top + height, left : left + width] = small.round().astype(np.uint8)
    return canvas


def _place(centre_of_mass: float, extent: int) -> int:
    """First pixel of the ink, so that its centre of mass comes nearest to the middle."""
    return min(max(round(SIDE / 2 - centre_of_mass), 0), SIDE - extent)
