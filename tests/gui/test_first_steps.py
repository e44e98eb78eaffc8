"""What a first visitor is led to, step by step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import make_up
from mouse import SEVEN, draw
from pages import begin, list_runs, says, settle, wait_for_digits
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.workers.dataset import DatasetController

OpenWindow = Callable[..., MainWindow]
STEPS = ("drawStepButton", "trainStepButton", "mistakesStepButton")


def part(window: MainWindow, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(part(window, name), Qt.MouseButton.LeftButton)


def done(window: MainWindow) -> list[bool]:
    return [part(window, step).accessibleName().endswith(", done") for step in STEPS]


def test_the_steps_tick_themselves_off_and_nothing_moves(
    qtbot: QtBot, window: MainWindow, open_window: OpenWindow
) -> None:
    window.resize(1280, 800)
    window.start_services()
    wait_for_digits(qtbot, window)
    assert done(window) == [False, False, False]
    tabs = QRect(window.tabs.mapTo(window, QPoint(0, 0)), window.tabs.size())
    press(window, STEPS[2])  # there is nothing of one's own to be found yet
    assert done(window) == [False, False, False]
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: done(window) == [True, False, False])
    press(window, STEPS[1])
    assert window.focusWidget() is window.training_panel.train_button
    window.training_panel.epochs.setValue(1)
    with qtbot.waitSignal(services_of(window).training.finished, timeout=120_000):
        QTest.keyClick(window.training_panel.train_button, Qt.Key.Key_Space)
    assert done(window) == [True, True, False]
    press(window, STEPS[2])
    assert part(window, "galleryView").isVisible()
    qtbot.waitUntil(lambda: done(window) == [True, True, True])  # its digits are read first
    assert part(window, "firstSteps").isVisible()  # until the next start, or it is closed
    assert QRect(window.tabs.mapTo(window, QPoint(0, 0)), window.tabs.size()) == tabs
    window.close()
    assert not part(open_window(), "firstSteps").isVisible()


def shown(window: MainWindow) -> tuple[str, str, str]:
    """What the page of the digits says that it shows."""
    view = window.tabs.gallery_view
    return view.true_box.currentText(), view.read_box.currentText(), view.kind_box.currentText()


def test_the_boxes_say_that_only_misread_digits_are_shown(
    qtbot: QtBot, window: MainWindow, sample: Dataset, paths: AppPaths
) -> None:
    run = make_up(paths.runs, "Poor", sample, 40)
    begin(qtbot, window)
    list_runs(qtbot, window)
    window.tabs.use_model(ModelRef(run.record.id))
    settle(qtbot, window)
    press(window, STEPS[2])
    assert shown(window) == ("any", "any", "Wrong")
    assert says(window, "galleryCountLabel") == "40 of 1,000 test digits"
    QTest.mouseClick(window.tabs.gallery_view.all_button, Qt.MouseButton.LeftButton)
    assert shown(window) == ("any", "any", "Right and wrong")


def test_the_mistakes_of_a_network_from_a_file_are_found_once_it_is_measured(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    begin(qtbot, window)
    window.first_steps.mark("train")
    file = Path(shutil.copy(bundled_reader.litert_file(), tmp_path / "other.tflite"))
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=120_000):
        window.chooser.open_file(file)
    press(window, STEPS[2])
    view = window.tabs.gallery_view
    assert view.isVisible()
    assert view.browser.list.gallery.rowCount() == 0
    assert "is reading them" in says(window, "galleryCountLabel")
    assert not done(window)[2]
    qtbot.waitUntil(lambda: done(window)[2], timeout=120_000)
    assert shown(window) == ("any", "any", "Wrong")
    gallery = view.browser.list.gallery
    assert all(gallery.digit(row).is_wrong for row in range(gallery.rowCount()))
    told = says(window, "galleryCountLabel")
    assert told.startswith(f"{gallery.rowCount()} of 1,000 test digits. The sample is made of")


def test_the_steps_stay_away_once_they_are_closed(
    window: MainWindow, open_window: OpenWindow
) -> None:
    press(window, "closeStepsButton")
    assert not part(window, "firstSteps").isVisible()
    window.close()
    assert not part(open_window(), "firstSteps").isVisible()


def test_a_step_leads_to_a_side_that_is_folded(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 800)
    QApplication.processEvents()
    for toggle in (window.columns.toggle_left, window.columns.toggle_right):
        toggle()
    press(window, STEPS[0])
    assert window.draw_panel.isVisible()
    assert window.focusWidget() is window.draw_panel.pad
    press(window, STEPS[1])
    assert window.training_panel.isVisible()


def test_whoever_has_only_the_sample_is_offered_all_digits(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(DatasetController, "download", lambda _self: asked.append(True))
    window.resize(1280, 800)
    button = part(window, "downloadAllButton")
    assert not button.isVisible()
    window.start_services()
    qtbot.waitUntil(button.isVisible)
    assert isinstance(button, QPushButton)
    assert "60,000" in button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [True]
    assert part(window, "dataView").isVisible()
