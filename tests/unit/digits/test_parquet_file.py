"""Digits in Parquet files, and the child process that reads them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from PIL import Image

from mnist_desktop.digits import parquet_file
from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError, JobCancelled
from mnist_desktop.files import child
from mnist_desktop.progress import PhaseProgress
from tests.made_digit_files import READ, hub_columns, parquet, png, whole

HUB = (
    "train-00000-of-00002.parquet",
    "train-00001-of-00002.parquet",
    "test-00000-of-00001.parquet",
)


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test.take(np.arange(0, 1000, 2))


@pytest.mark.parametrize("kind", [kind for kind in READ if kind.startswith("Parquet, Hugging")])
def test_the_digits_of_a_hub_are_what_was_put_in(tmp_path: Path, digits: Digits, kind: str) -> None:
    heard: list[PhaseProgress] = []

    found = read_dataset(READ[kind](tmp_path, digits), on_progress=heard.append)

    for part in (found.train, found.test):
        np.testing.assert_array_equal(part.images, digits.images)
        np.testing.assert_array_equal(part.labels, digits.labels)
    assert found.pictures == "by-size"
    assert found.note == ""
    assert heard[2].text == "Reading train-00000-of-00001.parquet: 500 digits"


def test_the_parts_of_a_split_are_joined_in_order(tmp_path: Path, digits: Digits) -> None:
    for name, start in zip(HUB, (0, 200, 300), strict=True):
        parquet(hub_columns, name)(tmp_path, digits.take(np.arange(start, start + 100)))
    parquet(hub_columns, "validation.parquet")(tmp_path, digits)

    found = read_dataset(tmp_path)

    np.testing.assert_array_equal(found.train.images[:100], digits.images[:100])
    np.testing.assert_array_equal(found.train.labels[100:], digits.labels[200:300])
    np.testing.assert_array_equal(found.test.images, digits.images[300:400])


def test_validation_digits_are_for_testing_where_there_are_no_others(
    tmp_path: Path, digits: Digits
) -> None:
    parquet(hub_columns, "latest.parquet")(tmp_path, digits)
    parquet(hub_columns, "validation.parquet")(tmp_path, digits.take(np.arange(50)))

    found = read_dataset(tmp_path)

    assert (len(found.train), len(found.test)) == (500, 50)


def test_pictures_are_taken_as_the_user_says(tmp_path: Path, digits: Digits) -> None:
    digits = digits.take(np.arange(0, 500, 5))
    pages = [Image.fromarray(255 - image).resize((56, 56)) for image in digits.images]
    pictures = Array([png(np.asarray(page)) for page in pages] + [b"none"], DataType.binary())
    table = {"picture": pictures, "label": whole(np.append(digits.labels, 3))}
    path = tmp_path / "digits.parquet"
    write_parquet(Table.from_pydict(table), path)

    found = {way: read_dataset(path, pictures=way) for way in ("as-they-are", "normalised")}

    for way, dataset in found.items():
        assert dataset.pictures == way
        assert (
            "1 picture with no digit, or several, left out (such as that of row 100)"
            in dataset.note
        )
        assert len(dataset.train) + len(dataset.test) <= 100
    assert np.median(found["as-they-are"].train.images) == 255
    assert np.median(found["normalised"].train.images) == 0
    assert "100 pictures of another size scaled" in found["as-they-are"].note


def test_where_the_reader_is_missing_it_is_named(
    tmp_path: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = READ["Parquet, lists"](tmp_path, digits)
    for name in [name for name in sys.modules if name.split(".")[0] == "arro3"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "arro3", None)

    with pytest.raises(DataFileError, match=re.escape("install mnist-desktop[parquet]")):
        read_dataset(path)


def test_reading_can_be_stopped(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(JobCancelled):
        read_dataset(READ["Parquet, lists"](tmp_path, digits), should_stop=lambda: True)


@pytest.mark.parametrize(
    "what",
    [
        "import os; os.abort()",
        'print(\'{"count": 9, "notes": [], "pictures": ""}\')',
        "print('{\"done\": 3}'); print('{\"cou')",
        "pass",
    ],
)
def test_a_child_that_ends_badly_is_a_damaged_file(
    tmp_path: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = READ["Parquet, lists"](tmp_path, digits)
    monkeypatch.setattr(child, "child_command", lambda *_: [sys.executable, "-I", "-c", what])

    with pytest.raises(DataFileError, match="is damaged"):
        read_dataset(path)


def test_a_child_that_says_nothing_is_not_waited_for(
    tmp_path: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = READ["Parquet, lists"](tmp_path, digits)
    monkeypatch.setattr(parquet_file, "PATIENCE_S", 0.2)
    silent = [sys.executable, "-I", "-c", "import sys; sys.stdout.close(); input()"]
    monkeypatch.setattr(child, "child_command", lambda *_: silent)

    with pytest.raises(DataFileError):
        read_dataset(path)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"image": [b"1"], "label": [None]}, "lacks a label"),
        ({"image": [None], "label": [3]}, "lacks a picture"),
        ({"image": [b"1"], "label": [3]}, "no picture of one digit"),
        ({"image": [b"1"], "x": [0.5]}, "no images with their labels"),
        ({"image": [b"1"], "label": [3], "y": [3]}, "no images with their labels"),
    ],
)
def test_tables_that_are_no_digits_are_refused(
    tmp_path: Path, table: dict[str, list[object]], said: str
) -> None:
    kinds = {"image": DataType.binary(), "x": DataType.float32()}
    columns = {
        name: Array(values, kinds.get(name, DataType.int64())) for name, values in table.items()
    }
    write_parquet(Table.from_pydict(columns), tmp_path / "x.parquet")

    with pytest.raises(DataFileError, match=said):
        read_dataset(tmp_path / "x.parquet")


@pytest.mark.parametrize("split", ["train", "test", "validation"])
def test_no_file_of_too_many_is_left_out_in_silence(split: str, tmp_path: Path) -> None:
    for one in ("train", "test", "validation"):
        for number in range(100 + (one == split)):
            (tmp_path / f"{one}-{number:05}.parquet").touch()
    with pytest.raises(DataFileError, match="more than 100 Parquet files"):
        parquet_file.parquet_splits(tmp_path)


def test_as_many_files_as_may_be_are_all_found(tmp_path: Path) -> None:
    for one in ("train", "test", "validation"):
        for number in range(100):
            (tmp_path / f"{one}-{number:05}.parquet").touch()
    found = parquet_file.parquet_splits(tmp_path)
    assert {split: len(paths) for split, paths in found.items()} == {"train": 100, "test": 100}
