"""Two networks side by side: of the same digits, and of nothing else."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import make_up
from pages import (
    LEFT,
    TIMEOUT_MS,
    action,
    button,
    cell_texts,
    dialogs,
    list_runs,
    says,
    settle,
    texts,
    turn_to,
)
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import JobCancelled
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.formats import percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest, read_split
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import KEPT
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.contestant import of_bundled, of_run
from mnist_desktop.ui.pages.run_cells import tick_area
from mnist_desktop.ui.pages.runs_view import RunsView
from mnist_desktop.workers import evaluation

OpenWindow = Callable[..., MainWindow]
Key = Qt.Key
TESTED = 120


def write_digits(folder: Path, sample: Dataset, first: int) -> Path:
    """Write some of the sample's digits as a user's own."""
    path, train, test = folder / f"from-{first}.npz", sample.train, sample.test
    some = slice(first, first + TESTED)
    np.savez(
        path,
        x_train=train.images[:300],
        y_train=train.labels[:300],
        x_test=test.images[some],
        y_test=test.labels[some],
    )
    return path


@pytest.fixture
def own(tmp_path: Path, sample: Dataset) -> Path:
    """A file of a user's own digits."""
    return write_digits(tmp_path, sample, 0)


@pytest.fixture
def other(tmp_path: Path, sample: Dataset) -> str:
    """A file of other digits."""
    return str(write_digits(tmp_path, sample, 200))


@pytest.fixture
def runs(paths: AppPaths, own: Path) -> dict[str, Run]:
    """Runs on these digits, by name."""
    dataset = read_dataset(own)
    return {
        name: make_up(paths.runs, name, dataset, wrong)
        for name, wrong in (("Good", 2), ("Fair", 20), ("Poor", 40))
    }


@pytest.fixture
def view(qtbot: QtBot, open_window: OpenWindow, own: Path, runs: dict[str, Run]) -> RunsView:
    """The page of these runs."""
    window = open_window(str(own))
    window.resize(1280, 800)
    window.start_services()
    qtbot.waitUntil(lambda: services_of(window).data.dataset is not None, timeout=TIMEOUT_MS)
    list_runs(qtbot, window)
    turn_to(qtbot, window, window.tabs.runs_view)
    assert window.tabs.runs_view.table.model().rowCount() == len(runs)
    return window.tabs.runs_view


def window_of(view: RunsView) -> MainWindow:
    window = view.window()
    assert isinstance(window, MainWindow)
    return window


def more(view: RunsView, text: str) -> None:
    """Choose an entry of the menu of the selected run."""
    opener = view.findChild(QToolButton, "moreRunButton")
    assert opener is not None
    action(opener, text).trigger()


def compare_with_bundled(qtbot: QtBot, view: RunsView, run: Run) -> None:
    view.table.select(run.record.id)
    more(view, "Compare with the bundled reader")
    settle(qtbot, window_of(view))
    assert "p = " in says(view, "verdictLabel")


def test_a_finished_comparison_outlives_other_digits(
    qtbot: QtBot,
    view: RunsView,
    runs: dict[str, Run],
    other: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compare_with_bundled(qtbot, view, runs["Good"])
    said, window = texts(view.compare), window_of(view)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (other, ""))
    turn_to(qtbot, window, window.tabs.data_view)
    with qtbot.waitSignal(services_of(window).data.changed):
        QTest.mouseClick(button(window.tabs.data_view, "Choose a file …"), LEFT)
    settle(qtbot, window)  # the bundled reader, which is in use, has read these
    turn_to(qtbot, window, view)
    assert texts(view.compare) == said
    assert all(one.isVisible() for one in view.compare.buttons)
    assert dialogs(window) == []


def test_a_comparison_is_over_when_other_digits_come_before_its_own_are_read(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run], other: str
) -> None:
    window = window_of(view)
    data, reader = services_of(window).data, services_of(window).evaluation
    view.table.select(runs["Good"].record.id)
    more(view, "Compare with the bundled reader")
    reader.close()  # nothing is read any more
    with qtbot.waitSignal(data.changed):
        data.choose(other)
    assert says(view, "verdictLabel").startswith("Other digits are in use now")


def test_what_another_page_fails_to_read_leaves_the_verdict_as_it_is(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run], sample: Dataset
) -> None:
    compare_with_bundled(qtbot, view, runs["Good"])
    said = texts(view.compare)
    reader = services_of(window_of(view)).evaluation
    with qtbot.waitSignal(reader.failed):
        reader.request(SplitRequest(runs["Good"], sample, "test"))
    assert texts(view.compare) == said


