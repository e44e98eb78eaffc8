"""What is another thing on a Mac: keys and what they are called, menus, the size of a point."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QAction,
    QFont,
    QFontDatabase,
    QFontInfo,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.app import make_application
from mnist_desktop.paths import resource
from mnist_desktop.ui import main_window as main_window_module
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts import shortcuts
from mnist_desktop.ui.parts.fonts import fixed_width, smaller
from mnist_desktop.ui.parts.shortcuts import add_shortcut, in_words, is_key, keys_here
from mnist_desktop.ui.train.layer_keys import step_on_card

KEYS = re.compile(r"\b(Ctrl|Alt|Shift)\+|\bF11\b|\bInsert\b")
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
META, ALT = Qt.KeyboardModifier.MetaModifier, Qt.KeyboardModifier.AltModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier

# Sizes of text in pixels, as a Mac (72 dots to an inch) and as others have them.
MEASURE = """
import json
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QLabel
from mnist_desktop.app import make_application
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.parts.fonts import smaller
from mnist_desktop.ui.parts.settings import open_settings
from mnist_desktop.ui.parts.theme import TEXT_SIZES, ThemeController, label
app = make_application()
font = app.font()
font.setPixelSize(13)
font.setPointSizeF(13 * 72 / app.primaryScreen().logicalDotsPerInchY())
app.setFont(font)
theme = ThemeController(app, open_settings(AppPaths.from_environment().settings_file)[0])
theme.apply()
labels = {role: label("7", role) for role in ("plain", "field", "muted", *TEXT_SIZES)}
for one in labels.values():
    one.ensurePolished()
heights = {role: one.sizeHint().height() for role, one in labels.items()}
fonts = {f"smaller by {n}": QFontInfo(smaller(app.font(), n)).pixelSize() for n in (1, 2, 9)}
print(json.dumps(heights | fonts))
"""


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the keyboard be a Mac's."""
    for module in (shortcuts, main_window_module):
        monkeypatch.setattr(module, "is_mac", lambda: True)


def pressed(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Undo (Ctrl+Z)", "Undo (⌘Z)"),
        ("Do the step again (Ctrl+Shift+Z)", "Do the step again (⇧⌘Z)"),
        ("Ctrl+Return, Ctrl+Space, Ctrl+.", "⌘Return, ⌃Space, ⌘."),
        ("Ctrl and +, −, 0", "⌘ and +, −, 0"),
        ("more settings (Ctrl+,)", "more settings (⌘,)"),
        ("Back (Esc, or Alt+← from anywhere)", "Back (Esc, or ⌘[ from anywhere)"),
        ("Insert, Delete, Alt+↑ ↓", "⌘N, Delete, ⌥↑ ↓"),
        ("Ctrl+D, F11, Ctrl+Q", "⌘D, ⌃⌘F, ⌘Q"),
        ("Ctrl+click selects", "⌘-click selects"),
        ("Control your F112", "Control your F112"),
    ],
)
def test_keys_are_written_as_they_are_on_the_keyboard(text: str, there: str, mac: None) -> None:
    assert in_words(text) == there


def test_elsewhere_keys_are_written_as_they_were() -> None:
    assert in_words("Undo (Ctrl+Z), F11, Insert") == "Undo (Ctrl+Z), F11, Insert"
    assert keys_here("F11") == [QKeySequence("F11")]


def test_no_key_that_the_system_keeps_is_needed(mac: None) -> None:
    assert [one.toString() for one in keys_here("Ctrl+Space")] == ["Meta+Space", "Ctrl+Space"]
    assert [one.toString() for one in keys_here("F11")] == ["Meta+Ctrl+F", "F11"]
    deletes = [one.toString() for one in keys_here(QKeySequence.StandardKey.Delete)]
    assert deletes == ["Backspace", "Del"]


def test_keys_are_understood_as_a_mac_sends_them(mac: None) -> None:
    assert is_key(pressed(Qt.Key.Key_Space, META), "Ctrl+Space")
    assert step_on_card(pressed(Qt.Key.Key_Up, ALT | KEYPAD)) == "raise"
    assert step_on_card(pressed(Qt.Key.Key_Down, KEYPAD)) == "next"
    assert step_on_card(pressed(Qt.Key.Key_Backspace)) == "remove"
    assert step_on_card(pressed(Qt.Key.Key_N, CONTROL)) == "add"


def test_elsewhere_backspace_deletes_no_layer() -> None:
    assert step_on_card(pressed(Qt.Key.Key_Backspace)) == ""
    assert step_on_card(pressed(Qt.Key.Key_Insert)) == "add"


def test_the_delete_key_of_a_mac_deletes(qtbot: QtBot, mac: None) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    done: list[bool] = []
    add_shortcut(widget, QKeySequence.StandardKey.Delete, lambda: done.append(True))
    QTest.keyClick(widget, Qt.Key.Key_Backspace)
    assert done == [True]


