"""Pages are turned, straightened and cropped."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.image_import import read_page, read_picture, with_boxes
from mnist_desktop.digits.picture_turns import PageRequest, cropped, tilt, turned
from mnist_desktop.errors import TiltError


def line_of_sevens(count: int = 5) -> NDArray[np.uint8]:
    """Draw sevens in a row on paper that is darker on the right."""
    page = np.tile(np.linspace(250, 200, 80 * count + 40), (160, 1)).astype(np.uint8)
    for number in range(count):
        left = 40 + 80 * number
        page[50:56, left : left + 34] = 20
        for row in range(56, 110):
            middle = left + 31 - (row - 56) // 3
            page[row, middle - 3 : middle + 3] = 20
    return page


@pytest.mark.parametrize("degrees", [90, 180, 270, -90, 360])
def test_quarter_turns_change_no_pixel(degrees: int) -> None:
    page = line_of_sevens()
    np.testing.assert_array_equal(turned(page, degrees), np.rot90(page, -degrees // 90))
    np.testing.assert_array_equal(turned(turned(page, degrees), -degrees), page)


def test_a_turn_is_clockwise_and_keeps_all_of_the_page() -> None:
    page = np.full((100, 200), 240, np.uint8)
    page[45:55, 180:190] = 0  # on the right, which goes down
    found = turned(page, 30)
    rows, columns = np.nonzero(found < 100)
    height, width = found.shape
    assert (height, width) == (187, 223)
    assert rows.mean() - height / 2 == pytest.approx(85 * np.sin(np.pi / 6), abs=1)
    assert columns.mean() - width / 2 == pytest.approx(85 * np.cos(np.pi / 6), abs=1)


@pytest.mark.parametrize("degrees", [3, -17, 45, 200])
def test_the_corners_that_come_into_sight_are_paper(degrees: float) -> None:
    """Another brightness would be a line along the page's edge, and be read as ink."""
    page = line_of_sevens()
    found = turned(page, degrees)
    assert np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]]).min() >= 195
    straight = read_page(turned(page, 3))
    assert len(straight.boxes) == 5


def test_a_turned_page_is_no_larger_than_any_other() -> None:
    assert max(turned(np.full((800, 800), 240, np.uint8), 45).shape) == 800
    assert turned(np.full((1, 1), 240, np.uint8), 45).shape == (1, 1)


@pytest.mark.parametrize("degrees", [-20, -7.5, -2, 0, 1, 5, 12.5, 25])
def test_the_tilt_of_a_line_is_measured(degrees: float) -> None:
    ink = read_page(turned(line_of_sevens(), degrees)).ink
    assert ink is not None
    assert tilt(ink) == pytest.approx(degrees, abs=0.75)


def test_the_tilt_of_a_page_of_lines_is_measured() -> None:
    page = np.concatenate([line_of_sevens(4)] * 3)
    ink = read_page(turned(page, 6)).ink
    assert ink is not None
    assert tilt(ink) == pytest.approx(6, abs=0.75)


def test_one_digit_and_no_ink_have_no_tilt() -> None:
    ink = read_page(turned(line_of_sevens(1), 8)).ink
    assert ink is not None
    assert tilt(ink) is None
    assert tilt(np.zeros((50, 80))) is None


@pytest.mark.parametrize("degrees", [0, -12])
def test_a_page_is_straightened_from_what_it_was_before_it_was_turned(degrees: float) -> None:
    page = turned(line_of_sevens(), 6)
    tilted = read_picture(PageRequest(page, degrees))
    straight = read_picture(PageRequest(page, degrees, tilted.ink))
    assert straight.degrees == pytest.approx(354, abs=0.75)
    assert straight.unturned is page
    assert len(straight.boxes) == 5
    corrected = with_boxes(straight, straight.boxes[:1])
    assert (corrected.unturned is page, corrected.degrees) == (True, straight.degrees)


def test_a_page_that_is_straight_or_cannot_be_measured_is_not_straightened() -> None:
    straight = read_page(line_of_sevens())
    with pytest.raises(TiltError, match="straight already"):
        read_picture(PageRequest(straight.page, ink=straight.ink))
    with pytest.raises(TiltError, match="cannot be measured"):
        read_picture(PageRequest(straight.page, ink=np.zeros((50, 80))))


def test_what_is_cropped_is_a_page_of_its_own() -> None:
    page = line_of_sevens()
    part = cropped(page, (110, 30, 170, 130))
    assert part.shape == (100, 60)
    part[:] = 0
    assert page[30:130, 110:170].max() > 0
    assert len(read_page(cropped(page, (110, 30, 170, 130))).boxes) == 1
