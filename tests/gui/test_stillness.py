"""What a page says never moves what stands on it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from made_up import make_up
from pages import LEFT, begin, choose, click_digit, list_runs, says, settle, turn_to
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.teaching_job import ReadRight, TeachingResult
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.curves_canvas import describe_values

LONG = "A long text that would need more lines than there are. " * 8


def places(page: QWidget, *parts: QWidget) -> list[QRect]:
    """Where parts of a page lie on it, once all layouts have settled."""
    QApplication.processEvents()
    return [QRect(one.mapTo(page, QPoint(0, 0)), one.size()) for one in parts]


@pytest.fixture
def shown(qtbot: QtBot, window: MainWindow, sample: Dataset, paths: AppPaths) -> MainWindow:
    """A window with a run whose results are shown."""
    run = make_up(paths.runs, "Poor", sample, 40)
    begin(qtbot, window)
    list_runs(qtbot, window)
    window.tabs.use_model(ModelRef(run.record.id))
    settle(qtbot, window)
    return window


def test_the_grid_of_digits_stays_whatever_is_said_of_them(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.tabs.gallery_view
    turn_to(qtbot, shown, view)
    before = places(view, view.browser.list)
    view.show_note(LONG)
    assert places(view, view.browser.list) == before
    view.browser.explain_readings(are_read=False)
    assert places(view, view.browser.list) == before


def test_what_can_be_done_with_an_open_digit_stays_in_its_place(
    qtbot: QtBot, shown: MainWindow
) -> None:
    view = shown.tabs.gallery_view
    turn_to(qtbot, shown, view)
    digits, detail = view.browser.list, view.browser.detail
    QTest.mouseClick(
        digits.viewport(), LEFT, pos=digits.visualRect(digits.model().index(0, 0)).center()
    )
    assert says(detail, "digitWordsLabel").startswith("✗")
    before = places(view, detail.why_button, detail.pad_button, detail.bars)
    QTest.keyClick(digits, Qt.Key.Key_End)
    assert says(detail, "digitWordsLabel").startswith("✓")
    assert places(view, detail.why_button, detail.pad_button, detail.bars) == before


def test_an_eight_has_its_own_article(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.tabs.gallery_view
    turn_to(qtbot, shown, view)
    choose(view.true_box, "8")
    digits = view.browser.list
    first = digits.model().index(0, 0)
    assert ": an 8, read as 8" in first.data(Qt.ItemDataRole.ToolTipRole)
    click_digit(qtbot, digits, 0)
    assert says(view, "digitWordsLabel") == "✓ An 8, read correctly with 91.0%"


def test_the_curves_stay_while_values_are_told(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.tabs.curves_view
    turn_to(qtbot, shown, view)
    before = places(view, view.figure)
    for text in ("Epoch 1", LONG, "\n".join("one of six runs" for _ in range(6))):
        view.figure.pointed.emit(text)
        assert places(view, view.figure) == before


def test_the_values_of_a_run_with_a_long_name_are_in_its_line() -> None:
    one, other = (LearningCurves(name, [0.5], [0.8], [], []) for name in (LONG, "Two"))
    first, second = describe_values([one, other], 1).splitlines()
    assert first.endswith("…, epoch 1: loss 0.5000, accuracy 80.00%")
    assert len(first) < len(second) + 24


def test_nothing_on_the_page_of_data_moves_when_digits_are_searched_for(
    qtbot: QtBot, shown: MainWindow, sample: Dataset
) -> None:
    view = shown.tabs.data_view
    turn_to(qtbot, shown, view)
    [file] = [one for one in view.findChildren(QPushButton) if "file" in one.text()]
    parts = (file, view.split_box, view.figure, view.browser.list)
    before, download = places(view, *parts), places(view, view.download_button)
    view.set_searching(True)
    assert (view.download_button.isVisible(), view.stop_button.isVisible()) == (False, True)
    assert places(view, *parts) == before
    assert places(view, view.stop_button) == download
    other = Dataset(sample.train, sample.test, "custom", LONG, LONG)
    view.show_dataset(other)
    assert places(view, *parts) == before


def test_the_drawings_stay_whatever_a_lesson_came_to(qtbot: QtBot, shown: MainWindow) -> None:
    view = shown.tabs.my_digits_view
    turn_to(qtbot, shown, view)
    parts = (view.remove_button, view.browser.parentWidget())
    before = places(view, *parts)
    run = SimpleNamespace(record=SimpleNamespace(name=LONG, caveat="learnt"))
    read = ReadRight(2, 9, 0.9)
    view.show_result(TeachingResult(run, LONG, 9, 3, 9, read, read))  # type: ignore[arg-type]
    assert places(view, *parts) == before
