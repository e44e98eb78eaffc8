"""Digits in MATLAB's files of version 5, as EMNIST, USPS and older copies of MNIST come.

The format is that of MathWorks' "MAT-File Format": tagged elements, each perhaps packed by zlib.
Only numeric arrays and structures of them are read; all else is passed over.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.found_digits import FoundDigits, find_digits
from mnist_desktop.digits.idx_file import most_unpacked
from mnist_desktop.digits.usual_forms import MAX_BYTES, SIDES, Array
from mnist_desktop.errors import DataFileError
from mnist_desktop.files.reading import open_regular

HEADER = 128  # bytes
MAX_DEPTH = 4  # of structures in structures; EMNIST's has two
MAX_FIELDS, MAX_ELEMENTS = 64, 10_000
MATRIX, COMPRESSED = 14, 15
STRUCTURE, NUMERIC = 2, range(6, 16)  # classes of a matrix
# How an element's numbers are stored, by its type.
_STORED = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip


def read_mat(path: Path) -> FoundDigits:
    """Read images with labels under any of the usual names, or one array for each class.

    Raises
    ------
    DataFileError
        If it is damaged, or holds no digits with labels.
    """
    try:
        with open_regular(path) as file:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise DataFileError(f"{path} is larger than 2 GB; save its digits as uint8.")
            content = memoryview(file.read(size))
        order = {b"IM": "<", b"MI": ">"}[bytes(content[HEADER - 2 : HEADER])]
        arrays = dict(_Reader(order, min(most_unpacked(size), MAX_BYTES)).top(content[HEADER:]))
    except (OSError, KeyError, ValueError, struct.error, zlib.error) as error:
        raise DataFileError(
            f"{path} is a MATLAB file that is cut short or damaged; get the file again."
        ) from error
    arrays = _joined(arrays)
    headers = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    return find_digits(headers, arrays.__getitem__, path)


class _Reader:
    """Reads elements of one byte order, and unpacks no more than so many bytes."""

    def __init__(self, order: str, most: int) -> None:
        self._order = order
        self._left = most
        self._count = 0

    def top(self, content: memoryview) -> Iterator[tuple[str, Array]]:
        """Yield the named arrays of a file."""
        while len(content) >= 8:
            kind, body, content = self._element(content, padded=False)
            if kind == COMPRESSED:
                unpacker = zlib.decompressobj()
                whole = unpacker.decompress(body, self._left)
                if not unpacker.eof:
                    raise ValueError("more than it should hold")
                self._left -= len(whole)
                kind, body, _ = self._element(memoryview(whole), padded=False)
            if kind == MATRIX:
                yield from self._matrix(body, "", 0)

    def _element(
        self, content: memoryview, *, padded: bool = True
    ) -> tuple[int, memoryview, memoryview]:
        """Take one element: its type, its body, and what follows it."""
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise ValueError("more elements than are needed")
        kind, size = struct.unpack(self._order + "II", content[:8])
        if kind >> 16:  # a small one: type, size and body in eight bytes
            kind, size = kind & 0xFFFF, kind >> 16
            return kind, content[4 : 4 + min(size, 4)], content[8:]
        if size > len(content) - 8:
            raise ValueError("shorter than it says")
        end = 8 + size + (-size % 8 if padded else 0)
        return kind, content[8 : 8 + size], content[end:]

    def _matrix(self, body: memoryview, name: str, depth: int) -> Iterator[tuple[str, Array]]:
        if not body:
            return
        _, flags, body = self._element(body)
        kind = struct.unpack(self._order + "I", flags[:4])[0] & 0xFF
        _, sizes, body = self._element(body)
        shape = struct.unpack(f"{self._order}{len(sizes) // 4}i", sizes)
        _, own_name, body = self._element(body)
        name = name or bytes(own_name).decode("ascii", "replace")
        if kind == STRUCTURE and depth < MAX_DEPTH:
            # The variable's own name says nothing of split and part.
            yield from self._structure(body, name if depth else "", depth)
        elif kind in NUMERIC and min(shape, default=-1) >= 0 and len(shape) <= 4:
            stored, values, _ = self._element(body)
            array = np.frombuffer(values, np.dtype(self._order + _STORED[stored]))
            yield name, array.reshape(shape, order="F")

    def _structure(self, body: memoryview, name: str, depth: int) -> Iterator[tuple[str, Array]]:
        _, length, body = self._element(body)
        width = struct.unpack(self._order + "i", length[:4])[0]
        _, names, body = self._element(body)
        if width <= 0 or len(names) // width > MAX_FIELDS:
            raise ValueError("no names of fields")
        for start in range(0, len(names), width):
            field = bytes(names[start : start + width]).split(b"\0")[0].decode("ascii", "replace")
            kind, value, body = self._element(body)
            if kind == MATRIX:
                yield from self._matrix(value, f"{name}_{field}".strip("_"), depth + 1)


def _joined(arrays: dict[str, Array]) -> dict[str, Array]:
    """Join what comes in an array for each class: train0 to train9, or USPS's data."""
    joined = {name: array for name, array in arrays.items() if array.ndim >= 2}
    for split in ("train", "test"):
        parts = {
            int(found[1]): array
            for name, array in arrays.items()
            if (found := re.fullmatch(rf"{split}_?([0-9])", name)) and array.ndim == 2
        }
        if len(parts) == CLASSES and len({part.shape[1] for part in parts.values()}) == 1:
            joined[f"{split}_images"] = np.concatenate(list(parts.values()))
            joined[f"{split}_labels"] = np.repeat(list(parts), [len(one) for one in parts.values()])
    for array in arrays.values():
        flat = array.shape[0] if array.ndim == 3 else 0
        if array.ndim == 3 and array.shape[2] == CLASSES and flat in [one * one for one in SIDES]:
            count = array.shape[1]
            # Of each class so many: 1, 2, … 9, 0.
            joined["data"] = array.transpose(2, 1, 0).reshape(-1, flat)
            joined["label"] = np.repeat((np.arange(CLASSES) + 1) % CLASSES, count)
    return joined
