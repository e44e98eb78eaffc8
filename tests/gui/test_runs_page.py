"""The runs page: the table and what can be done with runs, and two of them compared."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mouse import ONE, draw
from numpy.typing import NDArray
from pages import (
    CTRL,
    LEFT,
    NONE,
    SHIFT,
    action,
    begin,
    button,
    cell_texts,
    choose,
    click_cell,
    dialogs,
    lines,
    list_runs,
    places_in,
    says,
    settle,
    shown,
    texts,
    trained,
    turn_to,
    wait_for_runs,
    written,
)
from PySide6.QtCore import QPoint, QStandardPaths, Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QImage
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot
from scipy import stats
from windows import services_of

from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.formats import percent
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import bundled_results
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.contestant import of_bundled, of_run
from mnist_desktop.ui.pages.export_menu import EXPORTS, Export
from mnist_desktop.ui.pages.run_cells import SUMMARY
from mnist_desktop.ui.pages.runs_table import COLUMNS, RunsTable
from mnist_desktop.ui.pages.runs_view import RunsView

Key = Qt.Key
COLUMN = {column.name: place for place, column in enumerate(COLUMNS)}


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three epochs of the simplest network on the sample: many mistakes."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", 3, "Ten")


@pytest.fixture(scope="session")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One epoch of a better network."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-100", 1, "Hundred")


@pytest.fixture
def table(qtbot: QtBot, window: MainWindow, ten: Run, hundred: Run) -> RunsTable:
    """The table with two runs, of which the first is in use, on its page."""
    begin(qtbot, window, ten, hundred)
    turn_to(qtbot, window, window.tabs.runs_view)
    window.tabs.runs_view.table.setFocus()
    return window.tabs.runs_view.table


def cell(table: RunsTable, row: int, column: str) -> str:
    return str(table.model().index(row, COLUMN[column]).data())


def row_of(table: RunsTable, name: str) -> int:
    names = [cell(table, row, "Name") for row in range(table.model().rowCount())]
    return names.index(name)


def names(table: RunsTable) -> list[str]:
    return [cell(table, row, "Name") for row in range(table.model().rowCount())]


def click_row(
    table: RunsTable, name: str, keys: Qt.KeyboardModifier = NONE, column: str = "Name"
) -> None:
    """Click on a run's row."""
    index = table.model().index(row_of(table, name), COLUMN[column])
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, keys, table.visualRect(index).center())


def click_mark(table: RunsTable, name: str, share: float) -> None:
    """Click on the tick of a run's row, at a quarter of its first cell, or on its star."""
    cell_area = table.visualRect(table.model().index(row_of(table, name), COLUMN["★"]))
    place = QPoint(cell_area.left() + round(cell_area.width() * share), cell_area.center().y())
    QTest.mouseClick(table.viewport(), LEFT, NONE, place)


def files(window: MainWindow) -> dict[str, bytes]:
    """All files of all runs that are not deleted."""
    root = services_of(window).store.root
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in root.iterdir()
        if not folder.name.startswith(".")
        for path in folder.iterdir()
    }


# The table


def test_the_table_says_what_there_is_to_know_of_a_run(
    qtbot: QtBot, window: MainWindow, table: RunsTable, ten: Run
) -> None:
    services_of(window).store.change(
        ten.record.id, note="A first try\nwith a second line", starred=True
    )
    list_runs(qtbot, window)
    record, row = ten.record, row_of(table, "Ten")
    folder = services_of(window).store.root / record.id
    size = sum(path.stat().st_size for path in folder.iterdir())
    expected = {
        "★": "★",
        "Name": "Ten",
        "Test accuracy": f"{record.test_accuracy * 100:.2f}%",
        "Training sample accuracy": f"{record.train_accuracy * 100:.2f}%",
        "Validation accuracy": f"{record.history[-1].val_accuracy * 100:.2f}%",
        "Test loss": f"{record.test_loss:.4f}",
        "Epochs": "3",
        "Parameters": "7,850",
        "Training time": f"{record.fit_seconds:.1f} s",
        "Size": f"{size / 1e6:.1f} MB",
        "Architecture": "Single layer",
        "Digits": "MNIST sample",
        "Note": "A first try",
        "Kept": f"{datetime.fromisoformat(record.created).astimezone():%Y-%m-%d %H:%M}",
    }
    assert {name: cell(table, row, name) for name in COLUMN if name != "Settings"} == expected
    settings = cell(table, row, "Settings")
    config = record.config
    assert f"{config.learning_rate:g}, batch {config.batch_size}" in settings
    assert f"seed {config.seed}" in settings
    heads = [
        table.model().headerData(place, Qt.Orientation.Horizontal) for place in range(len(COLUMNS))
    ]
    assert heads == [column.name for column in COLUMNS]
    note = table.model().index(row, COLUMN["Note"])
    assert note.data(Qt.ItemDataRole.ToolTipRole) == "A first try\nwith a second line"


