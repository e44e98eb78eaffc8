"""Digits in a folder for each class, with pictures in them, as image libraries take them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import MAX_DIGITS, SIDE, Digits
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.image_import import read_picture
from mnist_desktop.digits.picture_file import read_grey
from mnist_desktop.errors import DataFileError, ImageFileError, JobCancelled
from mnist_desktop.progress import FileProgress, OnProgress, ShouldStop

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".avif")
SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
EVERY = 50  # pictures between two reports


def holds_pictures(folder: Path) -> bool:
    """Whether a folder has folders named after digits, itself or in a ``train`` folder."""
    return len(_classes(folder)) > 1 or any(
        len(_classes(one)) > 1 for name, one in _folders(folder) if name in SPLITS
    )


def read_picture_folder(
    folder: Path, *, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    """Read the pictures of a folder for each digit, with ``train`` and ``test`` above or without.

    Pictures of 28×28 pixels are taken as they are, others are read as a picture on the pad is and
    brought to MNIST's size and place. What holds no digit, or several, is left out and told.

    Raises
    ------
    DataFileError
        If no picture can be read.
    JobCancelled
        If ``should_stop`` answered True.
    """
    parts = {SPLITS[name]: one for name, one in _folders(folder) if name in SPLITS}
    parts = {name: one for name, one in parts.items() if _classes(one)}
    roots = parts if "train" in parts else {"train": folder}
    files = {name: list(_pictures(one, folder)) for name, one in roots.items()}
    total = sum(len(found) for found in files.values())
    reading = _Reading(folder, total, on_progress, should_stop)
    found = {name: reading.digits(pictures) for name, pictures in files.items()}
    return FoundDigits(found["train"], found.get("test"), reading.notes())


def _folders(folder: Path) -> list[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        return sorted((one.name.lower(), Path(one.path)) for one in entries if one.is_dir())


def _classes(folder: Path) -> dict[int, Path]:
    """Folders by the digit that they are named after: 7, digit_7, seven."""
    found = {}
    for name, one in _folders(folder):
        if name in WORDS:
            found[WORDS.index(name)] = one
        elif match := re.fullmatch(r"[^0-9]*0*([0-9])", name):
            found[int(match[1])] = one
    return found


def _pictures(root: Path, folder: Path) -> Iterator[tuple[Path, int]]:
    count = 0
    for label, one in sorted(_classes(root).items()):
        for path in sorted(one.iterdir()):
            if path.suffix.lower() in ENDINGS:
                count += 1
                if count > MAX_DIGITS:
                    raise DataFileError(f"{folder} holds more than {MAX_DIGITS:,} pictures.")
                yield path, label


@dataclass
class _Reading:
    """Reads pictures, counts what was left out, and reports how far it is."""

    folder: Path
    total: int
    on_progress: OnProgress
    should_stop: ShouldStop
    done: int = 0
    left_out: list[str] = field(default_factory=list)

    def digits(self, pictures: list[tuple[Path, int]]) -> Digits:
        """Read the pictures of one split."""
        images = np.empty((len(pictures), SIDE, SIDE), np.uint8)
        labels: list[int] = []
        for path, label in pictures:
            if self.should_stop():
                raise JobCancelled
            if (image := self._read(path)) is not None:
                images[len(labels)] = image
                labels.append(label)
            self.done += 1
            if self.done % EVERY == 0 or self.done == self.total:
                self.on_progress(FileProgress(self.folder.name, self.done, self.total))
        if not labels:
            raise DataFileError(
                f"{self.folder} holds no picture of one digit that can be read; put pictures into "
                "folders named 0 to 9."
            )
        return Digits(images[: len(labels)].copy(), np.array(labels, np.uint8))

    def _read(self, path: Path) -> NDArray[np.uint8] | None:
        try:
            page = read_grey(path, str(path))
            if page.shape == (SIDE, SIDE):
                return page
            found = read_picture(path).digits
        except ImageFileError:
            found = np.empty((0, SIDE, SIDE), np.uint8)
        if len(found) != 1 or not found.any():
            self.left_out.append(path.name)
            return None
        image: NDArray[np.uint8] = found[0]
        return image

    def notes(self) -> tuple[str, ...]:
        """Tell what was left out."""
        if not self.left_out:
            return ()
        count = formats.count(len(self.left_out), "picture")
        return (f"{count} with no digit, or several, were left out (such as {self.left_out[0]}).",)
