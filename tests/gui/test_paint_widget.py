"""The pad, with real mouse and key events."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import ONE, SEVEN, draw
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.ui.paint_widget import PaintWidget


@pytest.fixture
def pad(qtbot: QtBot) -> PaintWidget:
    widget = PaintWidget()
    qtbot.addWidget(widget)
    widget.resize(280, 280)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_a_stroke_follows_the_mouse(qtbot: QtBot, pad: PaintWidget) -> None:
    with qtbot.waitSignal(pad.stroke_finished):
        draw(pad, SEVEN)
    (stroke,) = pad.ink.strokes
    np.testing.assert_allclose(stroke[0], SEVEN[0], atol=0.01)
    np.testing.assert_allclose(stroke[-1], SEVEN[-1], atol=0.01)
    assert len(stroke) > 10


def test_ink_is_told_while_the_pen_moves(pad: PaintWidget) -> None:
    seen: list[Ink] = []
    pad.ink_changed.connect(seen.append)
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


def test_the_right_button_does_not_draw(pad: PaintWidget) -> None:
    QTest.mousePress(pad, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    QTest.mouseMove(pad, QPoint(150, 150))
    QTest.mouseRelease(pad, Qt.MouseButton.RightButton, pos=QPoint(150, 150))
    assert not pad.ink


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