def test_a_click_on_a_heading_sorts_by_values(
    qtbot: QtBot, window: MainWindow, table: RunsTable, ten: Run, kept: Run
) -> None:
    store = services_of(window).store
    shutil.copytree(kept.folder, store.root / kept.record.id)
    store.change(ten.record.id, note="a", starred=True)
    list_runs(qtbot, window)
    runs = {run.record.id: run for run in store.runs()}
    by_value: dict[str, Callable[[Run], Any]] = {
        "★": lambda run: run.record.starred,
        "Name": lambda run: run.record.name.lower(),
        "Test accuracy": lambda run: run.record.test_accuracy,
        "Training sample accuracy": lambda run: run.record.train_accuracy,
        "Validation accuracy": lambda run: run.record.history[-1].val_accuracy,
        "Test loss": lambda run: run.record.test_loss,
        "Epochs": lambda run: len(run.record.history),
        "Parameters": lambda run: run.record.parameters,
        "Training time": lambda run: run.record.fit_seconds,
        "Size": lambda run: sum(path.stat().st_size for path in run.folder.iterdir()),
        "Note": lambda run: run.record.note,
        "Kept": lambda run: run.record.created,
    }
    header = table.horizontalHeader()
    for name, place in COLUMN.items():
        table.scrollTo(table.model().index(0, place))
        at = QPoint(header.sectionViewportPosition(place) + 9, header.height() // 2)
        for _ in range(2):
            QTest.mouseClick(header.viewport(), LEFT, pos=at)
            assert header.sortIndicatorSection() == place
            QTest.keyClick(table, Key.Key_A, CTRL)
            ids = table.ticked_ids()
            assert set(ids) == set(runs)
            if name in by_value:
                values = [by_value[name](runs[one]) for one in ids]
                falls = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
                assert values == sorted(values, reverse=falls), name
    table.sortByColumn(COLUMN["Parameters"], Qt.SortOrder.AscendingOrder)
    found = [cell(table, row, "Parameters") for row in range(3)]
    assert found == ["7,850", "55,834", "79,510"]


def test_only_runs_in_which_a_text_stands_are_shown(
    qtbot: QtBot, window: MainWindow, table: RunsTable, ten: Run
) -> None:
    services_of(window).store.change(ten.record.id, note="with a Slower rate")
    list_runs(qtbot, window)
    find = window.tabs.runs_view.find_edit
    for text, expected in (
        ("hundred", ["Hundred"]),
        ("slower", ["Ten"]),
        ("7,850", ["Ten"]),
        ("79,5", ["Hundred"]),
        ("nothing like it", []),
        ("", ["Hundred", "Ten"]),
    ):
        find.clear()
        QTest.keyClicks(find, text)
        assert sorted(names(table)) == expected


def test_return_opens_a_run(qtbot: QtBot, window: MainWindow, table: RunsTable) -> None:
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_Return)
    settle(qtbot, window)
    assert window.model_box.currentText().startswith("Hundred")
    assert window.tabs.confusion_view.record.name == "Hundred"
    assert window.tabs.confusion_view.isVisible()


# Ticks, and the bar that says what they are good for


def bar_says(window: MainWindow) -> str:
    return says(window.tabs.runs_view, "tickedRunsLabel")


def test_a_second_tick_offers_to_compare_and_the_bar_says_so(
    window: MainWindow, table: RunsTable, ten: Run, hundred: Run
) -> None:
    view = window.tabs.runs_view
    compare = button(view, "Compare")
    assert bar_says(window) == "Tick two runs to compare them, or several to export or delete them."
    assert not compare.isVisible()
    before = table.geometry()
    click_mark(table, "Ten", 0.25)
    assert bar_says(window) == "Tick a second run to compare it with “Ten”."
    assert compare.isVisible()
    assert not compare.isEnabled()
    click_mark(table, "Hundred", 0.25)
    assert bar_says(window) == "2 runs ticked"
    assert compare.isEnabled()
    assert set(table.ticked_ids()) == {ten.record.id, hundred.record.id}
    assert table.geometry() == before
    click_mark(table, "Ten", 0.25)
    assert table.ticked_ids() == (hundred.record.id,)
    QTest.mouseClick(view.findChild(QToolButton, "untickButton"), LEFT)
    assert table.ticked_ids() == ()
    assert table.geometry() == before


