"""The window of MNIST Desktop Reader: one piece without what trains, and nothing imports it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from mouse import SEVEN, draw
from pages import begin, says, settle, turn_to, wait_for_digits
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.app import make_application
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.instance import WindowInstance
from mnist_desktop.ui.main_window import MainWindow

OpenWindow = Callable[..., MainWindow]
# Nothing that the bundled reader takes for a digit.
ZIGZAG = ((0.2, 0.3), (0.3, 0.7), (0.4, 0.3), (0.5, 0.7), (0.6, 0.3), (0.7, 0.7), (0.8, 0.3))


@pytest.fixture
def window(as_reader: None, open_window: OpenWindow) -> MainWindow:
    """The window of the Reader, its services not yet started."""
    return open_window()


def named(window: MainWindow, name: str) -> QWidget | None:
    found = window.findChild(QWidget, name)
    return found if isinstance(found, QWidget) else None


def words(widget: QWidget) -> str:
    """All that stands on a widget's labels and buttons that can be seen."""
    parts = [*widget.findChildren(QLabel), *widget.findChildren(QPushButton)]
    return "\n".join(one.text() for one in parts if one.isVisible())


def reads(window: MainWindow) -> str:
    return says(window, "predictionLabel")


def test_there_is_no_trace_of_training(qtbot: QtBot, window: MainWindow) -> None:
    assert window.windowTitle() == "MNIST Desktop Reader"
    for name in ("trainingPanel", "trainButton", "searchView", "trainRail", "layerEditor"):
        found = named(window, name)
        assert found is None or not found.isVisible()
    pages = [window.tabs.tabText(i).replace("&", "") for i in range(window.tabs.count())]
    assert pages == ["Matrix", "Curves", "Digits", "Report", "Runs", "Data", "My digits"]
    assert named(window, "showTrainButton") is not None
    assert not named(window, "showTrainButton").isVisible()  # type: ignore[union-attr]
    keys = {one.shortcut().toString() for one in window.actions()}
    assert not keys & {"Ctrl+Return", "Ctrl+Space", "Ctrl+.", "Ctrl+1", "Alt+8"}
    assert "Ctrl+2" in keys


def test_the_header_says_what_is_left_out(window: MainWindow) -> None:
    label = named(window, "engineStatusLabel")
    assert label is not None
    assert says(window, "engineStatusLabel") == "Does not train"
    assert "install MNIST Desktop, the full program" in label.toolTip()
    assert ".onnx" not in window.header.open_button.toolTip()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 720)])
def test_pages_and_pad_share_the_window(size: tuple[int, int], window: MainWindow) -> None:
    window.resize(*size)
    assert window.size() == QSize(*size)
    middle, pad = window.columns._middle, window.draw_panel
    left = middle.mapTo(window, QPoint(0, 0)).x()
    right = pad.mapTo(window, QPoint(pad.width(), 0)).x()
    assert left == window.width() - right  # the margins are alike
    assert middle.width() + pad.width() + 8 == right - left
    window.columns.toggle_right()
    assert not pad.isVisible()
    assert middle.width() > size[0] * 0.85


def test_a_drawing_is_read_and_no_library_of_training_was_asked_for(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.start_services()
    wait_for_digits(qtbot, window)
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: reads(window) == "7")
    assert sys.modules["tensorflow"] is None


def test_every_page_can_be_looked_at(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    for index in range(window.tabs.count()):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_1 + index), Qt.KeyboardModifier.AltModifier)
        settle(qtbot, window)
        assert window.tabs.currentIndex() == index
        page = window.tabs.currentWidget()
        assert page is not None
        assert "on the left" not in words(page)  # there is nothing


