from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.ink import BOX, PEN_WIDTH, Ink, render

Points = list[list[list[float]]]

SEVEN: Points = [[[0, 0], [10, 0], [4, 16]]]
FOUR: Points = [[[8, 0], [0, 11], [12, 11]], [[9, 4], [9, 20]]]
ZERO: Points = [[[8 * math.sin(t), 12 * math.cos(t)] for t in np.linspace(0, 6.28, 50)]]
ONE: Points = [[[0, 0], [0, 20]]]
DASH: Points = [[[0, 0], [20, 0]]]
NEARLY_FLAT: Points = [[[0, 0], [1000, 1], [2000, 0]]]
DRAWINGS = {
    "seven": SEVEN,
    "four": FOUR,
    "zero": ZERO,
    "one": ONE,
    "dash": DASH,
    "nearly flat": NEARLY_FLAT,
}
# The middle of the ink lies near one end, so that it cannot come to the middle of the image.
LOPSIDED: Points = [[[0, 0], [0, 20]], [[-10, 20], [10, 20], [10, 17.5], [-10, 17.5]]]


def moved(points: Points, scale: float = 1.0, x: float = 0.0, y: float = 0.0) -> Ink:
    return Ink.from_points([[[px * scale + x, py * scale + y] for px, py in s] for s in points])


def extents(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Width and height of the ink in pixels; a half-covered pixel counts half."""
    return image.max(axis=0).sum() / 255, image.max(axis=1).sum() / 255


def centre_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    weights = image.astype(np.float64)
    places = np.arange(28) + 0.5
    total = weights.sum()
    return float(weights.sum(axis=0) @ places / total), float(weights.sum(axis=1) @ places / total)


def random_drawing(seed: int) -> Points:
    """One to three strokes, each a walk with a direction of its own."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(rng.normal(0, 1, 2), 2, (rng.integers(2, 30), 2)).cumsum(axis=0)).tolist()
        for _ in range(rng.integers(1, 4))
    ]


# No ink, and hardly any


@pytest.mark.parametrize("points", [[], [[]], [[], [], []]])
def test_no_ink_gives_an_empty_image(points: Points) -> None:
    ink = Ink.from_points(points)

    image = render(ink)

    assert not ink
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert not image.any()


@pytest.mark.parametrize(
    "points",
    [[[[5, 5]]], [[[5, 5], [5, 5], [5, 5]]], [[[5, 5]], [[5, 5]]], [[[-1e30, 1e30]]]],
    ids=["one point", "the same point again", "the same dot again", "far away"],
)
def test_a_dot_is_as_wide_as_the_pen_and_in_the_middle(points: Points) -> None:
    image = render(Ink.from_points(points))

    assert extents(image) == pytest.approx((PEN_WIDTH, PEN_WIDTH), abs=0.5)
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.1)


def test_empty_strokes_are_left_out() -> None:
    ink = Ink.from_points([[], *SEVEN, []])

    assert len(ink.strokes) == 1
    np.testing.assert_array_equal(render(ink), render(Ink.from_points(SEVEN)))


def test_a_point_drawn_twice_changes_nothing() -> None:
    doubled = [[point for point in stroke for _ in range(2)] for stroke in FOUR]

    np.testing.assert_array_equal(render(Ink.from_points(doubled)), render(Ink.from_points(FOUR)))


# Size and place


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("scale", [1e-4, 0.05, 1.0, 37.0, 1e6], ids=lambda scale: f"x{scale}")
def test_the_longest_side_is_20_pixels_at_any_scale(name: str, scale: float) -> None:
    image = render(moved(DRAWINGS[name], scale))

    assert max(extents(image)) == pytest.approx(BOX, abs=1)


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize(
    ("scale", "x", "y"),
    [(0.01, 0, 0), (1, 300, 20), (1, -5000, 5000), (25, 3, -700), (1000, 1e5, 1e5)],
)
def test_a_drawing_gives_the_same_image_at_any_scale_and_place(
    name: str, scale: float, x: float, y: float
) -> None:
    there = render(moved(DRAWINGS[name], scale, x, y)).astype(int)
    here = render(moved(DRAWINGS[name])).astype(int)

    # Float32 positions move an edge by at most one of the 8 steps within a pixel.
    assert np.abs(there - here).max() <= 32
    assert np.abs(there - here).mean() < 0.5


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_centre_of_mass_is_the_middle(name: str) -> None:
    assert centre_of_mass(render(Ink.from_points(DRAWINGS[name]))) == pytest.approx(
        (14, 14), abs=0.2
    )


def test_the_aspect_is_kept() -> None:
    width, height = extents(render(Ink.from_points([[[0, 0], [5, 0], [5, 20], [0, 20], [0, 0]]])))

    assert height == pytest.approx(20, abs=0.5)
    # The pen's middle goes round a box of 17.4 × 17.4 / 4 pixels.
    assert width == pytest.approx(17.4 / 4 + PEN_WIDTH, abs=0.5)