@pytest.fixture
def mac_window(mac: None, window: MainWindow) -> MainWindow:
    return window


def test_no_tooltip_speaks_of_keys_that_a_mac_does_not_have(
    qtbot: QtBot, mac_window: MainWindow
) -> None:
    for index in range(mac_window.tabs.count()):
        mac_window.tabs.setCurrentIndex(index)
        QApplication.processEvents()
    mac_window.training_panel.form.layers_button.click()
    parts = [*mac_window.findChildren(QWidget), *mac_window.findChildren(QAction)]
    tips = {part.toolTip() for part in parts}
    assert len(tips) > 50
    assert not {tip for tip in tips if KEYS.search(tip)}
    QTest.mouseClick(mac_window.header.help_button, Qt.MouseButton.LeftButton)
    box = mac_window.findChild(QMessageBox, "helpDialog")
    assert box is not None
    assert not KEYS.search(box.text())
    box.close()


def test_the_menus_hold_what_the_window_can_do(mac_window: MainWindow) -> None:
    menus = {menu.text(): menu.menu() for menu in mac_window.menuBar().actions()}
    assert list(menus) == ["File", "Edit", "Train", "View", "Help"]
    texts = {title: [one.text() for one in menu.actions()] for title, menu in menus.items()}  # type: ignore[union-attr]
    assert texts["Edit"] == ["Copy", "Paste"]
    assert texts["File"][-1] == "Quit MNIST Desktop"
    quits = [one for one in mac_window.actions() if one.menuRole() == QAction.MenuRole.QuitRole]
    assert [one.shortcut().toString() for one in quits] == ["Ctrl+Q"]
    full = next(one for one in mac_window.actions() if one.text() == "Full screen")
    assert full.shortcut().toString() == "Meta+Ctrl+F"


def test_no_key_of_the_menus_is_claimed_twice(mac_window: MainWindow) -> None:
    claimed: dict[str, list[str]] = {}
    for action in {*mac_window.findChildren(QAction)}:
        if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut:
            for key in action.shortcuts():
                claimed.setdefault(key.toString(), []).append(action.text())
    for shortcut in mac_window.findChildren(QShortcut):
        if shortcut.context() == Qt.ShortcutContext.WindowShortcut:
            claimed.setdefault(shortcut.key().toString(), []).append("a shortcut")
    texts = {key: who for key, who in claimed.items() if len(who) > 1}
    assert not texts


def test_the_tab_key_reaches_all_controls() -> None:
    make_application()
    behaviour = QApplication.styleHints().tabFocusBehavior()
    assert behaviour == Qt.TabFocusBehavior.TabFocusAllControls


def test_code_is_as_large_as_the_text_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    menlo = QFont("Menlo")
    menlo.setPointSizeF(7.0)  # as small beside the text as on a Mac
    monkeypatch.setattr(QFontDatabase, "systemFont", lambda _kind: QFont(menlo))
    text = QFont(QApplication.font())
    text.setPointSizeF(9.75)
    assert QFontInfo(fixed_width(text)).pixelSize() == QFontInfo(text).pixelSize()


@pytest.mark.parametrize("pixels", [1.0, 2.0])
def test_smaller_text_is_so_many_pixels_smaller(pixels: float) -> None:
    font = QFont(QApplication.font())
    font.setPointSizeF(15.0)
    before = QFontInfo(font).pixelSize()
    assert QFontInfo(smaller(font, pixels)).pixelSize() == before - pixels


def test_text_is_as_large_where_an_inch_has_72_dots(tmp_path: Path) -> None:
    measured = []
    for dots in ("72", "96"):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE],
            env={
                **os.environ,
                "MNIST_DESKTOP_HOME": str(tmp_path / dots),
                "QT_FONT_DPI": dots,
                "QT_QPA_PLATFORM": "offscreen",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        measured.append(json.loads(done.stdout))
    assert measured[0] == measured[1]
    assert measured[0]["plain"] > 13


OPEN = """
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from mnist_desktop.app import make_application
app = make_application()
app.file_opened.connect(print)
for opened in ("/digits/a network.keras", QUrl("https://example.org/a.keras")):
    app.sendEvent(app, QFileOpenEvent(opened))
"""


def test_a_file_that_the_finder_opens_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN],
        env={**os.environ, "MNIST_DESKTOP_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/digits/a network.keras\n"


def test_a_network_that_is_opened_with_the_program_reads_the_pad(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    network = tmp_path / "mine.tflite"
    shutil.copy(resource("models", "bundled.tflite"), network)
    window.start_services()
    with qtbot.waitSignal(
        services_of(window).prediction.model_opened,
        timeout=60_000,
        check_params_cb=lambda opened: opened.model.file == network,
    ):
        window.open_file(str(network))
    assert window.isVisible()
