"""The list of runs in the window: right at once, read and changed on another thread."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import pytest
from pages import CTRL, LEFT, TIMEOUT_MS, button, dialogs, list_runs, wait_for_runs
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.paths import AppPaths
from mnist_desktop.runs import store as store_module
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import KEPT, NAME, STAR
from mnist_desktop.runs.store import RunStore
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.runs_table import COLUMNS, RunsTable

OpenWindow = Callable[..., MainWindow]
Key = Qt.Key
COUNT = 60


def add_run(kept: Run, root: Path, number: int) -> str:
    """Put a run into a store that shares its large files with another; returns its id."""
    folder = root / f"20260101-{number:06}-cnn-fast"
    folder.mkdir(parents=True)
    for path in kept.folder.iterdir():
        if path.suffix == ".json":
            (folder / path.name).write_bytes(path.read_bytes())
        else:
            os.link(path, folder / path.name)
    record = folder / "run.json"
    values = json.loads(record.read_text())
    created = f"2026-01-01T00:{number // 60:02}:{number % 60:02}+00:00"
    record.write_text(json.dumps({**values, "name": f"Run {number:02}", "created": created}))
    return folder.name


@pytest.fixture
def root(paths: AppPaths, kept: Run) -> Path:
    """A store of many runs, the newest with the highest number."""
    for number in range(COUNT):
        add_run(kept, paths.runs, number)
    return paths.runs


@pytest.fixture
def table(qtbot: QtBot, root: Path, window: MainWindow) -> RunsTable:
    """The table of many runs, on its page."""
    window.resize(1280, 800)
    list_runs(qtbot, window)
    window.tabs.setCurrentWidget(window.tabs.runs_view.parentWidget())
    window.tabs.runs_view.table.setFocus()
    return window.tabs.runs_view.table


def names(table: RunsTable) -> list[str]:
    return [str(table.model().index(row, NAME).data()) for row in range(table.model().rowCount())]


def choose(table: RunsTable, *wanted: str) -> None:
    """Click on rows, all but the first with Ctrl: one is selected, several are ticked."""
    table.untick_all()
    for number, name in enumerate(wanted):
        index = table.model().index(names(table).index(name), NAME)
        table.scrollTo(index)
        place = table.visualRect(index).center()
        keys = CTRL if number else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(table.viewport(), LEFT, keys, place)


def chosen(table: RunsTable) -> set[str]:
    """Names of the ticked runs, or else of the selected one."""
    ids = table.ticked_ids() or table.selected_ids()
    return {run.record.name for run in table.runs.rows if run.record.id in ids}


def on_disk(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if not path.name.startswith(".")}


def test_the_main_thread_opens_no_file_of_a_run_but_of_the_one_in_use(
    qtbot: QtBot,
    root: Path,
    open_window: OpenWindow,
    opened: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Other", True))
    monkeypatch.setattr(QInputDialog, "getMultiLineText", lambda *_: ("Other", True))
    window = open_window()
    window.start_services()
    wait_for_runs(qtbot, window)
    table, view = window.tabs.runs_view.table, window.tabs.runs_view
    assert len(names(table)) == COUNT
    window.tabs.setCurrentWidget(view.parentWidget())
    table.setFocus()
    choose(table, "Run 30")
    for key in (Key.Key_S, Key.Key_F2, Key.Key_N):
        QTest.keyClick(table, key)
    for column in range(len(COLUMNS)):
        table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    QTest.keyClicks(view.find_edit, "Run 1")
    view.find_edit.clear()
    many = [f"Run {number}" for number in range(10, 25)]
    choose(table, *many)
    QTest.keyClick(table, Key.Key_Delete)
    wait_for_runs(qtbot, window)
    assert len(on_disk(root)) == COUNT - len(many)
    view.undo_button.click()
    wait_for_runs(qtbot, window)
    assert len(on_disk(root)) == len(names(table)) == COUNT
    services_of(window).runs.read()
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))
    wait_for_runs(qtbot, window)
    assert opened.under(root)  # but by other threads
    assert opened.under(root, by_main=True) == []
    assert dialogs(window) == []


def test_a_run_that_is_kept_is_listed_without_being_read_again(
    window: MainWindow, table: RunsTable, root: Path, kept: Run, opened: Any
) -> None:
    run = RunStore(root).get(add_run(kept, root, COUNT))
    opened.clear()
    services_of(window).training.succeeded.emit(run)
    assert names(table)[0] == f"Run {COUNT}"
    assert window.model_box.currentData() == run.record.id
    read = [path.name for path in opened.under(root, by_main=True)]
    assert "run.json" not in read
    assert "history.json" not in read


def test_the_run_in_use_is_there_before_the_others_are_read(
    qtbot: QtBot, root: Path, open_window: OpenWindow, opened: Any
) -> None:
    first = open_window()
    list_runs(qtbot, first, select="20260101-000030-cnn-fast")
    first.close()
    opened.clear()
    window = open_window()
    assert window.model_box.currentData() == "20260101-000030-cnn-fast"
    assert window.tabs.confusion_view.record is not None
    assert window.tabs.confusion_view.record.name == "Run 30"
    assert {path.parent.name for path in opened.under(root)} == {"20260101-000030-cnn-fast"}
    assert window.tabs.runs_view.currentIndex() == 1  # and no page that says that there are no runs
    window.start_services()
    wait_for_runs(qtbot, window)
    assert window.model_box.count() == COUNT + 1
    assert window.model_box.currentData() == "20260101-000030-cnn-fast"
    assert window.model_box.findData("20260101-000059-cnn-fast") == 1


def test_what_cannot_be_changed_is_told_and_is_in_the_list_again(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    with filelock.FileLock(root / ".lock"):
        choose(table, "Run 59", "Run 58")
        QTest.keyClick(table, Key.Key_Delete)
        assert len(names(table)) == COUNT - 2
        assert window.tabs.runs_view.undo_button.isVisible()
        wait_for_runs(qtbot, window)
    assert len(names(table)) == len(on_disk(root)) == COUNT
    assert not window.tabs.runs_view.undo_button.isVisible()
    assert "Another program is changing the runs" in dialogs(window)[0]
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_deletion_that_cannot_be_taken_back_yet_can_be_tried_again(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(table, "Run 59")
    QTest.keyClick(table, Key.Key_Delete)
    wait_for_runs(qtbot, window)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    with filelock.FileLock(root / ".lock"):
        window.tabs.runs_view.undo_button.click()
        assert names(table)[0] == "Run 59"
        wait_for_runs(qtbot, window)
    assert names(table)[0] == "Run 58"
    for box in window.findChildren(QMessageBox):
        box.close()
    window.tabs.runs_view.undo_button.click()
    wait_for_runs(qtbot, window)
    assert names(table)[0] == "Run 59"
    assert len(on_disk(root)) == COUNT


def test_changes_are_made_although_the_window_is_closed(
    window: MainWindow, table: RunsTable, root: Path
) -> None:
    choose(table, "Run 59")
    QTest.keyClick(table, Key.Key_S)
    choose(table, "Run 58")
    QTest.keyClick(table, Key.Key_Delete)
    window.close()
    assert RunStore(root).get("20260101-000059-cnn-fast").record.starred
    assert len(on_disk(root)) == COUNT - 1


def test_what_is_selected_stays_so_while_runs_come_go_and_change_places(
    qtbot: QtBot, window: MainWindow, table: RunsTable, root: Path, kept: Run
) -> None:
    two = {"Run 30", "Run 31"}
    choose(table, "Run 30", "Run 31")
    scrolled = table.verticalScrollBar().value()
    assert scrolled > 0
    RunStore(root).delete("20260101-000000-cnn-fast")
    list_runs(qtbot, window)
    assert chosen(table) == two
    assert table.verticalScrollBar().value() == scrolled
    table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    assert chosen(table) == two
    window.tabs.runs_view.find_edit.setText("run 31")
    assert chosen(table) == {"Run 31"}
    assert button(window.tabs.runs_view, "Open").isEnabled()
    window.tabs.runs_view.find_edit.setText("run 32")
    assert chosen(table) == set()
    assert not button(window.tabs.runs_view, "Open").isEnabled()  # there is nothing it could be for


def test_the_arrow_keys_go_on_where_a_run_was_deleted(window: MainWindow, table: RunsTable) -> None:
    choose(table, "Run 30")
    QTest.keyClick(table, Key.Key_Delete)
    QTest.keyClick(table, Key.Key_Down)
    assert chosen(table) == {"Run 28"}


def test_columns_that_were_moved_stay_where_they_are(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    header = table.horizontalHeader()
    header.moveSection(KEPT, STAR)  # the names stay at the left
    widths = [header.sectionSize(place) for place in range(len(COLUMNS))]
    choose(table, "Run 59")
    QTest.keyClick(table, Key.Key_Delete)
    table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    assert [header.logicalIndex(place) for place in range(3)] == [STAR, NAME, KEPT]
    assert [header.sectionSize(place) for place in range(len(COLUMNS))] == widths
    wait_for_runs(qtbot, window)


def test_a_run_that_is_starred_moves_to_its_place_among_those_with_a_star(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    table.sortByColumn(STAR, Qt.SortOrder.DescendingOrder)
    choose(table, "Run 07")
    QTest.keyClick(table, Key.Key_S)
    assert names(table)[0] == "Run 07"
    assert chosen(table) == {"Run 07"}
    wait_for_runs(qtbot, window)
    assert names(table)[0] == "Run 07"


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)
def test_the_open_list_of_networks_scrolls(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    window.model_box.showPopup()
    qtbot.waitUntil(window.model_box.view().isVisible, timeout=TIMEOUT_MS)
    assert window.model_box.view().verticalScrollBar().maximum() > 0
    window.model_box.hidePopup()
