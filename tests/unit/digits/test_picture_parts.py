from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.picture_parts import find_parts, runs_of


def ink(*rows: str) -> np.ndarray:
    return np.array([[float(mark == "#") for mark in row] for row in rows])


def test_corners_hang_together_and_gaps_part() -> None:
    parts, labels = find_parts(ink("#..#.", ".#.#.", "...#.", "#...."))

    assert [(part.box, part.area) for part in parts] == [
        ((0, 0, 2, 2), 2),
        ((3, 0, 4, 3), 3),
        ((0, 3, 1, 4), 1),
    ]
    assert labels.tolist() == [[1, 0, 0, 2, 0], [0, 1, 0, 2, 0], [0, 0, 0, 2, 0], [3, 0, 0, 0, 0]]


def test_arms_that_meet_further_down_are_one_part() -> None:
    parts, _ = find_parts(ink("#...#", "#.#.#", "#.#.#", "#####"))

    assert [part.area for part in parts] == [13]


def test_a_page_without_ink_has_no_parts() -> None:
    parts, labels = find_parts(np.zeros((4, 5)))

    assert parts == []
    assert not labels.any()


def test_parts_are_those_that_filling_from_pixel_to_pixel_finds() -> None:
    rng = np.random.default_rng(2)
    mask = rng.random((40, 60)) < 0.45
    seen = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if seen[start]:
            continue
        number, todo = seen.max() + 1, [start]
        while todo:
            row, column = todo.pop()
            if 0 <= row < 40 and 0 <= column < 60 and mask[row, column] and not seen[row, column]:
                seen[row, column] = number
                todo += [(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)]

    _, labels = find_parts(mask.astype(float))

    pairs = set(zip(seen[mask].tolist(), labels[mask].tolist(), strict=True))
    assert len(pairs) == seen.max() == labels.max()


@pytest.mark.parametrize(("width", "height"), [(4, 60), (60, 4), (9, 90)])
def test_a_bar_is_as_thick_and_broad_as_it_was_drawn(width: int, height: int) -> None:
    page = np.zeros((120, 120))
    page[10 : 10 + height, 20 : 20 + width] = 0.5

    [bar], _ = find_parts(page)

    assert bar.thickness == pytest.approx(min(width, height), rel=0.12)
    assert bar.breadth == pytest.approx(min(width, height), rel=0.05)
    assert bar.mass == pytest.approx(width * height / 2)


def test_a_ring_has_thin_lines_and_a_disk_has_none() -> None:
    rows, columns = np.mgrid[0:100, 0:100]
    far = np.hypot(rows - 50, columns - 50)

    [ring], _ = find_parts(((far < 40) & (far > 34)).astype(float))
    [disk], _ = find_parts((far < 40).astype(float))

    assert ring.slenderness < 0.1
    assert disk.slenderness > 0.3


def test_runs_are_told_row_by_row() -> None:
    rows, starts, ends = runs_of(ink("##.#", "....", "..##") > 0)

    assert list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)) == [
        (0, 0, 2),
        (0, 3, 4),
        (2, 2, 4),
    ]
