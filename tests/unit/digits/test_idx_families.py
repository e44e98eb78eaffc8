"""Data sets that are laid out like MNIST, under names of their own."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError
from tests.made_digit_files import idx_bytes


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test.take(np.arange(0, 1000, 20))


def write(path: Path, array: NDArray[Any]) -> None:
    path.write_bytes(gzip.compress(idx_bytes(array)))


def write_emnist(folder: Path, family: str, digits: Digits) -> None:
    for split in ("train", "test"):
        write(folder / f"{family}-{split}-images-idx3-ubyte.gz", digits.images)
        write(folder / f"{family}-{split}-labels-idx1-ubyte.gz", digits.labels)


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
        write(tmp_path / f"qmnist-{split}-images-idx3-ubyte.gz", digits.images)
        path = tmp_path / f"qmnist-{split}-labels-idx2-int.gz"
        write(path, table)

    found = read_dataset(tmp_path)

    np.testing.assert_array_equal(found.train.labels, digits.labels)
    np.testing.assert_array_equal(found.test.images, digits.images)