def test_a_run_is_not_compared_with_a_reader_that_has_learnt_the_test_digits(
    window: MainWindow, table: RunsTable
) -> None:
    click_row(table, "Ten")
    more = window.tabs.runs_view.findChild(QToolButton, "moreRunButton")
    assert more is not None
    action(more, "Compare with the bundled reader").trigger()
    assert "learnt from the sample" in says(window, "toastLabel")
    assert table.isVisible()


def test_a_run_on_mnist_stands_beside_the_kept_results_of_the_bundled_reader(
    window: MainWindow, table: RunsTable, ten: Run
) -> None:
    view, found = window.tabs.runs_view, bundled_results()
    digits = replace(ten.record.dataset, name="mnist", test=found.evaluation.count)
    record = replace(
        ten.record,
        dataset=digits,
        confusion=found.evaluation.confusion,
        test_accuracy=found.evaluation.accuracy,
    )
    run = replace(ten, record=record)
    view.show_comparison(of_run(run), of_bundled(run))
    assert "B: Bundled reader" in texts(view.compare)
    assert percent(bundled_reader.accuracy_on_mnist()) in texts(view.compare)
    assert view.compare.matrix.isVisible()
    for readings in (replace(found, model=ModelRef(record.id)), found):
        view.compare.show_readings(readings)
    assert view.compare.comparison is not None
    assert len(view.compare.comparison.neither) == found.evaluation.count - int(
        np.trace(found.evaluation.confusion)
    )


def test_ctrl_and_shift_tick_as_they_select_elsewhere(
    table: RunsTable, ten: Run, hundred: Run
) -> None:
    click_row(table, "Ten")
    assert table.ticked_ids() == ()
    click_row(table, "Hundred", CTRL)
    assert set(table.ticked_ids()) == {ten.record.id, hundred.record.id}
    click_row(table, "Hundred", CTRL)
    assert table.ticked_ids() == (ten.record.id,)
    table.untick_all()
    click_row(table, "Ten")
    click_row(table, "Hundred", SHIFT)
    assert len(table.ticked_ids()) == 2


