"""Pictures in a folder for each digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.digits.picture_ways import AS_THEY_ARE, NORMALISED
from mnist_desktop.errors import DataFileError, JobCancelled
from mnist_desktop.progress import FileProgress


@pytest.fixture
def digits(sample: Dataset) -> Digits:
    return sample.test.take(np.arange(0, 1000, 20))


def write(folder: Path, digits: Digits, name: str = "{}", side: int = 28) -> None:
    for number, (image, label) in enumerate(zip(digits.images, digits.labels, strict=True)):
        path = folder / name.format(label) / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page = image if side == 28 else 255 - image
        Image.fromarray(page).resize((side, side), Image.Resampling.BICUBIC).save(path)


@pytest.mark.parametrize("name", ["{}", "digit_{}", "0{}"])
def test_pictures_of_28_pixels_are_taken_as_they_are(
    tmp_path: Path, digits: Digits, name: str
) -> None:
    write(tmp_path / "training", digits, name)
    write(tmp_path / "testing", digits, name)
    heard: list[FileProgress] = []

    found = read_dataset(tmp_path, on_progress=heard.append)

    for part in (found.train, found.test):
        np.testing.assert_array_equal(part.images, digits.images)
        np.testing.assert_array_equal(part.labels, digits.labels)
    assert [(one.done, one.total) for one in heard] == [(50, 100), (100, 100)]


def test_larger_pictures_are_brought_to_mnists_form(tmp_path: Path, digits: Digits) -> None:
    write(tmp_path, digits, side=100)
    (tmp_path / "3" / "blank.png").write_bytes((tmp_path / "0" / "00.png").read_bytes()[:50])

    found = read_dataset(tmp_path)

    assert (len(found.train), len(found.test)) == (40, 10)
    assert found.train.images[:, 0].max() == 0
    assert found.train.images.max(axis=(1, 2)).min() > 200
    assert "1 picture with no digit" in found.note
    assert "blank.png" in found.note


def test_all_pictures_can_be_taken_as_they_are(tmp_path: Path, digits: Digits) -> None:
    write(tmp_path / "train", digits)
    write(tmp_path / "test", digits, side=56)

    found = read_dataset(tmp_path, pictures=AS_THEY_ARE)

    np.testing.assert_array_equal(found.train.images, digits.images)
    away = found.test.images.astype(int) - (255 - digits.images.astype(int))
    assert np.abs(away).mean() < 10  # only scaled: neither inverted nor moved
    assert found.note == "50 pictures of another size scaled to 28×28 pixels."
    assert found.pictures == AS_THEY_ARE


def test_all_pictures_can_be_normalised(tmp_path: Path, digits: Digits) -> None:
    moved = Digits(np.roll(digits.images, 3, axis=2), digits.labels)
    write(tmp_path / "train", moved)
    write(tmp_path / "test", digits, side=56)

    found = read_dataset(tmp_path, pictures=NORMALISED)

    columns = np.arange(28)
    for part in (found.train, found.test):
        mass = part.images.sum(axis=1, dtype=float)
        middles = (mass * columns).sum(axis=1) / mass.sum(axis=1)
        assert np.abs(middles - 13.5).max() < 1.5
        assert part.images[:, 0].max() == 0
    assert found.note == "Its pictures were normalised."
    assert found.pictures == NORMALISED
    assert read_dataset(tmp_path).train.images[:, :, 0].max() == moved.images[:, :, 0].max()


def test_reading_many_pictures_can_be_stopped(tmp_path: Path, digits: Digits) -> None:
    write(tmp_path, digits)

    with pytest.raises(JobCancelled):
        read_dataset(tmp_path, should_stop=lambda: True)


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    for label in "0123":
        (tmp_path / label).mkdir()

    with pytest.raises(DataFileError, match="no picture of one digit"):
        read_dataset(tmp_path)
