"""From a picture of a digit to the 28×28 image that a network sees."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.digits.ink import BOX
from mnist_desktop.errors import ImageFileError

FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
MAX_PIXELS = 40_000_000
MAX_BYTES = 50_000_000
# Fainter than this share of the strongest ink counts as paper: compression noise, shadows.
INK_THRESHOLD = 0.2
# Grey values that differ by less, an eighth of the range, are paper: a blank page is never even.
MIN_CONTRAST = 32


def read_digit_image(path: Path) -> NDArray[np.uint8]:
    """Read a picture of one digit and bring it to the shape of MNIST's digits.

    Dark ink on light paper and light ink on dark are both understood: the border tells which is
    paper. A picture that already is 28×28 and light on dark is taken as it is, as MNIST's own.

    Parameters
    ----------
    path : Path
        A PNG, JPEG, BMP or WebP file; its content decides, not its name.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        Grey values, 0 paper to 255 ink; all 0 if the picture is blank.

    Raises
    ------
    ImageFileError
        If there is no such file, it is no picture, or it is too large.
    """
    grey = _read_grey(path)
    if np.ptp(grey) < MIN_CONTRAST:
        return np.zeros((SIDE, SIDE), np.uint8)
    if grey.shape == (SIDE, SIDE) and _border(grey).mean() < 128:
        return grey
    return normalise(_as_ink(grey))


def _read_grey(path: Path) -> NDArray[np.uint8]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageFileError(
                f"{path} is larger than {MAX_BYTES // 10**6} MB; give a smaller picture."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_many_pixels(path)
                return _grey_on_white(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(path) from error
    except FileNotFoundError:
        raise ImageFileError(f"There is no file {path}.") from None
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise ImageFileError(
            f"{path} is no picture that can be read; give a PNG, JPEG, BMP or WebP file."
        ) from error


def _too_many_pixels(path: Path) -> ImageFileError:
    return ImageFileError(
        f"{path} has more than {MAX_PIXELS // 10**6} million pixels; give a smaller picture."
    )


def _grey_on_white(picture: Image.Image) -> NDArray[np.uint8]:
    """Turn a picture upright, as its camera noted, and lay it on white paper."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):  # 16 bits a pixel; Pillow would cut them off at 255
        return (np.asarray(upright) // 256).astype(np.uint8)
    rgba = upright.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(paper, rgba).convert("L"))


def _border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _as_ink(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Ink from 0 to 1, whichever of dark and light is the paper."""
    paper = float(np.median(_border(grey)))
    ink = np.abs(grey.astype(np.float64) - paper)
    strongest = ink.max()
    if strongest < MIN_CONTRAST:
        return np.zeros_like(ink)
    ink /= strongest
    ink[ink < INK_THRESHOLD] = 0
    return ink


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
