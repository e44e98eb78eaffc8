"""MATLAB's files, in the layouts in which digits are found in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test


def flat(digits: Digits) -> np.ndarray[Any, Any]:
    return digits.images.reshape(-1, 784)


def emnist(digits: Digits) -> dict[str, Any]:
    part = {"images": flat(digits), "labels": digits.labels[:, None], "writers": np.ones((3, 1))}
    return {"dataset": {"train": part, "test": part, "mapping": np.zeros((10, 2))}}


def mnist_all(digits: Digits) -> dict[str, Any]:
    return {
        f"{split}{label}": flat(digits)[digits.labels == label]
        for split in ("train", "test")
        for label in range(10)
    }


def mnist_original(digits: Digits) -> dict[str, Any]:
    order = np.array([["label", "data"]], dtype=object)
    return {
        "mldata_descr_ordering": order,
        "data": flat(digits).T,
        "label": digits.labels.astype(np.float64)[None],
    }


def fea_gnd(digits: Digits) -> dict[str, Any]:
    return {"fea": flat(digits) / 255.0, "gnd": digits.labels[:, None] + 1.0 - 1}


LAYOUTS: dict[str, Callable[[Digits], dict[str, Any]]] = {
    "EMNIST": emnist,
    "mnist_all": mnist_all,
    "mnist-original": mnist_original,
    "fea and gnd": fea_gnd,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True])
def test_each_layout_is_read(tmp_path: Path, digits: Digits, layout: str, packed: bool) -> None:
    path = tmp_path / "digits.mat"
    savemat(path, LAYOUTS[layout](digits), do_compression=packed)

    found = read_dataset(path)

    held = {
        (int(label), image.tobytes())
        for label, image in zip(digits.labels, digits.images, strict=True)
    }
    for part in (found.train, found.test):
        assert len(part) >= 200
        pairs = zip(part.labels, part.images, strict=True)
        assert all((int(label), image.tobytes()) in held for label, image in pairs)


def test_usps_in_one_block_counts_from_1_and_ends_with_0(tmp_path: Path, digits: Digits) -> None:
    of_each = [flat(digits)[digits.labels == (number + 1) % 10][:50] for number in range(10)]
    block = np.stack([one.T for one in of_each], axis=2)
    savemat(tmp_path / "usps_all.mat", {"data": block})

    found = read_dataset(tmp_path / "usps_all.mat")

    assert len(found.train) + len(found.test) == 500
    held = {digits.images[at].tobytes(): digits.labels[at] for at in range(len(digits))}
    pairs = zip(found.train.labels, found.train.images, strict=True)
    assert all(held[image.tobytes()] == label for label, image in pairs)


def test_a_block_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "x.mat", {"x": np.zeros((80_000, 784), np.uint8)}, do_compression=True)

    with pytest.raises(DataFileError, match="damaged"):
        read_dataset(tmp_path / "x.mat")


def test_a_file_without_digits_names_what_it_holds(tmp_path: Path) -> None:
    savemat(tmp_path / "x.mat", {"weights": np.zeros((25, 401))})

    with pytest.raises(DataFileError, match="it holds weights"):
        read_dataset(tmp_path / "x.mat")


def test_elements_without_an_end_are_refused(tmp_path: Path) -> None:
    head = b"MATLAB 5.0".ljust(124) + b"\0\1IM"
    (tmp_path / "x.mat").write_bytes(head + bytes(8_000_000))

    with pytest.raises(DataFileError, match="damaged"):
        read_dataset(tmp_path / "x.mat")
