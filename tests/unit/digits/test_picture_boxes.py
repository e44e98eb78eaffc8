"""Boxes of a picture are moved, resized and added by dragging, and read again."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.image_import import Picture, with_boxes
from mnist_desktop.digits.picture_boxes import Box, BoxDrag, join, nearest, nudged, split

BOXES = ((10, 10, 40, 50), (60, 10, 90, 50))
SIZE = (100, 60)


def drag(
    start: tuple[float, float], end: tuple[float, float], boxes: tuple[Box, ...] = BOXES
) -> tuple[Box, ...]:
    one = BoxDrag(boxes, start, 4, SIZE)
    one.move_to(end)
    return one.boxes


def test_a_click_chooses_and_changes_nothing() -> None:
    click = BoxDrag(BOXES, (75, 30), 4, SIZE)
    assert click.number == 1
    assert click.boxes == BOXES
    click.move_to((76, 31))  # a hand is never quite still
    assert click.boxes == BOXES
    assert BoxDrag(BOXES, (50, 30), 4, SIZE).number is None


def test_an_edge_a_corner_and_the_whole_are_dragged() -> None:
    assert drag((40, 30), (48, 30)) == ((10, 10, 48, 50), BOXES[1])
    assert drag((10, 10), (5, 2)) == ((5, 2, 40, 50), BOXES[1])
    assert drag((25, 30), (28, 34)) == ((13, 14, 43, 54), BOXES[1])


@pytest.mark.parametrize("way", [2.5, 3.5, -2.5, 3.49])
def test_a_box_that_is_moved_keeps_its_size(way: float) -> None:
    """Halves are rounded to even: 10 + 2.5 down to 12, but 41 + 2.5 up to 44."""
    left, top, right, bottom = drag((25, 30), (25 + way, 30 + way), ((10, 10, 41, 49),))[0]
    assert (right - left, bottom - top) == (31, 39)
    assert (left, top) == (10 + round(way), 10 + round(way))


def test_an_edge_may_be_dragged_beyond_the_other_one() -> None:
    assert drag((10, 30), (55, 30))[0] == (40, 10, 55, 50)


def test_no_box_leaves_the_page_and_none_is_empty() -> None:
    assert drag((75, 30), (300, 300))[1] == (70, 20, 100, 60)
    assert drag((90, 30), (900, 30))[1] == (60, 10, 100, 50)
    assert drag((90, 30), (60, 30))[1] == (60, 10, 61, 50)


def test_a_new_box_is_drawn_beside_the_others() -> None:
    assert drag((45, 5), (55, 58)) == (*BOXES, (45, 5, 55, 58))
    assert drag((55, 58), (45, 5)) == (*BOXES, (45, 5, 55, 58))
    assert drag((48, 5), (51, 58)) == BOXES  # too narrow for a digit


def test_other_boxes_are_cut_out_of_the_same_page() -> None:
    page = np.full((60, 100), 250, np.uint8)
    page[10:50, 20:24] = page[10:50, 70:74] = 20
    picture = with_boxes(Picture(page, np.zeros((1, 28, 28), np.uint8)), reversed(BOXES))
    assert picture.boxes == BOXES
    assert picture.page is page
    assert picture.digits.any(axis=(1, 2)).tolist() == [True, True]
    assert picture.ink is not None  # looked for once, and not again with each drag
    assert with_boxes(picture, BOXES[:1]).ink is picture.ink
    none = with_boxes(picture, ())
    assert none.ink is picture.ink
    assert none.boxes == ()
    assert not none.digits.any()


def test_a_box_is_split_where_there_is_least_ink_or_where_it_is_said() -> None:
    ink = np.zeros((60, 100))
    ink[10:50, 10:40] = 0.5
    ink[12:50, 22] = 0  # a touch of two digits, left of the middle
    assert split(BOXES, 0, ink) == ((10, 10, 22, 50), (22, 10, 40, 50), BOXES[1])
    assert split(BOXES, 1, ink) == (BOXES[0], (60, 10, 75, 50), (75, 10, 90, 50))
    assert split(BOXES, 0, ink, 30.4)[:2] == ((10, 10, 30, 50), (30, 10, 40, 50))
    assert split(BOXES, 0, ink, 2)[:2] == ((10, 10, 14, 50), (14, 10, 40, 50))
    narrow = ((10, 10, 17, 50),)
    assert split(narrow, 0, ink) == narrow


def test_boxes_are_joined_with_the_nearest_or_several_at_once() -> None:
    boxes = (*BOXES, (42, 30, 50, 55))
    assert nearest(boxes, 0) == 2
    assert nearest(boxes, 1) == 2
    assert nearest(BOXES[:1], 0) is None
    assert join(boxes, {0, 2}) == ((BOXES[1], (10, 10, 50, 55)), (10, 10, 50, 55))
    assert join(boxes, {0, 1, 2})[0] == ((10, 10, 90, 55),)


def test_a_box_is_nudged_as_far_as_the_page_goes() -> None:
    assert nudged((10, 10, 40, 50), (2, -3), SIZE) == (12, 7, 42, 47)
    assert nudged((10, 10, 40, 50), (-20, 20), SIZE) == (0, 20, 30, 60)
    assert nudged((10, 10, 40, 50), (3, -2), SIZE, resizes=True) == (10, 10, 43, 48)
    assert nudged((10, 10, 40, 50), (99, -99), SIZE, resizes=True) == (10, 10, 100, 14)
