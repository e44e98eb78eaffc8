"""The main job in the real window."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mouse import ONE, SEVEN, draw
from pages import begin, list_runs, says, turn_to, wait_for_digits, wait_for_runs
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QEnterEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop import paths as paths_module
from mnist_desktop.app import make_application
from mnist_desktop.errors import EngineError
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.export_menu import EXPORTS

TIMEOUT_MS = 120_000
OpenWindow = Callable[..., MainWindow]
CONTRACT_NAMES = (
    "mainWindow", "modelComboBox", "architectureComboBox", "epochsSpinBox", "batchSizeSpinBox",
    "optimizerComboBox", "learningRateSpinBox", "trainButton", "stopButton",
    "trainingProgressBar", "trainingStatusLabel", "curvesView", "confusionView", "galleryView",
    "runsView", "paintWidget", "clearButton", "undoButton", "predictionLabel", "probabilityBars",
    "inputPreview", "engineStatusLabel", "datasetStatusLabel",
)  # fmt: skip
CONTROLS = (
    QAbstractButton,
    QComboBox,
    QAbstractSpinBox,
    QLineEdit,
    QSlider,
    QAbstractItemView,
)


def find(window: MainWindow, kind: type, name: str):  # type: ignore[no-untyped-def]
    """Find a part of the window by its name in the contract."""
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def train(qtbot: QtBot, window: MainWindow, epochs: int = 1) -> None:
    """Train with the mouse and wait for the end."""
    window.training_panel.epochs.setValue(epochs)
    click(find(window, QPushButton, "trainButton"))
    assert not window.training_panel.train_button.isEnabled()
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)


def test_every_name_of_the_contract_is_there(window: MainWindow) -> None:
    names = {window.objectName(), *(part.objectName() for part in window.findChildren(QWidget))}
    assert set(CONTRACT_NAMES) <= names


def test_the_whole_job_with_the_mouse(qtbot: QtBot, open_window: OpenWindow, chosen: str) -> None:
    """Train, stop half way, train again, see the matrix, draw a 1, read it."""
    made = open_window(chosen)
    made.start_services()
    bar = find(made, QProgressBar, "trainingProgressBar")
    status = find(made, QLabel, "trainingStatusLabel")

    made.training_panel.epochs.setValue(6)
    click(find(made, QPushButton, "trainButton"))
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() >= 400, timeout=TIMEOUT_MS)
    assert "Epoch" in status.text()
    click(find(made, QPushButton, "stopButton"))
    qtbot.waitUntil(made.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    assert status.text().startswith("Stopped early")
    first = made.tabs.confusion_view.record
    assert first is not None
    assert first.stopped
    assert 2 <= len(first.history) < 6

    train(qtbot, made, epochs=2)
    second = made.tabs.confusion_view.record
    assert second is not None
    assert second.id != first.id
    assert f"{second.test_accuracy * 100:.2f}%" in status.text()
    assert made.model_box.count() == 3
    assert made.model_box.currentData() == second.id
    assert second.confusion.sum() == second.dataset.test

    with qtbot.waitSignal(services_of(made).prediction.read_finished):
        draw(find(made, QWidget, "paintWidget"), ONE)
    label = find(made, QLabel, "predictionLabel")
    qtbot.waitUntil(lambda: label.text() == "1")
    assert find(made, QWidget, "inputPreview").image.any()
    bars = find(made, QWidget, "probabilityBars")
    assert sum(bars.prediction.probabilities) == pytest.approx(1)
    click(find(made, QPushButton, "clearButton"))
    qtbot.waitUntil(lambda: label.text() == "–")


def test_a_fresh_window_reads_digits_before_any_training_and_without_tensorflow(
    qtbot: QtBot, window: MainWindow
) -> None:
    label = find(window, QLabel, "predictionLabel")
    assert label.text() == "–"
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: label.text() == "7")
    click(find(window, QPushButton, "undoButton"))
    qtbot.waitUntil(lambda: label.text() == "–")


def test_a_click_on_train_made_at_once_is_kept_and_served(qtbot: QtBot, window: MainWindow) -> None:
    click(find(window, QPushButton, "trainButton"))  # nothing was loaded, nor asked to be
    assert "Waiting for" in window.training_panel.status.text()
    window.training_panel.epochs.setValue(1)
    window.start_services()
    qtbot.waitUntil(lambda: window.tabs.confusion_view.record is not None, timeout=TIMEOUT_MS)
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)


def test_the_state_of_engine_and_digits_is_on_the_screen(qtbot: QtBot, window: MainWindow) -> None:
    engine = find(window, QLabel, "engineStatusLabel")
    window.start_services()
    wait_for_digits(qtbot, window)
    assert "sample" in find(window, QLabel, "datasetStatusLabel").text()
    assert engine.text() == "Engine: ready to load"
    assert "TensorFlow" in engine.toolTip()
    services_of(window).training.load_engine()
    qtbot.waitUntil(lambda: engine.text() == "Engine: ready", timeout=TIMEOUT_MS)
    assert "TensorFlow" in engine.toolTip()


@pytest.mark.parametrize("how", ["hover", "click", "tab"])
def test_tensorflow_is_loaded_as_soon_as_the_user_turns_to_training(
    how: str, qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.training_panel
    with qtbot.waitSignal(services_of(window).training.engine_ready, timeout=TIMEOUT_MS):
        if how == "hover":
            place = QPointF(5, 5)
            QApplication.sendEvent(panel.train_button, QEnterEvent(place, place, place))
        elif how == "click":
            click(panel.epochs)
        else:
            panel.epochs.setFocus(Qt.FocusReason.TabFocusReason)
    assert not services_of(window).training.is_busy


def test_drawing_and_looking_around_never_load_tensorflow(qtbot: QtBot, window: MainWindow) -> None:
    started: list[bool] = []
    services_of(window).training.engine_started.connect(lambda: started.append(True))
    window.start_services()
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == "7")
    wait_for_digits(qtbot, window)
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        QTest.mouseClick(window.tabs.widget(page), Qt.MouseButton.LeftButton)
    window.activateWindow()
    window.training_panel.epochs.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
    QApplication.processEvents()
    assert started == []


def test_runs_are_listed_after_a_restart_and_open_again(
    qtbot: QtBot, open_window: OpenWindow, window: MainWindow
) -> None:
    window.start_services()
    train(qtbot, window)
    first = window.tabs.confusion_view.record
    assert first is not None
    window.close()
    again = open_window()
    services_of(again).data.find()
    assert again.model_box.currentData() == first.id
    assert again.tabs.confusion_view.record is not None
    assert again.tabs.confusion_view.record.id == first.id
    again.chooser.select(BUNDLED)
    assert again.tabs.confusion_view.record is None
    wait_for_digits(qtbot, again)
    again.tabs.runs_view.table.selectRow(0)
    again.tabs.runs_view.open_requested.emit(again.tabs.runs_view.table.selected_ids()[0])
    assert again.tabs.confusion_view.record is not None


def test_a_click_on_a_cell_of_the_matrix_shows_exactly_its_digits(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(1280, 800)
    window.start_services()
    train(qtbot, window)
    record = window.tabs.confusion_view.record
    assert record is not None
    mistakes = record.confusion * (1 - np.eye(10, dtype=np.int64))
    true, predicted = divmod(int(mistakes.argmax()), 10)
    holder = window.tabs.confusion_view.figure
    place = holder.cell_rect(true, predicted).center().toPoint()
    QTest.mouseClick(holder, Qt.MouseButton.LeftButton, pos=place)
    assert window.tabs.gallery_view.isVisible()
    gallery = window.tabs.gallery_view.browser.list.gallery
    assert gallery.rowCount() in {0, record.confusion[true, predicted]}  # none until they are read
    qtbot.waitUntil(lambda: gallery.rowCount() > 0, timeout=TIMEOUT_MS)
    shown = [gallery.digit(row) for row in range(gallery.rowCount())]
    assert len(shown) == record.confusion[true, predicted]
    assert {(digit.label, digit.predicted) for digit in shown} == {(true, predicted)}


def test_a_bad_file_of_digits_is_told_in_a_dialog_and_the_window_goes_on(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.start_services()
    wait_for_digits(qtbot, window)
    bad = tmp_path / "bad.npz"
    bad.write_text("hello")
    qtbot.waitUntil(lambda: not services_of(window).data.is_running)
    services_of(window).data.choose(str(bad))
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "errorDialog") is not None)
    box = window.findChild(QMessageBox, "errorDialog")
    assert "bad.npz" in box.text()
    box.close()
    assert "sample" in window.header.dataset_label.text()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_is_worn_by_the_whole_window_and_remembered(
    window: MainWindow, mode: str
) -> None:
    theme = services_of(window).theme
    theme.set_mode(mode)
    assert theme.theme.name == mode
    expected = theme.theme.window
    assert window.grab().toImage().pixelColor(4, 400).name() == expected
    assert services_of(window).settings.value("theme") == mode


def test_the_page_and_the_size_are_remembered(
    qtbot: QtBot, open_window: OpenWindow, window: MainWindow
) -> None:
    QApplication.processEvents()
    least = window.minimumSizeHint()  # the offscreen platform's screen is hardly larger
    size = (least.width(), least.height() + 20)
    window.resize(*size)
    window.tabs.setCurrentIndex(3)
    window.close()
    again = open_window()
    assert (again.width(), again.height()) == size
    assert again.tabs.currentIndex() == 3


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (1244, 640)])
def test_nothing_that_is_read_is_cut_off(
    qtbot: QtBot, window: MainWindow, kept: Run, size: tuple[int, int]
) -> None:
    shutil.copytree(kept.folder, services_of(window).store.root / kept.record.id)
    list_runs(qtbot, window, select=kept.record.id)
    window.start_services()
    wait_for_digits(qtbot, window)
    window.resize(*size)
    qtbot.waitUntil(lambda: window.width() == size[0])
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        QApplication.processEvents()
        for label in window.findChildren(QLabel):
            if label.isVisible() and label.text() and not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), (page, label.text())
        for button in window.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                assert button.width() >= button.minimumSizeHint().width(), (page, button.text())
        for box in window.findChildren(QComboBox):
            if box.isVisible():
                assert box.width() >= box.minimumSizeHint().width(), (page, box.objectName())


def test_every_control_has_a_tooltip_and_a_name(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    controls: set[QWidget] = set()
    missing: set[str] = set()
    for page in range(window.tabs.count()):
        turn_to(qtbot, window, window.tabs.widget(page))
        for widget in window.findChildren(QWidget):
            is_control = isinstance(widget, CONTROLS) and not widget.objectName().startswith("qt_")
            if not (is_control and widget.isVisible()) or isinstance(widget.parent(), CONTROLS):
                continue
            controls.add(widget)
            name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
            who = f"{name or widget.objectName() or type(widget).__name__} on page {page + 1}"
            if not name:
                missing.add(f"{who} has no name")
            if not widget.toolTip() and not isinstance(widget, QAbstractItemView):  # its items have
                missing.add(f"{who} has no tooltip")
    assert missing == set()
    assert len(controls) > 60


def test_no_size_of_the_window_sends_the_layout_in_circles(
    qtbot: QtBot, window: MainWindow
) -> None:
    """A column that is scrolled when narrow and not when wide once filled the stack."""
    window.setMinimumSize(0, 0)
    for width in range(700, 1300, 60):
        for height in range(480, 900, 20):
            window.resize(width, height)
            QApplication.processEvents()
    assert window.isVisible()


def test_a_damaged_settings_file_does_not_keep_the_window_from_opening(
    open_window: OpenWindow, paths: AppPaths
) -> None:
    paths.settings_file.write_text(
        "[window]\npage=abc\ngeometry=?\ncolumns=1\n[General]\ntheme=7\n"
    )
    assert open_window().isVisible()


def test_a_run_deleted_elsewhere_is_told_and_leaves_the_list(
    qtbot: QtBot, window: MainWindow, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services_of(window).store
    shutil.copytree(kept.folder, store.root / kept.record.id)
    list_runs(qtbot, window)
    assert window.tabs.runs_view.table.runs.rowCount() == 1
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Other", True))
    monkeypatch.setattr(QInputDialog, "getMultiLineText", lambda *_: ("Other", True))
    (run,) = window.tabs.runs_view.table.runs.runs
    store.delete(kept.record.id)
    for wish, what in (
        ("rename_requested", kept.record.id),
        ("note_requested", kept.record.id),
        ("star_requested", kept.record.id),
        ("delete_requested", (kept.record.id,)),
    ):
        services_of(window).runs.add(run)  # it has not been noticed yet
        getattr(window.tabs.runs_view, wish).emit(what)
        wait_for_runs(qtbot, window)
        box = window.findChild(QMessageBox, "errorDialog")
        assert "There is no run" in box.text()
        box.close()
        box.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert window.tabs.runs_view.table.runs.rowCount() == 0
    for wish, *what in (
        ("rename_requested", kept.record.id),
        ("star_requested", kept.record.id),
        ("reuse_requested", kept.record.id),
        ("export_requested", (kept.record.id,), EXPORTS[0]),
    ):
        getattr(window.tabs.runs_view, wish).emit(*what)
        box = window.findChild(QMessageBox, "errorDialog")
        assert "There is no run" in box.text()
        box.close()
        box.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_no_two_controls_that_can_be_seen_share_a_letter(window: MainWindow) -> None:
    window.training_panel.show_config(ARCHITECTURES["mlp"].recipe)
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        QApplication.processEvents()
        texts = [window.tabs.tabText(index) for index in range(window.tabs.count())]
        for kind in (QLabel, QAbstractButton):
            texts += [part.text() for part in window.findChildren(kind) if part.isVisible()]
        letters = [letter.lower() for text in texts for letter in re.findall(r"&(\w)", text)]
        assert sorted(set(letters)) == sorted(letters), texts


def test_words_in_the_hidden_layers_leave_the_column_as_it_is(window: MainWindow) -> None:
    panel = window.training_panel
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    QApplication.processEvents()
    width = panel.width()
    panel.hidden_units.setText("abc")
    panel.train_button.click()
    QApplication.processEvents()
    assert panel.width() == width
    assert "integers" in says(panel, "hiddenUnitsMessage")
    panel.hidden_units.setText("50")
    assert says(panel, "hiddenUnitsMessage") == ""


def test_the_wheel_changes_no_setting_that_has_not_the_focus(window: MainWindow) -> None:
    box = window.training_panel.epochs
    window.training_panel.seed.setFocus()
    before = box.value()
    turn = QWheelEvent(
        QPointF(5, 5), box.mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turn)
    assert box.value() == before


def test_a_long_name_of_a_run_takes_no_room_from_the_columns(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    window.resize(1280, 800)
    store = services_of(window).store
    shutil.copytree(kept.folder, store.root / kept.record.id)
    QApplication.processEvents()
    widths = (window.columns.left.width(), window.columns.right.width())
    store.change(kept.record.id, name="<b>" + "W" * 77)
    list_runs(qtbot, window, select=kept.record.id)
    QApplication.processEvents()
    assert (window.columns.left.width(), window.columns.right.width()) == widths
    assert window.width() == 1280


def test_the_theme_button_goes_to_the_other_theme_and_back_to_the_systems(
    window: MainWindow,
) -> None:
    theme = services_of(window).theme
    first = theme.theme
    click(window.header.theme_button)
    assert theme.theme is not first
    assert theme.mode == theme.theme.name
    click(window.header.theme_button)
    assert theme.theme is first
    assert theme.mode == "system"


def test_help_leads_to_the_folders_of_runs_and_log(window: MainWindow, paths: AppPaths) -> None:
    window.header.help_button.click()
    box = window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    links = re.findall(r'href="(file:[^"]+)"', box.text())
    assert [Path(QUrl(link).toLocalFile()) for link in links] == [paths.runs, paths.logs]
    box.close()


@pytest.mark.parametrize("is_exposed", [False, True])
def test_help_says_where_others_may_read_the_users_files(
    window: MainWindow, paths: AppPaths, monkeypatch: pytest.MonkeyPatch, is_exposed: bool
) -> None:
    monkeypatch.setattr(paths_module, "ON_WINDOWS", is_exposed)
    monkeypatch.setenv("HOME", str(paths.data / "other"))
    monkeypatch.setenv("USERPROFILE", str(paths.data / "other"))
    window.header.help_button.click()
    box = window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    assert ("Other users of this computer" in box.text()) == is_exposed
    box.close()


def test_an_engine_that_cannot_be_loaded_is_told_once_by_who_comes_near_and_again_to_who_trains(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_config: None, **_: object) -> str:
        raise EngineError("This processor has no AVX.")

    monkeypatch.setattr("mnist_desktop.workers.training.load_engine", fail)
    told: list[str] = []
    window.training.presenter.failed.connect(lambda error: told.append(str(error)))
    training = services_of(window).training
    with qtbot.waitSignal(training.engine_failed):
        click(window.training_panel.epochs)
    click(window.training_panel.batch_size)
    assert window.header.engine_label.text() == "Engine: not available"
    assert told == ["This processor has no AVX."]
    with qtbot.waitSignal(training.finished):
        click(window.training_panel.train_button)
    assert told == ["This processor has no AVX."] * 2
    assert window.training_panel.train_button.isEnabled()


def test_each_page_has_its_key(window: MainWindow) -> None:
    keys = {action.shortcut().toString(): action for action in window.actions()}
    for page in range(window.tabs.count()):
        keys[f"Alt+{page + 1}"].trigger()
        assert window.tabs.currentIndex() == page


def test_the_window_need_not_wait_long_for_other_threads(qapp: QApplication) -> None:
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.005)
        assert make_application() is qapp
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before)


def test_no_move_of_the_mouse_is_left_out(qapp: QApplication) -> None:
    """As X11 would have it: what is drawn while the window is busy loses its corners."""
    compressed = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
    qapp.setAttribute(compressed, True)
    make_application()
    assert not qapp.testAttribute(compressed)
