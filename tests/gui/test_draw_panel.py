"""The drawing panel in the real window: comparing, explaining, teaching, pictures, files."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from mouse import ONE, SEVEN, draw
from pages import begin, click_digit, says, wait_for_runs
from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs import my_digits
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.run import Run
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.draw.drawing_files import DrawingFiles
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages import my_digits_model
from mnist_desktop.ui.pages.my_digits_view import MyDigitsView
from mnist_desktop.ui.parts import file_saver
from tests.made_pictures import CONDITIONS, shaped

TIMEOUT_MS = 120_000
SMALL_SEVEN = tuple((0.05 + x / 5, 0.05 + y / 5) for x, y in SEVEN)
SCRIBBLE = ((0.2, 0.2), (0.8, 0.7), (0.3, 0.8), (0.6, 0.1), (0.1, 0.5), (0.9, 0.4), (0.4, 0.3))


def reads(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == text)


def photo(path: Path) -> Path:
    page = Image.new("L", (400, 200), 230)
    pen = ImageDraw.Draw(page)
    pen.line([(60, 40), (120, 40), (80, 160)], fill=30, width=12, joint="curve")
    pen.line([(250, 40), (250, 160)], fill=30, width=12)
    page.save(path, "PNG")
    return path


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier),
    ],
)
def test_a_step_is_done_again_by_either_key_on_every_system(
    window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    """Windows' own is Ctrl+Y; the help and the tooltip tell the other one."""
    pad = window.draw_panel.pad
    draw(pad, ONE)
    QTest.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pad.is_empty
    QTest.keyClick(pad, key, modifiers)
    assert not pad.is_empty


def test_a_scribble_is_turned_away_with_a_reason(qtbot: QtBot, window: MainWindow) -> None:
    draw(window.draw_panel.pad, SCRIBBLE)
    reads(qtbot, window, "?")
    assert window.draw_panel.prediction.reason in says(window.draw_panel, "confidenceLabel")
    assert "%" not in window.draw_panel.bars.accessibleDescription()


