"""What nobody expected is logged, told once, and does not end the program."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from mnist_desktop.app import watch_for_faults
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui import faults as faults_module
from mnist_desktop.ui.faults import FaultDialog
from mnist_desktop.ui.main_window import MainWindow


@pytest.fixture
def faults(window: MainWindow, paths: AppPaths) -> Iterator[FaultDialog]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    made = FaultDialog(window, paths.logs)
    watch_for_faults(made.happened.emit)
    yield made
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    for box in window.findChildren(QMessageBox, "faultDialog"):
        box.close()


def boxes(window: MainWindow) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox, "faultDialog") if box.isVisible()]


def fail(text: str) -> None:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)


def test_an_error_is_logged_and_told_with_a_way_to_the_log(
    qtbot: QtBot,
    window: MainWindow,
    faults: FaultDialog,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    with caplog.at_level(logging.CRITICAL):
        fail("the sky fell")
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    (box,) = boxes(window)
    assert "RuntimeError: the sky fell" in box.text()
    assert "the sky fell" in caplog.text
    (button,) = [one for one in box.findChildren(QPushButton) if one.text() == "Open &log"]
    button.click()
    assert opened == [str(window._services.paths.logs)]


def test_a_flood_of_errors_is_one_dialog(
    qtbot: QtBot, window: MainWindow, faults: FaultDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        fail(f"number {number}")
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    assert "number 0" in boxes(window)[0].text()
    boxes(window)[0].close()
    fail("soon after")
    done: list[bool] = []
    QTimer.singleShot(50, window, lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done))
    assert boxes(window) == []
    monkeypatch.setattr(faults_module, "QUIET_SECONDS", 0.0)
    faults._quiet_until = 0.0
    fail("much later")
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)


def test_an_error_on_another_thread_is_told_in_the_window(
    qtbot: QtBot, window: MainWindow, faults: FaultDialog
) -> None:
    thread = threading.Thread(target=fail, args=("far away",))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    assert "far away" in boxes(window)[0].text()


def test_an_error_where_none_can_be_raised_is_told(
    qtbot: QtBot, window: MainWindow, faults: FaultDialog
) -> None:
    class Loud:
        def __del__(self) -> None:
            raise ValueError("on the way out")

    Loud()
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    assert "ValueError: on the way out" in boxes(window)[0].text()