def test_the_keyboard_ticks_two_runs_and_deletes_them(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    QTest.keyClick(table, Key.Key_Home, CTRL)
    QTest.keyClick(table, Key.Key_Space)
    QTest.keyClick(table, Key.Key_Down)
    QTest.keyClick(table, Key.Key_Space)
    assert bar_says(window) == "2 runs ticked"
    spoken = [
        str(table.model().index(row, COLUMN["★"]).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(2)
    ]
    assert spoken == ["ticked, without a star"] * 2
    QTest.keyClick(table, Key.Key_Delete)
    assert names(table) == []
    QTest.keyClick(table, Key.Key_Z, CTRL)
    wait_for_runs(qtbot, window)
    assert len(names(table)) == 2
    assert table.ticked_ids() == ()


def test_the_run_in_use_is_marked(window: MainWindow, table: RunsTable, hundred: Run) -> None:
    def spoken(name: str) -> str:
        index = table.model().index(row_of(table, name), COLUMN["Name"])
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    def picture(name: str) -> QImage:
        area = table.frozen.visualRect(table.model().index(row_of(table, name), COLUMN["Name"]))
        return table.frozen.viewport().grab(area).toImage()

    assert spoken("Ten").startswith("Ten, in use, dense-10 · ")
    assert spoken("Hundred").startswith("Hundred, dense-100 · ")
    click_row(table, "Ten")
    before = picture("Hundred")
    window.chooser.select(ModelRef(hundred.record.id))
    click_row(table, "Ten")
    assert spoken("Hundred").startswith("Hundred, in use, ")
    assert spoken("Ten").startswith("Ten, dense-10")
    assert picture("Hundred") != before


def test_the_curve_of_a_run_is_painted_and_told(table: RunsTable, ten: Run) -> None:
    index = table.model().index(row_of(table, "Ten"), COLUMN["Epochs"])
    told = ", ".join(f"{one.val_accuracy * 100:.2f}%" for one in ten.record.history)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == f"Validation accuracy by epoch: {told}"
    area = table.visualRect(index)
    row = table.viewport().grab(area).toImage()
    curve = {row.pixel(x, y) for x in range(8, 56) for y in range(row.height())}
    beside = {row.pixel(x, y) for x in range(57, 64) for y in range(row.height())}
    assert len(curve) > len(beside)


def test_names_stay_in_sight_while_the_table_scrolls(window: MainWindow, table: RunsTable) -> None:
    index = table.model().index(0, COLUMN["Name"])
    before = table.frozen.visualRect(index).translated(
        table.frozen.viewport().mapTo(table, QPoint())
    )
    assert before == table.visualRect(index).translated(table.viewport().mapTo(table, QPoint()))
    bar = table.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    place = table.frozen.visualRect(index).translated(
        table.frozen.viewport().mapTo(table, QPoint())
    )
    assert place == before
    assert table.childAt(place.center()) is table.frozen.viewport()
    QTest.keyClick(table, Key.Key_Down)  # which goes to a name, and yet scrolls nothing
    assert bar.value() == bar.maximum()
    QTest.mouseClick(table.frozen.viewport(), LEFT, NONE, table.frozen.visualRect(index).center())
    assert table.selected_ids() == (table.runs.rows[0].record.id,)
    QTest.mouseDClick(table.frozen.viewport(), LEFT, NONE, table.frozen.visualRect(index).center())
    assert window.tabs.confusion_view.isVisible()


def test_frozen_headings_sort_as_well(table: RunsTable) -> None:
    header = table.frozen.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(COLUMN["Name"]) + 9, header.height() // 2)
    for expected in (["Hundred", "Ten"], ["Ten", "Hundred"]):
        QTest.mouseClick(header.viewport(), LEFT, pos=place)
        assert names(table) == expected
    assert header.sortIndicatorOrder() == table.horizontalHeader().sortIndicatorOrder()


@pytest.mark.parametrize("width", [528, 640, 900])
def test_date_and_settings_are_seen_without_scrolling(
    qtbot: QtBot, window: MainWindow, ten: Run, hundred: Run, width: int
) -> None:
    view = RunsView(services_of(window).figures)
    qtbot.addWidget(view)
    view.resize(width, 500)
    view.show_runs([hundred, ten], is_read=True)
    view.show()
    qtbot.waitExposed(view)
    table = view.table
    kept = table.visualRect(table.model().index(0, COLUMN["Kept"]))
    assert 0 < kept.right() < table.viewport().width()
    small = QFont(table.font())
    small.setPointSizeF(table.font().pointSizeF() - 1)
    words = str(table.model().index(0, COLUMN["Name"]).data(SUMMARY))
    room = table.columnWidth(COLUMN["Name"]) - 16
    assert QFontMetrics(small).horizontalAdvance(words) <= room


# Names, notes, stars


def test_a_run_is_renamed(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    hundred: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def ask(_parent: object, _title: str, _label: str, text: str) -> tuple[str, bool]:
        asked.append(text)
        return ("Better", len(asked) > 1)

    monkeypatch.setattr(QInputDialog, "getText", ask)
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_F2)
    assert sorted(names(table)) == ["Hundred", "Ten"]  # it was cancelled
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_Return)  # use it
    assert says(window, "matrixTitleLabel") == "Hundred"
    window.tabs.turn_to(window.tabs.run_actions.page)
    chosen: list[object] = []
    window.chooser.chosen.connect(chosen.append)
    QTest.keyClick(table, Key.Key_F2)
    assert asked == ["Hundred", "Hundred"]
    assert sorted(names(table)) == ["Better", "Ten"]  # at once; the file follows
    wait_for_runs(qtbot, window)
    assert services_of(window).store.get(hundred.record.id).record.name == "Better"
    assert says(window, "matrixTitleLabel") == "Better"
    assert chosen == []  # it is the same network, and goes on reading
    assert any(
        window.model_box.itemText(place).startswith("Better")
        for place in range(window.model_box.count())
    )


def test_a_note_is_written(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    hundred: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QInputDialog, "getMultiLineText", lambda *_: ("Two\nlines", True))
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_N)
    assert cell(table, row_of(table, "Hundred"), "Note") == "Two"
    assert cell(table, row_of(table, "Ten"), "Note") == ""
    wait_for_runs(qtbot, window)
    assert services_of(window).store.get(hundred.record.id).record.note == "Two\nlines"


def test_a_star_is_given_and_taken_away_by_click_and_key(
    qtbot: QtBot, window: MainWindow, table: RunsTable, hundred: Run
) -> None:
    store = services_of(window).store
    click_row(table, "Hundred")
    for by_click, starred in ((True, True), (True, False), (False, True), (False, False)):
        if by_click:
            click_mark(table, "Hundred", 0.72)
        else:
            QTest.keyClick(table, Key.Key_S)
        assert cell(table, row_of(table, "Hundred"), "★") == "☆★"[starred]  # at once
        wait_for_runs(qtbot, window)
        assert store.get(hundred.record.id).record.starred == starred
        assert cell(table, row_of(table, "Hundred"), "★") == "☆★"[starred]
        assert cell(table, row_of(table, "Ten"), "★") == "☆"
        # Still the run that is selected, not the one in use: the next key is for it, too.
        assert table.selected_ids() == (hundred.record.id,)
    assert window.model_box.currentText().startswith("Ten")


