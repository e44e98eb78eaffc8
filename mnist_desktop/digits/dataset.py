"""Labelled digits in memory, and the files they are read from.

Reads the IDX format of the original MNIST files (plain or gzipped) and Keras's ``mnist.npz``.
Every file is checked before it is believed: magic number, counts, shapes, pixel type and label
values. Whether the digits are MNIST itself is decided by content, with SHA-256.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.errors import DataFileError
from mnist_desktop.files import ZipEndError, check_zip_end, open_regular

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]

SIDE = 28
CLASSES = 10
ALIGNMENT = 64  # bytes; what TensorFlow asks of a tensor's memory
MAX_DIGITS = 1_000_000
MAX_RATIO = 100  # of unpacked to packed bytes; MNIST's is five
ALWAYS_UNPACKED = 10_000_000  # bytes; sorted labels pack to almost nothing
PIECE = 1 << 20
MAX_MEMBERS, LIST_SIZE = 100, 10_000  # of an .npz file: arrays, and bytes of their list
NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")

IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801

IDX_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}

# SHA-256 of the four uncompressed IDX files published by LeCun, Cortes and Burges.
MNIST_SHA256 = {
    "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


DATASET_NAMES = {"mnist": "MNIST", "sample": "MNIST sample", "custom": "Own digits"}


@dataclass(frozen=True)
class Digits:
    """Images with their labels.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values, 0 paper to 255 ink.
    labels : ndarray of uint8, shape (n,)
        What each image shows, 0 to 9.

    Raises
    ------
    DataFileError
        If the arrays do not have these shapes, types or values, or do not match.
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        """Check the arrays and protect them from being written to."""
        _check_images(self.images, "the images")
        _check_labels(self.labels, "the labels")
        _check_counts(len(self.images), len(self.labels))
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        """Return the number of digits."""
        return len(self.labels)

    def take(self, indices: NDArray[np.intp]) -> Digits:
        """Return the digits at the given places, in that order."""
        return Digits(self.images[indices], self.labels[indices])

    def split(self, share: float, seed: int) -> tuple[Digits, Digits]:
        """Divide into two, each class by the same share.

        Parameters
        ----------
        share : float
            Share of each class that goes to the second part, 0 to 1.
        seed : int
            Decides which digits those are.

        Returns
        -------
        tuple of Digits
            What stays and what was taken, both in the original order.
        """
        stay, taken = self.split_places(share, seed)
        return self.take(stay), self.take(taken)

    def split_places(self, share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Places of the digits of the two parts that `split` makes, without copying any."""
        rng = np.random.default_rng(seed)
        taken = np.zeros(len(self), dtype=bool)
        for label in range(CLASSES):
            places = np.flatnonzero(self.labels == label)
            taken[rng.permutation(places)[: round(share * len(places))]] = True
        return np.flatnonzero(~taken), np.flatnonzero(taken)


@dataclass(frozen=True)
class Dataset:
    """Digits to learn from and digits to be tested on.

    Attributes
    ----------
    train, test : Digits
        The two splits; they share no digit.
    name : {"mnist", "sample", "custom"}
        MNIST itself (verified by content), the embedded sample, or the user's own digits.
    source : str
        Where they came from, in words.
    note : str
        Why it is not MNIST, in one sentence; empty otherwise.
    """

    train: Digits
    test: Digits
    name: str
    source: str
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether the content is MNIST's, byte for byte."""
        return self.name == "mnist"

    @property
    def fingerprint(self) -> str:
        """Tells these digits from others: their labels and every fiftieth image are part of it."""
        digest = hashlib.sha256()
        for digits in (self.train, self.test):
            digest.update(np.int64(len(digits)).tobytes())
            digest.update(np.ascontiguousarray(digits.labels).data)
            digest.update(np.ascontiguousarray(digits.images[::50]).data)
        return digest.hexdigest()

    @property
    def title(self) -> str:
        """Name and size for the screen, for example ``"MNIST 60,000/10,000"``."""
        return f"{DATASET_NAMES[self.name]} {len(self.train):,}/{len(self.test):,}"


def make_dataset(train: Digits, test: Digits, source: str) -> Dataset:
    """Join two splits and find out by their content whether they are MNIST.

    Raises
    ------
    DataFileError
        If a split is empty.
    """
    for name, digits in (("training", train), ("test", test)):
        if len(digits) == 0:
            raise DataFileError(f"The {name} digits of {source} are empty; choose other files.")
    found = {
        "train_images": train.images,
        "train_labels": train.labels,
        "test_images": test.images,
        "test_labels": test.labels,
    }
    is_mnist = all(_idx_sha256(array) == MNIST_SHA256[part] for part, array in found.items())
    return Dataset(train, test, "mnist" if is_mnist else "custom", source)


def read_dataset(path: Path, source: str | None = None) -> Dataset:
    """Read a folder of four IDX files (gzipped or not) or a ``.npz`` file.

    Parameters
    ----------
    path : Path
        The folder or the file.
    source : str, optional
        Where the digits come from in words; the path otherwise.

    Raises
    ------
    DataFileError
        If anything is missing, damaged, or not 28×28 digits with labels 0 to 9.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise DataFileError(
            f"{path} cannot be read ({error.strerror}); choose another file or folder of digits."
        ) from error
    if is_folder:
        train, test = _read_split(path, "train"), _read_split(path, "test")
    elif is_file:
        train, test = _read_npz(path)
    else:
        raise DataFileError(
            f"There are no digits at {path}; "
            "give a folder with the four MNIST files, or a .npz file."
        )
    return make_dataset(train, test, source or str(path))


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
    """Read an IDX file of labels into uint8 of shape (n,)."""
    with _open_idx(path) as file:
        magic, count = file.header(">2I")
        if magic != LABELS_MAGIC:
            raise DataFileError(
                f"{path} is no IDX file of labels: it begins with {magic:#010x}, "
                f"not {LABELS_MAGIC:#010x}; choose MNIST's own files."
            )
        labels = file.body(count, 1)
    _check_labels(labels, str(path))
    return labels


def _read_split(folder: Path, split: str) -> Digits:
    images, labels = (_find_idx(folder, f"{split}_{part}") for part in ("images", "labels"))
    known = read_idx_labels(labels)  # first, for they are small
    return Digits(read_idx_images(images, len(known)), known)


def _find_idx(folder: Path, part: str) -> Path:
    """Find a part of MNIST under the names its files go by: with ``-`` or ``.``, with ``.gz``."""
    name = IDX_NAMES[part]
    candidates = [name, name.replace("-idx", ".idx")]
    for candidate in candidates:
        for suffix in ("", ".gz"):
            path = folder / (candidate + suffix)
            if path.is_file():
                return path
    raise DataFileError(
        f"{folder} holds no {name} (or {name}.gz); all four MNIST files are needed there."
    )


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
        told = formats.count(count, "digit")
        if not 0 < count <= MAX_DIGITS:
            raise DataFileError(f"{self.path} announces {told}; 1 to {MAX_DIGITS:,} can be read.")
        if labels is not None:
            _check_counts(count, labels)
        expected = count * item_size
        held = self.size if self.is_packed else self.size - self.file.tell()
        if self.is_packed and expected > most_unpacked(held):
            raise DataFileError(
                f"{self.path} announces {told} ({expected:,} bytes), more than its "
                f"{held:,} packed bytes can hold; get the file again."
            )
        if not self.is_packed and held != expected:
            raise self._other_size(count, expected, held)
        values = _aligned(expected)
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
        told = formats.count(count, "digit")
        holds = f"{found:,}" if found < expected else "more"
        return DataFileError(
            f"{self.path} announces {told} ({expected:,} bytes) but holds {holds}; "
            "get the file again."
        )


def most_unpacked(size: int) -> int:
    """How many bytes may be made of a packed file of a size; digits never pack that well."""
    return ALWAYS_UNPACKED + MAX_RATIO * size


def _aligned(size: int) -> NDArray[np.uint8]:
    """Make room at an address that TensorFlow can use as it is, without a copy of its own."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size]


def _read_npz(path: Path) -> tuple[Digits, Digits]:
    """Read Keras's ``mnist.npz``: x_train, y_train, x_test, y_test."""
    try:
        with open_regular(path) as file:
            check_zip_end(file, MAX_MEMBERS, LIST_SIZE)
            most = most_unpacked(path.stat().st_size)
            with zipfile.ZipFile(file) as archive:
                counts = {name: _npz_count(archive, name, path, most) for name in NPZ_NAMES}
                _check_counts(counts["x_train"], counts["y_train"])
                _check_counts(counts["x_test"], counts["y_test"])
                parts = [_read_npz_part(archive, name, path) for name in NPZ_NAMES]
    except ZipEndError as error:
        raise DataFileError(
            f"{path} is no whole .npz file (a zip file that {error}); choose MNIST's mnist.npz."
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
            f"{path} is no whole .npz file ({error}); choose MNIST's mnist.npz."
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
        needed = "whole numbers of shape (n,)"
    if not fits:
        raise DataFileError(
            f"{name} in {path} has the shape {shape} and the type {dtype}; {needed} are needed."
        )
    count: int = shape[0]
    told = formats.count(count, "digit")
    if not 0 <= count <= MAX_DIGITS:
        raise DataFileError(f"{path} holds {told}; {MAX_DIGITS:,} can be read.")
    if math.prod(shape) * dtype.itemsize > most:
        raise DataFileError(
            f"{name} in {path} announces {told}, more than so small a file can hold; "
            "get the file again."
        )
    return count


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


def _read_npz_part(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[np.generic]:
    with archive.open(name + ".npy") as member:
        try:
            array: NDArray[np.generic] = np.lib.format.read_array(member, allow_pickle=False)
        except ValueError as error:
            raise DataFileError(f"{name} in {path} is cut short; get the file again.") from error
    return array


def _as_labels(array: NDArray[np.generic], path: Path) -> Labels:
    """Take labels of any whole-number type, once they are known to be digits."""
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < CLASSES:
        raise DataFileError(f"{path} has labels beyond 0 to 9; digits are needed.")
    return array.astype(np.uint8)


def _check_counts(images: int, labels: int) -> None:
    if images != labels:
        raise DataFileError(
            f"Each image needs one label, but there are {images:,} images and {labels:,} labels."
        )


def _check_images(images: NDArray[np.generic], where: str) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise DataFileError(
            f"Images of 28×28 grey values from 0 to 255 are needed, but {where} have the shape "
            f"{images.shape} and the type {images.dtype}."
        )


def _check_labels(labels: NDArray[np.generic], where: str) -> None:
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise DataFileError(
            f"Labels are one whole number a digit, but {where} have the shape {labels.shape} "
            f"and the type {labels.dtype}."
        )
    if labels.size and int(labels.max()) >= CLASSES:
        raise DataFileError(f"Labels from 0 to 9 are needed, but {where} hold {int(labels.max())}.")


def _idx_sha256(array: NDArray[np.uint8]) -> str:
    """SHA-256 of the IDX file that would hold this array."""
    is_images = array.ndim == 3
    magic = IMAGES_MAGIC if is_images else LABELS_MAGIC
    digest = hashlib.sha256(struct.pack(f">{1 + array.ndim}I", magic, *array.shape))
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def as_network_input(images: Images, input_shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Scale grey values to [0, 1] and shape them as a network takes them.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values.
    input_shape : tuple of int
        Shape of one digit: ``(784,)``, ``(28, 28)`` or ``(28, 28, 1)``.

    Returns
    -------
    ndarray of float32, shape (n, *input_shape)
    """
    return (images.astype(np.float32) / np.float32(255)).reshape(-1, *input_shape)
