"""Several digits drawn side by side are told apart, and no digit is divided."""

from __future__ import annotations

import numpy as np

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.ink_groups import side_by_side

ONE = [[0.1, 0.2], [0.1, 0.8]]
SEVEN = [[0.4, 0.2], [0.6, 0.2], [0.5, 0.8]]
BAR = [[0.42, 0.5], [0.58, 0.5]]  # through the seven
FOUR = [[[0.3, 0.2], [0.2, 0.5], [0.5, 0.5]], [[0.45, 0.3], [0.45, 0.8]]]
LOOSE_FOUR = [[[0.3, 0.2], [0.2, 0.5], [0.4, 0.5]], [[0.45, 0.3], [0.45, 0.8]]]
FIVE = [[[0.5, 0.3], [0.3, 0.3], [0.5, 0.6], [0.3, 0.8]], [[0.65, 0.2], [0.8, 0.2]]]


def counts(*strokes: list[list[float]]) -> list[int]:
    """How many strokes each digit has."""
    return [len(ink.strokes) for ink in side_by_side(Ink.from_points(strokes))]


def test_digits_beside_each_other_are_divided_from_left_to_right() -> None:
    ink = Ink.from_points([SEVEN, ONE, BAR])
    left, right = side_by_side(ink)
    assert left.strokes == (ink.strokes[1],)
    assert right.strokes == (ink.strokes[0], ink.strokes[2])  # in the order they were drawn
    assert right.brush == ink.brush


def test_a_digit_whose_strokes_do_not_meet_stays_whole() -> None:
    assert counts(*FOUR) == [2]
    assert counts(*LOOSE_FOUR) == [2]
    assert counts(*FIVE) == [2]  # its bar stands well beside it, but is no digit


def test_no_ink_one_stroke_and_too_many_parts_are_left_as_they_are() -> None:
    assert side_by_side(Ink()) == (Ink(),)
    assert counts(SEVEN) == [1]
    fence = [[[x / 10, 0.4], [x / 10, 0.6]] for x in range(10)]
    assert counts(*fence) == [10]
    dots = [[[0.1, 0.5]], [[0.9, 0.5]]]
    assert sum(counts(*dots)) == 2


def test_dust_beside_the_digits_belongs_to_the_nearest() -> None:
    speck = [[0.2, 0.5], [0.21, 0.5]]
    assert counts(ONE, SEVEN, speck) == [2, 1]


def test_no_stroke_is_lost() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        strokes = [
            (rng.uniform(0, 1, (5, 2)) * [0.3, 1]) + [rng.uniform(0, 2), 0] for _ in range(4)
        ]
        assert sum(counts(*(stroke.tolist() for stroke in strokes))) == 4