# Deleting and taking it back


def test_one_run_is_deleted_and_brought_back_by_the_button(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    before = files(window)
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_Delete)
    assert names(table) == ["Ten"]
    assert window.model_box.findText("Hundred", Qt.MatchFlag.MatchStartsWith) == -1
    assert "“Hundred” was deleted" in says(window.tabs.runs_view, "deletedRunsLabel")
    QTest.mouseClick(window.tabs.runs_view.undo_button, LEFT)
    assert sorted(names(table)) == ["Hundred", "Ten"]
    wait_for_runs(qtbot, window)
    assert files(window) == before
    assert window.statusBar().currentMessage() == "“Hundred” is back."
    assert not window.tabs.runs_view.undo_button.isVisible()


def test_several_runs_are_deleted_and_brought_back_with_ctrl_z(
    qtbot: QtBot, window: MainWindow, table: RunsTable
) -> None:
    draw(window.draw_panel.pad, ONE)
    before = files(window)
    table.setFocus()
    click_row(table, "Ten")
    click_row(table, "Hundred", CTRL)
    QTest.keyClick(table, Key.Key_Delete)
    assert window.tabs.runs_view.table.runs.rowCount() == 0
    assert window.model_box.currentData() == "bundled"
    wait_for_runs(qtbot, window)
    assert files(window) == {}
    assert window.tabs.runs_view.undo_button.isVisible()  # although no run is left
    assert "2 runs were deleted" in says(window.tabs.runs_view, "deletedRunsLabel")
    table.setFocus()
    QTest.keyClick(table, Key.Key_Z, CTRL)
    assert sorted(names(table)) == ["Hundred", "Ten"]
    wait_for_runs(qtbot, window)
    assert files(window) == before
    assert window.statusBar().currentMessage() == "2 runs are back."
    QTest.keyClick(table, Key.Key_Z, CTRL)  # there is no more to take back
    assert len(window.draw_panel.pad.ink.strokes) == 1
    QTest.keyClick(window.draw_panel.pad, Key.Key_Z, CTRL)
    assert window.draw_panel.pad.is_empty
    click_row(table, "Hundred")
    QTest.keyClick(table, Key.Key_Return)
    settle(qtbot, window)
    assert window.tabs.confusion_view.record.name == "Hundred"
    assert dialogs(window) == []


def test_deletions_are_taken_back_one_after_the_other(window: MainWindow, table: RunsTable) -> None:
    for name in ("Hundred", "Ten"):
        click_row(table, name)
        QTest.keyClick(table, Key.Key_Delete)
    QTest.mouseClick(window.tabs.runs_view.undo_button, LEFT)
    assert names(table) == ["Ten"]
    assert says(window.tabs.runs_view, "deletedRunsLabel") == "1 earlier deletion"
    QTest.mouseClick(window.tabs.runs_view.undo_button, LEFT)
    assert sorted(names(table)) == ["Hundred", "Ten"]


# Settings and files


def test_the_settings_of_a_run_are_used_again(
    window: MainWindow, table: RunsTable, ten: Run
) -> None:
    assert window.training_panel.config() != ten.record.config
    click_row(table, "Ten")
    QTest.mouseClick(button(window.tabs.runs_view, "Use settings"), LEFT)
    assert window.training_panel.config() == ten.record.config


def is_right(run: Run, kind: Export, content: bytes) -> bool:
    """Whether an exported file is what was asked for."""
    record = run.record
    if kind.what in ("keras", "litert"):
        return content == (run.folder / f"model.{kind.suffix}").read_bytes()
    if kind.what == "csv":
        rows = np.array(list(csv.reader(content.decode().splitlines()))[1:], int)
        return np.array_equal(rows[:, 1:], record.confusion)
    if kind.suffix == "html":
        page = content.decode()
        is_page = page.lower().startswith("<!doctype html>") and record.name in page
        return is_page and ("Precision" in page) == (kind.what == "report")
    if kind.suffix == "svg":
        return b"multiplications for each image" in content
    begins = {
        "pdf": b"%PDF", "png": b"\x89PNG", "onnx": b"\x08", "py": "# “Ten”".encode(), "ipynb": b"{",
    }  # fmt: skip
    return content.startswith(begins[kind.suffix]) and len(content) > 1000


