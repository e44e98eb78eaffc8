"""The frame around the panels: columns that fold, sizes, what is remembered, text zoom, focus."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QFrame,
    QLabel,
    QPushButton,
    QSplitter,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.memory import SIZE, first_size
from mnist_desktop.ui.parts.icons import ICONS, icon
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme, contrast
from mnist_desktop.ui.parts.toast import Action, Answer, Card

OpenWindow = Callable[..., MainWindow]
ALT = Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def place(widget: QWidget) -> QRect:
    """Where a widget is in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def resize(qtbot: QtBot, window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.width() == width)
    QApplication.processEvents()


def named(window: MainWindow, kind: type[QWidget], name: str) -> QWidget:
    found = window.findChild(kind, name)
    assert isinstance(found, QWidget)
    return found


class ShownWindows(QObject):
    """Notes each widget that is shown as a window of its own."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.found: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_shown = event.type() == QEvent.Type.Show
        if is_shown and isinstance(watched, QWidget) and watched.isWindow():
            self.found.append(watched.objectName() or type(watched).__name__)
        return False


def test_nothing_but_the_window_is_ever_shown_on_its_own(
    qapp: QApplication, open_window: OpenWindow
) -> None:
    shown = ShownWindows(qapp)
    try:
        window = open_window()
        for number in range(window.tabs.count()):
            window.tabs.setCurrentIndex(number)
            QApplication.processEvents()
        assert set(shown.found) == {"mainWindow"}
    finally:
        qapp.removeEventFilter(shown)


# Columns


def test_a_narrow_window_folds_training_to_a_rail_that_opens_a_drawer(
    qtbot: QtBot, window: MainWindow
) -> None:
    resize(qtbot, window, 1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    panel, rail = window.training_panel, named(window, QToolButton, "trainRail")
    assert panel.isVisible()
    assert not rail.isVisible()
    resize(qtbot, window, 1024, 800)
    assert not panel.isVisible()
    pages = place(window.tabs)
    QTest.mouseClick(rail, Qt.MouseButton.LeftButton)
    assert panel.isVisible()
    assert place(panel).intersects(place(window.tabs))
    assert place(window.tabs) == pages
    QTest.mouseClick(window.draw_panel.pad, Qt.MouseButton.LeftButton)  # something beside it
    qtbot.waitUntil(lambda: not panel.isVisible())
    resize(qtbot, window, 1280, 800)
    assert panel.isVisible()
    assert not place(panel).intersects(place(window.tabs))


def test_escape_closes_the_drawer(qtbot: QtBot, window: MainWindow) -> None:
    resize(qtbot, window, 1024, 800)
    QTest.keyClick(window, Qt.Key.Key_1, CONTROL)
    assert window.training_panel.isVisible()
    window.training_panel.train_button.setFocus()
    QTest.keyClick(window.training_panel.train_button, Qt.Key.Key_Escape)
    assert not window.training_panel.isVisible()


@pytest.mark.parametrize(
    ("key", "button", "rail"),
    [
        (Qt.Key.Key_1, "showTrainButton", "trainRail"),
        (Qt.Key.Key_2, "showDrawButton", "drawRail"),
    ],
)
def test_keys_buttons_and_rails_fold_and_unfold_a_side(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, button: str, rail: str
) -> None:
    resize(qtbot, window, 1280, 800)
    side = window.training_panel if rail == "trainRail" else window.draw_panel
    before = place(window.tabs)
    for fold in (
        lambda: QTest.keyClick(window, key, CONTROL),
        lambda: QTest.mouseClick(named(window, QToolButton, button), Qt.MouseButton.LeftButton),
    ):
        fold()
        assert not side.isVisible()
        QTest.mouseClick(named(window, QToolButton, rail), Qt.MouseButton.LeftButton)
        assert side.isVisible()
        QApplication.processEvents()
        assert place(window.tabs) == before


def test_a_wide_window_has_wider_sides(qtbot: QtBot, window: MainWindow) -> None:
    resize(qtbot, window, 1280, 800)
    narrow = window.draw_panel.width()
    resize(qtbot, window, 1920, 1000)
    assert window.draw_panel.width() >= narrow + 100
    assert window.training_panel.width() >= narrow + 100
    resize(qtbot, window, 1280, 800)
    assert window.draw_panel.width() == narrow


# Sizes, and what is remembered


def test_the_first_launch_leaves_room_around_the_window(window: MainWindow) -> None:
    room = window.screen().availableGeometry().size()
    size = first_size(window).expandedTo(QSize(0, 0))
    least = window.minimumSize()
    assert size.width() <= max(0.92 * room.width(), least.width())
    assert size.height() <= max(0.92 * room.height(), least.height())
    assert size.boundedTo(SIZE.expandedTo(least)) == size


def test_the_windows_least_size_depends_on_no_text(window: MainWindow) -> None:
    least = window.minimumSizeHint()
    window.header.show_digits("a folder of one's own with a long name 60,000/10,000", "")
    window.header.show_engine_loading()
    window.messages.say("A long message " * 20)
    QApplication.processEvents()
    assert window.minimumSizeHint() == least


def test_what_changes_is_remembered_at_once(qtbot: QtBot, window: MainWindow) -> None:
    resize(qtbot, window, 1300, 810)
    window.tabs.setCurrentIndex(2)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    path = services_of(window).settings.path
    qtbot.waitUntil(lambda: Settings(path).value("window/columns") == "r")
    assert str(Settings(path).value("window/page")) == "2"
    assert Settings(path).value("window/geometry")


def test_folded_columns_and_the_size_of_text_come_back(
    qtbot: QtBot, open_window: OpenWindow, window: MainWindow
) -> None:
    resize(qtbot, window, 1280, 800)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    services_of(window).theme.set_zoom(1.1)
    window.close()
    again = open_window()
    try:
        assert not again.draw_panel.isVisible()
        assert services_of(again).theme.zoom == 1.1
    finally:
        services_of(again).theme.set_zoom(1.0)


def test_a_folded_columns_width_is_kept_while_the_other_is_widened(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(1600, 800)
    window.columns.restore("- 400 360")
    QApplication.processEvents()
    assert window.training_panel.width() == 400
    window.columns.toggle_left()
    handle = window.draw_panel.mapTo(window, QPoint(-4, 300))
    splitter = window.draw_panel.parentWidget()
    assert isinstance(splitter, QSplitter)
    grip = splitter.handle(splitter.indexOf(window.draw_panel))
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton, pos=QPoint(4, 300))
    qtbot.mouseMove(grip, QPoint(-40, 300))
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=QPoint(-40, 300))
    assert window.draw_panel.mapTo(window, QPoint(-4, 300)) != handle
    window.columns.toggle_left()
    QApplication.processEvents()
    assert window.training_panel.width() == 400


@pytest.mark.parametrize("state", ["", "nonsense", "l 1", "lr 9999 -3", "- 12 abc"])
def test_nonsense_that_is_remembered_leaves_the_columns_usable(
    qtbot: QtBot, window: MainWindow, state: str
) -> None:
    resize(qtbot, window, 1280, 800)
    window.columns.restore(state)
    assert window.tabs.width() >= 500


# Text zoom


def test_control_and_plus_minus_or_zero_change_the_size_of_all_text(
    qtbot: QtBot, window: MainWindow
) -> None:
    theme, size = services_of(window).theme, window.size()
    title = next(one for one in window.draw_panel.findChildren(QLabel) if one.text() == "Draw")
    usual = title.fontMetrics().horizontalAdvance("Draw")
    QTest.keyClick(window, Qt.Key.Key_Minus, CONTROL)
    try:
        assert title.fontMetrics().horizontalAdvance("Draw") < usual
        assert theme.zoom == 0.9
    finally:
        QTest.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert window.size() == size
    assert title.fontMetrics().horizontalAdvance("Draw") == usual


def test_text_that_would_not_fit_the_screen_stays_as_it_is(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme, size = services_of(window).theme, window.size()
    # As on a screen that is narrower than what the window needs for larger text.
    least = MainWindow.minimumSizeHint
    monkeypatch.setattr(
        MainWindow,
        "minimumSizeHint",
        lambda window: QSize(2000, 700) if theme.zoom > 1.0 else least(window),
    )
    QTest.keyClick(window, Qt.Key.Key_Plus, CONTROL)
    assert theme.zoom == 1.0
    assert window.size() == size
    assert "no room" in window.statusBar().currentMessage()


# Focus


def test_the_pad_has_the_focus_at_first(window: MainWindow) -> None:
    assert window.focusWidget() is window.draw_panel.pad


def test_a_ring_shows_where_a_key_has_brought_the_focus(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    resize(qtbot, window, 1280, 800)
    ring = named(window, QWidget, "focusRing")
    handle = window.windowHandle()
    assert not ring.isVisible()
    window.training_panel.form.more_button.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    qtbot.waitUntil(ring.isVisible)
    button = window.focusWidget()
    assert button is not None
    around = QRect(ring.mapTo(window, QPoint(0, 0)), ring.size())
    assert around.adjusted(2, 2, -2, -2).contains(place(button))
    resize(qtbot, window, 1300, 800)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)  # what the button is in moves
    around = QRect(ring.mapTo(window, QPoint(0, 0)), ring.size())
    assert around.adjusted(2, 2, -2, -2).contains(place(button))
    accent = services_of(window).theme.theme.accent
    middle = QPoint(around.left() + around.width() // 2, around.top())
    assert window.grab(QRect(middle, QSize(1, 1))).toImage().pixelColor(0, 0).name() == accent
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(640, 400))
    assert not ring.isVisible()


def test_who_uses_the_mouse_sees_no_ring_where_the_focus_is_led(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    resize(qtbot, window, 1280, 800)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(640, 20))
    named(window, QPushButton, "trainStepButton").click()
    assert window.focusWidget() is window.training_panel.train_button
    assert not named(window, QWidget, "focusRing").isVisible()


@pytest.mark.parametrize("number", range(8))
def test_the_key_of_a_page_brings_the_focus_there(
    qtbot: QtBot, window: MainWindow, number: int
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key(Qt.Key.Key_1.value + number), ALT)
    assert window.tabs.currentIndex() == number
    focus = window.focusWidget()
    assert focus is not None
    assert window.tabs.isAncestorOf(focus)


def test_tabs_stay_where_they_are_whichever_is_chosen(window: MainWindow) -> None:
    bar = window.tabs.tabBar()
    places = set()
    for number in range(bar.count()):
        window.tabs.setCurrentIndex(number)
        QApplication.processEvents()
        places.add(tuple(bar.tabRect(one).getRect() for one in range(bar.count())))
    assert len(places) == 1


@pytest.mark.parametrize("kind", [QPushButton, QCheckBox, QToolButton, QTabBar])
def test_mnemonics_are_underlined_only_while_alt_is_held(
    window: MainWindow, kind: type[QWidget]
) -> None:
    part = kind(window)
    if isinstance(part, QTabBar):
        part.addTab("&Undo")
    else:
        assert isinstance(part, QAbstractButton)
        part.setText("&Undo")
    part.adjustSize()
    part.show()
    plain = part.grab().toImage()
    QTest.keyPress(window, Qt.Key.Key_Alt, ALT)
    assert part.grab().toImage() != plain
    QTest.keyRelease(window, Qt.Key.Key_Alt)
    assert part.grab().toImage() == plain


# Answers


def test_an_answer_stands_at_its_card_and_its_button_acts(qtbot: QtBot, window: MainWindow) -> None:
    resize(qtbot, window, 1280, 800)
    undone = []
    action = Action("Undo", lambda: undone.append(True))
    before = place(window.draw_panel.pad)
    window.messages.answer(Answer("Kept as a 7", Card.DRAW, (action,)))
    toast = named(window, QFrame, "toast")
    assert toast.isVisible()
    assert place(window.draw_panel).contains(place(toast))
    assert not place(toast).intersects(place(window.draw_panel.teach_button))
    assert place(window.draw_panel.pad) == before
    assert window.focusWidget() is window.draw_panel.pad
    QTest.mouseClick(named(window, QPushButton, "toastButton1"), Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert not toast.isVisible()


def test_an_answer_for_a_folded_card_is_shown_in_the_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    resize(qtbot, window, 1280, 800)
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    window.messages.answer(Answer("Kept as a 7", Card.DRAW))
    toast = named(window, QFrame, "toast")
    assert toast.isVisible()
    assert window.rect().contains(place(toast))


# Colours and icons


def test_contrast_is_measured_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_borders_rings_and_text_stand_out(theme: Theme) -> None:
    behind = (theme.window, theme.surface, theme.field)
    for back in behind:
        for line in (theme.border, theme.accent, theme.faint):
            assert contrast(line, back) >= 3, (line, back)
        for text in (theme.text, theme.muted, theme.accent, theme.wrong, theme.right):
            assert contrast(text, back) >= 4.5, (text, back)
    for text in (theme.text, theme.muted):
        assert contrast(text, theme.selection) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.on_inverse, theme.inverse) >= 4.5
    assert contrast(theme.inverse_accent, theme.inverse) >= 4.5
    assert all(value for value in dataclasses.astuple(theme))


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_the_colour_of_text(qapp: QApplication, name: str) -> None:
    picture = icon(name).pixmap(32, 32).toImage()
    color = QGuiApplication.palette().buttonText().color()
    inked = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() == 255
    }
    assert color.name() in inked