def test_a_comparison_is_finished_though_another_network_is_chosen_meanwhile(
    qtbot: QtBot,
    view: RunsView,
    runs: dict[str, Run],
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_read = threading.Event()

    def read_later(request: SplitRequest, **hooks: Callable[..., Any]) -> SplitReadings:
        may_read.wait()
        if hooks["should_stop"]():
            raise JobCancelled
        return read_split(request, **hooks)

    monkeypatch.setattr(evaluation, "read_split", read_later)
    window = window_of(view)
    with qtbot.waitSignal(services_of(window).data.changed):
        services_of(window).data.choose(str(own))  # nothing is known of digits read anew
    view.table.select(runs["Good"].record.id)
    more(view, "Compare with the bundled reader")
    window.tabs.use_model(ModelRef(runs["Fair"].record.id))
    may_read.set()
    settle(qtbot, window)
    assert "p = " in says(view, "verdictLabel")


def test_on_other_digits_than_mnists_the_bundled_reader_is_measured(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run], own: Path
) -> None:
    run, compare = runs["Poor"], view.compare
    view.show_comparison(of_run(run), of_bundled(run))
    assert percent(bundled_reader.accuracy_on_mnist()) not in texts(compare)
    hint = compare.findChild(QWidget, "noDifferenceLabel")
    assert hint.isVisible()
    assert not compare.matrix.isVisible()
    compare_with_bundled(qtbot, view, run)
    request = SplitRequest(None, read_dataset(own), "test")
    found = read_split(request, on_progress=lambda _: None, should_stop=lambda: False).evaluation
    assert f"{found.accuracy * 100:.2f}%" in texts(compare)
    assert f"{found.loss:.4f}" in texts(compare)
    assert not hint.isVisible()
    difference = run.record.confusion - found.confusion
    assert {where: text for where, [text] in cell_texts(compare.matrix).items()} == {
        where: f"{difference[where]:+,}".replace("-", "−")
        for where in zip(*np.nonzero(difference), strict=True)
    }


def test_nothing_moves_when_the_digits_are_read(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run]
) -> None:
    run, compare = runs["Poor"], view.compare

    def places() -> list[QPoint]:
        settle(qtbot, window_of(view))
        parts = (*compare.buttons, *compare.menus, compare.matrix, compare.curves)
        return [one.mapTo(compare, QPoint(0, 0)) for one in parts]

    view.show_comparison(of_run(run), of_bundled(run))
    before = places()
    compare_with_bundled(qtbot, view, run)
    assert places() == before
    compare.show_failure("A long reason. " * 40)
    assert places() == before
    compare.curves.pointed.emit("Values of A\nand of B")
    assert places() == before


def test_a_comparison_with_the_bundled_reader_stays_while_its_run_is_there(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run]
) -> None:
    window = window_of(view)
    compare_with_bundled(qtbot, view, runs["Good"])
    for name in ("Fair", "Poor"):  # by another program
        shutil.rmtree(runs[name].folder)
    list_runs(qtbot, window)
    assert view.compare.isVisible()
    shutil.rmtree(runs["Good"].folder)
    list_runs(qtbot, window)
    assert not view.compare.isVisible()


def test_escape_leaves_a_comparison_only_from_inside(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run]
) -> None:
    window = window_of(view)
    compare_with_bundled(qtbot, view, runs["Good"])
    epochs = window.training_panel.epochs
    epochs.setFocus()
    QTest.keyClick(epochs, Key.Key_Escape)
    assert view.compare.isVisible()
    view.compare.matrix.setFocus()
    QTest.keyClick(view.compare.matrix, Key.Key_Escape)
    assert view.table.isVisible()
    assert view.table.hasFocus()


def test_the_comparison_is_made_when_it_is_first_needed(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run]
) -> None:
    assert view.findChild(QWidget, "verdictLabel") is None
    compare_with_bundled(qtbot, view, runs["Good"])
    assert view.findChild(QWidget, "verdictLabel") is not None


# The table


def listed(view: RunsView) -> set[str]:
    return {run.record.name for run in view.table.runs.rows}


def test_the_menu_of_a_run_deletes_that_run_and_the_key_the_ticked_ones(
    qtbot: QtBot, view: RunsView, runs: dict[str, Run]
) -> None:
    ids = {name: run.record.id for name, run in runs.items()}
    view.table.runs.tick((ids["Fair"], ids["Poor"]))
    view.table.select(ids["Good"])
    more(view, "Delete")
    assert listed(view) == {"Fair", "Poor"}
    view.table.setFocus()
    QTest.keyClick(view.table, Key.Key_Delete)
    assert listed(view) == set()


@pytest.mark.parametrize("share", [0.25, 0.75], ids=["tick", "star"])
def test_only_the_left_button_ticks_and_gives_stars(
    qtbot: QtBot, view: RunsView, share: float
) -> None:
    table = view.table
    index = table.model().index(0, 0)
    place = tick_area(table.visualRect(index)).center()
    place.setX(round(table.visualRect(index).width() * share))

    def spoken() -> str:
        return str(table.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))

    before = spoken()
    for other in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        QTest.mouseClick(table.frozen.viewport(), other, pos=place)
        assert spoken() == before
    QTest.mouseClick(table.frozen.viewport(), LEFT, pos=place)
    assert spoken() != before


def test_the_arrow_of_a_column_points_down_where_the_largest_comes_first(view: RunsView) -> None:
    header = view.table.horizontalHeader()
    left = header.sectionViewportPosition(KEPT)

    def widths() -> list[int]:
        """How wide the arrow is, row by row."""
        area = QRect(left + header.sectionSize(KEPT) - 24, 2, 22, header.height() - 6)
        picture = header.grab(area).toImage()
        paper = picture.pixel(0, 0)
        found = [
            [x for x in range(picture.width()) if picture.pixel(x, y) != paper]
            for y in range(picture.height())
        ]
        return [row[-1] - row[0] for row in found if row]

    view.table.sortByColumn(KEPT, Qt.SortOrder.DescendingOrder)
    down = widths()
    view.table.sortByColumn(KEPT, Qt.SortOrder.AscendingOrder)
    up = widths()
    assert down[0] > down[-1]
    assert up[0] < up[-1]
