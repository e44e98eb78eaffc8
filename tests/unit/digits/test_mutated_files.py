"""Damaged pictures, digit files and stroke files are read or refused in words, and nothing else.

``MNIST_DESKTOP_MUTATIONS`` says how many files of all kinds together (300 unless told),
``MNIST_DESKTOP_SEED`` which.
"""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.digits.idx_file import read_idx_images, read_idx_labels
from mnist_desktop.digits.image_import import read_picture
from mnist_desktop.digits.stroke_file import read_drawings
from mnist_desktop.errors import MnistDesktopError
from tests.made_digit_files import READ, idx_bytes

COUNT = int(os.environ.get("MNIST_DESKTOP_MUTATIONS", "300"))
SEED = int(os.environ.get("MNIST_DESKTOP_SEED", "1"))
SLOWEST = 5.0  # seconds; a hang, and not a busy machine


def picture(kind: str) -> bytes:
    rng = np.random.default_rng(0)
    pixels = (rng.random((60, 80)) * 40 + 200).astype(np.uint8)
    pixels[15:45, 35:42] = 10
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def idx(shape: tuple[int, ...]) -> bytes:
    return idx_bytes((np.arange(np.prod(shape)).astype(np.uint8) % 10).reshape(shape))


def qmnist() -> bytes:
    return idx_bytes(np.tile(np.arange(8), (5, 1)).astype(">i4"))


def npz() -> bytes:
    content = io.BytesIO()
    images, labels = np.zeros((5, 28, 28), np.uint8), np.arange(5, dtype=np.uint8)
    np.savez_compressed(content, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return content.getvalue()


STROKES = (
    b'{"label": 7, "strokes": [[[1, 2], [30, 40.5]], [[5, 5]]]}\n{"strokes": [[[0, 0], [9, 9]]]}\n'
)
Read = Callable[[Path], object]
PICTURES = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "AVIF")


def made(kind: str) -> bytes:
    """A small file of one of the kinds that digits come in."""
    digits = sample_dataset().test.take(np.arange(0, 1000, 100))
    with tempfile.TemporaryDirectory() as folder:
        return READ[kind](Path(folder), digits).read_bytes()


def read_beside(path: Path) -> object:
    """Read an array that has labels beside it."""
    np.save(path.with_name("labels.npy"), np.arange(5, dtype=np.uint8))
    return read_dataset(path)


def npy() -> bytes:
    content = io.BytesIO()
    np.save(content, np.zeros((5, 28, 28), np.uint8))
    return content.getvalue()


KINDS: dict[str, tuple[str, bytes, Read]] = {
    **{kind: (f"x.{kind.lower()}", picture(kind), read_picture) for kind in PICTURES},
    "WebP": ("x.webp", picture("WebP"), read_picture),
    "images": ("x-idx3", idx((5, 28, 28)), read_idx_images),
    "images, gzipped": ("x-idx3.gz", gzip.compress(idx((5, 28, 28))), read_idx_images),
    "labels": ("x-idx1", idx((5,)), read_idx_labels),
    "npz": ("x.npz", npz(), read_dataset),
    "npy": ("images.npy", npy(), read_beside),
    "csv": ("x.csv", made("Kaggle's csv"), read_dataset),
    "csv, gzipped": ("x.csv.gz", made("csv, gzipped"), read_dataset),
    "mat": ("x.mat", made("mnist_all mat"), read_dataset),
    "mat, packed": ("x.mat", made("EMNIST mat"), read_dataset),
    "Parquet": ("x.parquet", made("Parquet, pictures"), read_dataset),
    "labels of QMNIST": ("x-idx2", qmnist(), read_idx_labels),
    "strokes": ("x.jsonl", STROKES, lambda path: list(read_drawings(path))),
    "strokes, gzipped": (
        "x.jsonl.gz",
        gzip.compress(STROKES),
        lambda path: list(read_drawings(path)),
    ),
}


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one of the ways in which files are damaged, or made to harm."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, max(len(data), 1)))
        way = int(rng.integers(0, 6))
        if way == 0 and data:
            data[at % len(data)] ^= 1 << int(rng.integers(0, 8))
        elif way == 1:
            del data[at:]
        elif way == 2:
            data[at : at + 4] = struct.pack(">I", int(rng.choice([0, 2**31 - 1, 2**32 - 1])))
        elif way == 3:
            data[at:at] = rng.integers(0, 256, int(rng.integers(1, 40))).astype(np.uint8).tobytes()
        elif way == 4:
            del data[at : at + int(rng.integers(1, 40))]
        else:
            data[at:at] = data[:: int(rng.integers(1, 5))]
    return bytes(data)


@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it finds odd
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_damaged_file_is_read_or_refused_in_words(kind: str, tmp_path: Path) -> None:
    name, content, read = KINDS[kind]
    rng = np.random.default_rng([SEED, list(KINDS).index(kind)])
    path = tmp_path / name
    refused = 0
    for number in range(max(COUNT // len(KINDS), 1)):
        path.write_bytes(mutated(content, rng))
        started = time.perf_counter()
        try:
            read(path)
        except MnistDesktopError as error:
            refused += bool(str(error).strip())
        assert time.perf_counter() - started < SLOWEST, f"file {number} of seed {SEED}"
    assert refused > 0