def export_entries(window: MainWindow) -> dict[str, QAction]:
    """The entries of the button *Export*, headings left out."""
    menu = window.tabs.runs_view.findChild(QToolButton, "exportRunButton").menu()
    return {one.text(): one for one in menu.actions() if not one.isSeparator()}


def test_everything_of_a_run_is_exported_by_a_menu_in_words(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.runs_view)
    click_row(window.tabs.runs_view.table, "Ten")
    proposed: list[Path] = []
    entries = export_entries(window)
    assert list(entries) == [one.entry for one in EXPORTS]
    for number, kind in enumerate(EXPORTS):

        def ask(
            _parent: object, _title: str, place: str, filters: str, number: int = number
        ) -> tuple[str, str]:
            proposed.append(Path(place))
            return str(tmp_path / f"file-{number}"), filters

        monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
        assert len(entries[kind.entry].toolTip()) > 15
        entries[kind.entry].trigger()
        output = tmp_path / f"file-{number}.{kind.suffix}"
        written(qtbot, window, output)
        assert is_right(ten, kind, output.read_bytes()), kind
    assert len(list(tmp_path.iterdir())) == len(EXPORTS)
    assert [one.name for one in proposed] == [
        "Ten.html", "Ten.pdf", "Ten.html", "Ten.png", "Ten.csv", "Ten-network.png",
        "Ten-network.svg", "Ten.keras", "Ten.tflite", "Ten.onnx", "Ten.ipynb", "Ten.py",
    ]  # fmt: skip
    assert {one.parent for one in proposed[1:]} == {tmp_path}  # the folder that was used last
    assert dialogs(window) == []


def test_ticked_runs_are_exported_into_a_folder_beside_what_it_holds(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    *,
    ten: Run,
    hundred: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "Ten.csv").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    QTest.keyClick(table, Key.Key_A, CTRL)
    opener = window.tabs.runs_view.findChild(QToolButton, "exportTickedButton")
    assert opener.isVisible()
    entries = {one.text(): one for one in opener.menu().actions()}
    entries["Confusion matrix as a table (.csv)"].trigger()
    written(qtbot, window, tmp_path, f"Saved 2 files in {tmp_path.name}")
    assert {path.name for path in tmp_path.iterdir()} == {"Ten.csv", "Ten 2.csv", "Hundred.csv"}
    assert (tmp_path / "Ten.csv").read_text() == "mine"
    kind = next(one for one in EXPORTS if one.suffix == "csv")
    assert is_right(ten, kind, (tmp_path / "Ten 2.csv").read_bytes())
    assert is_right(hundred, kind, (tmp_path / "Hundred.csv").read_bytes())


def test_the_first_file_is_proposed_in_documents_and_the_next_where_the_last_went(
    qtbot: QtBot,
    window: MainWindow,
    table: RunsTable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents, chosen = tmp_path / "Documents", tmp_path / "chosen"
    documents.mkdir()
    chosen.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(documents))
    services_of(window).runs.edit(services_of(window).runs.runs[0], name="Nets: 3/4 <of> “mine”?")
    wait_for_runs(qtbot, window)
    asked: list[str] = []

    def ask(_parent: object, _title: str, place: str, filters: str) -> tuple[str, str]:
        asked.append(place)
        return str(chosen / f"{len(asked)}.csv"), filters

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    click_row(table, "Nets: 3/4 <of> “mine”?")
    export = export_entries(window)["Confusion matrix as a table (.csv)"]
    for number in (1, 2):
        export.trigger()
        written(qtbot, window, chosen / f"{number}.csv")
    shutil.rmtree(chosen)
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *a: (asked.append(a[2]), ("", ""))[1]
    )
    export.trigger()
    name = "Nets- 3-4 -of- “mine”-.csv"
    assert asked == [str(folder / name) for folder in (documents, chosen, documents)]


def test_the_report_page_saves_the_report(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.report_view)
    output = tmp_path / "report.pdf"
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(output), "Report as PDF (*.pdf)")
    )
    QTest.mouseClick(window.tabs.report_view.report_button, LEFT)
    written(qtbot, window, output)
    assert output.read_bytes().startswith(b"%PDF")


# Two runs compared


@dataclass
class Compared:
    """What a plain computation makes of two runs."""

    first: Run
    second: Run

    @cached_property
    def right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        answers = [run.test_scores() for run in (self.first, self.second)]
        first, second = (scores.argmax(axis=1) == labels for scores, labels in answers)
        return first, second

    @property
    def groups(self) -> list[list[int]]:
        first, second = self.right
        return [
            list(np.flatnonzero(which))
            for which in (first & ~second, second & ~first, ~first & ~second)
        ]


