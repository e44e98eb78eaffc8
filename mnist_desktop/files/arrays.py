"""Named arrays in a file: written atomically, and checked before they are read."""

from __future__ import annotations

import lzma
import math
import tokenize
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.files.reading import check_zip_end, open_regular
from mnist_desktop.files.writing import replace_file

MAX_ARRAYS = 2_000
ENTRY = 100  # bytes of an array in the list of contents
# Scores of many epochs that are all but the same are packed best.
MAX_RATIO = 200
SMALL = 1_000_000  # bytes, whatever the ratio is


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as ``.npz``, atomically.

    Raises
    ------
    OSError
        If they cannot be written.
    """

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    replace_file(path, write, _check_archive)


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise OSError(None, "what was written cannot be read back")


def read_arrays(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    """Read some arrays, or all.

    Nothing is allocated before it is clear that the file can fill it.

    Raises
    ------
    OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError
        If the file is missing or damaged.
    """
    with open_regular(path) as file:
        check_zip_end(file, MAX_ARRAYS, MAX_ARRAYS * ENTRY)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(archive, path.stat().st_size)
            file.seek(0)
            with np.load(file, allow_pickle=False) as found:
                return {name: found[name] for name in names or found.files}
        except (RuntimeError, lzma.LZMAError) as error:  # encrypted, or packed as NumPy never does
            raise ValueError(f"it cannot be unpacked: {error}") from error


def _check_members(archive: zipfile.ZipFile, file_size: int) -> None:
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > MAX_ARRAYS or total > max(file_size * MAX_RATIO, SMALL):
        raise ValueError("it unpacks to far more than it should hold")
    for member in members:
        with archive.open(member) as content:
            shape, dtype = read_array_header(content)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > member.file_size:
            raise ValueError(f"{member.filename} is shorter than it says")


def read_array_header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read shape and type of an array in NumPy's format, and nothing of the array itself.

    Raises
    ------
    ValueError
        If it is no array, or of a version with names of other languages.
    """
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        shape, _, dtype = readers[np.lib.format.read_magic(member)](member)
    except (KeyError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise ValueError("it is no NumPy array") from error  # brackets and signs without an end
    return shape, dtype
