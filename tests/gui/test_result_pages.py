"""The pages about one network: from each number to exactly the digits behind it."""

from __future__ import annotations

import csv
import functools
import itertools
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mouse import SEVEN, draw
from pages import (
    CTRL,
    LEFT,
    NONE,
    SHIFT,
    action,
    begin,
    cell_texts,
    choose,
    click_cell,
    click_digit,
    dialogs,
    drag,
    lines,
    list_runs,
    place_on,
    places,
    places_in,
    says,
    settle,
    shown,
    texts,
    tile,
    trained,
    turn_to,
    turn_wheel,
    wait_for_digits,
    worst_cell,
    written,
)
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from sklearn import metrics
from windows import services_of

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.formats import percent
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.run import Run, read_record
from mnist_desktop.runs.run_columns import COLUMNS
from mnist_desktop.runs.store import RunStore
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.report_view import ReportView
from mnist_desktop.ui.parts import file_saver

Key = Qt.Key
KEPT = percent(bundled_reader.accuracy_on_mnist())  # in the card of the bundled reader
MNIST = os.environ.get("MNIST_DESKTOP_DATA", "")  # read before any test hides it
DIGITS = range(10)
EPOCHS = 3


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three epochs of the simplest network on the sample: many mistakes."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", EPOCHS, "Ten")


@pytest.fixture(scope="session")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One epoch of a better network."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-100", 1, "Hundred")


def count_words(window: MainWindow) -> str:
    return says(window.tabs.gallery_view, "galleryCountLabel")


# The matrix with the mouse


