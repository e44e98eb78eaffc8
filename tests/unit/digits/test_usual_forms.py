"""Arrays of digits under other names and in other forms than MNIST's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.array_names import name_parts
from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError

Array = NDArray[Any]


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test.take(np.arange(0, 1000, 10))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("X_train", ("train", "images")),
        ("trainY", ("train", "labels")),
        ("test_images", ("test", "images")),
        ("yte", ("test", "labels")),
        ("training_images", ("train", "images")),
        ("x", ("all", "images")),
        ("target", ("all", "labels")),
        ("emnist-digits-test-labels-idx1-ubyte", ("test", "labels")),
        ("qmnist-train-labels-idx2-int", ("train", "labels")),
        ("val_images", ("validation", "images")),
        ("arr_0", None),
        ("weights", None),
    ],
)
def test_a_name_tells_split_and_part(name: str, parts: tuple[str, str] | None) -> None:
    assert name_parts(name) == parts


IMAGES: dict[str, Callable[[Array], Array]] = {
    "float64 0 to 1": lambda x: x / 255,
    "float32 0 to 255": lambda x: x.astype(np.float32),
    "-1 to 1": lambda x: (x / 127.5 - 1).astype(np.float32),
    "standardised": lambda x: (x / 255 - 0.1307) / 0.3081,
    "int64": lambda x: x.astype(np.int64),
    "16 bits": lambda x: x.astype(np.uint16) * 257,
    "flat": lambda x: x.reshape(-1, 784),
    "a channel, last": lambda x: x[..., None],
    "a channel, first": lambda x: x[:, None],
    "counted last": lambda x: np.moveaxis(x, 0, -1),
    "flat, counted last": lambda x: x.reshape(-1, 784).T,
}


@pytest.mark.parametrize("form", IMAGES)
def test_images_of_each_form_become_mnists(tmp_path: Path, digits: Digits, form: str) -> None:
    half = len(digits) // 2
    np.savez(
        tmp_path / "x.npz",
        train_images=IMAGES[form](digits.images[:half]),
        train_labels=digits.labels[:half],
        test_images=IMAGES[form](digits.images[half:]),
        test_labels=digits.labels[half:],
    )

    found = read_dataset(tmp_path / "x.npz")

    np.testing.assert_array_equal(found.train.images, digits.images[:half])
    np.testing.assert_array_equal(found.test.images, digits.images[half:])
    np.testing.assert_array_equal(found.test.labels, digits.labels[half:])


LABELS: dict[str, Callable[[Array], Array]] = {
    "one-hot": lambda y: np.eye(10)[y],
    "one-hot of -1 and 1": lambda y: np.eye(10)[y] * 2 - 1,
    "one-hot, bool": lambda y: np.eye(10, dtype=bool)[y],
    "a column": lambda y: y[:, None],
    "a row": lambda y: y[None],
    "fractions": lambda y: y.astype(np.float64),
    "texts": lambda y: y.astype(str),
    "bytes": lambda y: y.astype(str).astype(bytes),
    "10 for 0": lambda y: np.where(y == 0, 10, y),
    "QMNIST's": lambda y: np.stack([y, *[y + 100] * 7], axis=1).astype(np.int32),
}


@pytest.mark.parametrize("form", LABELS)
def test_labels_of_each_form_become_mnists(tmp_path: Path, digits: Digits, form: str) -> None:
    labels = LABELS[form](digits.labels)
    np.savez(
        tmp_path / "x.npz",
        X_train=digits.images, y_train=labels, X_test=digits.images, y_test=labels,
    )  # fmt: skip

    found = read_dataset(tmp_path / "x.npz")

    np.testing.assert_array_equal(found.train.labels, digits.labels)
    assert ("10 was taken as 0" in found.note) == (form == "10 for 0")


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("arr_0", "arr_1")])
def test_what_is_not_divided_is_split_the_same_each_time(
    tmp_path: Path, digits: Digits, names: tuple[str, str]
) -> None:
    np.savez(tmp_path / "x.npz", **dict(zip(names, (digits.images, digits.labels), strict=True)))

    found, again = (read_dataset(tmp_path / "x.npz") for _ in range(2))

    assert (len(found.train), len(found.test)) == (80, 20)
    assert "no test digits, so 20 were taken out" in found.note
    np.testing.assert_array_equal(found.test.images, again.test.images)


def test_pixels_of_0_and_1_are_made_0_and_255_and_that_is_told(
    tmp_path: Path, digits: Digits
) -> None:
    images = (digits.images > 127).astype(np.uint8)
    np.savez(tmp_path / "x.npz", x=images, y=digits.labels)

    found = read_dataset(tmp_path / "x.npz")

    assert set(np.unique(found.train.images)) == {0, 255}
    assert "pixels are 0 and 1" in found.note


def test_images_of_16_pixels_are_brought_to_28(tmp_path: Path, digits: Digits) -> None:
    small = digits.images[:, 6:22, 6:22]
    np.savez(tmp_path / "x.npz", x=small, y=digits.labels)

    found = read_dataset(tmp_path / "x.npz")

    assert found.train.images.shape[1:] == (28, 28)
    assert found.train.images[:, 0].max() == 0  # a border, as MNIST's have
    assert "16×16" in found.note


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((100, 32, 32, 3), np.uint8), "in colour"),
        (np.zeros((100, 3, 32, 32), np.uint8), "in colour"),
        (np.zeros((100, 3072), np.uint8), "in colour"),
        (np.zeros((32, 32, 3, 100), np.uint8), "in colour"),
        (np.zeros((100, 5), np.uint8), "needed"),
    ],
)
def test_colour_and_other_tables_are_refused_by_name(
    tmp_path: Path, digits: Digits, images: Array, said: str
) -> None:
    np.savez(tmp_path / "x.npz", x=images, y=digits.labels)

    with pytest.raises(DataFileError, match=said):
        read_dataset(tmp_path / "x.npz")


@pytest.mark.parametrize("chosen", ["train_images.npy", "test_labels.npy", "."])
def test_arrays_beside_each_other_are_one_data_set(
    tmp_path: Path, digits: Digits, chosen: str
) -> None:
    for split in ("train", "test"):
        np.save(tmp_path / f"{split}_images.npy", digits.images)
        np.save(tmp_path / f"{split}_labels.npy", digits.labels)

    found = read_dataset(tmp_path / chosen)

    np.testing.assert_array_equal(found.train.images, digits.images)
    np.testing.assert_array_equal(found.test.labels, digits.labels)


def test_one_array_needs_labels_beside_it(tmp_path: Path, digits: Digits) -> None:
    np.save(tmp_path / "mine.npy", digits.images)
    with pytest.raises(DataFileError, match=r"no labels beside it"):
        read_dataset(tmp_path / "mine.npy")

    np.save(tmp_path / "labels.npy", digits.labels)
    assert len(read_dataset(tmp_path / "mine.npy").train) == 80


def test_validation_digits_are_test_digits_where_there_are_none(
    tmp_path: Path, digits: Digits
) -> None:
    np.savez(
        tmp_path / "x.npz",
        train_images=digits.images, train_labels=digits.labels,
        val_images=digits.images[:30], val_labels=digits.labels[:30],
    )  # fmt: skip

    found = read_dataset(tmp_path / "x.npz")

    assert len(found.test) == 30
    assert found.note == "Its validation digits are used as test digits."


def test_too_few_digits_to_split_are_told(tmp_path: Path, digits: Digits) -> None:
    np.savez(tmp_path / "x.npz", x=digits.images[:2], y=digits.labels[:2])

    with pytest.raises(DataFileError, match="2 digits, too few to test on"):
        read_dataset(tmp_path / "x.npz")