@pytest.fixture
def compared(
    qtbot: QtBot, window: MainWindow, table: RunsTable, ten: Run, hundred: Run
) -> Compared:
    """Ten and Hundred compared, in the order in which the table has them."""
    table.sortByColumn(COLUMN["Parameters"], Qt.SortOrder.AscendingOrder)
    click_mark(table, "Ten", 0.25)
    assert not button(window.tabs.runs_view, "Compare").isEnabled()
    click_mark(table, "Hundred", 0.25)
    QTest.mouseClick(button(window.tabs.runs_view, "Compare"), LEFT)
    assert window.tabs.runs_view.is_comparing
    settle(qtbot, window)
    return Compared(ten, hundred)


def test_a_comparison_counts_where_two_runs_differ(window: MainWindow, compared: Compared) -> None:
    groups = compared.groups
    assert all(groups)
    assert [one.text() for one in window.tabs.runs_view.compare.buttons] == [
        f"A is right and B wrong: {len(groups[0]):,} digits",
        f"B is right and A wrong: {len(groups[1]):,} digits",
        f"Both are wrong: {len(groups[2]):,} digits",
    ]
    said = texts(window.tabs.runs_view.compare)
    for run in (compared.first, compared.second):
        assert f"{run.record.test_accuracy * 100:.2f}%" in said
        assert f"{run.record.parameters:,}" in said


def test_the_chance_in_the_verdict_is_scipys(window: MainWindow, compared: Compared) -> None:
    only_first, only_second, _ = map(len, compared.groups)
    expected = stats.binomtest(only_first, only_first + only_second).pvalue
    said = says(window.tabs.runs_view.compare, "verdictLabel")
    found = re.search(r"p = ([\d.]+)(?:·10\^(-\d+))?, exact McNemar test", said)
    assert found is not None, said
    value = float(found[1]) * 10.0 ** int(found[2] or 0)
    assert value == pytest.approx(expected, rel=0.06, abs=1e-300)
    if expected < 0.05:
        assert said.startswith(f"{'A' if only_first > only_second else 'B'} is better")
    else:
        assert said.startswith("The difference means nothing yet")


def test_the_groups_of_a_comparison_open_exactly_their_digits(
    qtbot: QtBot, window: MainWindow, compared: Compared
) -> None:
    view = window.tabs.runs_view.compare
    first, second = compared.first, compared.second
    for place, (run, letter) in enumerate(((second, "B"), (first, "A"), (first, "A"))):
        choose(window.tabs.gallery_view.kind_box, "Right")  # what was looked for before
        turn_to(qtbot, window, window.tabs.runs_view)
        view.findChild(QScrollArea).ensureWidgetVisible(view.buttons[place])
        QTest.mouseClick(view.buttons[place], LEFT)
        assert window.tabs.gallery_view.isVisible()
        assert shown(window) == compared.groups[place]
        scores, _ = run.test_scores()  # of the run that is wrong
        gallery = window.tabs.gallery_view.browser.list.gallery
        for row in range(gallery.rowCount()):
            digit = gallery.digit(row)
            assert digit.scores == pytest.approx(scores[digit.number].tolist())
            assert digit.is_wrong
        words = says(window.tabs.gallery_view, "galleryCountLabel")
        assert words.startswith(f"{len(compared.groups[place]):,} of 1,000 test digits: ")
        assert words.endswith(f"shown as {letter} reads them")


def test_a_cell_of_the_difference_opens_the_digits_that_only_one_has_there(
    qtbot: QtBot, window: MainWindow, compared: Compared
) -> None:
    view = window.tabs.runs_view.compare
    view.findChild(QScrollArea).ensureWidgetVisible(view.matrix)
    settle(qtbot, window)
    difference = compared.first.record.confusion - compared.second.record.confusion
    found = {where: text for where, [text] in cell_texts(view.matrix).items()}
    assert found == {
        where: f"{difference[where]:+,}".replace("-", "−")
        for where in zip(*np.nonzero(difference), strict=True)
    }
    where = divmod(int(np.abs(difference * (1 - np.eye(10, dtype=int))).argmax()), 10)
    click_cell(view.matrix, where)
    sets = [set(places_in(run, where)) for run in (compared.first, compared.second)]
    assert shown(window) == sorted(sets[0] ^ sets[1])


def test_the_curves_of_both_runs_are_drawn(
    qtbot: QtBot, window: MainWindow, compared: Compared
) -> None:
    view = window.tabs.runs_view.compare
    drawn = lines(view.curves.axes[0])
    assert set(drawn) == {f"{run}, {kind}" for run in "AB" for kind in ("training", "validation")}
    losses = [epoch.loss for epoch in compared.first.record.history]
    assert drawn["A, training"].get_ydata() == pytest.approx(losses)


