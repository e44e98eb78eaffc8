"""MNIST's own file format, gzipped or not."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.array_names import name_parts
from mnist_desktop.digits.dataset import (
    MAX_DIGITS,
    SIDE,
    Images,
    Labels,
    check_counts,
    check_labels,
)
from mnist_desktop.digits.usual_forms import QMNIST_COLUMNS, as_labels
from mnist_desktop.errors import DataFileError
from mnist_desktop.files.reading import open_regular

ALIGNMENT = 64  # bytes; what TensorFlow asks of a tensor's memory
MAX_RATIO = 100  # of unpacked to packed bytes; MNIST's is five
ALWAYS_UNPACKED = 10_000_000  # bytes; sorted labels pack to almost nothing
PIECE = 1 << 20
IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801
QMNIST_MAGIC = 0x00000C02  # 32-bit integers, eight a digit: the first is the label
IDX_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def read_idx_images(path: Path, labels: int | None = None) -> Images:
    """Read an IDX file of images into uint8 of shape (n, 28, 28).

    Parameters
    ----------
    path : Path
        The file.
    labels : int, optional
        How many labels there are; refused where there are not as many images.
    """
    with _open_idx(path) as file:
        magic, count, rows, columns = file.header(">4I")
        if magic != IMAGES_MAGIC:
            raise DataFileError(
                f"{path} is no IDX file of images: it begins with {magic:#010x}, "
                f"not {IMAGES_MAGIC:#010x}; choose MNIST's own files."
            )
        if (rows, columns) != (SIDE, SIDE):
            raise DataFileError(
                f"{path} holds images of {rows}×{columns} pixels; digits of 28×28 are needed."
            )
        return file.body(count, SIDE * SIDE, labels).reshape(-1, SIDE, SIDE)


def read_idx_labels(path: Path) -> Labels:
    """Read an IDX file of labels, MNIST's or QMNIST's, into uint8 of shape (n,)."""
    with _open_idx(path) as file:
        magic, count = file.header(">2I")
        if magic == QMNIST_MAGIC and file.header(">I") == (QMNIST_COLUMNS,):
            table = file.body(count, QMNIST_COLUMNS * 4).view(">i4").reshape(-1, QMNIST_COLUMNS)
            return as_labels(table, str(path), [])
        if magic != LABELS_MAGIC:
            raise DataFileError(
                f"{path} is no IDX file of labels: it begins with {magic:#010x}, "
                f"not {LABELS_MAGIC:#010x}; choose MNIST's own files."
            )
        labels = file.body(count, 1)
    check_labels(labels, str(path))
    return labels


def find_idx(folder: Path, chosen: Path | None = None) -> dict[str, Path]:
    """Find the four parts of MNIST, or of a data set laid out like it, in a folder.

    Parameters
    ----------
    folder : Path
        Where they are, gzipped or not, with ``-`` or ``.`` in their names.
    chosen : Path, optional
        One of them; only those that begin as its name does are taken then.

    Returns
    -------
    dict
        Of ``"train_images"``, ``"train_labels"``, ``"test_images"`` and ``"test_labels"`` to files.

    Raises
    ------
    DataFileError
        If one is missing, or there are several data sets.
    """
    families: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # what is not gzipped is taken first
        name = path.name.removesuffix(".gz")
        parts = name_parts(name) if "idx" in name or "ubyte" in name else None
        if parts is not None and path.is_file():
            family = re.split(r"train|t10k|test", name)[0]
            families.setdefault(family, {})["_".join(parts)] = path
    if chosen is not None:
        family = re.split(r"train|t10k|test", chosen.name)[0]
        families = {name: files for name, files in families.items() if name == family}
    if len(families) > 1:
        families = {name: found for name, found in families.items() if "digits" in name} or families
    if len(families) > 1:
        names = ", ".join(f"{name}…" for name in sorted(families))
        raise DataFileError(
            f"{folder} holds several data sets ({names}); choose one of their files."
        )
    (found,) = families.values() or ({},)
    for part, name in IDX_NAMES.items():
        if part not in found:
            raise DataFileError(
                f"{folder} holds no {name} (or {name}.gz); all four MNIST files are needed there."
            )
    return found


@contextmanager
def _open_idx(path: Path) -> Iterator[_IdxFile]:
    """Open a file plainly or through gzip, whichever its first two bytes ask for."""
    try:
        file = open_regular(path)
    except FileNotFoundError:
        raise DataFileError(f"There is no file {path}; choose MNIST's own files.") from None
    except OSError as error:
        raise DataFileError(f"{path} cannot be read ({error.strerror or error}).") from error
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        yield _IdxFile(path, gzip.GzipFile(fileobj=file) if is_packed else file, size, is_packed)


@dataclass(frozen=True)
class _IdxFile:
    path: Path
    file: BinaryIO | gzip.GzipFile
    size: int  # as it lies on the disk
    is_packed: bool

    def header(self, layout: str) -> tuple[int, ...]:
        size = struct.calcsize(layout)
        header = self._read(size)
        if len(header) < size:
            raise DataFileError(
                f"{self.path} is no IDX file: it ends within its header; get the file again."
            )
        return struct.unpack(layout, header)

    def body(self, count: int, item_size: int, labels: int | None = None) -> NDArray[np.uint8]:
        """Read what the header announced and not a byte more, so that no file fills the memory."""
        words = formats.count(count, "digit")
        if not 0 < count <= MAX_DIGITS:
            raise DataFileError(f"{self.path} announces {words}; 1 to {MAX_DIGITS:,} can be read.")
        if labels is not None:
            check_counts(count, labels)
        expected = count * item_size
        held = self.size if self.is_packed else self.size - self.file.tell()
        if self.is_packed and expected > most_unpacked(held):
            raise DataFileError(
                f"{self.path} announces {words} ({formats.count(expected, 'byte')}), more than its "
                f"{formats.count(held, 'packed byte')} can hold; get the file again."
            )
        if not self.is_packed and held != expected:
            raise self._other_size(count, expected, held)
        values = aligned(expected)
        found = 0
        while found < expected and (piece := self._read(min(PIECE, expected - found))):
            values[found : found + len(piece)] = np.frombuffer(piece, np.uint8)
            found += len(piece)
        found += len(self._read(1))
        if found != expected:
            raise self._other_size(count, expected, found)
        return values

    def _read(self, size: int) -> bytes:
        try:
            return self.file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise DataFileError(
                f"{self.path} is cut short or damaged ({error}); get the file again."
            ) from error

    def _other_size(self, count: int, expected: int, found: int) -> DataFileError:
        words = formats.count(count, "digit")
        holds = f"{found:,}" if found < expected else "more"
        return DataFileError(
            f"{self.path} announces {words} ({formats.count(expected, 'byte')}) but holds {holds}; "
            "get the file again."
        )


def most_unpacked(size: int) -> int:
    """How many bytes may be made of a packed file of a size; digits never pack that well."""
    return ALWAYS_UNPACKED + MAX_RATIO * size


def aligned(size: int) -> NDArray[np.uint8]:
    """Make room at an address that TensorFlow can use as it is, without a copy of its own."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size]


def idx_sha256(array: NDArray[np.uint8]) -> str:
    """SHA-256 of the IDX file that would hold this array."""
    is_images = array.ndim == 3
    magic = IMAGES_MAGIC if is_images else LABELS_MAGIC
    digest = hashlib.sha256(struct.pack(f">{1 + array.ndim}I", magic, *array.shape))
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
