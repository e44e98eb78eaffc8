"""Digits in a folder for each class, with pictures in them, as image libraries take them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import MAX_DIGITS, SIDE, Digits
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.picture_ways import PictureReader
from mnist_desktop.errors import DataFileError, JobCancelled
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
    folder: Path, way: str, *, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    """Read the pictures of a folder for each digit, with ``train`` and ``test`` above or without.

    What holds no digit, or several, is left out and told.

    Parameters
    ----------
    folder : Path
        The folder.
    way : str
        How they are to be taken, of `picture_ways.PICTURE_WAYS`.
    on_progress : callable
        Gets a `FileProgress` now and then.
    should_stop : callable
        Ends the reading when it answers True.

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
    reading = _Reading(folder, total, PictureReader(way), on_progress, should_stop)
    found = {name: reading.digits(pictures) for name, pictures in files.items()}
    return FoundDigits(found["train"], found.get("test"), reading.reader.notes(), way)


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
    """Reads pictures and reports how far it is."""

    folder: Path
    total: int
    reader: PictureReader
    on_progress: OnProgress
    should_stop: ShouldStop
    done: int = 0

    def digits(self, pictures: list[tuple[Path, int]]) -> Digits:
        """Read the pictures of one split."""
        images = np.empty((len(pictures), SIDE, SIDE), np.uint8)
        labels: list[int] = []
        for path, label in pictures:
            if self.should_stop():
                raise JobCancelled
            if (image := self.reader.read(path, path.name)) is not None:
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
