"""Each key does one thing on each page, wherever the focus is."""

from __future__ import annotations

import pytest
from keys import claims
from mouse import ONE, draw
from pages import CTRL, LEFT, begin, button, says, settle, trained, turn_to
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three epochs of the simplest network on the sample."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", 3, "Ten")


def check_keys(window: MainWindow) -> None:
    """No key is claimed twice on the page that is open."""
    found = claims(window)
    assert {"Ctrl+Return", "Ctrl+Z", "Ctrl+O", "Ctrl+Shift+O", "Alt+M"} <= set(found)
    twice = {key: who for key, who in found.items() if len(who) > 1}
    assert not twice, f"on the page {window.tabs.tabText(window.tabs.currentIndex())}"


def check_keys_of_all_pages(qtbot: QtBot, window: MainWindow) -> None:
    for index in range(window.tabs.count()):
        turn_to(qtbot, window, window.tabs.widget(index))
        check_keys(window)


def test_on_no_page_two_things_claim_one_key(qtbot: QtBot, window: MainWindow, kept: Run) -> None:
    begin(qtbot, window, kept)
    draw(window.draw_panel.pad, ONE)
    QTest.keyClick(window.draw_panel.pad, Qt.Key.Key_1)
    draw(window.draw_panel.pad, ONE)
    check_keys_of_all_pages(qtbot, window)


def test_on_no_empty_page_two_things_claim_one_key(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    check_keys_of_all_pages(qtbot, window)


def test_where_why_is_shown_no_two_things_claim_one_key(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    draw(window.draw_panel.pad, ONE)
    qtbot.waitUntil(window.draw_panel.why_button.isEnabled)
    window.draw_panel.why_button.click()
    qtbot.waitUntil(lambda: "speaks" in says(window, "whySentenceLabel"))
    QTest.keyClick(window.middle.why_view.digit, Qt.Key.Key_Space)
    found = claims(window)
    assert {"Esc", "Ctrl+Z"} <= set(found)
    assert not {key: who for key, who in found.items() if len(who) > 1}


def test_while_a_network_learns_no_two_things_claim_one_key(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    window.training_panel.set_busy(True, can_pause=True)
    QTest.mouseClick(window.draw_panel.compare_box, LEFT)
    check_keys_of_all_pages(qtbot, window)


def test_beside_a_comparison_the_pad_keeps_its_keys(
    qtbot: QtBot, window: MainWindow, ten: Run, kept: Run
) -> None:
    begin(qtbot, window, ten, kept)
    turn_to(qtbot, window, window.tabs.runs_view)
    window.tabs.runs_view.table.selectAll()
    QTest.mouseClick(button(window.tabs.runs_view, "Compare"), LEFT)
    settle(qtbot, window)
    compare, pad = window.tabs.runs_view.compare, window.draw_panel.pad
    check_keys(window)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        draw(pad, ONE)
        pad.setFocus()
        QTest.keyClick(pad, key)
        assert not pad.ink
        assert compare.isVisible()
    compare.matrix.setFocus()
    QTest.keyClick(compare.matrix, Qt.Key.Key_A, CTRL)
    QTest.keyClick(compare.matrix, Qt.Key.Key_Escape)  # lets go of the choice first
    assert compare.isVisible()
    QTest.keyClick(compare.matrix, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not compare.isVisible())


def test_the_button_that_stops_a_download_has_a_key_of_its_own(window: MainWindow) -> None:
    window.tabs.setCurrentWidget(window.tabs.data_view.parentWidget())
    window.tabs.data_view.set_searching(True)
    key = window.tabs.data_view.stop_button.shortcut().toString()
    assert len(claims(window)[key]) == 1


@pytest.mark.parametrize("page", range(8))
def test_a_network_is_opened_by_its_key_on_every_page(
    page: int, qtbot: QtBot, window: MainWindow, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, kept)
    turn_to(qtbot, window, window.tabs.widget(page))
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog,
        "getOpenFileName",
        lambda _parent, title, *_: (asked.append(title), ("", ""))[1],
    )
    QTest.keyClick(
        window,
        Qt.Key.Key_O,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert asked == ["Open a network"]


def test_delete_clears_the_pad_beside_my_digits(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    turn_to(qtbot, window, window.tabs.my_digits_view)
    pad = window.draw_panel.pad
    draw(pad, ONE)
    QTest.keyClick(pad, Qt.Key.Key_1)
    qtbot.waitUntil(window.tabs.my_digits_view.list.isVisible)
    draw(pad, ONE)
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert not pad.ink
    assert window.tabs.my_digits_view.list.model().rowCount() == 1


def test_escape_at_a_filter_opens_no_digit(qtbot: QtBot, window: MainWindow, kept: Run) -> None:
    begin(qtbot, window, kept)
    turn_to(qtbot, window, window.tabs.gallery_view)
    browser = window.tabs.gallery_view.browser
    for box in window.tabs.gallery_view.findChildren(QWidget):
        if box.focusPolicy() & Qt.FocusPolicy.TabFocus and box.isVisible():
            box.setFocus()
            QTest.keyClick(QApplication.focusWidget() or box, Qt.Key.Key_Escape)
            assert not browser.is_open, box
    index = browser.list.model().index(0, 0)
    QTest.mouseClick(browser.list.viewport(), LEFT, pos=browser.list.visualRect(index).center())
    assert browser.is_open
    QTest.keyClick(browser.list, Qt.Key.Key_Escape)
    assert not browser.is_open
    assert QKeySequence("Esc").toString() in claims(window)


def test_a_key_that_is_held_acts_once_except_on_the_size_of_text(window: MainWindow) -> None:
    repeating = {action.text() for action in window.actions() if action.autoRepeat()}
    assert repeating == {"Larger text", "Smaller text"}
