"""Nothing in the column of drawing moves, whatever is drawn, read, said or switched on."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import draw
from pads import answer_at_once
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.inference.reading import NOTHING_READ, Reading
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.draw.picture_editor import DragMode
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.theme import LIGHT

LEFT = Qt.MouseButton.LeftButton
LEAST_WIDTH, LEAST_HEIGHT = 300, 572  # what a window of 1024×700 has for the panel
SIZES = ((300, 572), (304, 640), (360, 620), (440, 900), (520, 1200))
DRAWINGS = 40
SURE = Prediction(7, True, (0.0,) * 7 + (0.967, 0.033, 0.0))
UNSURE = Prediction(4, False, (0.1,) * 4 + (0.3, 0.1, 0.1, 0.05, 0.05, 0.0), "It could be several.")
LONG = "Not read. " + "This is a reason that takes many more words than there is room for. " * 3
REJECTED = Prediction(7, False, (0.0,) * 7 + (0.996, 0.004, 0.0), LONG, is_digit=False)

Places = dict[QWidget, set[tuple[int, int, int, int]]]


class Watch:
    """Collects where each visible part of a panel has been."""

    def __init__(self, panel: DrawPanel) -> None:
        self._panel = panel
        self._places: Places = {}

    def look(self) -> None:
        """Note where everything is now."""
        QApplication.processEvents()
        for part in self._panel.findChildren(QWidget):
            if part.isVisible() and part.window() is self._panel.window():
                place = QRect(part.mapTo(self._panel, QPoint()), part.size())
                self._places.setdefault(part, set()).add(place.getRect())

    def check(self) -> None:
        """Nothing was ever anywhere else, or beyond the panel's edges."""
        moved = [
            part.objectName() or repr(part) for part, seen in self._places.items() if len(seen) > 1
        ]
        assert moved == []
        for part, [place] in self._places.items():
            assert self._panel.rect().contains(QRect(*place)), (part, part.objectName(), place)


@pytest.fixture
def panel(window: MainWindow, qtbot: QtBot) -> DrawPanel:
    """A panel of its own, styled as the window is."""
    made = DrawPanel()
    qtbot.addWidget(made)
    made.set_theme(LIGHT)
    answer_at_once(made.pad)
    return made


def read_as(*predictions: Prediction) -> Reading:
    image = np.full((28, 28), 200, np.uint8)
    return Reading(np.stack([image] * len(predictions)), predictions, image, REJECTED)


def test_the_panel_fits_a_window_of_1024_by_700(window: MainWindow) -> None:
    least = window.draw_panel.minimumSizeHint()
    assert least.width() <= LEAST_WIDTH
    assert least.height() <= LEAST_HEIGHT


