"""Other hands: which are learnt from, and what is left out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from tools.bundled.rare_forms import SHARES, perhaps_rare
from tools.bundled.unipen import LEFT_OUT, read_characters

RING = [[10 + 6 * np.sin(t), 10 - 10 * np.cos(t)] for t in np.linspace(0, 6.3, 30).tolist()]
STEM = [[0.0, 0.0], [0.5, 20.0]]
SEVEN = [[0.0, 0.0], [12.0, 0.0], [5.0, 20.0]]


@pytest.fixture
def characters(tmp_path: Path) -> Path:
    """One character of each of four writers at each of four sites, after a line that is wrong."""
    path = tmp_path / "characters.jsonl.gz"
    wrong = min(line for some in json.loads(LEFT_OUT.read_text("utf-8")).values() for line in some)
    lines = [
        {"label": label, "site": site, "writer": writer, "strokes": [RING]}
        for site in ("uqb", "apa", "ibm", "val")
        for writer, label in zip("wxyz", (0, 7, "e", "?"), strict=True)
    ]
    assert wrong >= len(lines)
    lines += [lines[0]] * (wrong - len(lines)) + [{**lines[0], "site": "left out"}]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def test_sites_are_held_out_as_a_whole_and_the_divided_one_by_writers(characters: Path) -> None:
    found = read_characters(characters)[:16]
    parts = {
        site: {one.part for one in found if one.site == site} for site in ("uqb", "apa", "val")
    }
    assert parts == {"uqb": {"test"}, "apa": {"validation"}, "val": {"learnt"}}
    of_ibm = {one.writer: one.part for one in found if one.site == "ibm"}
    assert of_ibm == {"w": "validation", "x": "learnt", "y": "learnt", "z": "validation"}
    assert [one.is_digit for one in found[:4]] == [True, True, False, False]


def test_what_is_labelled_wrongly_is_left_out(characters: Path) -> None:
    assert "left out" not in {one.site for one in read_characters(characters)}


def test_a_line_is_left_out_for_one_reason() -> None:
    lines = [line for some in json.loads(LEFT_OUT.read_text("utf-8")).values() for line in some]
    assert len(lines) == len(set(lines)) == 102


@pytest.mark.parametrize("label", [0, 1, 7, 9])
def test_a_rare_form_is_the_digit_and_something_more(label: int) -> None:
    strokes = {0: [RING], 1: [STEM], 7: [SEVEN], 9: [[*RING, [10.0, 20.0]]]}[label]
    drawing = Drawing(Ink.from_points(strokes), label)
    rng = np.random.default_rng(1)
    forms = [perhaps_rare(drawing, rng) for _ in range(400)]
    changed = [form for form in forms if form is not drawing.ink]
    assert len(changed) == pytest.approx(400 * SHARES[label], rel=0.35)
    before = sum(map(len, drawing.ink.strokes))
    assert all(sum(map(len, form.strokes)) > before for form in changed)


def test_a_rare_six_is_narrow_and_has_corners() -> None:
    drawing = Drawing(Ink.from_points([[[8.0, -12.0], *RING]]), 6)
    rng = np.random.default_rng(1)
    forms = [perhaps_rare(drawing, rng) for _ in range(400)]
    changed = [form for form in forms if form is not drawing.ink]
    assert len(changed) == pytest.approx(400 * SHARES[6], rel=0.35)
    assert all(len(form.strokes[0]) < len(drawing.ink.strokes[0]) for form in changed)
    width, height = np.ptp(drawing.ink.strokes[0], axis=0)
    shapes = [np.ptp(form.strokes[0], axis=0) for form in changed]
    assert np.mean([wide / high for wide, high in shapes]) < 0.85 * width / height


def test_other_digits_stay_as_they_are() -> None:
    drawing = Drawing(Ink.from_points([SEVEN]), 5)
    assert perhaps_rare(drawing, np.random.default_rng(1)) is drawing.ink
