"""What the bundled reader made of MNIST's test digits, which ships with it."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.paths import resource

STEPS = 65_535  # a score of 0 to 1 is kept as a 16-bit integer, a quarter of the size


def bundled_test_file() -> Path:
    """The file of the scores."""
    return resource("models", "bundled-test.npz")


@functools.cache
def bundled_test_readings() -> Readings:
    """Read the scores of MNIST's 10,000 test digits, in the order of its file.

    They are those of the LiteRT file, so that reading the digits again gives the same labels, and
    scores that differ by less than 0.00001.
    """
    with np.load(bundled_test_file()) as kept:
        return Readings(kept["labels"], kept["scores"].astype(np.float32) / STEPS)
