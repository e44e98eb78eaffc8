"""Data sets that are laid out like MNIST, under names of their own."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test.take(np.arange(0, 1000, 20))


def write(path: Path, magic: int, shape: tuple[int, ...], content: bytes) -> None:
    head = struct.pack(f">{1 + len(shape)}I", magic, *shape)
    path.write_bytes(gzip.compress(head + content))


def write_images(path: Path, digits: Digits) -> None:
    write(path, 0x803, digits.images.shape, digits.images.tobytes())


def write_labels(path: Path, digits: Digits) -> None:
    write(path, 0x801, digits.labels.shape, digits.labels.tobytes())


def write_emnist(folder: Path, family: str, digits: Digits) -> None:
    for split in ("train", "test"):
        write_images(folder / f"{family}-{split}-images-idx3-ubyte.gz", digits)
        write_labels(folder / f"{family}-{split}-labels-idx1-ubyte.gz", digits)


def test_emnists_digits_are_chosen_of_all_that_its_folder_holds(
    tmp_path: Path, digits: Digits
) -> None:
    write_emnist(tmp_path, "emnist-letters", Digits(digits.images, np.zeros_like(digits.labels)))
    write_emnist(tmp_path, "emnist-digits", digits)

    found = read_dataset(tmp_path)

    np.testing.assert_array_equal(found.test.labels, digits.labels)


@pytest.mark.parametrize("part", ["train-images-idx3", "test-labels-idx1"])
def test_one_file_of_a_family_stands_for_all_four(
    tmp_path: Path, digits: Digits, part: str
) -> None:
    write_emnist(tmp_path, "emnist-mnist", digits)
    write_emnist(tmp_path, "emnist-balanced", Digits(digits.images, np.zeros_like(digits.labels)))
    with pytest.raises(DataFileError, match="several data sets"):
        read_dataset(tmp_path)

    found = read_dataset(tmp_path / f"emnist-mnist-{part}-ubyte.gz")

    np.testing.assert_array_equal(found.train.labels, digits.labels)


def test_qmnists_labels_are_the_first_of_eight_columns(tmp_path: Path, digits: Digits) -> None:
    table = np.stack([digits.labels, *[digits.labels + 9] * 7], axis=1).astype(">i4")
    for split in ("train", "test"):
        write_images(tmp_path / f"qmnist-{split}-images-idx3-ubyte.gz", digits)
        path = tmp_path / f"qmnist-{split}-labels-idx2-int.gz"
        write(path, 0xC02, table.shape, table.tobytes())

    found = read_dataset(tmp_path)

    np.testing.assert_array_equal(found.train.labels, digits.labels)
    np.testing.assert_array_equal(found.test.images, digits.images)
