from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.training.stroke_augmentation import distort, pen_width

THREE = Ink.from_points(
    [[[50 + 20 * math.sin(t * 3), t * 30] for t in np.linspace(0, 3, 40).tolist()]]
)
DOT = Ink.from_points([[[5, 5]]])


def test_the_same_seed_distorts_alike_and_another_otherwise() -> None:
    one, same, other = (distort(THREE, np.random.default_rng(seed)) for seed in (1, 1, 2))

    np.testing.assert_array_equal(render(one), render(same))
    assert (render(one) != render(other)).any()


def test_nothing_is_changed_by_an_amount_of_0() -> None:
    image = render(distort(THREE, np.random.default_rng(0), 0.0)).astype(int)

    assert np.abs(image - render(THREE)).mean() < 1


def test_most_of_the_ink_stays_where_it_was() -> None:
    before = render(THREE) > 100
    shares = [
        (before & (render(distort(THREE, np.random.default_rng(seed), 0.5)) > 60)).sum()
        / before.sum()
        for seed in range(50)
    ]

    assert np.mean(shares) > 0.5
    assert np.mean(shares) < 0.98


@pytest.mark.parametrize("ink", [THREE, DOT], ids=["strokes", "a dot"])
def test_what_comes_out_is_ink(ink: Ink) -> None:
    for seed in range(200):
        distorted = distort(ink, np.random.default_rng(seed), 2.0)

        assert distorted
        assert all(len(stroke) and np.isfinite(stroke).all() for stroke in distorted.strokes)


def test_pens_are_as_wide_as_mnists_on_average() -> None:
    rng = np.random.default_rng(0)
    widths = [pen_width(rng) for _ in range(2000)]

    assert np.median(widths) == pytest.approx(2.6, abs=0.1)
    assert min(widths) >= 1.4
    assert max(widths) <= 4.6
