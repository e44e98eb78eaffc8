"""Recipes on real digits: full MNIST when it is named, the embedded sample otherwise."""

from __future__ import annotations

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import train

# Lowest test accuracy in percent, on full MNIST and on the sample; one seed, so a little below
# the means of tests/benchmarks/accuracy.py.
FLOORS = {
    "dense-10": (91.9, 80),
    "dense-100": (96.9, 88),
    "flatten-dense-100": (96.9, 88),
    "dense-50-50": (96.3, 88),
    "cnn-fast": (98.6, 85),
}


@pytest.mark.parametrize("name", list(FLOORS))
def test_a_recipe_reaches_what_it_promises(name: str, dataset: Dataset) -> None:
    result = train(
        ARCHITECTURES[name].recipe, dataset, on_progress=lambda _: None, should_stop=lambda: False
    )
    floor = FLOORS[name][0 if dataset.verified else 1]
    assert result.test.accuracy * 100 > floor
    assert result.train.accuracy > 0.9


def test_the_bundled_reader_reads_the_test_digits(dataset: Dataset) -> None:
    scores = Predictor(bundled_reader.litert_file()).scores(dataset.test.images)
    accuracy = (scores.argmax(axis=1) == dataset.test.labels).mean()
    assert accuracy > 0.99
