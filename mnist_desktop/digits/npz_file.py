"""Digits in NumPy's files: one archive, as Keras keeps MNIST, or arrays beside each other."""

from __future__ import annotations

import lzma
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from mnist_desktop.digits.array_names import ALL, Header, name_parts
from mnist_desktop.digits.file_kind import refusal
from mnist_desktop.digits.found_digits import FoundDigits, find_digits
from mnist_desktop.digits.idx_file import most_unpacked
from mnist_desktop.digits.usual_forms import MAX_BYTES, Array
from mnist_desktop.errors import DataFileError
from mnist_desktop.files.arrays import read_array_header
from mnist_desktop.files.reading import ZipEndError, check_zip_end, open_regular

MAX_MEMBERS, LIST_SIZE = 100, 10_000  # of an .npz file: arrays, and bytes of their list
ENDING = ".npy"


def read_npz(path: Path) -> FoundDigits:
    """Read an archive of arrays under any of the usual names.

    Raises
    ------
    DataFileError
        If it is damaged, or holds no digits with labels.
    """
    try:
        with open_regular(path) as file:
            check_zip_end(file, MAX_MEMBERS, LIST_SIZE)
            most = min(most_unpacked(path.stat().st_size), MAX_BYTES)
            with zipfile.ZipFile(file) as archive:
                names = [one[: -len(ENDING)] for one in archive.namelist() if one.endswith(ENDING)]
                headers = {}
                for name in names:
                    with archive.open(name + ENDING) as member:
                        headers[name] = _header(member, f"{name} in {path}")

                def read(name: str) -> Array:
                    with archive.open(name + ENDING) as member:
                        return _read_array(member, headers[name], most, f"{name} in {path}")

                return find_digits(headers, read, path)
    except ZipEndError as error:
        raise DataFileError(
            f"{path} is not a complete .npz file (its zip {error}); get the file again."
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
            f"{path} is not a complete .npz file ({error}); get the file again."
        ) from error


def read_npy(path: Path) -> FoundDigits:
    """Read images and labels that lie beside each other as ``.npy`` files.

    Parameters
    ----------
    path : Path
        One of the files, or their folder.

    Raises
    ------
    DataFileError
        If there are no labels beside the images, or one of the files is damaged.
    """
    files = _arrays_beside(path)
    headers = {}
    for name, file in files.items():
        with _open(file) as member:
            headers[name] = _header(member, str(file))
        if headers[name][1].hasobject:
            raise refusal(file, "pickle")
    parts = [found for name in files if (found := name_parts(name)) is not None]
    if not any(part == "labels" for _, part in parts):
        raise DataFileError(
            f"{path} has no labels beside it; save them there as labels.npy, or train_labels.npy "
            "for train_images.npy."
        )

    def read(name: str) -> Array:
        with _open(files[name]) as member:
            most = min(files[name].stat().st_size, MAX_BYTES)
            return _read_array(member, headers[name], most, str(files[name]))

    return find_digits(headers, read, path)


def _arrays_beside(path: Path) -> dict[str, Path]:
    """Arrays in a folder that say by their names what they are, and the chosen one."""
    folder = path if path.is_dir() else path.parent
    files = {one.stem: one for one in sorted(folder.glob("*" + ENDING)) if name_parts(one.stem)}
    if path.is_dir():
        return files
    split, part = name_parts(path.stem) or (ALL, "")
    if not part:
        files = {
            "images": path,
            **{n: f for n, f in files.items() if name_parts(n) == (ALL, "labels")},
        }
    elif split == ALL:
        files = {n: f for n, f in files.items() if (name_parts(n) or ("",))[0] == ALL}
    return dict(list(files.items())[:MAX_MEMBERS])


def _open(path: Path) -> IO[bytes]:
    try:
        return open_regular(path)
    except OSError as error:
        raise DataFileError(f"{path} cannot be read ({error.strerror or error}).") from error


def _header(member: IO[bytes], where: str) -> Header:
    try:
        return read_array_header(member)
    except ValueError as error:
        raise DataFileError(f"{where} is no NumPy array; get the file again.") from error


def _read_array(member: IO[bytes], header: Header, most: int, where: str) -> Array:
    """Read an array, once it is clear that the file can fill it."""
    shape, dtype = header
    if dtype.hasobject or math.prod(shape) * dtype.itemsize > most:
        raise DataFileError(
            f"{where} announces {shape} values, more than so small a file can hold; "
            "get the file again."
        )
    try:
        array: Array = np.lib.format.read_array(member, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataFileError(f"{where} is cut short; get the file again.") from error
    return array