def test_a_click_on_true_4_predicted_9_shows_exactly_these_digits(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    expected = places_in(ten, (4, 9))
    assert expected
    click_cell(window.tabs.confusion_view.figure, (4, 9))
    assert window.tabs.gallery_view.isVisible()
    assert shown(window) == expected
    gallery = window.tabs.gallery_view.browser.list.gallery
    assert {(d.label, d.predicted) for d in map(gallery.digit, range(len(expected)))} == {(4, 9)}
    assert count_words(window) == f"{len(expected)} of 1,000 test digits"
    assert window.tabs.gallery_view.true_box.currentText() == "4"
    assert window.tabs.gallery_view.read_box.currentText() == "9"


def test_a_click_on_the_most_frequent_mistake_shows_exactly_its_digits(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    cell = worst_cell(kept)
    assert len(places(kept, *cell)) == kept.record.confusion[cell] > 0
    click_cell(window.tabs.confusion_view.figure, cell)
    assert window.tabs.gallery_view.isVisible()
    assert shown(window) == places_in(kept, cell)


def test_the_digits_beside_the_matrix_stand_for_rows_and_columns(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    click_cell(window.tabs.confusion_view.figure, (3, -0.75))
    assert shown(window) == list(places(ten, true=3))
    assert window.tabs.gallery_view.read_box.currentText() == "any"
    turn_to(qtbot, window, window.tabs.confusion_view)
    click_cell(window.tabs.confusion_view.figure, (9.75, 8))
    assert shown(window) == list(places(ten, predicted=8))
    assert window.tabs.gallery_view.true_box.currentText() == "any"


def test_a_click_outside_of_the_matrix_opens_nothing(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    click_cell(holder, (-0.75, 4))
    click_cell(holder, (4, 9.8))
    assert window.tabs.confusion_view.isVisible()
    assert not holder.cells.any()


def test_a_block_is_drawn_with_the_mouse(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    drag(holder, place_on(holder, 5, 7), place_on(holder, 3, 4))  # up and to the left
    block = list(itertools.product((4, 5, 6, 7), (3, 4, 5)))
    assert list(zip(*np.nonzero(holder.cells), strict=True)) == block
    assert window.tabs.gallery_view.isVisible()
    assert shown(window) == places_in(ten, *block)
    assert window.tabs.gallery_view.true_box.currentIndex() == -1  # several


def test_shift_extends_from_the_cell_that_was_clicked_before(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    click_cell(holder, (4, 8))
    turn_to(qtbot, window, window.tabs.confusion_view)
    click_cell(holder, (5, 9), SHIFT)
    assert shown(window) == places_in(ten, *itertools.product((4, 5), (8, 9)))


def test_ctrl_collects_cells_and_a_second_time_takes_one_away(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    for cell in ((4, 9), (7, 9), (2, 2)):
        click_cell(holder, cell, CTRL)
        assert window.tabs.confusion_view.isVisible()
    click_cell(holder, (2, 2), CTRL)
    assert set(zip(*np.nonzero(holder.cells), strict=True)) == {(4, 9), (7, 9)}
    assert window.tabs.confusion_view.isVisible()
    QTest.keyClick(holder, Key.Key_Return)
    assert window.tabs.gallery_view.isVisible()
    assert shown(window) == places_in(ten, (4, 9), (7, 9))
    assert window.tabs.gallery_view.read_box.currentText() == "9"


def test_the_cell_under_the_mouse_is_told_in_words(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    QTest.mouseMove(holder, place_on(holder, 9, 4))
    count, of = len(places(ten, 4, 9)), len(places(ten, true=4))
    expected = f"4 read as 9: {count:,} digit{'s' if count > 1 else ''}, {count / of * 100:.1f}%"
    qtbot.waitUntil(
        lambda: says(window.tabs.confusion_view, "matrixHintLabel").startswith(expected)
    )


# The matrix with the keyboard


def test_the_arrows_choose_cells_and_return_opens_them(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    holder.setFocus()
    for key in [Key.Key_Down] * 5 + [Key.Key_Up] + [Key.Key_End] + [Key.Key_Left] * 2:
        QTest.keyClick(holder, key)
    QTest.keyClick(holder, Key.Key_Right)
    assert list(zip(*np.nonzero(holder.cells), strict=True)) == [(4, 8)]
    assert says(window.tabs.confusion_view, "matrixHintLabel").startswith("4 read as 8: ")
    assert window.tabs.confusion_view.isVisible()
    for key in (Key.Key_Right, Key.Key_Down):
        QTest.keyClick(holder, key, SHIFT)
    QTest.keyClick(holder, Key.Key_Return)
    assert window.tabs.gallery_view.isVisible()
    assert shown(window) == places_in(ten, *itertools.product((4, 5), (8, 9)))


def test_the_keyboard_stays_within_the_matrix(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    holder.setFocus()
    for keys, expected in (
        ([Key.Key_Up, Key.Key_Left], (0, 0)),
        ([Key.Key_PageDown, Key.Key_Down], (9, 0)),
        ([Key.Key_End, Key.Key_Right], (9, 9)),
        ([Key.Key_PageUp, Key.Key_Home], (0, 0)),
    ):
        for key in keys:
            QTest.keyClick(holder, key)
        assert list(zip(*np.nonzero(holder.cells), strict=True)) == [expected]


def test_rows_columns_and_everything_are_chosen_with_keys(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    holder.setFocus()
    for step in (Key.Key_Down, Key.Key_Down, Key.Key_Right):
        QTest.keyClick(holder, step)
    for key, keys, cells in (
        (Key.Key_Space, SHIFT, (2, None)),
        (Key.Key_Space, CTRL, (None, 1)),
        (Key.Key_A, CTRL, (None, None)),
    ):
        QTest.keyClick(holder, key, keys)
        assert window.tabs.confusion_view.isVisible()
        QTest.keyClick(holder, Key.Key_Return)
        assert window.tabs.gallery_view.isVisible()
        assert shown(window) == list(places(ten, *cells))
        turn_to(qtbot, window, window.tabs.confusion_view)
        holder.setFocus()


def test_escape_lets_go(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    holder = window.tabs.confusion_view.figure
    holder.setFocus()
    QTest.keyClick(holder, Key.Key_A, CTRL)
    assert holder.cells.all()
    QTest.keyClick(holder, Key.Key_Escape)
    assert not holder.cells.any()
    assert window.tabs.confusion_view.isVisible()


# What the matrix shows


def test_the_cells_show_what_the_box_says(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    view, matrix = window.tabs.confusion_view, ten.record.confusion
    for values in ("% of true digit", "% of predicted digit", "Counts"):
        choose(view.values_box, values)
        settle(qtbot, window)
        found = cell_texts(view.figure)
        assert set(found) == set(zip(*np.nonzero(matrix), strict=True))
        of = matrix.sum(axis=0 if "predicted" in values else 1)
        for (true, predicted), drawn in found.items():
            count = matrix[true, predicted]
            whole = of[predicted if "predicted" in values else true]
            expected = [f"{count:,}", f"{count / whole * 100:.1f}%"]
            expected = expected if values == "Counts" else expected[::-1]
            assert drawn == expected[: len(drawn)]  # the second where there is room


def test_only_mistakes_leaves_the_diagonal_out_and_brings_it_back(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    cells = set(zip(*np.nonzero(ten.record.confusion), strict=True))
    QTest.mouseClick(view.mistakes_box, LEFT, pos=QPoint(8, view.mistakes_box.height() // 2))
    settle(qtbot, window)
    assert set(cell_texts(view.figure)) == {(i, j) for i, j in cells if i != j}
    QTest.keyClick(view.mistakes_box, Key.Key_Space)
    settle(qtbot, window)
    assert set(cell_texts(view.figure)) == cells


def test_training_and_validation_digits_are_counted_and_shown(
    qtbot: QtBot, window: MainWindow, ten: Run, sample: Dataset
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    learnt, held_out = split_training_digits(sample.train, ten.record.config.validation_share)
    for name, expected, count in (
        ("training", learnt, ten.record.dataset.train),
        ("validation", held_out, ten.record.dataset.validation),
    ):
        choose(view.split_box, f"{name.capitalize()} digits")
        settle(qtbot, window)
        matrix = view.matrix
        assert matrix.sum() == count == len(expected)
        assert (matrix.sum(axis=1) == np.bincount(sample.train.labels[expected])).all()
        assert tile(window, "Accuracy") == f"{np.trace(matrix) / count * 100:.2f}%"
        assert tile(window, "Accuracy", "tileName") == f"{name.capitalize()} accuracy"
        assert shown(window) == list(expected)
        assert count_words(window) == f"{count:,} of {count:,} {name} digits"
        click_cell(view.figure, (4, 9))
        assert len(shown(window)) == matrix[4, 9]
        assert set(shown(window)) <= set(expected)
        turn_to(qtbot, window, window.tabs.gallery_view)
        window.tabs.gallery_view.all_button.click()
        turn_to(qtbot, window, view)
    choose(view.split_box, "Test digits")
    np.testing.assert_array_equal(view.matrix, ten.record.confusion)
    assert len(shown(window)) == ten.record.dataset.test


def test_what_is_measured_of_a_run_has_one_value_on_every_page(
    qtbot: QtBot, window: MainWindow, ten: Run, kept: Run
) -> None:
    begin(qtbot, window, ten, kept)
    columns = {column.name: place for place, column in enumerate(COLUMNS)}
    model = window.tabs.runs_view.table.model()
    for run in (ten, kept):
        window.chooser.select(ModelRef(run.record.id))
        turn_to(qtbot, window, window.tabs.report_view)
        report = {
            one.accessibleName(): one.text() for one in window.tabs.report_view.findChildren(QLabel)
        }
        turn_to(qtbot, window, window.tabs.confusion_view)
        assert tile(window, "Accuracy", "tileName") == "Test accuracy"
        (row,) = (
            row for row in range(model.rowCount())
            if model.index(row, columns["Name"]).data() == run.record.name
        )  # fmt: skip
        assert f" · {tile(window, 'Accuracy')} " in window.model_box.currentText()
        for name, other in (("Accuracy", "Test accuracy"), ("Loss", "Test loss")):
            assert tile(window, name) == report[f"{name} of test digits"]
            assert tile(window, name) == model.index(row, columns[other]).data()
        learnt = model.index(row, columns["Training sample accuracy"]).data()
        assert tile(window, "Training sample accuracy") == learnt
        choose(window.tabs.confusion_view.split_box, "Training digits")
        settle(qtbot, window)
        assert tile(window, "Accuracy", "tileName") == "Training accuracy"
        assert tile(window, "Accuracy") == report["Accuracy of training digits"]


def test_the_slider_shows_how_validation_digits_were_read_after_each_epoch(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    slider = view.epochs.slider
    assert slider.isVisible()
    assert slider.value() == slider.maximum() == EPOCHS
    steps = ((Key.Key_Home, 1), (Key.Key_Right, 2), (Key.Key_Right, 3), (Key.Key_Left, 2))
    for key, epoch in steps:
        QTest.keyClick(slider, key)
        settle(qtbot, window)
        accuracy = ten.record.history[epoch - 1].val_accuracy
        assert np.trace(view.matrix) / view.matrix.sum() == pytest.approx(accuracy)
        assert view.matrix.sum() == ten.record.dataset.validation
        assert says(view, "epochLabel") == f"Validation digits after epoch {epoch} of {EPOCHS}"
        assert view.split_box.currentText() == "Validation digits"
        assert count_words(window).endswith(f"validation digits after epoch {epoch}")
    choose(view.split_box, "Test digits")
    assert slider.value() == EPOCHS
    assert says(view, "epochLabel") == "Test digits, finished network"


def test_the_slider_goes_back_to_the_end_when_the_report_asks_for_test_digits(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    QTest.keyClick(view.epochs.slider, Key.Key_Home)
    settle(qtbot, window)
    turn_to(qtbot, window, window.tabs.report_view)
    QTest.mouseClick(window.tabs.report_view.pair_buttons[0], LEFT)
    assert view.split_box.currentText() == "Test digits"
    assert view.epochs.slider.value() == EPOCHS
    assert shown(window) == places_in(ten, worst_cell(ten))


def test_there_is_no_slider_without_several_epochs(
    qtbot: QtBot, window: MainWindow, kept: Run, ten: Run
) -> None:
    begin(qtbot, window, ten, kept)
    slider = window.tabs.confusion_view.epochs.slider
    assert slider.isVisible()
    window.chooser.select(ModelRef(kept.record.id))  # of one epoch
    assert not slider.isVisible()
    window.chooser.select(ModelRef(ten.record.id))
    assert slider.isVisible()
    window.chooser.select(BUNDLED)
    assert not slider.isVisible()
    (services_of(window).store.root / ten.record.id / "validation-scores.npz").unlink()
    window.chooser.select(ModelRef(ten.record.id))
    assert not slider.isVisible()
    settle(qtbot, window)
    assert dialogs(window) == []


def test_a_run_of_other_digits_shows_its_matrix_and_says_why_there_is_no_more(
    qtbot: QtBot, window: MainWindow, kept: Run, ten: Run
) -> None:
    begin(qtbot, window, ten, kept)
    file = services_of(window).store.root / kept.record.id / "run.json"
    record = json.loads(file.read_text())
    record["dataset"] |= {"name": "mnist", "source": "the internet", "train": 57_000}
    file.write_text(json.dumps(record))
    with qtbot.waitSignal(services_of(window).evaluation.failed):
        list_runs(qtbot, window, select=kept.record.id)
    settle(qtbot, window)
    matrix = kept.record.confusion
    assert sum(int(cell[0].replace(",", "")) for cell in drawn_cells(window)) == matrix.sum()
    assert tile(window, "Accuracy") == f"{kept.record.test_accuracy * 100:.2f}%"
    assert "trained and tested on other digits (the internet)" in count_words(window)
    turn_to(qtbot, window, window.tabs.report_view)
    assert window.tabs.report_view.currentIndex() == 0
    assert "other digits" in texts(window.tabs.report_view.findChild(QWidget, "reportEmptyPage"))
    assert dialogs(window) == []


def drawn_cells(window: MainWindow) -> list[list[str]]:
    return list(cell_texts(window.tabs.confusion_view.figure).values())


# Copying and saving


def test_picture_and_table_of_the_matrix_are_copied(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view, clipboard = window.tabs.confusion_view, QGuiApplication.clipboard()
    action(view.menu, "Copy picture").trigger()
    copied, drawn = clipboard.image(), view.figure.canvas.image()
    assert (copied.width(), copied.height()) == (drawn.width(), drawn.height())
    assert copied.pixelColor(copied.width() // 2, 40) == drawn.pixelColor(drawn.width() // 2, 40)
    action(view.menu, "Copy table").trigger()
    rows = [[int(count) for count in row.split("\t")] for row in clipboard.text().splitlines()]
    np.testing.assert_array_equal(rows, ten.record.confusion)
    clipboard.clear()
    view.figure.setFocus()
    QTest.keyClick(view.figure, Key.Key_C, CTRL)
    assert not clipboard.image().isNull()


def test_the_picture_of_the_matrix_is_saved(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    for words, suffix, begins in (
        ("Picture (*.png)", "png", b"\x89PNG"),
        ("Vector graphics (*.svg)", "svg", b"<?xml"),
        ("PDF (*.pdf)", "pdf", b"%PDF"),
    ):
        output = tmp_path / f"matrix.{suffix}"
        proposed: list[str] = []

        def ask(
            _parent: object, _title: str, name: str, filters: str, answer: tuple[str, str]
        ) -> tuple[str, str]:
            assert answer[1] in filters.split(";;")
            proposed.append(name)  # noqa: B023
            return answer

        ask_here = functools.partial(ask, answer=(str(output), words))
        monkeypatch.setattr(QFileDialog, "getSaveFileName", ask_here)
        action(window.tabs.confusion_view.menu, "Save picture …").trigger()
        written(qtbot, window, output)
        assert output.read_bytes().startswith(begins)
        assert [Path(one).name for one in proposed] == [f"{ten.record.id}-matrix.png"]


def test_the_table_of_the_matrix_is_saved(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    choose(window.tabs.confusion_view.split_box, "Validation digits")
    settle(qtbot, window)
    output = tmp_path / "matrix.csv"
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "matrix"), "Table (*.csv)")
    )
    action(window.tabs.confusion_view.menu, "Save table …").trigger()
    written(qtbot, window, output)
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [int(row[0]) for row in rows] == list(DIGITS)
    counts = np.array([row[1:] for row in rows], int)
    assert counts.sum() == ten.record.dataset.validation
    np.testing.assert_array_equal(counts, window.tabs.confusion_view.matrix)


def test_a_file_that_only_the_added_suffix_names_is_asked_about(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    output = tmp_path / "mine.pdf"
    output.write_text("precious")
    answers = [True, False]
    asked: list[str] = []

    def ask(_parent: object, words: str, _name: str) -> bool:
        asked.append(words)
        return answers.pop()

    monkeypatch.setattr(file_saver, "ask", ask)
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.png"), "PDF (*.pdf)")
    )
    save = action(window.tabs.confusion_view.menu, "Save picture …")
    save.trigger()
    assert asked == [f"Replace the file {output}?"]
    assert not window.saver.is_busy
    assert output.read_text() == "precious"
    save.trigger()
    written(qtbot, window, output)
    assert output.read_bytes().startswith(b"%PDF")
    assert len(asked) == 2


def test_a_suffix_that_was_typed_counts_although_windows_adds_the_proposed_one(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    monkeypatch.setattr(file_saver.sys, "platform", "win32")
    save = action(window.tabs.confusion_view.menu, "Save picture …")
    for told, name, begins in (
        ("typed.svg.png", "typed.svg", b"<?xml"),
        ("mine.png", "mine.png", b"\x89PNG"),
        ("v1.2", "v1.2.png", b"\x89PNG"),
    ):
        answer = (str(tmp_path / told), "Picture (*.png)")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, a=answer: a)
        save.trigger()
        written(qtbot, window, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_place_that_cannot_be_written_to_is_told(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, ten)
    place = str(tmp_path / "nowhere" / "matrix.png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (place, "Picture (*.png)"))
    with qtbot.waitSignal(window.saver.failed):
        action(window.tabs.confusion_view.menu, "Save picture …").trigger()
    assert "matrix.png" in dialogs(window)[0]


# The digits


def test_the_gallery_filters_by_digits_and_by_right_and_wrong(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.gallery_view
    turn_to(qtbot, window, view)
    scores, labels = ten.test_scores()
    read, best = scores.argmax(axis=1), scores.max(axis=1)
    assert count_words(window) == "1,000 of 1,000 test digits"
    assert not view.all_button.isVisible()
    for kind, expected in (
        ("Right", read == labels),
        ("Wrong", read != labels),
        ("Wrong with 90% or more", (read != labels) & (best >= 0.9)),
    ):
        choose(view.kind_box, kind)
        assert expected.any()
        assert shown(window) == list(np.flatnonzero(expected))
        assert count_words(window) == f"{expected.sum():,} of 1,000 test digits"
    choose(view.kind_box, "Wrong")
    choose(view.read_box, "9")
    assert shown(window) == list(np.flatnonzero((read == 9) & (labels != 9)))
    choose(view.true_box, "4")
    assert shown(window) == places_in(ten, (4, 9))
    choose(view.kind_box, "Right")
    assert shown(window) == []
    assert count_words(window) == "0 of 1,000 test digits"
    QTest.mouseClick(view.all_button, LEFT)
    assert shown(window) == list(range(1000))
    assert not view.all_button.isVisible()
    assert view.kind_box.currentText() == "Right and wrong"


def test_the_gallery_sorts_both_ways(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.gallery_view
    turn_to(qtbot, window, view)
    scores, labels = ten.test_scores()
    of_truth = scores[np.arange(1000), labels].astype(float)
    best = np.sort(scores, axis=1)
    by_order = {
        "Label": (False, labels),
        "Loss": (True, -np.log(np.maximum(of_truth, 1e-7))),
        "Confidence": (True, best[:, -1]),
        "Margin": (False, best[:, -1] - best[:, -2]),
        "Index": (False, np.arange(1000)),
    }
    for order, (largest_first, values) in by_order.items():
        choose(view.order_box, order)
        assert view.direction_button.isChecked() == largest_first
        for largest in (largest_first, not largest_first):
            assert view.direction_button.isChecked() == largest
            assert sorted(shown(window)) == list(range(1000))
            found = values[shown(window)].tolist()
            assert found == sorted(found, reverse=largest), order
            assert found[0] != found[-1]
            QTest.mouseClick(view.direction_button, LEFT)


def test_a_digit_opens_large_with_its_scores_and_its_like(
    qtbot: QtBot, window: MainWindow, ten: Run, sample: Dataset
) -> None:
    begin(qtbot, window, ten)
    click_cell(window.tabs.confusion_view.figure, (4, 9))
    browser = window.tabs.gallery_view.browser
    assert not browser.detail.isVisible()
    click_digit(qtbot, browser.list, 0)
    number = places_in(ten, (4, 9))[0]
    scores = ten.test_scores()[0][number]
    assert browser.detail.isVisible()
    said = texts(browser.detail).replace("\N{NO-BREAK SPACE}", " ")
    assert f"Test digit {number:,}" in said
    assert f"✗ A 4, read as 9 with {scores[9] * 100:.1f}%" in said
    assert f"Loss {-np.log(scores[4]):.4f}" in said
    assert browser.detail.bars.prediction.probabilities == pytest.approx(scores.tolist())
    qtbot.waitUntil(lambda: browser.detail.similar.digits is not None)
    digits = browser.detail.similar.digits
    assert len(digits.labels) == 5
    for image, label in zip(digits.images, digits.labels, strict=True):
        (at,) = np.flatnonzero((sample.train.images == image).all(axis=(1, 2)))
        assert sample.train.labels[at] == label


def test_escape_closes_a_digit_and_it_can_be_opened_again(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.gallery_view)
    browser = window.tabs.gallery_view.browser
    click_digit(qtbot, browser.list, 3)
    assert browser.detail.isVisible()
    QTest.keyClick(browser.list, Key.Key_Escape)
    assert not browser.detail.isVisible()
    assert shown(window) == list(range(1000))
    click_digit(qtbot, browser.list, 3)
    assert browser.detail.isVisible()
    assert browser.detail.shown.number == 3
    QTest.keyClick(browser.list, Key.Key_Right)
    assert browser.detail.shown.number == 4


def test_a_digit_that_is_open_closes_when_another_network_is_chosen(
    qtbot: QtBot, window: MainWindow, ten: Run, hundred: Run
) -> None:
    begin(qtbot, window, ten, hundred)
    turn_to(qtbot, window, window.tabs.gallery_view)
    browser = window.tabs.gallery_view.browser
    click_digit(qtbot, browser.list, 3)
    window.chooser.select(ModelRef(hundred.record.id))
    settle(qtbot, window)
    assert not browser.is_open  # what it says is another network's


def test_a_digit_has_the_same_score_in_the_gallery_and_on_the_pad(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path
) -> None:
    """Also of a network whose scores of drawings are calibrated."""
    folder = tmp_path / "runs" / ten.record.id
    shutil.copytree(ten.folder, folder)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**record, "temperature": 1.5}), encoding="utf-8")
    begin(qtbot, window, RunStore(folder.parent).get(ten.record.id))
    turn_to(qtbot, window, window.tabs.gallery_view)
    browser, panel = window.tabs.gallery_view.browser, window.draw_panel
    # One whose score is rounded to another percentage where it is calibrated.
    scores = ten.test_scores()[0].max(axis=1)
    number = int(np.abs(scores - 0.9).argmin())
    click_digit(qtbot, browser.list, shown(window).index(number))
    words = says(browser, "digitWordsLabel")
    QTest.mouseClick(browser.detail.pad_button, LEFT)
    qtbot.waitUntil(lambda: panel.prediction.label is not None)
    np.testing.assert_allclose(
        panel.prediction.probabilities, browser.detail.shown.scores, atol=1e-4
    )
    assert f"{max(panel.prediction.probabilities) * 100:.1f}%" in words


def test_a_digit_is_sent_to_the_pad_as_it_is_and_read_there(
    qtbot: QtBot, window: MainWindow, kept: Run, sample: Dataset
) -> None:
    begin(qtbot, window, kept)
    draw(window.draw_panel.pad, SEVEN)
    turn_to(qtbot, window, window.tabs.gallery_view)
    scores, labels = kept.test_scores()
    number = int(np.flatnonzero((labels == 4) & (scores[:, 4] > 0.9))[0])
    choose(window.tabs.gallery_view.true_box, "4")
    click_digit(qtbot, window.tabs.gallery_view.browser.list, shown(window).index(number))
    pad_button = window.tabs.gallery_view.browser.detail.pad_button
    window.tabs.gallery_view.browser.findChild(QScrollArea, "digitColumn").ensureWidgetVisible(
        pad_button
    )
    QTest.mouseClick(pad_button, LEFT)
    content = window.draw_panel.pad.content
    assert isinstance(content, Picture)
    np.testing.assert_array_equal(content.digits, sample.test.images[[number]])
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == "4")
    np.testing.assert_array_equal(window.draw_panel.preview.image, sample.test.images[number])


# The report


def split_value(report: ReportView, split: str, name: str) -> str:
    for label in report.findChildren(QLabel):
        if label.accessibleName() == f"{name} of {split} digits":
            return label.text()
    raise AssertionError(name)


def test_the_figures_of_the_report_are_scikit_learns(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    report = window.tabs.report_view
    turn_to(qtbot, window, report)
    scores, labels = ten.test_scores()
    read = scores.argmax(axis=1)
    accuracy = metrics.accuracy_score(labels, read)
    exact = scores.astype(np.float64)
    loss = metrics.log_loss(labels, exact / exact.sum(axis=1, keepdims=True), labels=DIGITS)
    assert split_value(report, "test", "Accuracy") == f"{accuracy * 100:.2f}%"
    assert float(split_value(report, "test", "Loss")) == pytest.approx(loss, abs=1.1e-4)
    columns = metrics.precision_recall_fscore_support(labels, read, labels=DIGITS, zero_division=0)
    for digit, (precision, recall, f1, support) in enumerate(zip(*columns, strict=True)):
        row = [report.table.item(digit, column).text() for column in range(5)]
        shares = [f"{share * 100:.2f}%" for share in (precision, recall, f1)]
        assert row == [str(digit), *shares, f"{support:,}"]
    right = int((read == labels).sum())
    assert f"{right:,} of 1,000 test digits are read correctly, {1000 - right:,} wrong" in texts(
        report
    )


def test_a_click_on_a_pair_in_words_opens_exactly_its_digits(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.report_view)
    mistakes = ten.record.confusion * (1 - np.eye(10, dtype=int))
    assert len(window.tabs.report_view.pair_buttons) == 8
    for place in (0, 5):
        pair = window.tabs.report_view.pair_buttons[place]
        true, predicted = int(pair.text()[0]), int(pair.text().split(" read as ")[1][0])
        assert mistakes[true, predicted] == np.sort(mistakes, axis=None)[-1 - place]
        QTest.mouseClick(pair, LEFT)
        assert window.tabs.gallery_view.isVisible()
        assert shown(window) == places_in(ten, (true, predicted))
        turn_to(qtbot, window, window.tabs.report_view)


def test_a_pair_of_the_network_before_is_pressed_in_vain(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    report = window.tabs.report_view
    turn_to(qtbot, window, report)
    old = report.pair_buttons[0]
    report._show()  # makes them anew; the old ones go with the next look at the events
    old.click()
    assert report.isVisible()


def test_a_click_on_a_number_of_the_table_opens_what_it_was_counted_from(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    report = window.tabs.report_view
    for column, cells in ((0, (7, None)), (1, (None, 7)), (2, (7, None)), (4, (7, None))):
        turn_to(qtbot, window, report)
        place = report.table.visualItemRect(report.table.item(7, column)).center()
        QTest.mouseClick(report.table.viewport(), LEFT, pos=place)
        assert window.tabs.gallery_view.isVisible()
        assert shown(window) == list(places(ten, *cells))


def test_overfitting_is_spoken_of_once_the_training_digits_are_read(
    qtbot: QtBot, window: MainWindow, ten: Run, sample: Dataset
) -> None:
    begin(qtbot, window, ten)
    report = window.tabs.report_view
    said: list[str] = []
    services_of(window).evaluation.read.connect(
        lambda _: said.append(says(report, "overfittingLabel"))
    )
    window.tabs.setCurrentWidget(report.parentWidget())
    assert says(report, "overfittingLabel") == "Reading the digits it learnt from …"
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    places = [part.y() for part in (report.table, report.network)]
    settle(qtbot, window)
    assert [part.y() for part in (report.table, report.network)] == places
    learnt, held_out = split_training_digits(sample.train, ten.record.config.validation_share)
    predictor = Predictor(ten.checked_litert_file())
    for name, which in (("training", learnt), ("validation", held_out)):
        read = predictor.scores(sample.train.images[which]).argmax(axis=1)
        accuracy = metrics.accuracy_score(sample.train.labels[which], read)
        assert split_value(report, name, "Accuracy") == f"{accuracy * 100:.2f}%"
    training = float(split_value(report, "training", "Accuracy").removesuffix("%"))
    if training < 95:
        assert says(report, "overfittingLabel").startswith("Underfitting")
        assert f"{training:.2f}% right" in says(report, "overfittingLabel")
    else:
        assert "verfitting" in says(report, "overfittingLabel")


def test_the_wheel_scrolls_the_report_over_its_figures_too(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    report = window.tabs.report_view
    turn_to(qtbot, window, report)
    scroll = report.currentWidget()
    bar = scroll.verticalScrollBar()
    for holder in (report.figure, report.network.figure):
        qtbot.waitUntil(lambda holder=holder: holder.is_current, timeout=30_000)
        scroll.ensureWidgetVisible(holder)
        before = bar.value()
        place = holder.canvas.mapTo(window, holder.canvas.visibleRegion().boundingRect().center())
        QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, 120))  # from outside
        qtbot.waitUntil(lambda before=before: bar.value() < before)


@pytest.mark.parametrize("data", [SAMPLE, MNIST] if MNIST else [SAMPLE])
def test_before_anything_is_trained_the_pages_show_the_bundled_reader(
    qtbot: QtBot, open_window: Callable[..., MainWindow], data: str
) -> None:
    window = open_window(data)
    matrix = window.tabs.confusion_view  # before there are any digits
    results = bundled_reader.readings_of_mnist()
    assert tile(window, "Accuracy") == KEPT
    np.testing.assert_array_equal(matrix.matrix, results.matrix)
    window.start_services()
    wait_for_digits(qtbot, window)
    for page in (matrix, window.tabs.report_view, window.tabs.gallery_view):
        turn_to(qtbot, window, page)
    assert tile(window, "Accuracy") == KEPT
    assert split_value(window.tabs.report_view, "test", "Accuracy") == KEPT
    assert not window.tabs.report_view.findChild(QLabel, "overfittingLabel").isVisible()
    count = count_words(window)
    if data == SAMPLE:  # of MNIST's training digits, which it has learnt from
        assert "no test of it" in count
        return
    cell = (4, 9)
    turn_to(qtbot, window, matrix)
    click_cell(matrix.figure, cell)
    labels, predicted = results.labels, results.predicted
    assert shown(window) == list(np.flatnonzero((labels == cell[0]) & (predicted == cell[1])))


def test_damaged_results_of_the_bundled_reader_are_told_and_hold_up_nothing(
    qtbot: QtBot,
    open_window: Callable[..., MainWindow],
    ten: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("scores_file", "card_file"):
        monkeypatch.setattr(bundled_reader, name, lambda: tmp_path / "missing")
    bundled_reader.readings_of_mnist.cache_clear()
    window = open_window(SAMPLE)
    assert window.model_box.currentText() == "Bundled reader"
    begin(qtbot, window)
    for page in (window.tabs.confusion_view, window.tabs.report_view):
        turn_to(qtbot, window, page)
        assert "missing or damaged; install the program again" in texts(page)
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.confusion_view)
    assert tile(window, "Accuracy") == percent(ten.record.test_accuracy)


# Test digits that a network has learnt from


@pytest.fixture
def taught(ten: Run, tmp_path: Path) -> Run:
    """A run that was fine-tuned from a network that had learnt its test digits."""
    folder = shutil.copytree(ten.folder, tmp_path / "taught")
    values = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    values |= {"base_saw_test": True, "name": "Taught"}
    (folder / "run.json").write_text(json.dumps(values), encoding="utf-8")
    return Run(read_record(folder), folder)


def test_results_on_digits_that_were_learnt_before_are_called_so_on_every_page(
    qtbot: QtBot, window: MainWindow, taught: Run
) -> None:
    begin(qtbot, window, taught)
    tabs = window.tabs
    assert window.model_box.currentText().endswith("sample learnt")
    turn_to(qtbot, window, tabs.confusion_view)
    assert tile(window, "Accuracy") == percent(taught.record.test_accuracy)
    assert "tested on 1,000 it had learnt from before" in texts(tabs.confusion_view)
    turn_to(qtbot, window, tabs.gallery_view)
    assert "has learnt from them" in count_words(window)
    turn_to(qtbot, window, tabs.report_view)
    assert "has learnt from them" in says(tabs.report_view, "overfittingLabel")
    turn_to(qtbot, window, tabs.runs_view)
    model = tabs.runs_view.table.model()
    cells = [str(model.index(0, place).data()) for place in range(len(COLUMNS))]
    assert f"{percent(taught.record.test_accuracy)}, learnt" in cells


def test_a_network_that_has_learnt_the_test_digits_is_not_compared(
    qtbot: QtBot, window: MainWindow, ten: Run, taught: Run
) -> None:
    begin(qtbot, window, ten, taught)
    turn_to(qtbot, window, window.tabs.runs_view)
    window.tabs.runs_view.compare_requested.emit(ten.record.id, taught.record.id)
    assert "“Taught” has learnt from the sample's digits" in says(window, "toastLabel")
    assert window.tabs.runs_view.table.isVisible()


# The curves


def x_range(window: MainWindow) -> tuple[float, float]:
    low, high = window.tabs.curves_view.figure.axes[0].get_xlim()
    return float(low), float(high)


def test_a_range_drawn_with_the_mouse_is_zoomed_to_and_a_double_click_resets(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.curves_view
    turn_to(qtbot, window, view)
    holder, whole = view.figure, x_range(window)
    middle = sum(holder.axes[0].get_ylim()) / 2
    assert not view.all_button.isEnabled()
    drag(holder.canvas, place_on(holder, 2.5, middle), place_on(holder, 1.5, middle))
    settle(qtbot, window)
    assert x_range(window) == pytest.approx((1.5, 2.5), abs=0.02)
    assert view.all_button.isEnabled()
    middle = sum(holder.axes[0].get_ylim()) / 2
    QTest.mouseDClick(holder.canvas, LEFT, NONE, place_on(holder, 2, middle))
    settle(qtbot, window)
    assert x_range(window) == whole
    assert not view.all_button.isEnabled()


def test_a_click_is_no_range(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.curves_view)
    holder, whole = window.tabs.curves_view.figure, x_range(window)
    middle = sum(holder.axes[0].get_ylim()) / 2
    QTest.mouseClick(holder.canvas, LEFT, NONE, place_on(holder, 2, middle))
    settle(qtbot, window)
    assert x_range(window) == whole


@pytest.mark.parametrize("pixels", [0, 60], ids=["a wheel", "a touch pad"])
def test_the_wheel_zooms_around_the_mouse(
    qtbot: QtBot, window: MainWindow, ten: Run, pixels: int
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.curves_view)
    holder, (low, high) = window.tabs.curves_view.figure, x_range(window)
    middle = sum(holder.axes[0].get_ylim()) / 2
    turn_wheel(holder.canvas, place_on(holder, 1.5, middle), 1, pixels)
    settle(qtbot, window)
    nearer = x_range(window)
    assert nearer[1] - nearer[0] == pytest.approx((high - low) / 1.4)
    assert (1.5 - nearer[0]) / (nearer[1] - nearer[0]) == pytest.approx(
        (1.5 - low) / (high - low), abs=0.02
    )
    middle = sum(holder.axes[0].get_ylim()) / 2
    turn_wheel(holder.canvas, place_on(holder, 1.5, middle), -1, pixels)
    settle(qtbot, window)
    assert x_range(window)[1] - x_range(window)[0] == pytest.approx(high - low)


def test_the_keys_zoom_move_and_show_everything_again(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    turn_to(qtbot, window, window.tabs.curves_view)
    holder, whole = window.tabs.curves_view.figure, x_range(window)
    holder.setFocus()

    def press(key: Key) -> tuple[float, float]:
        QTest.keyClick(holder, key)
        settle(qtbot, window)
        return x_range(window)

    press(Key.Key_Plus)
    low, high = press(Key.Key_Plus)
    assert high - low == pytest.approx((whole[1] - whole[0]) / 1.4**2)
    left = press(Key.Key_Left)
    assert left == pytest.approx((low - (high - low) / 5, high - (high - low) / 5))
    assert press(Key.Key_Right) == pytest.approx((low, high))
    low, high = press(Key.Key_Minus)
    assert high - low == pytest.approx((whole[1] - whole[0]) / 1.4)
    assert press(Key.Key_0) == whole


def test_the_values_under_the_mouse_are_told(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.curves_view
    turn_to(qtbot, window, view)
    holder = view.figure
    for epoch, one in enumerate(ten.record.history, start=1):
        middle = sum(holder.axes[1].get_ylim()) / 2
        place = place_on(holder, epoch + (0.2 if epoch < EPOCHS else -0.2), middle, axes=1)
        QTest.mouseMove(holder.canvas, place)
        expected = (
            f"Epoch {epoch}: loss {one.loss:.4f}, accuracy {one.accuracy * 100:.2f}%; "
            f"validation {one.val_loss:.4f}, {one.val_accuracy * 100:.2f}%"
        )
        qtbot.waitUntil(lambda expected=expected: says(view, "curvesHintLabel") == expected)


def test_other_runs_are_laid_over_by_name_and_taken_away(
    qtbot: QtBot, window: MainWindow, ten: Run, hundred: Run
) -> None:
    begin(qtbot, window, ten, hundred)
    view = window.tabs.curves_view
    turn_to(qtbot, window, view)
    assert set(lines(view.figure.axes[0])) == {"Training", "Validation"}
    entry = f"Hundred · {hundred.record.test_accuracy * 100:.2f}% test"
    action(view.overlay_button, entry).trigger()
    settle(qtbot, window)
    loss, accuracy = (lines(axes) for axes in view.figure.axes)
    names = {
        f"{name}, {kind}" for name in ("Ten", "Hundred") for kind in ("training", "validation")
    }
    assert set(loss) == set(accuracy) == names
    for run in (ten, hundred):
        drawn = loss[f"{run.record.name}, training"].get_ydata()
        assert drawn == pytest.approx([epoch.loss for epoch in run.record.history])
        drawn = accuracy[f"{run.record.name}, validation"].get_ydata()
        assert drawn == pytest.approx([epoch.val_accuracy * 100 for epoch in run.record.history])
    action(view.overlay_button, entry).trigger()
    settle(qtbot, window)
    assert set(lines(view.figure.axes[0])) == {"Training", "Validation"}


def test_a_run_that_is_deleted_leaves_the_curves(
    qtbot: QtBot, window: MainWindow, ten: Run, hundred: Run
) -> None:
    begin(qtbot, window, ten, hundred)
    view = window.tabs.curves_view
    turn_to(qtbot, window, view)
    view.overlay_button.menu().actions()[0].trigger()
    settle(qtbot, window)
    window.tabs.runs_view.delete_requested.emit((hundred.record.id,))
    settle(qtbot, window)
    assert set(lines(view.figure.axes[0])) == {"Training", "Validation"}
    assert not view.overlay_button.isEnabled()


def test_every_batch_is_drawn_when_that_is_requested(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.curves_view
    turn_to(qtbot, window, view)
    QTest.keyClick(view.batches_box, Key.Key_Space)
    settle(qtbot, window)
    batches = ten.batch_metrics()
    assert len(batches.places) == EPOCHS * -(-ten.record.dataset.train // 32)
    for axes, values in zip(view.figure.axes, (batches.loss, batches.accuracy * 100), strict=True):
        line = lines(axes)["_batches"]
        np.testing.assert_allclose(line.get_xdata(), batches.places)
        np.testing.assert_allclose(line.get_ydata(), values, rtol=1e-6)
    assert x_range(window)[0] < 0.1
    QTest.keyClick(view.batches_box, Key.Key_Space)
    settle(qtbot, window)
    assert "_batches" not in lines(view.figure.axes[0])