def test_what_was_drawn_can_be_compared_with_what_the_network_sees(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.draw_panel
    assert not panel.shrunk_preview.isVisible()
    panel.compare_box.click()
    draw(panel.pad, SMALL_SEVEN)
    reads(qtbot, window, "7")
    assert panel.shrunk_preview.isVisible()
    assert panel.shrunk_preview.image[:10, :10].any()
    assert not panel.shrunk_preview.image[14:, 14:].any()
    assert panel.preview.image[14:].any()
    assert "centring" in says(panel, "comparisonLabel")
    panel.pad.clear()
    reads(qtbot, window, "–")
    assert not panel.shrunk_preview.image.any()


def test_a_drawing_that_is_there_is_compared_once_that_is_asked_for(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.draw_panel
    draw(panel.pad, SMALL_SEVEN)
    reads(qtbot, window, "7")
    words = panel.findChild(QLabel, "comparisonLabel")
    assert not words.text()
    panel.compare_box.click()
    qtbot.waitUntil(lambda: "centring" in words.text())
    assert panel.shrunk_preview.image.any()


def keeps(qtbot: QtBot, window: MainWindow, *labels: int) -> None:
    """Wait until these are the user's digits, on the disk."""
    mine = services_of(window).my_digits
    qtbot.waitUntil(lambda: [one.label for one in mine.drawings] == list(labels))


def answer(window: MainWindow) -> str:
    toast = window.findChild(QWidget, "toast")
    return says(window, "toastLabel") if toast.isVisible() else ""


def test_a_digits_key_keeps_the_drawing(qtbot: QtBot, window: MainWindow) -> None:
    panel, mine = window.draw_panel, services_of(window).my_digits
    QTest.keyClicks(panel.pad, "4")
    assert mine.is_empty  # there was nothing to keep
    draw(panel.pad, SEVEN)
    QTest.keyClicks(panel.pad, "4")
    keeps(qtbot, window, 4)
    qtbot.waitUntil(lambda: answer(window) == "Kept as a 4; there is 1 now")
    np.testing.assert_array_equal(render(mine.drawings[0].ink), render(panel.pad.ink))
    panel.pad.clear()
    draw(panel.pad, SEVEN)
    panel.teach_button.menu().actions()[7].trigger()
    keeps(qtbot, window, 4, 7)
    qtbot.waitUntil(lambda: answer(window) == "Kept as a 7; there are 2 now")
    window.tabs.setCurrentWidget(window.tabs.my_digits_view.parentWidget())
    qtbot.waitUntil(lambda: window.tabs.my_digits_view.list.model().rowCount() == 2)


def test_a_drawing_is_kept_once_and_its_label_can_be_corrected(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    QTest.keyClicks(panel.pad, "44")
    qtbot.waitUntil(lambda: answer(window) != "")
    QTest.keyClicks(panel.pad, "4")
    assert answer(window) == "Already kept as a 4"
    keeps(qtbot, window, 4)
    QTest.keyClicks(panel.pad, "7")
    keeps(qtbot, window, 7)
    qtbot.waitUntil(lambda: answer(window) == "Kept as a 7; there is 1 now")
    draw(panel.pad, ONE)  # another drawing now
    QTest.keyClicks(panel.pad, "7")
    keeps(qtbot, window, 7, 7)


def test_what_was_kept_is_taken_back_with_undo(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    QTest.keyClicks(panel.pad, "7")
    qtbot.waitUntil(lambda: answer(window).startswith("Kept"))
    undo = window.findChild(QPushButton, "toastButton1")
    assert undo.text() == "Undo"
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    keeps(qtbot, window)
    qtbot.waitUntil(lambda: answer(window) == "The drawing is no longer kept")
    QTest.keyClicks(panel.pad, "7")  # it can be kept again
    keeps(qtbot, window, 7)


def test_undo_puts_the_label_back_that_was_corrected(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    QTest.keyClicks(panel.pad, "78")
    qtbot.waitUntil(lambda: answer(window) == "Kept as an 8; there is 1 now")
    undo = window.findChild(QPushButton, "toastButton1")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    keeps(qtbot, window, 7)
    qtbot.waitUntil(lambda: answer(window) == "Kept as a 7; there is 1 now")
    QTest.keyClicks(panel.pad, "7")
    assert answer(window) == "Already kept as a 7"
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    keeps(qtbot, window)


def keep_two_and_see_them(qtbot: QtBot, window: MainWindow) -> MyDigitsView:
    """Keep a 3 and then a 7, which stays on the pad, and turn to the page; it reads the file."""
    panel, view = window.draw_panel, window.tabs.my_digits_view
    draw(panel.pad, ONE)
    QTest.keyClicks(panel.pad, "3")
    keeps(qtbot, window, 3)
    panel.pad.clear()
    draw(panel.pad, SEVEN)
    QTest.keyClicks(panel.pad, "7")
    keeps(qtbot, window, 3, 7)
    qtbot.waitUntil(lambda: answer(window) == "Kept as a 7; there are 2 now")
    window.tabs.setCurrentWidget(view.parentWidget())
    qtbot.waitUntil(lambda: view.list.model().rowCount() == 2)
    QTest.mouseClick(window.findChild(QToolButton, "toastCloseButton"), Qt.MouseButton.LeftButton)
    return view


def remove(qtbot: QtBot, view: MyDigitsView, row: int) -> None:
    click_digit(qtbot, view.list, row)
    QTest.mouseClick(view.remove_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view.restore_button.isEnabled)


def test_what_becomes_of_other_drawings_changes_nothing_for_the_one_on_the_pad(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = keep_two_and_see_them(qtbot, window)
    remove(qtbot, view, 0)
    QTest.mouseClick(view.restore_button, Qt.MouseButton.LeftButton)
    keeps(qtbot, window, 7, 3)
    qtbot.waitUntil(lambda: says(view, "myDigitsCountLabel") == "2 drawings of yours")
    assert answer(window) == ""  # nothing was kept from the pad
    QTest.keyClicks(window.draw_panel.pad, "7")
    assert answer(window) == "Already kept as a 7"
    keeps(qtbot, window, 7, 3)


def test_the_drawing_on_the_pad_is_kept_once_though_it_was_removed_and_brought_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = keep_two_and_see_them(qtbot, window)
    remove(qtbot, view, 1)
    qtbot.waitUntil(lambda: answer(window) == "The drawing is no longer kept")
    QTest.mouseClick(view.restore_button, Qt.MouseButton.LeftButton)
    keeps(qtbot, window, 3, 7)
    qtbot.waitUntil(lambda: says(view, "myDigitsCountLabel") == "2 drawings of yours")
    QTest.keyClicks(window.draw_panel.pad, "7")
    assert answer(window) == "Already kept as a 7"


def test_a_drawing_that_cannot_be_removed_is_still_the_one_that_was_kept(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = keep_two_and_see_them(qtbot, window)
    click_digit(qtbot, view.list, 0)
    with monkeypatch.context() as full, qtbot.waitSignal(view.failed):
        full.setattr(my_digits, "replace_file", no_room)
        QTest.mouseClick(view.remove_button, Qt.MouseButton.LeftButton)
    for box in window.findChildren(QMessageBox, "errorDialog"):
        box.close()
    QTest.keyClicks(window.draw_panel.pad, "7")
    assert answer(window) == "Already kept as a 7"
    keeps(qtbot, window, 3, 7)


def test_the_page_is_not_said_to_be_empty_while_its_file_is_read(
    qtbot: QtBot, window: MainWindow, paths: AppPaths
) -> None:
    MyDigits(paths.my_digits).add([Drawing(Ink.from_points([SEVEN]), 7)])
    view = window.tabs.my_digits_view
    window.tabs.setCurrentWidget(view.parentWidget())
    count = view.findChild(QLabel, "myDigitsCountLabel")
    assert (count.isVisible(), count.text()) == (True, "Reading your drawings …")
    assert "Nothing here yet" not in "".join(
        one.text() for one in view.findChildren(QLabel) if one.isVisible()
    )
    qtbot.waitUntil(lambda: count.text() == "1 drawing of yours")


def test_a_digit_that_is_kept_as_the_window_closes_is_kept(
    window: MainWindow, paths: AppPaths
) -> None:
    draw(window.draw_panel.pad, SEVEN)
    QTest.keyClicks(window.draw_panel.pad, "47")
    window.close()
    assert [one.label for one in MyDigits(paths.my_digits)] == [7]


def chosen(view: MyDigitsView) -> list[object]:
    return [index.data() for index in view.list.selectedIndexes()]


def no_room(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_my_digits_can_be_removed_brought_back_and_shown(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = window.tabs.my_digits_view
    window.tabs.setCurrentWidget(view.parentWidget())
    assert not view.learn_button.isEnabled()
    for digit in (7, 9, 1):
        draw(window.draw_panel.pad, SEVEN)
        window.draw_panel.teach_requested.emit(digit)
        window.draw_panel.pad.clear()
    qtbot.waitUntil(lambda: view.list.model().rowCount() == 3)
    shown = [view.list.model().index(row, 0).data() for row in range(3)]
    assert shown == ["1", "7", "9"]
    click_digit(qtbot, view.list, 1)
    view.browser.detail.pad_button.click()
    assert len(window.draw_panel.pad.ink.strokes) == 1
    window.draw_panel.teach_requested.emit(0)  # what is chosen stays so
    qtbot.waitUntil(lambda: view.list.model().rowCount() == 4)
    assert chosen(view) == ["7"]
    view.remove_button.click()
    keeps(qtbot, window, 9, 1, 0)
    qtbot.waitUntil(view.restore_button.isEnabled)
    with monkeypatch.context() as full, qtbot.waitSignal(view.failed):
        full.setattr(my_digits, "_append", no_room)
        view.restore_button.click()
    keeps(qtbot, window, 9, 1, 0)
    [box] = window.findChildren(QMessageBox, "errorDialog")
    assert "No space left" in box.text()
    box.close()
    view.restore_button.click()
    keeps(qtbot, window, 9, 1, 0, 7)
    assert not view.restore_button.isEnabled()


def test_my_digits_are_read_once_the_page_is_seen_and_only_those_in_sight_are_rendered(
    qtbot: QtBot, window: MainWindow, paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[Ink] = []

    def count(ink: Ink) -> np.ndarray:
        rendered.append(ink)
        return render(ink)

    monkeypatch.setattr(my_digits_model, "render", count)
    view, mine = window.tabs.my_digits_view, MyDigits(paths.my_digits)
    mine.add([Drawing(Ink.from_points([SEVEN]), number % 10) for number in range(3000)])
    window.tabs.setCurrentWidget(view.parentWidget())
    qtbot.waitUntil(lambda: says(view, "myDigitsCountLabel") == "3,000 drawings of yours")
    qtbot.waitUntil(lambda: len(rendered) > 0)
    qtbot.waitUntil(lambda: not view._model._timer.isActive())
    assert len(rendered) < 300
    mine.add([Drawing(Ink.from_points([ONE]), 1)])  # as another program does
    window.tabs.setCurrentIndex(0)
    window.tabs.setCurrentWidget(view.parentWidget())
    qtbot.waitUntil(lambda: says(view, "myDigitsCountLabel") == "3,001 drawings of yours")


def test_a_lesson_is_kept_told_and_undone(qtbot: QtBot, window: MainWindow, kept: Run) -> None:
    begin(qtbot, window, kept)
    for number in range(4):
        draw(window.draw_panel.pad, [(x, y + number / 100) for x, y in SCRIBBLE])
        window.draw_panel.teach_requested.emit(4)
        window.draw_panel.pad.clear()
    keeps(qtbot, window, 4, 4, 4, 4)
    view = window.tabs.my_digits_view
    window.tabs.setCurrentWidget(view.parentWidget())
    qtbot.waitUntil(view.learn_button.isEnabled)
    view.learn_button.click()
    assert not view.learn_button.isEnabled()
    qtbot.waitUntil(view.learn_button.isEnabled, timeout=TIMEOUT_MS)
    told = "of 1 digit held out, before 0, now 1; of the 3 it has learnt, before 0, now 3"
    assert f"{told}; of the test digits of " in says(view, "teachingLabel")
    digits = services_of(window).data.dataset
    assert digits is not None
    assert f"of the test digits of {digits.title}" in says(view, "teachingLabel")
    of_test = says(window.training_panel, "trainingStatusLabel")
    assert of_test.startswith(f"Done: {told}. ")
    for text in (of_test, says(view, "teachingLabel")):
        assert "it had learnt from before" not in text
    assert window.model_box.currentText().startswith("Shared + my digits")
    window.draw_panel.pad.clear()
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == "–")
    draw(window.draw_panel.pad, SCRIBBLE)
    reads(qtbot, window, "4")
    view.undo_teaching_button.click()
    assert window.model_box.currentData() == kept.record.id
    wait_for_runs(qtbot, window)
    assert [run.record.id for run in services_of(window).store.runs()] == [kept.record.id]


def test_the_drawing_is_read_by_the_network_that_is_learning(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.start_services()
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    reads(qtbot, window, "7")
    seen: list[object] = []
    services_of(window).training.progressed.connect(seen.append)
    window.training_panel.epochs.setValue(3)
    window.training_panel.train_button.click()
    with qtbot.waitSignal(services_of(window).training.finished, timeout=TIMEOUT_MS):
        pass
    readings = [one for one in seen if isinstance(one, WatchedReading)]
    assert [one.epoch for one in readings] == [1, 2, 3]
    assert sum(readings[-1].scores) == pytest.approx(1)
    assert panel.findChild(QLabel, "learningLabel").isVisible()
    assert says(panel, "learningLabel").count("→") == 2
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        window.chooser.select(BUNDLED)  # and not what has just been trained
    assert says(panel, "learningLabel") == ""


def test_a_picture_of_two_digits_is_read_digit_by_digit(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    panel = window.draw_panel
    services_of(window).prediction.open_picture(photo(tmp_path / "photo.png"))
    reads(qtbot, window, "7")
    assert isinstance(panel.pad.content, Picture)
    assert panel.prediction_label.accessibleDescription() == "7 1"
    assert not panel.teach_button.isEnabled()
    panel.after_button.click()
    assert panel.prediction_label.text() == "1"
    assert not panel.after_button.isEnabled()
    panel.undo_button.click()
    reads(qtbot, window, "–")


def test_digits_drawn_side_by_side_are_read_one_by_one(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.draw_panel
    draw(panel.pad, [(x / 3, 0.2 + y / 2) for x, y in SEVEN])
    draw(panel.pad, [(0.4 + x / 3, 0.2 + y / 2) for x, y in ONE])
    number = panel.prediction_label
    qtbot.waitUntil(lambda: number.accessibleDescription() == "7 1")
    assert number.text() == "7"
    QTest.mouseClick(panel.after_button, Qt.MouseButton.LeftButton)
    assert number.text() == "1"
    assert not panel.after_button.isEnabled()
    QTest.mouseClick(number, Qt.MouseButton.LeftButton, pos=number.rect().center() - QPoint(9, 0))
    assert number.text() == "7"
    panel.after_button.click()
    QTest.keyClicks(panel.pad, "1")
    keeps(qtbot, window, 1)
    [kept] = services_of(window).my_digits.drawings
    assert len(kept.ink.strokes) == 1  # the chosen one alone
    panel.compare_box.click()
    assert not panel.shrunk_preview.isVisible()  # it would show both
    panel.undo_button.click()
    reads(qtbot, window, "7")
    assert number.accessibleDescription() == ""
    assert panel.shrunk_preview.isVisible()


def test_a_picture_is_read_again_when_its_boxes_change(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    panel = window.draw_panel
    services_of(window).prediction.open_picture(photo(tmp_path / "photo.png"))
    reads(qtbot, window, "7")
    QTest.keyClick(panel.pad, Qt.Key.Key_Right)
    reads(qtbot, window, "1")
    QTest.keyClick(panel.pad, Qt.Key.Key_Left)
    reads(qtbot, window, "7")
    QTest.keyClick(panel.pad, Qt.Key.Key_Delete)
    reads(qtbot, window, "1")
    assert panel.prediction_label.accessibleDescription() == ""


def test_digits_that_touch_are_cut_apart_once_their_page_is_turned(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    made = CONDITIONS["pair, touching"](shaped(rng), 5, rng)
    lying = Image.open(io.BytesIO(made.content)).rotate(90, expand=True)
    lying.save(tmp_path / "lying.png")
    panel = window.draw_panel
    services_of(window).prediction.open_picture(tmp_path / "lying.png")
    qtbot.waitUntil(lambda: isinstance(panel.pad.content, Picture))
    before = panel.pad.content
    QTest.keyClick(panel.pad, Qt.Key.Key_R)
    assert panel.pad.content is before  # the window does not wait for it
    number = panel.prediction_label
    qtbot.waitUntil(lambda: number.accessibleDescription() == " ".join(made.digits))
    assert len(panel.pad.content.boxes) == 2
    panel.undo_button.click()
    assert panel.pad.content is before


def test_a_page_that_cannot_be_straightened_stays_and_that_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    panel = window.draw_panel
    page = Image.new("L", (200, 200), 230)
    ImageDraw.Draw(page).line([(60, 40), (120, 40), (80, 160)], fill=30, width=12)
    page.save(tmp_path / "seven.png")
    services_of(window).prediction.open_picture(tmp_path / "seven.png")
    reads(qtbot, window, "7")
    before = panel.pad.content
    QTest.keyClick(panel.pad, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: "cannot be measured" in answer(window))
    assert panel.pad.content is before
    panel.undo_button.click()
    reads(qtbot, window, "–")


def test_what_is_no_picture_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    path.write_text("hello")
    services_of(window).prediction.open_picture(path)
    qtbot.waitUntil(lambda: "no picture" in window.statusBar().currentMessage())
    for box in window.findChildren(QFileDialog):
        box.close()
    for dialog in window.children():
        if dialog.objectName() == "errorDialog":
            dialog.close()


def test_a_drawing_is_copied_and_pasted(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    reads(qtbot, window, "7")
    panel.copy_requested.emit()
    assert not QGuiApplication.clipboard().image().isNull()
    panel.pad.clear()
    reads(qtbot, window, "–")
    panel.paste_requested.emit()
    reads(qtbot, window, "7")
    assert isinstance(panel.pad.content, Picture)


def test_a_file_is_opened_from_the_clipboard(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo(tmp_path / "Foto ä.png")))])
    window.findChild(DrawingFiles).open_data(data)
    reads(qtbot, window, "7")


def test_an_empty_clipboard_is_told(window: MainWindow) -> None:
    window.findChild(DrawingFiles).open_data(QMimeData())
    assert "no picture" in window.statusBar().currentMessage()


def test_a_drawing_is_saved_as_picture_and_as_strokes(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)

    def save_as(name: str, kind: str) -> None:
        answer = (str(tmp_path / name), kind)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
        panel.save_requested.emit()
        qtbot.waitUntil(lambda: not window.saver.is_busy)

    save_as("seven.png", "Picture (*.png)")
    assert QImage(str(tmp_path / "seven.png")).width() == 560
    save_as("seven", "Strokes (*.jsonl)")
    [again] = read_drawings(tmp_path / "seven.jsonl")
    for stroke, drawn in zip(again.ink.strokes, panel.pad.ink.strokes, strict=True):
        np.testing.assert_allclose(stroke, drawn, atol=0.001)
    asked: list[str] = []

    def refuse(_parent: object, words: str, _name: str) -> bool:
        asked.append(words)
        return False

    monkeypatch.setattr(file_saver, "ask", refuse)
    before = (tmp_path / "seven.png").read_bytes()
    panel.pad.clear()
    draw(panel.pad, ONE)
    save_as("seven", "Picture (*.png)")
    assert asked == [f"Replace the file {tmp_path / 'seven.png'}?"]
    assert (tmp_path / "seven.png").read_bytes() == before
    with qtbot.waitSignal(window.saver.failed):
        save_as("nowhere/seven.png", "Picture (*.png)")


def test_a_huge_picture_in_the_clipboard_is_made_smaller_first(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []
    monkeypatch.setattr(services_of(window).prediction, "open_picture", opened.append)
    data = QMimeData()
    huge = QImage(6000, 3000, QImage.Format.Format_Grayscale8)
    huge.fill(255)
    data.setImageData(huge)
    window.findChild(DrawingFiles).open_data(data)
    made = QImage.fromData(opened[0])
    assert (made.width(), made.height()) == (2000, 1000)


def test_a_file_on_another_host_is_not_opened(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(services_of(window).prediction, "open_picture", opened.append)
    data = QMimeData()
    data.setUrls([QUrl("file://host/share/seven.png")])
    window.findChild(DrawingFiles).open_data(data)
    assert opened == []
    assert "no picture" in window.statusBar().currentMessage()


def test_the_brush_and_the_eraser_are_at_hand(window: MainWindow) -> None:
    panel = window.draw_panel
    draw(panel.pad, SEVEN)
    panel.brush_slider.setValue(100)
    assert panel.pad.ink.brush == pytest.approx(0.1)
    panel.eraser_button.click()
    draw(panel.pad, ((0.1, 0.22), (0.9, 0.22)))
    assert panel.pad.is_empty
    assert isinstance(panel.pad.content, Ink)
