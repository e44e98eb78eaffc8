"""The middle lives while a network learns, and becomes the matrix page at the end."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import SEVEN, draw
from pages import says, wait_for_digits
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.progress import PhaseProgress
from mnist_desktop.training.progress import BatchProgress, EpochMetrics, WatchedReading
from mnist_desktop.training.validation_reading import ChangedDigit, ValidationReading
from mnist_desktop.ui.main_window import MainWindow

IMAGE = np.zeros((28, 28), np.uint8)


def part(window: MainWindow, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def epoch(number: int, corrected: int = 0) -> list[object]:
    """What a training reports of an epoch."""
    matrix = np.diag(np.full(10, 90 + number))
    changed = tuple(ChangedDigit(IMAGE, 4, 9, 4) for _ in range(corrected))
    scores = tuple(0.91 if digit == 7 else 0.01 for digit in range(10))
    return [
        BatchProgress(number, 3, 50, 100, 0.5, 0.8, 1.0),
        ValidationReading(number, matrix, corrected, 0, changed if number > 1 else ()),
        EpochMetrics(number, 0.4, 0.9, 0.3, 0.9 + number / 100, 1.0),
        WatchedReading(number, scores),
    ]


def begin(window: MainWindow, epochs: int = 3) -> None:
    window.resize(1280, 800)
    QApplication.processEvents()
    window.tabs.first.begin("Training “Mine”", epochs, ())
    window.tabs.show_live()
    QApplication.processEvents()


def test_each_epoch_is_shown_with_what_it_has_changed(window: MainWindow) -> None:
    begin(window)
    assert part(window, "liveView").isVisible()
    assert says(window, "liveTitleLabel") == "Training “Mine”"
    for number in (1, 2):
        for progress in epoch(number, corrected=2):
            window.tabs.first.show_progress(progress)
    assert "Epoch 2 of 3" in says(window, "liveFactsLabel")
    assert "92.00% of the validation digits" in says(window, "liveFactsLabel")
    assert "corrected 2 digits and spoiled 0" in says(window, "liveChangesLabel")
    told = part(window, "changedDigits").accessibleDescription()
    assert told == "a 4: 9, now 4; a 4: 9, now 4"
    assert part(window, "drawingSteps").accessibleDescription() == "epoch 1: 7, epoch 2: 7"


def test_not_a_pixel_moves_while_it_learns(window: MainWindow) -> None:
    begin(window)

    def places() -> dict[str, QRect]:
        live = part(window, "liveView")
        parts = [one for one in live.findChildren(QWidget) if one.isVisible()]
        return {
            f"{number} {one.objectName()}": QRect(one.mapTo(window, QPoint(0, 0)), one.size())
            for number, one in enumerate(parts)
        }

    before = places()
    for number in (1, 2, 3):
        for progress in epoch(number, corrected=40):
            window.tabs.first.show_progress(progress)
            QApplication.processEvents()
            assert places() == before


def test_the_pictures_change_with_every_report(window: MainWindow) -> None:
    begin(window)
    names = ("liveMiddleCurves", "liveMatrix", "changedDigits", "drawingSteps")
    before = {name: part(window, name).grab().toImage() for name in names}
    for number in (1, 2):
        for progress in epoch(number, corrected=1):
            window.tabs.first.show_progress(progress)
    assert [name for name in names if part(window, name).grab().toImage() == before[name]] == []


def test_the_axes_grow_with_the_training(window: MainWindow) -> None:
    begin(window, epochs=1)
    window.tabs.first.show_progress(BatchProgress(1, 4, 50, 100, 0.5, 0.8, 1.0))
    window.tabs.first.show_progress(EpochMetrics(4, 0.4, 0.9, 0.3, 0.9, 1.0))
    assert "Epoch 4 of 4" in says(window, "liveFactsLabel")


def test_the_matrix_can_be_seen_meanwhile_and_live_leads_back(window: MainWindow) -> None:
    begin(window)
    tabs_before = [window.tabs.tabBar().tabRect(place) for place in range(window.tabs.count())]
    live = part(window, "liveButton")
    QTest.mouseClick(part(window, "showMatrixButton"), Qt.MouseButton.LeftButton)
    assert part(window, "confusionView").isVisible()
    window.tabs.setCurrentIndex(3)
    QTest.mouseClick(live, Qt.MouseButton.LeftButton)
    assert part(window, "liveView").isVisible()
    window.tabs.first.end()
    QApplication.processEvents()
    assert part(window, "confusionView").isVisible()
    assert not live.isVisible()
    tabs = [window.tabs.tabBar().tabRect(place) for place in range(window.tabs.count())]
    assert tabs == tabs_before


def test_pause_and_stop_are_the_training_panels(window: MainWindow) -> None:
    panel = window.training_panel
    panel.set_busy(True)
    begin(window)
    pause, stop = part(window, "livePauseButton"), part(window, "liveStopButton")
    assert isinstance(pause, QPushButton)
    places = [one.geometry() for one in (pause, stop)]
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert panel.pause_button.isChecked()
    assert pause.text() == panel.pause_button.text() == "Resume"
    window.tabs.first.show_progress(PhaseProgress("Paused"))
    assert says(window, "liveFactsLabel") == "Paused …"
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert pause.text() == "Pause"
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    window.tabs.first.show_progress(epoch(1)[0])
    assert "Stopping" in says(window, "liveFactsLabel")
    assert not pause.isEnabled()
    assert not stop.isEnabled()
    assert [one.geometry() for one in (pause, stop)] == places
    panel.set_busy(True, can_pause=False)  # a lesson
    assert not pause.isEnabled()
    assert stop.isEnabled()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)], ids="{0[0]}x{0[1]}".format)
def test_a_real_training_is_seen_and_ends_at_its_matrix(
    qtbot: QtBot, window: MainWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.start_services()
    wait_for_digits(qtbot, window)
    draw(window.draw_panel.pad, SEVEN)
    window.training_panel.epochs.setValue(2)
    with qtbot.waitSignal(services_of(window).training.finished, timeout=120_000):
        window.training_panel.train_button.click()
        qtbot.waitUntil(lambda: "Epoch 1 of 2" in says(window, "liveFactsLabel"), timeout=60_000)
        assert part(window, "liveView").isVisible()
    qtbot.waitUntil(part(window, "confusionView").isVisible)
    assert not part(window, "liveView").isVisible()
    assert part(window, "drawingSteps").accessibleDescription().startswith("epoch 1: ")
    toast = part(window, "toast")
    assert toast.isVisible()
    see = toast.findChild(QPushButton, "toastButton1")
    assert see is not None
    QTest.mouseClick(see, Qt.MouseButton.LeftButton)
    assert part(window, "galleryView").isVisible()
    assert isinstance(part(window, "liveButton"), QToolButton)