def test_what_is_shown_is_known_at_once_and_forgotten_again(
    qtbot: QtBot, window: MainWindow, paths: AppPaths
) -> None:
    window.start_services()
    wait_for_digits(qtbot, window)
    pad = window.draw_panel.pad
    draw(pad, ZIGZAG)
    qtbot.waitUntil(lambda: reads(window) == "?")
    QTest.keyClick(pad, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: reads(window) == "4")
    QTest.mouseClick(window.draw_panel.clear_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reads(window) == "–")
    draw(pad, [(x, y + 0.02) for x, y in ZIGZAG])  # a little lower
    qtbot.waitUntil(lambda: reads(window) == "4")
    turn_to(qtbot, window, window.tabs.my_digits_view)
    assert "MNIST Desktop, the full program" in says(window, "teachingLabel")
    learn = named(window, "learnButton")
    assert learn is None or not learn.isVisible()
    view = window.tabs.my_digits_view
    qtbot.waitUntil(lambda: view.list.model().rowCount() == 1)
    view.list.selectAll()
    QTest.mouseClick(view.remove_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reads(window) == "?")


def test_what_was_shown_before_is_known_at_the_next_start(
    qtbot: QtBot, as_reader: None, paths: AppPaths, open_window: OpenWindow
) -> None:
    ink = Ink((tuple((500 * x, 500 * y) for x, y in ZIGZAG),), 500.0)
    MyDigits(paths.my_digits).add([Drawing(ink, 4)])
    window = open_window()
    window.start_services()
    wait_for_digits(qtbot, window)
    draw(window.draw_panel.pad, ZIGZAG)
    qtbot.waitUntil(lambda: reads(window) == "4")


def test_results_of_a_run_of_the_full_program_are_shown(
    qtbot: QtBot, kept: Run, window: MainWindow
) -> None:
    begin(qtbot, window, kept)
    assert window.tabs.confusion_view.record is not None
    turn_to(qtbot, window, window.tabs.curves_view)
    assert "No learning curves" not in words(window.tabs.curves_view)
    window.tabs.results.show_mistakes()
    settle(qtbot, window)
    wrong = round((1 - kept.record.test_accuracy) * kept.record.dataset.test)
    assert window.tabs.gallery_view.browser.list.model().rowCount() == wrong > 0
    turn_to(qtbot, window, window.tabs.runs_view)
    buttons = {
        one.text().replace("&", "") for one in window.tabs.runs_view.findChildren(QPushButton)
    }
    assert "Open" in buttons
    assert "Use settings" not in buttons
    menus = window.tabs.runs_view.findChildren(QMenu)
    offered = {one.text() for menu in menus for one in menu.actions()}
    assert {"Rename …", "For LiteRT, once TensorFlow Lite (.tflite)"} <= offered
    assert not any("ONNX" in text or "Train on" in text for text in offered)


def test_a_keras_file_is_opened_and_reads(qtbot: QtBot, window: MainWindow) -> None:
    window.start_services()
    wait_for_digits(qtbot, window)
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=60_000):
        window.chooser.open_file(bundled_reader.keras_file())
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: reads(window) == "7")


def test_the_first_steps_lead_to_teaching(qtbot: QtBot, kept: Run, window: MainWindow) -> None:
    begin(qtbot, window, kept)
    names = ("drawStepButton", "teachStepButton", "mistakesStepButton")
    steps = [named(window, name) for name in names]
    assert all(one is not None and one.isVisible() for one in steps)

    def done() -> list[bool]:
        return [one.accessibleName().endswith(", done") for one in steps if one is not None]

    QTest.mouseClick(steps[1], Qt.MouseButton.LeftButton)
    assert window.focusWidget() is window.draw_panel.pad
    draw(window.draw_panel.pad, SEVEN)
    qtbot.waitUntil(lambda: done() == [True, False, False])
    QTest.keyClick(window.draw_panel.pad, Qt.Key.Key_7)
    qtbot.waitUntil(lambda: done() == [True, True, False])
    QTest.mouseClick(steps[2], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: done() == [True, True, True])


def test_the_help_speaks_of_what_there_is(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1)
    box = window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    text = box.text()
    assert "MNIST Desktop Reader" in text
    assert "Alt+7" in text
    assert "Alt+8" not in text
    assert "Ctrl+Return" not in text
    assert "TensorFlow" not in text
    box.close()


def test_both_editions_may_be_open_at_once(qtbot: QtBot, paths: AppPaths) -> None:
    app = make_application()
    full = WindowInstance(paths.data, app)
    reader = WindowInstance(paths.data, app, name="reader")
    assert full.claim()
    assert reader.claim()
    assert not WindowInstance(paths.data, app, name="reader").claim()
    for one in (full, reader):
        one.release()
