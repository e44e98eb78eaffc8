"""The pad, with real mouse and key events."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import ONE, SEVEN, draw
from pads import answer, answer_at_once
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QInputDevice,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.image_import import Picture, read_page, with_boxes
from mnist_desktop.digits.ink import Ink, render, shrink
from mnist_desktop.digits.picture_turns import PageRequest, tilt, turned
from mnist_desktop.ui.draw.pad_content import MAX_PAGES
from mnist_desktop.ui.draw.paint_widget import PaintWidget
from mnist_desktop.ui.draw.picture_page import page_place
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme, contrast

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def slow_pad(qtbot: QtBot) -> PaintWidget:
    """A pad whose pages are not looked through yet."""
    widget = PaintWidget()
    qtbot.addWidget(widget)
    widget.resize(280, 280)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def pad(slow_pad: PaintWidget) -> PaintWidget:
    answer_at_once(slow_pad)
    return slow_pad


@pytest.fixture
def requests(slow_pad: PaintWidget) -> list[PageRequest]:
    """Pages that a slow pad wants to have looked through."""
    found: list[PageRequest] = []
    slow_pad.page_requested.connect(found.append)
    return found


def test_a_stroke_follows_the_mouse(qtbot: QtBot, pad: PaintWidget) -> None:
    with qtbot.waitSignal(pad.stroke_finished):
        draw(pad, SEVEN)
    (stroke,) = pad.ink.strokes
    np.testing.assert_allclose(stroke[0], SEVEN[0], atol=0.01)
    np.testing.assert_allclose(stroke[-1], SEVEN[-1], atol=0.01)
    assert len(stroke) > 10


def test_ink_is_told_while_the_pen_moves(pad: PaintWidget) -> None:
    seen: list[Ink] = []
    pad.content_changed.connect(seen.append)
    draw(pad, ONE, steps=5)
    assert [len(ink.strokes[0]) for ink in seen] == [1, 2, 3, 4, 5, 6, 6]


def test_undo_and_redo_go_through_strokes_and_clearing(qtbot: QtBot, pad: PaintWidget) -> None:
    draw(pad, ONE)
    draw(pad, SEVEN)
    pad.clear()
    assert not pad.ink
    counts = []
    for step in (pad.undo, pad.undo, pad.undo, pad.undo, pad.redo, pad.redo, pad.redo, pad.redo):
        step()
        counts.append(len(pad.ink.strokes))
    assert counts == [2, 1, 0, 0, 1, 2, 0, 0]


def test_a_new_stroke_ends_what_could_be_redone(pad: PaintWidget) -> None:
    draw(pad, ONE)
    pad.undo()
    draw(pad, SEVEN)
    assert pad.can_undo
    assert not pad.can_redo


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape])
def test_keys_clear_the_pad(pad: PaintWidget, key: Qt.Key) -> None:
    draw(pad, ONE)
    QTest.keyClick(pad, key)
    assert not pad.ink
    assert pad.can_undo


def test_a_click_makes_a_dot(pad: PaintWidget) -> None:
    QTest.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    (stroke,) = pad.ink.strokes
    assert stroke.shape == (1, 2)
    assert render(pad.ink).any()


def test_the_drawing_keeps_its_shape_when_the_pad_is_resized(pad: PaintWidget) -> None:
    draw(pad, SEVEN)
    before = render(pad.ink)
    pad.resize(500, 500)
    np.testing.assert_array_equal(render(pad.ink), before)


def test_ink_is_painted_where_it_was_drawn(pad: PaintWidget) -> None:
    empty = pad.grab().toImage()
    draw(pad, ONE)
    drawn = pad.grab().toImage()
    assert drawn.pixelColor(140, 140) != empty.pixelColor(140, 140)
    assert drawn.pixelColor(40, 140) == empty.pixelColor(40, 140)
    assert drawn.pixelColor(140, 140).lightness() < 60


# Erasing


def press(pad: PaintWidget, x: float, y: float, button: Qt.MouseButton) -> None:
    QTest.mouseClick(pad, button, pos=QPoint(round(x * 280), round(y * 280)))


def test_the_right_button_takes_the_stroke_away_that_it_touches(pad: PaintWidget) -> None:
    draw(pad, ONE)
    draw(pad, ((0.2, 0.2), (0.2, 0.8)))
    press(pad, 0.8, 0.5, Qt.MouseButton.RightButton)
    assert len(pad.ink.strokes) == 2
    press(pad, 0.51, 0.5, Qt.MouseButton.RightButton)
    (left,) = pad.ink.strokes
    np.testing.assert_allclose(left[0], (0.2, 0.2), atol=0.01)
    pad.undo()
    assert len(pad.ink.strokes) == 2


def test_the_eraser_wipes_over_several_strokes_in_one_step(pad: PaintWidget) -> None:
    draw(pad, ONE)
    draw(pad, ((0.2, 0.2), (0.2, 0.8)))
    pad.set_eraser(True)
    draw(pad, ((0.1, 0.5), (0.9, 0.5)))
    assert not pad.ink
    pad.undo()
    assert len(pad.ink.strokes) == 2
    pad.redo()
    assert not pad.ink


def test_the_eraser_on_empty_paper_is_no_step(pad: PaintWidget) -> None:
    pad.set_eraser(True)
    draw(pad, ONE)
    assert not pad.can_undo


# The keyboard


def test_a_digit_is_drawn_with_the_keyboard(pad: PaintWidget) -> None:
    QTest.keyClick(pad, Qt.Key.Key_Up)
    QTest.keyClick(pad, Qt.Key.Key_Space)
    for _ in range(4):
        QTest.keyClick(pad, Qt.Key.Key_Down)
    QTest.keyClick(pad, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(pad, Qt.Key.Key_Space)
    (stroke,) = pad.ink.strokes
    np.testing.assert_allclose(stroke[0], (0.5, 0.45), atol=1e-6)
    np.testing.assert_allclose(stroke[-1], (0.49, 0.65), atol=1e-6)
    QTest.keyClick(pad, Qt.Key.Key_Right)  # the pen is up: nothing is drawn
    assert len(pad.ink.strokes[0]) == len(stroke)


def test_the_pen_of_the_keyboard_stays_on_the_pad(pad: PaintWidget) -> None:
    QTest.keyClick(pad, Qt.Key.Key_Space)
    for _ in range(30):
        QTest.keyClick(pad, Qt.Key.Key_Right)
    QTest.keyClick(pad, Qt.Key.Key_Space)
    assert pad.ink.strokes[0].max() == 1


def test_undo_while_the_keyboards_pen_is_down_lifts_it(pad: PaintWidget) -> None:
    QTest.keyClick(pad, Qt.Key.Key_Space)
    QTest.keyClick(pad, Qt.Key.Key_Right)
    pad.undo()
    assert not pad.ink
    QTest.keyClick(pad, Qt.Key.Key_Right)
    assert not pad.ink


@pytest.mark.parametrize("comes", ["picture", "ink", "redo"])
def test_what_comes_while_the_pen_is_down_lifts_it(pad: PaintWidget, comes: str) -> None:
    if comes == "redo":
        draw(pad, ONE)
        pad.undo()
    QTest.keyClick(pad, Qt.Key.Key_Space)
    QTest.keyClick(pad, Qt.Key.Key_Right)
    if comes == "picture":
        pad.show_picture(picture())
    elif comes == "ink":
        pad.show_ink(Ink((np.array([[0.2, 0.2], [0.8, 0.8]], np.float32),)))
    else:
        pad.redo()
    came = pad.content
    assert isinstance(came, Picture) or len(came.strokes) == 1
    QTest.keyClick(pad, Qt.Key.Key_Right)  # the pen is up: nothing is drawn
    assert pad.content is came or len(pad.ink.strokes) == 1
    pad.undo()
    assert isinstance(pad.content, Ink)


# Pens and fingers


def tablet(
    pad: PaintWidget, kind: QEvent.Type, x: float, y: float, *, eraser: bool = False
) -> None:
    tip = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    device = QPointingDevice(
        "tablet", 7, QInputDevice.DeviceType.Stylus, tip,
        QInputDevice.Capability.Position, 1, 3,
    )  # fmt: skip
    place = QPointF(x * 279, y * 279)
    is_down = kind != QEvent.Type.TabletRelease
    event = QTabletEvent(
        kind, device, place, pad.mapToGlobal(place), 0.5 if is_down else 0.0, 0, 0, 0, 0, 0,
        Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton if is_down else Qt.MouseButton.NoButton,
    )  # fmt: skip
    QApplication.sendEvent(pad, event)
    assert event.isAccepted()  # or Qt would send a mouse event for it, too


def test_a_tablet_pen_draws_and_its_other_end_erases(pad: PaintWidget) -> None:
    for kind, y in (
        (QEvent.Type.TabletPress, 0.2),
        (QEvent.Type.TabletMove, 0.5),
        (QEvent.Type.TabletMove, 0.8),
        (QEvent.Type.TabletRelease, 0.8),
    ):
        tablet(pad, kind, 0.5, y)
    (stroke,) = pad.ink.strokes
    np.testing.assert_allclose(stroke, [[0.5, 0.2], [0.5, 0.5], [0.5, 0.8]], atol=0.01)
    for kind in (QEvent.Type.TabletPress, QEvent.Type.TabletRelease):
        tablet(pad, kind, 0.5, 0.6, eraser=True)
    assert not pad.ink


def test_a_finger_draws(qtbot: QtBot, pad: PaintWidget) -> None:
    device = QTest.createTouchDevice()
    places = [QPoint(140, y) for y in (60, 100, 140, 180, 220)]
    QTest.touchEvent(pad, device).press(0, places[0], pad).commit()
    for place in places[1:]:
        QTest.touchEvent(pad, device).move(0, place, pad).commit()
    QTest.touchEvent(pad, device).release(0, places[-1], pad).commit()
    (stroke,) = pad.ink.strokes
    assert len(stroke) == len(places)


# Brush and pictures


def test_the_brush_changes_what_is_seen_and_not_what_is_read(pad: PaintWidget) -> None:
    draw(pad, SEVEN)
    thin, before = shrink(pad.ink), render(pad.ink)
    pad.set_brush(0.13)
    np.testing.assert_array_equal(render(pad.ink), before)
    assert (shrink(pad.ink) > 0).sum() > 1.5 * (thin > 0).sum()
    pad.set_brush(7)
    assert pad.ink.brush == 0.13


def picture() -> Picture:
    page = np.full((40, 60), 255, np.uint8)
    page[5:35, 20:24] = 0
    return Picture(page, np.zeros((1, 28, 28), np.uint8), ((20, 5, 24, 35),))


def two_digits() -> Picture:
    page = np.full((40, 60), 255, np.uint8)
    page[5:35, 12:16] = page[5:35, 43:47] = 0
    boxes = ((6, 5, 22, 35), (36, 5, 54, 35))
    return with_boxes(Picture(page, np.zeros((1, 28, 28), np.uint8)), boxes)


def test_a_picture_is_shown_and_can_be_undone(pad: PaintWidget) -> None:
    draw(pad, ONE)
    shown = picture()
    pad.show_picture(shown)
    assert pad.content is shown
    assert pad.grab().toImage().pixelColor(105, 140).lightness() < 60
    pad.undo()
    assert isinstance(pad.content, Ink)
    assert len(pad.ink.strokes) == 1


def place_on_pad(pad: PaintWidget, x: float, y: float) -> QPoint:
    """Where a pixel of a picture's page is on the pad."""
    assert isinstance(pad.content, Picture)
    page = page_place(pad.content, QRectF(0, 0, pad.width() - 1, pad.height() - 1))
    scale = page.width() / pad.content.page.shape[1]
    return QPoint(round(page.left() + x * scale), round(page.top() + y * scale))


