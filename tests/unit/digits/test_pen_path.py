from __future__ import annotations

import itertools

import numpy as np
import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.pen_path import FEATURES, POINTS, pen_path

FOUR = [[[8, 0], [0, 11], [12, 11]], [[9, 4], [9, 20]]]


def test_a_straight_stroke_is_followed_evenly() -> None:
    path = pen_path(Ink.from_points([[[3, 0], [3, 1], [3, 100]]]))

    assert path.shape == (POINTS, FEATURES)
    assert path.dtype == np.float32
    np.testing.assert_allclose(path[:, 0], 0, atol=1e-6)
    np.testing.assert_allclose(path[:, 1], np.linspace(-1, 1, POINTS), atol=1e-5)
    np.testing.assert_allclose(path[:, 2:4], [[0, 1]] * POINTS, atol=1e-5)
    assert (path[:, 4] == 1).all()


def test_the_way_through_the_air_is_marked() -> None:
    path = pen_path(Ink.from_points(FOUR))

    in_air = np.flatnonzero(path[:, 4] == 0)
    way = np.hypot(12 - 9, 11 - 4) / (np.hypot(8, 11) + 12 + np.hypot(3, 7) + 16)
    assert len(in_air) == pytest.approx(way * POINTS, abs=1)
    assert (np.diff(in_air) == 1).all()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 500.0])
def test_size_and_place_do_not_matter(scale: float) -> None:
    moved = [[[x * scale + 7, y * scale - 3] for x, y in stroke] for stroke in FOUR]

    np.testing.assert_allclose(
        pen_path(Ink.from_points(moved)), pen_path(Ink.from_points(FOUR)), atol=1e-3
    )


def test_more_points_on_the_same_way_change_nothing() -> None:
    denser = [
        [[x, y] for x, y in np.linspace(start, end, 20)]
        for stroke in FOUR
        for start, end in itertools.pairwise(stroke)
    ]
    one = pen_path(Ink.from_points([denser[0] + denser[1], denser[2]]))

    np.testing.assert_allclose(one[:, :2], pen_path(Ink.from_points(FOUR))[:, :2], atol=1e-4)


@pytest.mark.parametrize("points", [[], [[[5, 5]]], [[[5, 5], [5, 5]]], [[[1, 2]], [[1, 2]]]])
def test_no_way_is_told_in_finite_numbers(points: list[list[list[float]]]) -> None:
    path = pen_path(Ink.from_points(points))

    assert np.isfinite(path).all()
    assert np.abs(path).max() <= 1


def test_a_slip_far_away_is_left_out() -> None:
    slipped = Ink.from_points([*FOUR, [[60, 60]]])

    np.testing.assert_array_equal(pen_path(slipped), pen_path(Ink.from_points(FOUR)))
