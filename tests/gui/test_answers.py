"""Forty things a user does: each is answered at once, where it was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mouse import SEVEN, draw
from pages import begin, settle, trained
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as QtTimeoutError
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
Modifier = Qt.KeyboardModifier
Act = Callable[[MainWindow], None]


def named(window: MainWindow, name: str) -> QWidget:
    found = [one for one in window.findChildren(QWidget, name) if one.isVisible()]
    assert found, f"{name} is not to be seen"
    return found[0]


def press(name: str) -> Act:
    def act(window: MainWindow) -> None:
        button = named(window, name)
        assert isinstance(button, QAbstractButton)
        assert button.isEnabled(), name
        if isinstance(button, QCheckBox):
            button.click()  # its middle is beside its words
        else:
            QTest.mouseClick(button, LEFT)

    return act


def key(
    name: str, code: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> Act:
    return lambda window: QTest.keyClick(named(window, name), code, modifier)


def choose(name: str, index: int) -> Act:
    def act(window: MainWindow) -> None:
        box = named(window, name)
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(index)
        box.activated.emit(index)

    return act


def from_menu(text: str) -> Act:
    """Choose an entry of the menus of the page or the pad."""

    def act(window: MainWindow) -> None:
        menus = [one.menu() for one in window.findChildren(QToolButton) if one.isVisible()]
        entries = [entry for menu in menus if menu for entry in menu.actions()]
        next(entry for entry in entries if entry.text().replace("&", "") == text).trigger()

    return act


def page(number: int) -> Act:
    return lambda window: window.tabs.setCurrentIndex(number)


def type_digit(digit: int) -> Act:
    return lambda window: QTest.keyClick(window.draw_panel.pad, Qt.Key(Qt.Key.Key_0.value + digit))


# What is done, the card where it is answered, and the page it is done on.
ACTIONS: tuple[tuple[str, Act, str, int], ...] = (
    ("undo a stroke", press("undoButton"), "draw", 0),
    ("redo it", press("redoButton"), "draw", 0),
    ("choose the eraser", press("eraserButton"), "draw", 0),
    ("put it away", press("eraserButton"), "draw", 0),
    ("a wider brush", key("brushSlider", Qt.Key.Key_Right), "draw", 0),
    ("what I drew", press("compareCheckBox"), "draw", 0),
    ("keep it as a 7", type_digit(7), "draw", 0),
    ("correct it to a 1", type_digit(1), "draw", 0),
    ("copy the drawing", from_menu("Copy the drawing"), "draw", 0),
    ("why", press("whyButton"), "pages", 0),
    ("and back", press("whyBackButton"), "pages", 0),
    ("clear the pad", press("clearButton"), "draw", 0),
    ("paste nothing", from_menu("Paste a picture"), "draw", 0),
    ("another recipe", choose("architectureComboBox", 5), "train", 0),
    ("more epochs", key("epochsSpinBox", Qt.Key.Key_Up), "train", 0),
    ("more settings", press("moreSettingsButton"), "train", 0),
    ("another optimizer", choose("optimizerComboBox", 1), "train", 0),
    ("another batch size", key("batchSizeSpinBox", Qt.Key.Key_Up), "train", 0),
    ("a smaller learning rate", key("learningRateSpinBox", Qt.Key.Key_Down), "train", 0),
    ("back to the recipe", press("basicSettingsButton"), "train", 0),
    ("its own settings", press("resetSettingsButton"), "train", 0),
    ("percentages in the matrix", choose("matrixValuesComboBox", 1), "pages", 0),
    ("only mistakes", lambda window: window.tabs.confusion_view.mistakes_box.click(), "pages", 0),
    ("copy the matrix", from_menu("Copy picture"), "pages", 0),
    ("copy the table", from_menu("Copy table"), "pages", 0),
    ("save the table", from_menu("Save table …"), "pages", 0),
    ("play the epochs", press("epochPlayButton"), "pages", 0),
    ("the curves", page(1), "pages", 0),
    ("the digits", page(2), "pages", 1),
    ("largest first", press("directionButton"), "pages", 2),
    ("the report", page(3), "pages", 2),
    ("the runs", page(4), "pages", 3),
    ("tick all", key("runsTable", Qt.Key.Key_A, Modifier.ControlModifier), "pages", 4),
    ("untick", press("untickButton"), "pages", 4),
    ("the data", page(5), "pages", 4),
    ("another split", choose("dataSplitComboBox", 1), "pages", 5),
    ("my digits", page(6), "pages", 5),
    ("dark", press("themeButton"), "window", 0),
    ("fold training", press("showTrainButton"), "window", 0),
    ("unfold it", press("showTrainButton"), "window", 0),
    ("fold drawing", press("showDrawButton"), "window", 0),
    ("larger text", lambda window: services_of(window).theme.zoom_by(1), "window", 0),
    ("close the steps", press("closeStepsButton"), "window", 0),
)


def card_of(window: MainWindow, card: str) -> QWidget:
    cards = {
        "draw": window.draw_panel,
        "train": window.training_panel,
        "pages": window.middle,
        "window": window,
    }
    return cards[card]


def picture(window: MainWindow, card: str) -> object:
    """What is to be seen of a card, with what lies over it."""
    widget = card_of(window, card)
    corner = widget.mapTo(window, widget.rect().topLeft())
    return window.grab(widget.rect().translated(corner)).toImage()


@pytest.fixture
def ready(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> MainWindow:
    """A window with a run, a drawing, an empty clipboard, and a file dialog that answers."""
    saved = (str(tmp_path / "table.csv"), "Table (*.csv)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: saved)
    begin(qtbot, window, trained(tmp_path / "runs", "dense-10", 3, "Ten"))
    window.resize(1400, 900)
    QGuiApplication.clipboard().clear()
    draw(window.draw_panel.pad, SEVEN)
    settle(qtbot, window)
    return window


def test_everything_a_user_does_is_answered_where_it_is_done(
    qtbot: QtBot, ready: MainWindow
) -> None:
    assert len(ACTIONS) >= 40
    silent: list[str] = []
    try:
        for what, act, card, at in ACTIONS:
            if ready.tabs.currentIndex() != at:
                ready.tabs.setCurrentIndex(at)
            settle(qtbot, ready)
            before = picture(ready, card)
            act(ready)
            QApplication.processEvents()
            try:  # what is written to a file first is answered once it is there
                qtbot.waitUntil(lambda: picture(ready, card) != before)  # noqa: B023
            except QtTimeoutError:
                silent.append(what)
    finally:
        services_of(ready).theme.set_zoom(1.0)
        services_of(ready).theme.set_mode("system")
    assert silent == []
    assert isinstance(named(ready, "epochsSpinBox"), QAbstractSpinBox)
    assert isinstance(named(ready, "epochSlider"), QSlider)