def drag(pad: PaintWidget, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move and release on a picture, in pixels of its page."""
    first, last = place_on_pad(pad, *start), place_on_pad(pad, *end)
    QTest.mousePress(pad, LEFT, NONE, first)
    for step in range(1, 5):
        QTest.mouseMove(pad, first + (last - first) * (step / 4))
    QTest.mouseRelease(pad, LEFT, NONE, last)


def test_a_click_on_a_picture_chooses_a_digit_and_leaves_it_there(
    qtbot: QtBot, pad: PaintWidget
) -> None:
    shown = two_digits()
    pad.show_picture(shown)
    with qtbot.waitSignal(pad.digit_chosen):
        QTest.mouseClick(pad, LEFT, NONE, place_on_pad(pad, 45, 20))
    assert pad.chosen == 1
    assert pad.content is shown
    QTest.mouseClick(pad, LEFT, NONE, place_on_pad(pad, 30, 2))  # beside all
    QTest.mouseClick(pad, Qt.MouseButton.RightButton, NONE, place_on_pad(pad, 45, 20))
    assert pad.content is shown
    assert pad.chosen == 1


def test_boxes_are_resized_added_and_removed_and_each_step_undone(pad: PaintWidget) -> None:
    pad.show_picture(two_digits())
    [first, second] = pad.content.boxes
    drag(pad, (54, 20), (58, 20))
    assert pad.content.boxes[0] == first
    assert pad.content.boxes[1][2] > second[2] + 2
    pad.undo()
    assert pad.content.boxes == (first, second)
    drag(pad, (26, 4), (34, 36))
    assert len(pad.content.boxes) == len(pad.content.digits) == 3
    assert pad.chosen == 1  # the new one, in the middle
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.content.boxes == (first, second)
    pad.undo()
    assert len(pad.content.boxes) == 3


def test_keys_go_through_a_pictures_digits_and_remove_them(pad: PaintWidget) -> None:
    shown = two_digits()
    pad.show_picture(shown)
    for key, chosen in ((Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 1)):
        QTest.keyClick(pad, key)
        assert pad.chosen == chosen
    QTest.keyClick(pad, Qt.Key.Key_Space)
    assert pad.content is shown
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.content.boxes == shown.boxes[:1]
    assert pad.chosen == 0
    pad.undo()
    assert pad.content is shown


def test_a_picture_is_left_by_escape_and_undo_brings_it_back(pad: PaintWidget) -> None:
    shown = picture()
    pad.show_picture(shown)
    draw(pad, ONE)
    assert isinstance(pad.content, Picture)
    QTest.keyClick(pad, Qt.Key.Key_Escape)
    assert isinstance(pad.content, Ink)
    draw(pad, ONE)
    assert len(pad.ink.strokes) == 1
    for _ in range(2):
        pad.undo()
    assert isinstance(pad.content, Picture)


def test_the_chosen_box_is_marked(pad: PaintWidget) -> None:
    pad.show_picture(two_digits())
    before = pad.grab().toImage()
    pad.choose(1)
    assert pad.grab().toImage() != before


def test_what_is_copied_looks_like_the_drawing(pad: PaintWidget) -> None:
    draw(pad, ONE)
    image = pad.as_image()
    assert (image.width(), image.height()) == (560, 560)
    assert image.pixelColor(280, 280).lightness() == 0
    assert image.pixelColor(100, 280).lightness() == 255


def test_a_dropped_picture_is_passed_on(qtbot: QtBot, pad: PaintWidget) -> None:
    data = QMimeData()
    data.setImageData(pad.as_image())
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(9, 9), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(pad, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(9, 9), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(pad.picture_dropped) as caught:
        QApplication.sendEvent(pad, drop)
    assert caught.args[0].hasImage()


def test_dropped_text_is_refused(pad: PaintWidget) -> None:
    data = QMimeData()
    data.setText("7")
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(pad, enter)
    assert not enter.isAccepted()


def test_a_stroke_that_is_drawn_is_not_copied_for_each_move_of_the_next(
    qtbot: QtBot, pad: PaintWidget
) -> None:
    draw(pad, ONE)
    (first,) = pad.ink.strokes
    seen: list[Ink] = []
    pad.content_changed.connect(seen.append)
    draw(pad, SEVEN)
    assert len(seen) > 5
    assert all(ink.strokes[0] is first for ink in seen)


def test_a_dot_is_seen_and_becomes_a_line(pad: PaintWidget) -> None:
    middle = pad.rect().center()
    ground = pad.grab().toImage().pixelColor(middle)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=middle)
    assert pad.grab().toImage().pixelColor(middle) != ground
    QTest.mouseMove(pad, middle + QPoint(60, 0))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    for place in (middle, middle + QPoint(30, 0), middle + QPoint(60, 0)):
        assert pad.grab().toImage().pixelColor(place) != ground


# A picture's boxes and its page


def press_keys(pad: PaintWidget, *keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    for key in keys:
        QTest.keyClick(pad, key, held)


def tool(pad: PaintWidget, name: str) -> QToolButton:
    found = pad.findChild(QToolButton, f"{name}PictureButton")
    assert found.isVisible()
    return found


def joined_digits() -> Picture:
    shown = two_digits()
    return with_boxes(shown, ((6, 5, 54, 35),))


def test_a_box_is_split_by_key_button_and_double_click(pad: PaintWidget) -> None:
    shown = joined_digits()
    pad.show_picture(shown)
    QTest.keyClick(pad, Qt.Key.Key_S)
    assert pad.content.boxes == ((6, 5, 30, 35), (30, 5, 54, 35))
    assert pad.content.digits.any(axis=(1, 2)).all()
    pad.undo()
    assert pad.content is shown
    QTest.mouseClick(tool(pad, "scissors"), LEFT)
    assert len(pad.content.boxes) == 2
    QTest.keyClick(pad, Qt.Key.Key_Right)
    pad.undo()
    assert pad.chosen == 0
    QTest.mouseDClick(pad, LEFT, NONE, place_on_pad(pad, 36, 20))
    assert abs(pad.content.boxes[0][2] - 36) <= 1
    pad.redo()  # the split has ended what could be redone
    assert len(pad.content.boxes) == 2


def test_boxes_are_joined_with_a_neighbour_or_as_they_are_selected(pad: PaintWidget) -> None:
    three = with_boxes(two_digits(), ((6, 5, 18, 35), (20, 5, 32, 35), (36, 5, 54, 35)))
    pad.show_picture(three)
    QTest.keyClick(pad, Qt.Key.Key_J)
    assert pad.content.boxes == ((6, 5, 32, 35), (36, 5, 54, 35))
    pad.undo()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(pad, LEFT, control, place_on_pad(pad, 45, 20))
    before = pad.grab().toImage()
    QTest.mouseClick(tool(pad, "combine"), LEFT)
    assert pad.content.boxes == ((6, 5, 54, 35), (20, 5, 32, 35))
    pad.undo()
    assert pad.grab().toImage() != before  # what was selected is not any more
    QTest.mouseClick(pad, LEFT, control, place_on_pad(pad, 45, 20))
    QTest.mouseClick(tool(pad, "delete"), LEFT)
    assert pad.content.boxes == ((20, 5, 32, 35),)
    assert not tool(pad, "combine").isEnabled()


def test_a_box_is_moved_and_resized_by_keys(pad: PaintWidget) -> None:
    pad.show_picture(two_digits())
    press_keys(pad, Qt.Key.Key_Right)
    press_keys(pad, *[Qt.Key.Key_Left] * 3, held=Qt.KeyboardModifier.ControlModifier)
    assert pad.content.boxes[1] == (33, 5, 51, 35)
    press_keys(pad, Qt.Key.Key_Down, Qt.Key.Key_Right, held=Qt.KeyboardModifier.ShiftModifier)
    assert pad.content.boxes[1] == (33, 5, 52, 36)
    assert pad.chosen == 1
    pad.undo()
    assert pad.content.boxes == two_digits().boxes


def test_a_picture_is_turned_by_keys_and_buttons_and_read_again(pad: PaintWidget) -> None:
    shown = two_digits()
    pad.show_picture(shown)
    QTest.keyClick(pad, Qt.Key.Key_L)
    assert pad.content.page.shape == (60, 40)
    QTest.mouseClick(tool(pad, "turn-right"), LEFT)
    np.testing.assert_array_equal(pad.content.page, shown.page)
    press_keys(pad, *[Qt.Key.Key_R] * 5, held=Qt.KeyboardModifier.ShiftModifier)
    assert pad.content.page.shape > shown.page.shape
    press_keys(pad, *[Qt.Key.Key_L] * 5, held=Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_array_equal(pad.content.page, shown.page)  # small turns do not add up to blur
    assert len(pad.content.boxes) == 2
    pad.undo()  # a series of small turns is one step
    np.testing.assert_array_equal(pad.content.page, shown.page)
    pad.undo()
    assert pad.content.page.shape == (60, 40)
    pad.undo()
    assert pad.content is shown


def test_no_more_pages_are_kept_than_memory_has_room_for(pad: PaintWidget) -> None:
    pad.show_picture(two_digits())
    for _ in range(30):
        QTest.keyClick(pad, Qt.Key.Key_R)
    steps = 0
    while pad.can_undo:
        pad.undo()
        steps += 1
    assert steps == MAX_PAGES
    assert isinstance(pad.content, Picture)


def test_a_picture_is_turned_by_dragging(pad: PaintWidget) -> None:
    shown = two_digits()
    pad.show_picture(shown)
    QTest.mouseClick(tool(pad, "turn"), LEFT)
    assert tool(pad, "turn").isChecked()
    first, last = place_on_pad(pad, 58, 20), place_on_pad(pad, 30, 48)
    QTest.mousePress(pad, LEFT, NONE, first)
    QTest.mouseMove(pad, last)
    assert pad.content is shown  # read once it is let go
    QTest.mouseRelease(pad, LEFT, NONE, last)
    assert pad.content.page.shape in ((60, 40), (61, 41), (60, 41), (61, 40), (62, 42))
    assert not tool(pad, "turn").isChecked()
    pad.undo()
    assert pad.content is shown


def test_a_tilted_picture_is_straightened_and_one_that_cannot_be_stays(pad: PaintWidget) -> None:
    page = np.full((100, 400), 245, np.uint8)
    for left in range(30, 370, 60):
        page[30:34, left : left + 25] = page[66:70, left : left + 25] = 10
        page[30:70, left : left + 4] = page[30:70, left + 21 : left + 25] = 10
    pad.show_picture(read_page(turned(page, 8)))
    QTest.mouseClick(tool(pad, "straighten"), LEFT)
    ink = pad.content.ink
    assert ink is not None
    assert abs(tilt(ink) or 0) <= 0.5
    pad.show_picture(picture())
    before = pad.content
    QTest.keyClick(pad, Qt.Key.Key_A)
    assert pad.content is before
    pad.undo()
    assert isinstance(pad.content, Picture)
    assert pad.content.page.shape != before.page.shape  # it was no step


def test_a_turned_page_is_seen_once_its_digits_are_found_and_only_the_newest(
    slow_pad: PaintWidget, requests: list[PageRequest]
) -> None:
    pad = slow_pad
    shown = two_digits()
    pad.show_picture(shown)
    press_keys(pad, Qt.Key.Key_R, Qt.Key.Key_R)
    looks = pad.grab().toImage()
    assert pad.content is shown
    answer(pad, requests[0])  # which came too late
    assert pad.content is shown
    assert pad.grab().toImage() == looks
    answer(pad, requests[1])
    np.testing.assert_array_equal(pad.content.page, shown.page[::-1, ::-1])
    assert len(pad.content.boxes) == 2
    pad.undo()  # the step between was never seen, but it is one
    answer(pad, requests[2])
    np.testing.assert_array_equal(pad.content.page, np.rot90(shown.page, -1))
    pad.undo()
    assert pad.content is shown
    assert len(requests) == 3


def test_a_turn_is_undone_before_it_is_seen(
    slow_pad: PaintWidget, requests: list[PageRequest]
) -> None:
    pad = slow_pad
    shown = two_digits()
    pad.show_picture(shown)
    QTest.keyClick(pad, Qt.Key.Key_R)
    pad.undo()
    answer(pad, requests[0])
    assert pad.content is shown
    pad.redo()
    answer(pad, requests[1])
    assert pad.content.page.shape == (60, 40)


def test_what_is_done_to_boxes_waits_for_those_of_the_turned_page(
    slow_pad: PaintWidget, requests: list[PageRequest]
) -> None:
    pad = slow_pad
    shown = two_digits()
    pad.show_picture(shown)
    press_keys(pad, *[Qt.Key.Key_R] * 2, Qt.Key.Key_Right, Qt.Key.Key_Delete)
    QTest.mouseClick(tool(pad, "crop"), LEFT)
    drag(pad, (2, 2), (29, 38))  # on what is about to go
    assert pad.content is shown
    answer(pad, requests[-1])
    assert pad.content.boxes == ((13, 5, 17, 35),)  # the second one was deleted
    assert tool(pad, "crop").isChecked()
    pad.undo()
    assert len(pad.content.boxes) == 2


def test_what_waits_for_a_page_goes_with_it(
    slow_pad: PaintWidget, requests: list[PageRequest]
) -> None:
    pad = slow_pad
    pad.show_picture(two_digits())
    press_keys(pad, Qt.Key.Key_R, Qt.Key.Key_Delete)
    other = two_digits()
    pad.show_picture(other)
    answer(pad, requests[0])
    assert pad.content is other


def test_a_page_that_was_turned_by_dragging_stays_so_until_it_is_read(
    slow_pad: PaintWidget, requests: list[PageRequest]
) -> None:
    pad = slow_pad
    pad.show_picture(two_digits())
    QTest.keyClick(pad, Qt.Key.Key_T)
    first, last = place_on_pad(pad, 58, 20), place_on_pad(pad, 30, 48)
    QTest.mousePress(pad, LEFT, NONE, first)
    QTest.mouseMove(pad, last)
    turned_by_hand = pad.grab().toImage()
    QTest.mouseRelease(pad, LEFT, NONE, last)
    assert pad.grab().toImage() == turned_by_hand
    answer(pad, requests[0])
    assert pad.grab().toImage() != turned_by_hand


def test_a_picture_is_cropped_by_dragging_and_to_its_box(pad: PaintWidget) -> None:
    shown = two_digits()
    pad.show_picture(shown)
    QTest.keyClick(pad, Qt.Key.Key_C)
    QTest.keyClick(pad, Qt.Key.Key_Escape)
    assert pad.content is shown  # only cropping was left
    drag(pad, (24, 2), (34, 38))
    assert len(pad.content.boxes) == 3
    pad.undo()
    QTest.mouseClick(tool(pad, "crop"), LEFT)
    drag(pad, (2, 2), (29, 38))
    height, width = pad.content.page.shape
    assert abs(height - 36) <= 2
    assert abs(width - 27) <= 2
    assert len(pad.content.boxes) == 1
    pad.undo()
    press_keys(pad, Qt.Key.Key_Right)
    press_keys(pad, Qt.Key.Key_C, held=Qt.KeyboardModifier.ShiftModifier)
    assert pad.content.page.shape == (38, 26)
    assert len(pad.content.boxes) == 1


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_the_menu_offers_all_of_it_and_splits_where_it_was_opened(pad: PaintWidget) -> None:
    pad.show_picture(joined_digits())
    place = place_on_pad(pad, 24, 20)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(pad, QContextMenuEvent(reason, place, pad.mapToGlobal(place)))
    menu = pad.findChild(QMenu, "pictureMenu")
    assert menu.isVisible()
    names = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert names[0] == "Split here"
    menu.actions()[0].trigger()
    menu.close()
    assert abs(pad.content.boxes[0][2] - 24) <= 1
    for action in menu.actions():
        assert action.isSeparator() or action.isEnabled()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("paper", [255, 170, 120, 80, 0])
def test_boxes_are_seen_clearly_on_the_pictures_own_paper(
    pad: PaintWidget, theme: Theme, paper: int
) -> None:
    page = np.full((40, 60), paper, np.uint8)
    page[5:35, 12:16] = page[5:35, 43:47] = 255 - paper if abs(paper - 128) > 50 else 0
    boxes = ((6, 5, 22, 35), (36, 5, 54, 35))
    pad.set_theme(theme)
    pad.show_picture(with_boxes(Picture(page, np.zeros((1, 28, 28), np.uint8)), boxes))
    image = pad.grab().toImage()
    for left in (6, 36):  # of the chosen box, and of another one
        edge = place_on_pad(pad, left, 20)
        shades = [image.pixelColor(edge.x() + way, edge.y()).name() for way in range(-6, 3)]
        ground = QColor(paper, paper, paper).name()
        assert max(contrast(shade, ground) for shade in shades) >= 3
        assert ground in shades


def test_a_pictures_tools_come_and_go_with_it(pad: PaintWidget) -> None:
    tools = pad.findChild(QWidget, "pictureTools")
    assert not tools.isVisible()
    QTest.keyClick(pad, Qt.Key.Key_S)
    draw(pad, ONE)
    assert pad.content.strokes
    pad.show_picture(two_digits())
    assert tools.isVisible()
    buttons = tools.findChildren(QToolButton)
    assert len(buttons) == 7
    for button in buttons:
        assert button.toolTip()
        assert button.accessibleName()
        assert tools.rect().contains(button.geometry())
        assert min(button.width(), button.height()) >= 22
    buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    pad.clear()
    assert not tools.isVisible()
    assert pad.hasFocus()
