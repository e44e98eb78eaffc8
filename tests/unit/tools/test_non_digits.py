from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib import get_data_path

from mnist_desktop.digits.ink import Ink, render
from tools.bundled.glyphs import as_strokes, glyphs, thinned
from tools.bundled.non_digits import SIGNS, begun, drawn_sign, scribble, several, sign

SEVEN = Ink.from_points([[[0, 0], [14, 0], [6, 24]]])
FOUR = Ink.from_points([[[8, 0], [0, 13], [14, 13]], [[10, 6], [10, 24]]])


@pytest.mark.parametrize("name", SIGNS)
def test_each_sign_can_be_drawn(name: str) -> None:
    ink = drawn_sign(name)

    # A rounded corner may swing out a little.
    assert all(stroke.min() >= -1.5 and stroke.max() < 11.5 for stroke in ink.strokes)
    assert render(ink).any()


def test_what_is_drawn_is_decided_by_the_seed() -> None:
    for draw in (
        scribble,
        lambda rng: sign(rng, list(SIGNS)),
        lambda rng: several(rng, [SEVEN, FOUR]),
        lambda rng: begun(rng, [SEVEN, FOUR]),
    ):
        images = [render(draw(np.random.default_rng(seed))) for seed in (1, 1, 2)]
        np.testing.assert_array_equal(images[0], images[1])
        assert (images[0] != images[2]).any()


def test_hundreds_of_scribbles_are_ink() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        assert render(scribble(rng)).any()


def test_several_digits_have_the_strokes_of_all() -> None:
    rng = np.random.default_rng(0)
    counts = [len(several(rng, [SEVEN]).strokes) for _ in range(100)]

    assert set(counts) >= {2, 3}


def test_what_is_begun_is_a_part() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        length = sum(
            np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum()
            for stroke in begun(rng, [SEVEN]).strokes
        )
        assert length < 1.8  # of the whole seven's two and more


def test_a_thick_cross_is_thinned_to_a_line_of_one_pixel() -> None:
    ink = np.zeros((40, 40), bool)
    ink[17:23, 4:36] = ink[4:36, 17:23] = True

    line = thinned(ink)

    assert 45 < line.sum() < 75
    assert line[18:22, 8:16].any(axis=0).all()
    assert not (line & ~ink).any()


def test_lines_become_strokes_that_hold_every_pixel() -> None:
    line = np.zeros((20, 20), bool)
    line[10, 3:17] = line[3:17, 10] = True

    ink = as_strokes(line)

    drawn = {(int(x), int(y)) for stroke in ink.strokes for x, y in stroke}
    assert len({(x, y) for y, x in np.argwhere(line)} - drawn) <= 2


def test_there_are_glyphs_of_many_kinds() -> None:
    found = glyphs(Path(get_data_path(), "fonts", "ttf"))

    assert len(found) > 1000
    assert 300 < sum(glyph.text.isalpha() for glyph in found) < len(found) - 300
    images = {render(glyph.ink).tobytes() for glyph in found}
    assert len(images) > 800
