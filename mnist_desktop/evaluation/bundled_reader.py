"""The reader that ships with the program: its files, and what it made of MNIST's test digits."""

from __future__ import annotations

import functools
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from mnist_desktop.errors import ModelFileError
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.files.arrays import read_arrays
from mnist_desktop.paths import resource

STEPS = 65_535  # a score of 0 to 1 is kept as a 16-bit integer, a quarter of the size
# What a file that is missing, cut short or overwritten can be found out by.
DAMAGE = (
    OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError,
)  # fmt: skip


def litert_file() -> Path:
    """The file by which it reads."""
    return resource("models", "bundled.tflite")


def keras_file() -> Path:
    """The file by which it is fine-tuned."""
    return resource("models", "bundled.keras")


def card_file() -> Path:
    """The file that says how it was made and how well it reads."""
    return resource("models", "bundled.json")


def scores_file() -> Path:
    """The file of its scores of MNIST's test digits."""
    return resource("models", "bundled-test.npz")


def accuracy_on_mnist() -> float:
    """What fraction of MNIST's test digits it reads, 0 to 1.

    Raises
    ------
    ModelFileError
        If its card is missing or damaged.
    """
    try:
        return float(json.loads(card_file().read_text(encoding="utf-8"))["test_accuracy"])
    except DAMAGE as error:
        raise _damaged() from error


@functools.cache
def readings_of_mnist() -> Readings:
    """Read its scores of MNIST's 10,000 test digits, in the order of its file.

    They are those of the LiteRT file, so that reading the digits again gives the same labels, and
    scores that differ by less than 0.00001.

    Raises
    ------
    ModelFileError
        If their file is missing or damaged.
    """
    try:
        kept = read_arrays(scores_file(), "labels", "scores")
        return Readings(kept["labels"], kept["scores"].astype(np.float32) / STEPS)
    except DAMAGE as error:
        raise _damaged() from error


def _damaged() -> ModelFileError:
    return ModelFileError(
        "The kept results of the bundled reader are missing or damaged; install the program again."
    )