def test_not_a_pixel_moves_over_forty_drawings(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 800)
    panel, watch, chance = window.draw_panel, Watch(window.draw_panel), np.random.default_rng(1)
    watch.look()
    for number in range(DRAWINGS):
        for _ in range(1 + number % 3):
            stroke = chance.uniform(0.1, 0.9, (4, 2)).tolist()
            draw(panel.pad, stroke, steps=4)
            watch.look()
        qtbot.waitUntil(lambda: not services_of(window).prediction.is_busy)
        watch.look()
        panel.show_learning(WatchedReading(number + 1, (0.0,) * 9 + (1.0,)))
        panel.show_model(("softmax", "sigmoid")[number % 2])
        if number % 3:
            QTest.mouseClick((panel.compare_box, panel.why_button)[number % 3 - 1], LEFT)
        watch.look()
        for button in (panel.undo_button, panel.redo_button, panel.clear_button):
            QTest.mouseClick(button, LEFT)
            watch.look()
        if number % 10 == 9:
            panel.forget_learning()
    watch.check()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_not_a_pixel_moves_whatever_is_read(panel: DrawPanel, width: int, height: int) -> None:
    panel.resize(width, height)
    panel.show()
    assert (panel.width(), panel.height()) == (width, height)
    watch = Watch(panel)
    watch.look()
    page = Picture(np.full((60, 200), 250, np.uint8), np.zeros((1, 28, 28), np.uint8))
    panel.pad.show_picture(page)
    for number in range(3):
        watch.look()
        panel.pad.editor.set_mode(tuple(DragMode)[number])
        panel.pad.editor.turn(7)
        for button in panel.pad.findChildren(QToolButton):
            place = QRect(button.mapTo(panel.pad, QPoint()), button.size())
            assert panel.pad.rect().contains(place), (button.objectName(), place)
            assert button.visibleRegion().boundingRect() == button.rect()
    panel.pad.clear()
    watch.look()
    panel.pad.undo()
    for switch in (None, panel.compare_box, panel.compare_box):
        if switch is not None:
            switch.click()
        for reading in (
            NOTHING_READ,
            read_as(SURE),
            read_as(UNSURE),
            read_as(REJECTED),
            read_as(SURE, REJECTED, UNSURE, SURE, NO_INK),
            read_as(*[SURE] * 50),
        ):
            panel.show_reading(reading)
            watch.look()
            if panel.after_button.isVisible():
                panel.after_button.click()
                watch.look()
        for activation in ("softmax", "sigmoid"):
            panel.show_model(activation)
            watch.look()
        for epoch in range(1, 9):
            panel.show_learning(WatchedReading(epoch, (0.0,) * 9 + (1.0,)))
            watch.look()
        panel.forget_learning()
    watch.check()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_number_of_four_digits_is_seen_whole(
    qtbot: QtBot, panel: DrawPanel, width: int, height: int
) -> None:
    panel.resize(width, height)
    panel.show()
    panel.show_reading(read_as(*[SURE] * 4))
    number = panel.answer.number
    wide = min(number.width() / 4, number.height() * 0.65)  # they are in the middle
    for digit in range(4):
        place = number.rect().center() + QPoint(round((digit - 1.5) * wide), 0)
        with qtbot.waitSignal(number.chosen) as caught:
            QTest.mouseClick(number, LEFT, pos=place)
        assert caught.args == [digit]


def test_the_pad_is_a_centred_square(panel: DrawPanel) -> None:
    for width, height in SIZES:
        panel.resize(width, height)
        panel.show()
        QApplication.processEvents()
        pad, around = panel.pad, panel.pad.parentWidget()
        assert pad.width() == pad.height()
        assert 180 <= pad.width() <= 480
        assert abs(pad.x() * 2 + pad.width() - around.width()) <= 1
    assert panel.pad.width() == 480


def colours(bars: QWidget) -> set[str]:
    """Colours of more than a few pixels of what is painted."""
    image = bars.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    shades = [
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    ]
    return {shade for shade in set(shades) if shades.count(shade) > 20}


def test_rejected_ink_has_hatched_bars_without_percentages(panel: DrawPanel) -> None:
    panel.resize(360, 720)
    panel.show()
    panel.show_reading(read_as(SURE))
    assert QColor(LIGHT.accent).name() in colours(panel.bars)
    assert "96.7%" in panel.bars.accessibleDescription()
    panel.show_reading(read_as(REJECTED))
    image = panel.bars.grab().toImage()
    assert QColor(LIGHT.accent).name() not in colours(panel.bars)
    assert "%" not in panel.bars.accessibleDescription()
    assert "%" not in panel.answer.number.text()
    column = panel.bars.width() * 7.5 / 10
    middle = [
        image.pixelColor(round(column), y).name() for y in range(24, panel.bars.height() - 24)
    ]
    assert len(set(middle)) > 1  # lines, and between them what is behind
    head = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(12)}
    assert len(head) == 1  # nothing is written above the bars


def test_a_long_message_is_elided_and_whole_in_its_tooltip(panel: DrawPanel) -> None:
    panel.resize(*SIZES[0])
    panel.show()
    panel.show_reading(read_as(REJECTED))
    message = panel.findChild(QWidget, "confidenceLabel")
    assert message.toolTip() == LONG
    assert message.accessibleDescription() == LONG
    assert message.height() < 3 * message.fontMetrics().lineSpacing()


def test_the_pad_has_the_focus_from_the_start_and_wherever_its_panel_has(
    window: MainWindow,
) -> None:
    assert window.focusWidget() is window.draw_panel.pad
    window.training_panel.train_button.setFocus()
    window.draw_panel.setFocus()
    assert window.focusWidget() is window.draw_panel.pad
