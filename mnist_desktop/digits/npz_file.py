"""Digits in one NumPy archive, as Keras keeps MNIST."""

from __future__ import annotations

import lzma
import math
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES, MAX_DIGITS, SIDE, Digits, Labels, check_counts
from mnist_desktop.digits.idx_file import (
    most_unpacked,
)
from mnist_desktop.errors import DataFileError
from mnist_desktop.files.arrays import read_array_header
from mnist_desktop.files.reading import ZipEndError, check_zip_end, open_regular

NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
MAX_MEMBERS, LIST_SIZE = 100, 10_000  # of an .npz file: arrays, and bytes of their list


def read_npz(path: Path) -> tuple[Digits, Digits]:
    """Read Keras's ``mnist.npz``: x_train, y_train, x_test, y_test."""
    try:
        with open_regular(path) as file:
            check_zip_end(file, MAX_MEMBERS, LIST_SIZE)
            most = most_unpacked(path.stat().st_size)
            with zipfile.ZipFile(file) as archive:
                counts = {name: _npz_count(archive, name, path, most) for name in NPZ_NAMES}
                check_counts(counts["x_train"], counts["y_train"])
                check_counts(counts["x_test"], counts["y_test"])
                parts = [_read_npz_part(archive, name, path) for name in NPZ_NAMES]
    except ZipEndError as error:
        raise DataFileError(
            f"{path} is not a complete .npz file (its zip {error}); choose MNIST's mnist.npz."
        ) from error
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        RuntimeError,  # zipfile's for what is encrypted or compressed in a way it does not know
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise DataFileError(
            f"{path} is not a complete .npz file ({error}); choose MNIST's mnist.npz."
        ) from error
    x_train, y_train, x_test, y_test = parts
    return (
        Digits(x_train.astype(np.uint8, copy=False), _as_labels(y_train, path)),
        Digits(x_test.astype(np.uint8, copy=False), _as_labels(y_test, path)),
    )


def _npz_count(archive: zipfile.ZipFile, name: str, path: Path, most: int) -> int:
    """How many digits an array has, checking its header before memory is taken for it."""
    try:
        member = archive.open(name + ".npy")
    except KeyError:
        raise DataFileError(
            f"{path} holds no {name}; x_train, y_train, x_test and y_test are needed."
        ) from None
    with member:
        try:
            shape, dtype = read_array_header(member)
        except ValueError as error:
            raise DataFileError(
                f"{name} in {path} is no NumPy array; get the file again."
            ) from error
    if name.startswith("x"):
        fits = dtype == np.uint8 and len(shape) == 3 and shape[1:] == (SIDE, SIDE)
        needed = "grey values from 0 to 255 (uint8) of shape (n, 28, 28)"
    else:
        fits = dtype.kind in "ui" and len(shape) == 1
        needed = "integers of shape (n,)"
    if not fits:
        raise DataFileError(
            f"{name} in {path} has the shape {shape} and the type {dtype}; {needed} are needed."
        )
    count: int = shape[0]
    digits = formats.count(count, "digit")
    if not 0 <= count <= MAX_DIGITS:
        raise DataFileError(f"{path} holds {digits}; {MAX_DIGITS:,} can be read.")
    if math.prod(shape) * dtype.itemsize > most:
        raise DataFileError(
            f"{name} in {path} announces {digits}, more than so small a file can hold; "
            "get the file again."
        )
    return count


def _read_npz_part(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[np.generic]:
    with archive.open(name + ".npy") as member:
        try:
            array: NDArray[np.generic] = np.lib.format.read_array(member, allow_pickle=False)
        except ValueError as error:
            raise DataFileError(f"{name} in {path} is cut short; get the file again.") from error
    return array


def _as_labels(array: NDArray[np.generic], path: Path) -> Labels:
    """Take labels of any integer type, once they are known to be digits."""
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < CLASSES:
        raise DataFileError(f"{path} has labels beyond 0 to 9; digits are needed.")
    return array.astype(np.uint8)