def test_the_matrix_of_the_run_in_use_opens_its_own_digits_after_a_comparison(
    qtbot: QtBot, window: MainWindow, compared: Compared
) -> None:
    QTest.mouseClick(window.tabs.runs_view.compare.buttons[0], LEFT)  # shown as B reads them
    turn_to(qtbot, window, window.tabs.confusion_view)
    click_cell(window.tabs.confusion_view.figure, (4, 9))
    assert shown(window) == places_in(compared.first, (4, 9))
    turn_to(qtbot, window, window.tabs.runs_view)
    QTest.mouseClick(window.tabs.runs_view.compare.buttons[0], LEFT)
    QTest.mouseClick(window.tabs.gallery_view.all_button, LEFT)
    scores, _ = compared.first.test_scores()
    digit = window.tabs.gallery_view.browser.list.gallery.digit(0)
    assert digit.scores == pytest.approx(scores[digit.number].tolist())


def test_a_comparison_is_left_by_button_and_key(
    qtbot: QtBot, window: MainWindow, compared: Compared
) -> None:
    table = window.tabs.runs_view.table
    QTest.mouseClick(button(window.tabs.runs_view.compare, "All runs"), LEFT)
    assert table.isVisible()
    assert sorted(names(table)) == ["Hundred", "Ten"]
    assert len(table.ticked_ids()) == 2
    QTest.mouseClick(button(window.tabs.runs_view, "Compare"), LEFT)
    settle(qtbot, window)
    assert not table.isVisible()
    QTest.keyClick(window.tabs.runs_view.compare.back_button, Key.Key_Escape)
    qtbot.waitUntil(table.isVisible)


def test_runs_on_other_digits_are_not_compared_and_that_is_said(
    qtbot: QtBot, window: MainWindow, table: RunsTable, hundred: Run
) -> None:
    file = services_of(window).store.root / hundred.record.id / "run.json"
    record = json.loads(file.read_text())
    record["dataset"] |= {"name": "mnist", "source": "the internet"}
    file.write_text(json.dumps(record))
    list_runs(qtbot, window)
    table.selectAll()
    QTest.mouseClick(button(window.tabs.runs_view, "Compare"), LEFT)
    settle(qtbot, window)
    assert "other digits (the internet)" in says(window.tabs.runs_view.compare, "verdictLabel")
    assert not any(one.isVisible() for one in window.tabs.runs_view.compare.buttons)
    assert dialogs(window) == []


def test_a_damaged_run_is_named_and_the_others_stay(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    root = services_of(window).store.root
    shutil.copytree(kept.folder, root / kept.record.id)
    (root / "20260101-000000-cnn").mkdir()
    window.tabs.setCurrentWidget(window.tabs.runs_view.parentWidget())
    list_runs(qtbot, window)
    label = window.tabs.runs_view.findChild(QLabel, "damagedRunsLabel")
    assert label.isVisible()
    assert "20260101-000000-cnn (run.json: " in label.text()  # and the system's own words
    assert str(root) in label.text()
    assert window.tabs.runs_view.table.runs.rowCount() == 1
    (root / "20260101-000000-cnn").rmdir()
    list_runs(qtbot, window)
    assert not label.isVisible()


@pytest.mark.skipif(os.name == "nt", reason="no folder can have such names there")
def test_damaged_runs_of_any_name_and_number_leave_the_page_as_it_is(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    root = services_of(window).store.root
    shutil.copytree(kept.folder, root / kept.record.id)
    window.tabs.setCurrentWidget(window.tabs.runs_view.parentWidget())
    list_runs(qtbot, window)
    width = window.minimumSizeHint().width()
    for name in ("a\x1b[2J\nb", "<b>bold", "\u202ereversed", *(f"{n}" * 200 for n in range(5))):
        (root / name).mkdir()
    for number in range(40):
        (root / f"zz-{number}").mkdir()
    list_runs(qtbot, window)
    label = window.tabs.runs_view.findChild(QLabel, "damagedRunsLabel")
    assert "45 more in" in label.text()
    assert all(len(word) <= 60 for word in label.text().split() if not word.startswith("/"))
    everything = label.text() + label.toolTip()
    assert not set(everything) & set("\x1b\u202e")
    assert "a\\x1b[2J\\nb (run.json: No such file or directory)" in everything
    assert label.toolTip().count("run.json") == 30
    assert not GuiQt.mightBeRichText(label.toolTip())  # so its marks are shown, and not followed
    assert window.minimumSizeHint().width() == width
    assert window.height() <= 900
