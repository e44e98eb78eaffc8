from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.inference.path_reader import PathReader, combined
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.stroke_augmentation import resampled

EVEN = np.full((1, 10), 0.1)
DIGITS = {
    0: [[[10 + 8 * math.sin(t), 12 - 12 * math.cos(t)] for t in np.linspace(0, -6.3, 40).tolist()]],
    1: [[[10, 0], [10, 24]]],
    4: [[[8, 0], [0, 13], [14, 13]], [[10, 6], [10, 24]]],
    7: [[[0, 0], [14, 0], [6, 24]]],
}


@pytest.mark.parametrize("digit", DIGITS)
def test_the_pens_way_tells_plain_digits(digit: int) -> None:
    scores = PathReader().second(EVEN, [Ink.from_points(DIGITS[digit])])[0]

    assert scores.sum() == pytest.approx(1)
    assert scores.argmax() == digit


@pytest.mark.parametrize("digit", DIGITS)
def test_who_draws_backwards_is_understood(digit: int) -> None:
    backwards = [stroke[::-1] for stroke in DIGITS[digit][::-1]]

    assert PathReader().second(EVEN, [Ink.from_points(backwards)]).argmax() == digit


def test_neither_opinion_decides_alone() -> None:
    sure_of_3, sure_of_8 = np.full((1, 10), 1e-9), np.full((1, 10), 1e-9)
    sure_of_3[0, 3] = sure_of_8[0, 8] = 1

    together = combined(sure_of_3, sure_of_8)[0]

    assert together[3] == pytest.approx(together[8])
    assert together[3] == pytest.approx(0.5, abs=0.05)


def test_only_drawings_have_a_second_opinion() -> None:
    reader = open_model(BUNDLED, RunStore(__file__))  # type: ignore[arg-type] # not looked into
    ink = Ink.from_points(DIGITS[7])
    image = render(ink)

    assert reader.read(image).probabilities != reader.read(image, ink).probabilities
    assert reader.read(image, ink).label == 7


@pytest.mark.parametrize("digit", DIGITS)
def test_a_drawing_in_dots_is_read_by_its_image_alone(digit: int) -> None:
    reader = open_model(BUNDLED, RunStore(__file__))  # type: ignore[arg-type] # not looked into
    line = [np.array(stroke, float) for stroke in DIGITS[digit]]
    dots = Ink.from_points([[point] for stroke in line for point in resampled(stroke, 2).tolist()])

    found = reader.read(render(dots), dots)

    assert (found.label, found.accepted) == (digit, True)