def test_up_is_up_and_left_is_left() -> None:
    image = render(Ink.from_points(SEVEN)).astype(int)
    rows = np.flatnonzero(image.any(axis=1))

    top, bottom = image[rows[1]], image[rows[-2]]
    assert (top > 128).sum() > 3 * (bottom > 128).sum()
    assert np.flatnonzero(bottom).max() < np.flatnonzero(top).max()


@pytest.mark.parametrize("scale", [0.02, 1.0, 500.0])
@pytest.mark.parametrize(("points", "axis"), [(ONE, 1), (DASH, 0)], ids=["one", "dash"])
def test_the_pen_is_as_wide_as_mnists_at_any_scale(points: Points, axis: int, scale: float) -> None:
    image = render(moved(points, scale))
    along = image.sum(axis=axis)[8:20] / 255

    np.testing.assert_allclose(along, PEN_WIDTH, atol=0.1)


def test_a_slanted_pen_stroke_is_as_wide_as_a_straight_one() -> None:
    slanted = render(Ink.from_points([[[0, 0], [20, 20]]])).sum() / 255

    length = (BOX - PEN_WIDTH) * math.sqrt(2)
    ends = math.pi * (PEN_WIDTH / 2) ** 2
    assert (slanted - ends) / length == pytest.approx(PEN_WIDTH, abs=0.3)


def test_corners_and_ends_are_round() -> None:
    image = render(Ink.from_points([[[0, 0], [20, 0], [20, 20]]])).astype(int)
    filled = np.argwhere(image > 0)
    (top, left), (bottom, right) = filled.min(axis=0), filled.max(axis=0)

    # The outer corner of the box is fainter than the edge that leads to it, yet not missing.
    assert image[top, right] < image[top + 1, right - 1]
    assert image[top + 1, right - 1] == 255
    assert image[bottom, right] < 255
    assert image[top, left] < 255


@pytest.mark.parametrize("seed", range(40))
def test_no_drawing_is_cut_off_and_each_is_as_central_as_it_can_be(seed: int) -> None:
    image = render(Ink.from_points(random_drawing(seed)))

    assert max(extents(image)) == pytest.approx(BOX, abs=1)
    for axis, centre in enumerate(centre_of_mass(image)):
        lines = np.flatnonzero(image.any(axis=axis))
        at_the_border = lines[0] == 0 if centre > 14 else lines[-1] == 27
        assert abs(centre - 14) <= 0.6 or at_the_border


@pytest.mark.parametrize(
    ("flip_x", "flip_y", "turned"),
    [
        (flip_x, flip_y, turned)
        for flip_x in (1, -1)
        for flip_y in (1, -1)
        for turned in (False, True)
    ],
)
def test_lopsided_ink_stays_whole_at_the_border(flip_x: int, flip_y: int, turned: bool) -> None:
    points: Points = [[[x * flip_x, y * flip_y] for x, y in stroke] for stroke in LOPSIDED]
    if turned:
        points = [[[y, x] for x, y in stroke] for stroke in points]
    image = render(Ink.from_points(points))

    assert max(extents(image)) == pytest.approx(BOX, abs=0.6)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert border.any()
    assert max(abs(c - 14) for c in centre_of_mass(image)) > 0.6


# What is no ink


@pytest.mark.parametrize(
    "points",
    [
        [[[math.nan, 0]]],
        [[[0, math.inf]]],
        [[[0, 0], [1, -math.inf]]],
        [[[1e39, 0]]],
        [[[10**400, 0]]],
        [[[1, 2, 3]]],
        [[[1]]],
        [[[]]],
        [[[1, 2], [3]]],
        [[1, 2]],
        [5],
        [None],
        [[None]],
        [[[None, 1]]],
        ["ab"],
        [["ab"]],
        [[["1", "2"]]],
        [[[True, False]]],
        [[[[1, 2]]]],
        [{"x": 1}],
        [*SEVEN, [[math.nan, 1]]],
    ],
    ids=repr,
)
def test_positions_that_are_not_two_finite_numbers_are_refused(points: Any) -> None:
    with pytest.raises(ValueError, match="must be two finite numbers"):
        Ink.from_points(points)


def test_positions_may_come_as_arrays() -> None:
    ink = Ink.from_points([np.array(stroke) for stroke in SEVEN])  # type: ignore[misc]

    np.testing.assert_array_equal(render(ink), render(Ink.from_points(SEVEN)))


def test_ink_keeps_its_strokes_in_order_as_float32() -> None:
    ink = Ink.from_points(FOUR)

    assert [stroke.tolist() for stroke in ink.strokes] == FOUR
    assert all(stroke.dtype == np.float32 for stroke in ink.strokes)
