"""A newer version is looked for when a button is pressed, and what is found is shown still."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop import __version__, releases
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.newer_version import NewerVersionDialog
from tests.local_host import Answer, LocalHost, answering

LATEST = "/releases/latest"
PAGE = "https://example.org/releases/v99.0"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHost]:
    with answering(LocalHost(), monkeypatch) as host:
        monkeypatch.setattr(releases, "RELEASES", host.url(LATEST))
        yield host


def told(tag: str, notes: str = "Draws faster.") -> Answer:
    return Answer(json.dumps({"tag_name": tag, "html_url": PAGE, "body": notes}).encode())


def look(window: MainWindow) -> NewerVersionDialog:
    """Open the help and press its button, with the mouse."""
    QTest.mouseClick(window.header.help_button, LEFT)
    box = next(one for one in window.findChildren(QMessageBox, "helpDialog") if one.isVisible())
    button = box.findChild(QAbstractButton, "newerVersionButton")
    assert button is not None
    QTest.mouseClick(button, LEFT)
    return next(one for one in window.findChildren(NewerVersionDialog) if one.isVisible())


def part(dialog: QDialog, name: str) -> QWidget:
    found = dialog.findChild(QWidget, f"newerVersion{name}")
    assert found is not None
    return found


def press(dialog: QDialog, name: str) -> None:
    QTest.mouseClick(part(dialog, name), LEFT)


def says(dialog: QDialog) -> str:
    return str(part(dialog, "Label").property("text"))


def wait_for_end(qtbot: QtBot, dialog: QDialog) -> None:
    qtbot.waitUntil(lambda: not part(dialog, "Bar").isVisible())


def places(dialog: QDialog) -> list[QRect]:
    parts = [*dialog.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)]
    return [one.geometry() for one in parts if one.isVisible()]


def test_nobody_is_asked_before_the_button_is_pressed(
    qtbot: QtBot, window: MainWindow, server: LocalHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(releases, "read_remote", lambda *given: asked.append(given))
    window.start_services()
    QTest.mouseClick(window.header.help_button, LEFT)
    box = window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    box.close()
    QApplication.processEvents()
    assert asked == []


def test_the_help_with_its_buttons_fits_the_smallest_screen(window: MainWindow) -> None:
    QTest.mouseClick(window.header.help_button, LEFT)
    box = window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    assert box.width() <= 1024
    assert box.height() <= 700 - 40  # with the frame that a window manager puts around it
    box.close()


def test_a_newer_version_is_shown_with_its_page_and_what_is_new(
    qtbot: QtBot, window: MainWindow, server: LocalHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    server.answers[LATEST] = told("v99.0", "<b>Draws</b> faster.\nReads more.")
    dialog = look(window)
    qtbot.waitUntil(lambda: part(dialog, "PageButton").isVisible())
    assert says(dialog) == (
        f"MNIST Desktop 99.0 has been published; this is version {__version__}."
    )
    assert part(dialog, "Notes").property("plainText") == "<b>Draws</b> faster.\nReads more."
    assert PAGE in part(dialog, "PageButton").toolTip()
    press(dialog, "PageButton")
    assert opened == [QUrl(PAGE)]
    dialog.close()


def test_the_newest_version_is_told(qtbot: QtBot, window: MainWindow, server: LocalHost) -> None:
    server.answers[LATEST] = told(f"v{__version__}")
    dialog = look(window)
    wait_for_end(qtbot, dialog)
    assert says(dialog) == f"This is the newest version, {__version__}."
    assert not part(dialog, "PageButton").isVisible()
    server.answers[LATEST] = told("0.0.9")
    press(dialog, "AgainButton")
    qtbot.waitUntil(lambda: "0.0.9" in says(dialog))
    assert says(dialog) == f"This is version {__version__}; the newest release is 0.0.9."
    wait_for_end(qtbot, dialog)
    dialog.close()


def test_a_silent_host_is_shown_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow, server: LocalHost
) -> None:
    server.answers[LATEST] = Answer(b"", length=10, stalls=True)
    dialog = look(window)
    qtbot.waitUntil(server.stalled.is_set)
    assert says(dialog) == "Asking 127.0.0.1 …"
    assert part(dialog, "Bar").isVisible()
    assert part(dialog, "AgainButton").property("text") == "&Stop"
    before = places(dialog)
    press(dialog, "AgainButton")
    wait_for_end(qtbot, dialog)
    assert says(dialog) == "Stopped: whether there is a newer version is not known."
    assert [place for place in before if place not in places(dialog)] == [
        part(dialog, "Bar").geometry()
    ]
    dialog.close()


def test_closing_while_nobody_answers_leaves_nothing(
    qtbot: QtBot, window: MainWindow, server: LocalHost
) -> None:
    server.answers[LATEST] = Answer(b"", length=10, stalls=True)
    dialog = look(window)
    qtbot.waitUntil(server.stalled.is_set)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    server.answers[LATEST] = told("v99.0")
    again = look(window)
    qtbot.waitUntil(lambda: part(again, "PageButton").isVisible())
    again.close()


def test_the_window_can_close_while_nobody_answers(
    qtbot: QtBot, window: MainWindow, server: LocalHost
) -> None:
    server.answers[LATEST] = Answer(b"", length=10, stalls=True)
    look(window)
    qtbot.waitUntil(server.stalled.is_set)
    window.close_without_question()
    assert not window.isVisible()


def test_nothing_moves_whatever_is_answered(
    qtbot: QtBot, window: MainWindow, server: LocalHost
) -> None:
    server.answers[LATEST] = Answer(b"gone", 404)
    dialog = look(window)
    wait_for_end(qtbot, dialog)
    assert says(dialog).startswith("127.0.0.1 could not be asked for a newer version")
    size, status = dialog.size(), part(dialog, "Label").geometry()
    again, notes = part(dialog, "AgainButton").geometry(), part(dialog, "Notes").geometry()
    server.answers[LATEST] = told("v99.0", "a line\n" * 200)
    press(dialog, "AgainButton")
    qtbot.waitUntil(lambda: part(dialog, "PageButton").isVisible())
    wait_for_end(qtbot, dialog)
    assert (dialog.size(), part(dialog, "Label").geometry()) == (size, status)
    assert part(dialog, "AgainButton").geometry() == again
    assert part(dialog, "Notes").geometry() == notes
    dialog.close()


def test_a_copy_that_nobody_has_published_says_so(qtbot: QtBot, window: MainWindow) -> None:
    dialog = look(window)
    qtbot.waitUntil(lambda: says(dialog) == releases.NO_ADDRESS)
    wait_for_end(qtbot, dialog)
    assert not part(dialog, "AgainButton").isEnabled()  # nobody can be asked
    dialog.close()


def test_each_control_can_be_reached_by_key_and_says_what_it_does(
    qtbot: QtBot, window: MainWindow, server: LocalHost
) -> None:
    server.answers[LATEST] = told("v99.0")
    dialog = look(window)
    qtbot.waitUntil(lambda: part(dialog, "PageButton").isVisible())
    wait_for_end(qtbot, dialog)
    seen = set()
    for _ in range(6):
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Tab)
        seen.add((dialog.focusWidget() or dialog).objectName())
    assert {f"newerVersion{name}" for name in ("AgainButton", "PageButton")} <= seen
    for name in ("AgainButton", "PageButton", "Notes"):
        assert part(dialog, name).toolTip()
    dialog.close()
