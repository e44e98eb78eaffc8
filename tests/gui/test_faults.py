"""What goes wrong is told once, in words, and does not end the program."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from pages import list_runs, wait_for_runs
from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop import app as app_module
from mnist_desktop.app import watch_for_faults
from mnist_desktop.errors import StorageError
from mnist_desktop.log_files import LogFormatter
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run
from mnist_desktop.training import memory
from mnist_desktop.ui import faults as faults_module
from mnist_desktop.ui.draw.drawing_files import DrawingFiles
from mnist_desktop.ui.faults import FaultDialog
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.memory import WindowMemory
from mnist_desktop.ui.parts import messenger

OpenWindow = Callable[..., MainWindow]


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
    monkeypatch.setattr(sys, "_MEIPASS", "/package", raising=False)
    monkeypatch.setenv("QT_PLUGIN_PATH", "/package/plugins")

    def open_url(url: QUrl) -> bool:
        assert "QT_PLUGIN_PATH" not in os.environ  # what is started must not load them
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    with caplog.at_level(logging.CRITICAL):
        fail("the sky fell")
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    (box,) = boxes(window)
    assert "RuntimeError: the sky fell" in box.text()
    assert "the sky fell" in caplog.text
    (button,) = [one for one in box.findChildren(QPushButton) if one.text() == "Open &log"]
    button.click()
    assert [Path(one) for one in opened] == [services_of(window).paths.logs]


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


def test_the_log_has_one_line_an_entry_whatever_is_quoted() -> None:
    record = logging.LogRecord("a", 30, "", 1, "run %s\n is damaged", ("x\x1b[2J\n\udcff",), None)
    formatter = LogFormatter("%(levelname)s: %(message)s")
    assert formatter.format(record) == "WARNING: run x\\x1b[2J\\n\\udcff\\n is damaged"
    try:
        raise ValueError("folder \x1b \udcff" + "x" * 3_000_000)
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    lines = formatter.format(record).splitlines()
    assert lines[1] == "Traceback (most recent call last):"
    assert "ValueError: folder \\x1b \\udcffxxx" in lines[-1]
    assert max(map(len, lines)) <= 2100


def told(window: MainWindow) -> list[str]:
    found = window.findChildren(QMessageBox, "errorDialog")
    return [box.text() for box in found if box.isVisible()]


def close_dialogs(window: MainWindow) -> None:
    for box in window.findChildren(QMessageBox, "errorDialog"):
        box.close()


def test_an_error_leaves_the_status_bar_with_its_dialog(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    said = window.statusBar().currentMessage
    (tmp_path / "text.png").write_text("hello")
    services_of(window).prediction.open_picture(tmp_path / "text.png")
    qtbot.waitUntil(lambda: "no picture" in said())
    close_dialogs(window)
    assert said() == ""
    window.messages.show_error(StorageError("The disk is full."))
    window.draw_panel.copy_requested.emit()  # what has succeeded since is not wiped away
    close_dialogs(window)
    assert "Copied" in said()


def test_what_cannot_be_done_now_is_not_said_for_long(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messenger, "REFUSAL_MS", 1)
    said: list[str] = []
    window.statusBar().messageChanged.connect(said.append)
    window.findChild(DrawingFiles).open_data(QMimeData())
    qtbot.waitUntil(lambda: said[-1] == "")
    assert "no picture to paste" in said[0]


def test_files_that_were_set_aside_are_told(
    qtbot: QtBot, paths: AppPaths, open_window: OpenWindow
) -> None:
    paths.settings_file.write_text("[General]\nversion=99\n", encoding="utf-8")
    paths.my_digits.write_text("no drawing\n", encoding="utf-8")
    window = open_window()
    window.start_services()
    [settings] = told(window)
    assert "later version" in settings
    assert f"{paths.settings_file}.newer" in settings
    close_dialogs(window)
    window.tabs.setCurrentWidget(window.tabs.my_digits_view.parentWidget())
    qtbot.waitUntil(lambda: len(told(window)) == 1)
    assert f"{paths.my_digits}.damaged" in told(window)[0]
    close_dialogs(window)


def test_runs_on_a_drive_that_is_gone_are_told_once_and_stay_in_the_list(
    qtbot: QtBot, window: MainWindow, kept: Run, tmp_path: Path
) -> None:
    root = services_of(window).store.root
    shutil.copytree(kept.folder, root / kept.record.id)
    list_runs(qtbot, window)
    root.parent.rename(tmp_path / "away")
    for _ in range(3):
        list_runs(qtbot, window)
    (text,) = told(window)
    assert text.startswith(f"Your runs in {root} cannot be read")
    assert "connect that again" in text
    window.tabs.runs_view.star_requested.emit(kept.record.id)
    wait_for_runs(qtbot, window)
    star, _ = sorted(told(window))
    assert star.startswith("The runs could not be changed")
    assert "connect that again" in star
    assert not window.tabs.runs_view.table.runs.runs[0].record.starred  # it was taken back
    assert [run.record.id for run in window.tabs.runs_view.table.runs.runs] == [kept.record.id]
    close_dialogs(window)
    (tmp_path / "away").rename(root.parent)
    window.tabs.runs_view.star_requested.emit(kept.record.id)
    wait_for_runs(qtbot, window)
    assert told(window) == []
    assert window.tabs.runs_view.table.runs.runs[0].record.starred


def test_a_training_that_does_not_fit_into_memory_is_told_and_a_smaller_one_works(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 0.1e9)
    window.start_services()
    panel = window.training_panel
    panel.train_button.click()
    qtbot.waitUntil(lambda: bool(told(window)), timeout=60_000)
    assert "0.1 GB are free" in told(window)[0]
    close_dialogs(window)
    qtbot.waitUntil(panel.train_button.isEnabled)
    monkeypatch.undo()
    panel.epochs.setValue(1)
    panel.train_button.click()
    qtbot.waitUntil(lambda: len(window.tabs.runs_view.table.runs.runs) == 1, timeout=60_000)
    qtbot.waitUntil(panel.train_button.isEnabled)


def test_a_run_that_another_program_kept_is_listed_when_the_window_comes_to_the_front(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    root = services_of(window).store.root
    root.mkdir()
    other = QDialog()
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    shutil.copytree(kept.folder, root / kept.record.id)
    other.close()
    window.activateWindow()
    qtbot.waitUntil(lambda: len(window.tabs.runs_view.table.runs.runs) == 1)
    assert window.model_box.count() == 2


def test_a_log_that_cannot_be_written_is_told_and_the_window_opens(
    paths: AppPaths, faults: FaultDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (paths.logs / "mnist-desktop.log").mkdir()
    monkeypatch.setattr(app_module, "qInstallMessageHandler", lambda _: None)
    level = logging.getLogger().level
    notice = app_module.start_logging(paths)
    logging.getLogger().setLevel(level)
    assert notice.startswith("There is no log this time:")
    assert str(paths.logs) in notice


def test_a_window_that_cannot_be_made_leaves_no_thread(
    qapp: QApplication, paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_memory: WindowMemory, **_: object) -> NoReturn:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(WindowMemory, "restore", fail)
    with pytest.raises(ZeroDivisionError):
        app_module.make_window(qapp, paths)


def test_what_a_run_says_is_no_html(
    qtbot: QtBot, window: MainWindow, kept: Run, tmp_path: Path
) -> None:
    picture = "<img src='//host/share/x.png'>"
    root = services_of(window).store.root
    shutil.copytree(kept.folder, root / kept.record.id)
    services_of(window).store.change(kept.record.id, name=picture, note=picture)
    list_runs(qtbot, window)
    model = window.tabs.runs_view.table.runs
    tips = [
        str(model.data(model.index(0, column), Qt.ItemDataRole.ToolTipRole))
        for column in range(model.columnCount())
    ]
    assert sum("&lt;img" in tip for tip in tips) == 2
    assert not any("<img" in tip for tip in tips)
    window.messages.show_error(StorageError(picture))
    (box,) = window.findChildren(QMessageBox, "errorDialog")
    assert box.textFormat() == Qt.TextFormat.PlainText
    close_dialogs(window)


def test_a_page_that_is_none_does_not_keep_the_window_from_opening(
    paths: AppPaths, open_window: OpenWindow
) -> None:
    paths.settings_file.write_text("[window]\npage=99999999999\n", encoding="utf-8")
    assert open_window().tabs.currentIndex() == 0
