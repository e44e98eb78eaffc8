"""The forms in which images and labels come in arrays, brought to MNIST's own.

Images may be flat or have a channel, their grey values may be whole numbers or fractions; labels
may be numbers, texts or one-hot. What was changed is told, for nothing is guessed in silence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES, MAX_DIGITS, SIDE, Images, Labels
from mnist_desktop.digits.image_import import normalise
from mnist_desktop.errors import DataFileError

Array = NDArray[Any]
SIDES = (28, 16, 20, 8, 32)  # pixels; MNIST's, USPS's, and others that digits come in
MAX_BYTES = 2_000_000_000  # of one array: 300,000 images of 28×28 in float64
ROWS = 4_096  # images that are worked on at once
UCI_WHITE = 16  # the highest grey value of UCI's optical digits
OVERSHOT = 0.3  # beyond 0 to 1, of images that were scaled by cubic curves
QMNIST_COLUMNS = 8  # of its labels; the first is the digit
TEN_IS_ZERO = "The label 10 was taken as 0."


@dataclass(frozen=True)
class ImageForm:
    """How images lie in an array.

    Attributes
    ----------
    count : int
        How many there are.
    side : int
        Pixels of a row and of a column.
    is_last : bool
        Whether the images are counted by the last axis, as MATLAB's are.
    """

    count: int
    side: int
    is_last: bool = False


def image_form(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> ImageForm:
    """Find out how images lie in an array, by its shape and type alone.

    Parameters
    ----------
    shape, dtype
        As a file's header says; nothing of the content is needed.
    name : str
        What holds them, as the beginning of a sentence.

    Raises
    ------
    DataFileError
        If they are no grey images of a known size.
    """
    form = _form_of(shape)
    if form is None or dtype.kind not in "uifb":
        colour = " (in colour)" if _is_colour(shape) else ""
        raise DataFileError(
            f"{name} has the shape {shape}{colour} and the type {dtype}; grey images of shape "
            f"(n, {SIDE}, {SIDE}) or (n, {SIDE * SIDE}) are needed."
        )
    if not 0 <= form.count <= MAX_DIGITS:
        raise DataFileError(
            f"{name} holds {formats.count(form.count, 'digit')}; {MAX_DIGITS:,} can be read."
        )
    if math.prod(shape) * dtype.itemsize > MAX_BYTES:
        raise DataFileError(
            f"{name} would take {math.prod(shape) * dtype.itemsize / 1e9:.1f} GB of memory; save "
            "it as whole numbers from 0 to 255 (uint8)."
        )
    return form


def as_images(array: Array, name: str, notes: list[str]) -> Images:
    """Bring images of any usual form to MNIST's.

    Parameters
    ----------
    array : ndarray
        Of a form that `image_form` knows.
    name : str
        What holds them, as the beginning of a sentence.
    notes : list of str
        Gets a sentence about what was changed.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)

    Raises
    ------
    DataFileError
        If the grey values are not numbers in a usual range.
    """
    form = image_form(array.shape, array.dtype, name)
    if form.is_last:
        array = np.moveaxis(array, -1, 0)
    array = array.reshape(form.count, form.side, form.side)
    low, factor = _grey_range(array, name, notes)
    if form.side == SIDE and array.dtype == np.uint8 and (low, factor) == (0, 1):
        return np.ascontiguousarray(array)
    images = np.empty((form.count, SIDE, SIDE), np.uint8)
    for start in range(0, form.count, ROWS):
        part = (array[start : start + ROWS].astype(np.float64) - low) * factor
        if form.side != SIDE:
            part = np.stack([normalise(np.clip(one / 255, 0, 1)) for one in part])
        images[start : start + ROWS] = np.clip(np.rint(part), 0, 255)
    if form.side != SIDE:
        _tell(notes, f"Its images of {form.side}×{form.side} pixels were brought to 28×28.")
    return images


def label_count(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> int:
    """Count the labels in an array by its shape and type alone.

    Raises
    ------
    DataFileError
        If they are no labels in a usual form.
    """
    sizes = tuple(size for size in shape if size != 1) or shape[:1]
    known = {CLASSES, QMNIST_COLUMNS}
    if dtype.kind in "uifbUS" and dtype.itemsize <= 64:
        if len(sizes) == 1:
            return sizes[0]
        if len(sizes) == 2 and sizes[1] in known:
            return sizes[0]
        if len(sizes) == 2 and sizes[0] in known:
            return sizes[1]
    raise DataFileError(
        f"{name} has the shape {shape} and the type {dtype}; integers of shape (n,) are needed."
    )


def as_labels(array: Array, name: str, notes: list[str]) -> Labels:
    """Bring labels of any usual form to one integer a digit.

    Raises
    ------
    DataFileError
        If a label is none of the ten digits.
    """
    label_count(array.shape, array.dtype, name)
    flat = array.reshape([size for size in array.shape if size != 1] or array.shape[:1])
    if flat.dtype.kind in "US":
        flat = _numbers(flat, name)
    if flat.ndim == 2:
        flat = _one_column(flat if flat.shape[1] in (CLASSES, QMNIST_COLUMNS) else flat.T, name)
    if flat.dtype.kind == "f" and not np.array_equal(flat, np.rint(flat)):
        raise DataFileError(f"{name} has fractions of the type {flat.dtype}; digits are needed.")
    if flat.size and flat.min() == 1 and flat.max() == CLASSES:
        flat = np.where(flat == CLASSES, 0, flat)
        _tell(notes, TEN_IS_ZERO)
    if flat.size and not 0 <= flat.min() <= flat.max() < CLASSES:
        raise DataFileError(f"{name} has labels beyond 0 to 9; digits are needed.")
    return flat.astype(np.uint8)


def _form_of(shape: tuple[int, ...]) -> ImageForm | None:
    sizes = shape
    if len(sizes) == 4 and 1 in (sizes[1], sizes[3]):  # a channel, last or first
        sizes = (sizes[0], *(sizes[1:3] if sizes[3] == 1 else sizes[2:]))
    for side in SIDES:
        if len(sizes) == 3 and sizes[1:] == (side, side):
            return ImageForm(sizes[0], side)
        if len(sizes) == 2 and sizes[1] == side * side:
            return ImageForm(sizes[0], side)
    for side in SIDES:
        if sizes[:-1] in ((side, side), (side * side,)):
            return ImageForm(sizes[-1], side, is_last=True)
    return None


def _is_colour(shape: tuple[int, ...]) -> bool:
    return (len(shape) == 4 and 3 in shape[1:]) or (len(shape) == 2 and shape[1] == 3 * 32 * 32)


def _grey_range(array: Array, name: str, notes: list[str]) -> tuple[float, float]:
    """Return what paper is, and by what to multiply so that full ink is 255."""
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 255.0)
    if not math.isfinite(low) or not math.isfinite(high):
        raise DataFileError(f"{name} holds values that are no numbers; grey values are needed.")
    if low >= 0 and high <= 1:
        if array.dtype.kind in "ui" and high == 1:
            _tell(notes, "Its pixels are 0 and 1; they were made 0 and 255.")
        return 0, 255
    if low >= 0 and high <= UCI_WHITE:
        _tell(notes, "Its pixels are 0 to 16; they were made 0 to 255.")
        return 0, 255 / UCI_WHITE
    if low >= 0 and high <= 255:
        return 0, 1
    if array.dtype.kind == "f" and low >= -OVERSHOT and high <= 1 + OVERSHOT:
        return 0, 255
    if low >= -1 and high <= 1:
        _tell(notes, "Its pixels are -1 to 1; they were made 0 to 255.")
        return -1, 127.5
    if array.dtype.kind in "ui" and not (low >= 0 and high <= 65_535):
        raise DataFileError(
            f"{name} holds values from {low:.0f} to {high:.0f}; grey values from 0 to 255 are "
            "needed."
        )
    _tell(notes, f"Its pixels are {low:.2f} to {high:.2f}; they were made 0 to 255.")
    return low, 255 / (high - low)


def _numbers(texts: Array, name: str) -> Array:
    try:
        return texts.astype(np.int64)
    except (ValueError, OverflowError) as error:
        raise DataFileError(f"{name} has labels that are no digits; 0 to 9 are needed.") from error


def _one_column(table: Array, name: str) -> Array:
    if table.shape[1] == QMNIST_COLUMNS:
        return table[:, 0]
    # One-hot: of each row one value is the highest, and all others are the same.
    if table.size and not ((table == table.max()).sum(axis=1) == 1).all():
        raise DataFileError(
            f"{name} has ten values a digit that are not one-hot; integers are needed."
        )
    labels: Array = table.argmax(axis=1)
    return labels


def _tell(notes: list[str], sentence: str) -> None:
    if sentence not in notes:
        notes.append(sentence)
