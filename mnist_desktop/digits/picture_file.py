"""Picture files: decoded within limits, turned upright, and brought to one grey page."""

from __future__ import annotations

import errno
import functools
import io
import math
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from mnist_desktop.errors import ImageFileError, reason
from mnist_desktop.files.reading import read_small

Grey = NDArray[np.uint8]

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "AVIF")
PILLOW_ERRORS = (UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError, RuntimeError)
HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
KINDS = "a PNG, JPEG, BMP, GIF, TIFF, WebP or AVIF file"
# How much more red, green or blue must differ than brightness does, to be looked at in its place.
EQUALLY_BRIGHT = 0.45
FIELD_CONTRAST = 60  # of what is opaque: more is a field with ink on it, less is ink alone
MAX_DECODED = 50_000_000  # bytes
BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}  # that a pixel takes; four in all other modes
MAX_PHOTO_PIXELS = 60_000_000  # of a JPEG that can be decoded at an eighth of its size at once
MAX_SIDE = 20_000
MAX_SCANS = 200  # of a progressive JPEG, which has some ten; each goes over all of it
MAX_BYTES = 50_000_000
WORKING_SIDE = 800  # pixels; larger pictures are reduced to it, as no digit needs more


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


def read_grey(source: Path | bytes, name: str) -> Grey:
    """Decode a picture file to a grey page on which ink can be told from paper.

    Parameters
    ----------
    source : Path or bytes
        The file or its content; the content decides what it is, not the name.
    name : str
        What errors call it.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        0 black to 255 white, at most 800 pixels on a side, the right way up.

    Raises
    ------
    ImageFileError
        If there is no such file, it is no picture, or it is too large.
    """
    content = read_content(source) if isinstance(source, Path) else source
    is_heif = _is_heif(content)
    if is_heif and not _can_read_heif():
        raise ImageFileError(
            f"{name} is an HEIC photo, which this installation cannot read; save it as JPEG, or "
            "install mnist-desktop[heic]."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged notes beside the pixels
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            formats = ("HEIF",) if is_heif else FORMATS
            with Image.open(io.BytesIO(content), formats=formats) as picture:
                _check_size(picture, content, name)
                # JPEG decodes a large photo several times faster at half or a quarter the size.
                picture.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
                return _as_grey(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name, MAX_PHOTO_PIXELS) from error
    except PILLOW_ERRORS as error:
        raise ImageFileError(f"{name} is no picture that can be read; give {KINDS}.") from error


def _is_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS


@functools.cache
def _can_read_heif() -> bool:
    """Let Pillow read HEIC photos, if its plug-in is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


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


def _as_grey(picture: Image.Image) -> Grey:
    """Turn a picture upright, as its camera noted, and make it one grey page of limited size."""
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode.startswith("I") or picture.mode == "F":
        return _reduced(_in_eight_bits(picture))
    if picture.has_transparency_data:
        return _on_paper(picture if picture.mode == "RGBA" else picture.convert("RGBA"))
    if picture.mode in ("1", "L"):
        return _reduced(picture.convert("L"))
    return _with_contrast(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale deep pixels by the fewest bits that hold them all: many cameras fill 12 of 16."""
    values = np.nan_to_num(np.asarray(picture, np.float64))
    low, high = min(0.0, float(values.min())), float(values.max())
    if picture.mode == "F" and high <= 1:
        bits = 1.0
    else:
        bits = 2.0 ** max(8, math.ceil(math.log2(max(high - low, 1) + 1))) - 1
    return Image.fromarray(((values - low) / bits * 255).round().astype(np.uint8))


def _on_paper(rgba: Image.Image) -> Grey:
    """Lay a picture that is transparent somewhere on paper on which its ink is seen.

    What is opaque may be ink alone; then that is how opaque it is. Or it is a field with ink on it,
    which goes on in the colour of its rim.
    """
    alpha = rgba.getchannel("A")
    grey = _with_contrast(rgba.convert("RGB"), alpha)
    opaque = np.asarray(_reduced(alpha))
    seen = grey[opaque > 127]
    if len(seen) == 0 or _contrast(seen) < FIELD_CONTRAST:
        return 255 - opaque
    rim = np.asarray(Image.fromarray(opaque).filter(ImageFilter.MinFilter(3))) <= 127
    rim &= opaque > 127
    rim[0] |= opaque[0] > 127
    paper = float(np.median(grey[rim])) if rim.any() else 255.0
    share = opaque / 255
    return np.asarray(grey * share + paper * (1 - share)).round().astype(np.uint8)


def _with_contrast(rgb: Image.Image, alpha: Image.Image | None = None) -> Grey:
    """Brightness, or red, green or blue alone where ink and paper are equally bright."""
    grey = _reduced(rgb.convert("L"))
    is_seen = np.ones(grey.shape, bool) if alpha is None else np.asarray(_reduced(alpha)) > 127
    best, most = grey, _contrast(grey[is_seen]) / EQUALLY_BRIGHT
    for channel in rgb.split():
        one = _reduced(channel)
        if (contrast := _contrast(one[is_seen])) > most:
            best, most = one, contrast
    return best


def _contrast(values: Grey) -> float:
    """How far apart the brightest and the darkest are, few single pixels aside."""
    if len(values) == 0:
        return 0.0
    low, high = np.quantile(values, (0.005, 0.995)).tolist()
    return float(high - low)


def _reduced(grey: Image.Image) -> Grey:
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
