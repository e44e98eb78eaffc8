"""Why a digit is read as it is, in the real window: colours, words, similar digits, the eraser."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from conftest import OpenWindow
from mouse import ONE, SEVEN, draw
from pages import begin, click_digit, says, turn_to
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QPushButton,
    QScrollBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.why_view import WhyView

TIMEOUT_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SIZES = ((1024, 700), (1280, 800), (1920, 1080))
SCRIBBLE = ((0.2, 0.2), (0.8, 0.7), (0.3, 0.8), (0.6, 0.1), (0.1, 0.5), (0.9, 0.4), (0.4, 0.3))


def why(window: MainWindow) -> WhyView:
    return window.middle.why_view


def press(window: MainWindow, name: str) -> None:
    button = window.findChild(QAbstractButton, name)
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)


def explain_pad(
    qtbot: QtBot, window: MainWindow, *strokes: tuple[tuple[float, float], ...]
) -> None:
    """Draw, press Why?, and wait for the answer."""
    for stroke in strokes:
        draw(window.draw_panel.pad, stroke)
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() not in ("", "–"))
    press(window, "whyButton")
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != "", timeout=TIMEOUT_MS)


def erase(window: MainWindow, *points: tuple[float, float]) -> None:
    """Drag over the large digit, through points given in shares of its side."""
    draw(why(window).digit, points)


def colours(part: QWidget) -> list[QColor]:
    """Colours of the pixels of a digit, one for each of the 28×28."""
    image = part.grab().toImage()
    step = part.width() // 28
    middles = [step // 2 + step * number for number in range(28)]
    return [image.pixelColor(x, y) for y, x in itertools.product(middles, middles)]


def count(part: QWidget, hue: str) -> int:
    """How many pixels of a digit are blue, or orange."""
    sign = 1 if hue == "blue" else -1
    return sum(sign * (one.blue() - one.red()) > 40 for one in colours(part))


def test_one_click_from_the_pad_and_escape_goes_back(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.tabs.setCurrentIndex(4)
    assert not window.findChild(QWidget, "whyButton").isEnabled()
    explain_pad(qtbot, window, SEVEN)
    assert why(window).isVisible()
    assert not window.tabs.isVisible()
    assert says(window, "whyTitleLabel") == "Why is it read as 7?"
    assert says(window, "whyNumberLabel") == "7"
    assert "speaks most for 7" in says(window, "whySentenceLabel")
    assert "pen" in says(window, "whyNoteLabel")
    QTest.keyClick(why(window).digit, Qt.Key.Key_Escape)
    assert window.tabs.isVisible()
    assert window.tabs.currentIndex() == 4
    press(window, "whyButton")
    press(window, "whyBackButton")
    assert window.tabs.isVisible()
    press(window, "whyButton")
    window.draw_panel.pad.setFocus()
    QTest.keyClick(window.draw_panel.pad, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.tabs.isVisible()


def test_ink_is_blue_that_speaks_for_the_digit_and_orange_against(
    qtbot: QtBot, window: MainWindow
) -> None:
    explain_pad(qtbot, window, SEVEN)
    digit = why(window).digit
    scale = window.findChild(QWidget, "whyScale")
    assert count(digit, "blue") > 20
    assert "blue for 7" in scale.accessibleDescription()
    press(window, "whyFor2")
    other = window.findChild(QToolButton, "whyFor2").text()
    assert other != "for 7"
    assert f"blue {other}" in scale.accessibleDescription()
    assert "against" in says(window, "whySentenceLabel")
    assert count(digit, "orange") > 20
    bar = scale.grab().toImage()
    left, right = bar.pixelColor(4, 6), bar.pixelColor(bar.width() - 5, 6)
    assert left.red() > left.blue()
    assert right.blue() > right.red()


def test_the_five_most_similar_training_digits_are_shown(qtbot: QtBot, window: MainWindow) -> None:
    explain_pad(qtbot, window, SEVEN)
    similar = window.findChild(QWidget, "whySimilar")
    assert "No training digits" in similar.accessibleDescription()
    window.start_services()
    qtbot.waitUntil(
        lambda: len(similar.accessibleDescription().split(", ")) == 5, timeout=TIMEOUT_MS
    )
    assert similar.accessibleDescription().count("7") >= 3


def test_erased_ink_is_read_while_it_goes_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    explain_pad(qtbot, window, SEVEN)
    view = why(window)
    whole, scores = view.digit.image, view.bars.prediction.probabilities
    before = says(window, "whyChange1")
    assert "→" not in before
    side = view.digit.width()
    QTest.mousePress(view.digit, LEFT, pos=QPoint(round(side * 0.3), round(side * 0.25)))
    QTest.mouseMove(view.digit, QPoint(round(side * 0.6), round(side * 0.25)))
    qtbot.waitUntil(lambda: "→" in says(window, "whyChange1"))  # the button is still down
    assert view.bars.prediction.probabilities != scores
    QTest.mouseRelease(view.digit, LEFT, pos=QPoint(round(side * 0.6), round(side * 0.25)))
    assert np.count_nonzero(view.digit.image) < np.count_nonzero(whole)
    erase(window, (0.45, 0.6), (0.55, 0.6))
    press(window, "whyUndoButton")
    press(window, "whyUndoButton")
    np.testing.assert_array_equal(view.digit.image, whole)
    qtbot.waitUntil(lambda: says(window, "whyChange1") == before)
    assert not window.findChild(QPushButton, "whyUndoButton").isEnabled()
    erase(window, (0.3, 0.25), (0.6, 0.25))
    erase(window, (0.45, 0.6), (0.55, 0.6))
    press(window, "whyResetButton")
    np.testing.assert_array_equal(view.digit.image, whole)
    qtbot.waitUntil(lambda: view.bars.prediction.probabilities == scores)


def test_the_sentence_and_the_colours_follow_once_the_eraser_is_lifted(
    qtbot: QtBot, window: MainWindow
) -> None:
    explain_pad(qtbot, window, SEVEN)
    view, before = why(window), says(window, "whySentenceLabel")
    erase(window, (0.2, 0.25), (0.7, 0.25))
    erase(window, (0.2, 0.32), (0.6, 0.32))
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != before)
    for y in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        for shift in (0, 0.05):
            erase(window, (0.05, y + shift), (0.95, y + shift))
    assert not view.digit.image.any()
    qtbot.waitUntil(lambda: says(window, "whyNumberLabel") == "–")
    qtbot.waitUntil(lambda: "no ink left" in says(window, "whySentenceLabel"))


@pytest.mark.parametrize("name", ["whyUndoButton", "whyResetButton"])
def test_the_focus_stays_in_the_view_when_nothing_is_left_to_undo(
    qtbot: QtBot, window: MainWindow, name: str
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    explain_pad(qtbot, window, SEVEN)
    erase(window, (0.3, 0.25), (0.6, 0.25))
    press(window, name)
    assert window.focusWidget() is why(window).digit


def test_control_z_undoes_where_the_focus_is(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    explain_pad(qtbot, window, SEVEN)
    view, ink = why(window), window.draw_panel.pad.ink
    whole = view.digit.image
    erase(window, (0.3, 0.25), (0.6, 0.25))
    assert view.digit.image is not whole
    QTest.keyClick(view.digit, Qt.Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(view.digit.image, whole)
    assert window.draw_panel.pad.ink == ink
    QTest.keyClick(view.digit, Qt.Key.Key_Z, CONTROL)  # nothing is left to be undone here
    assert window.draw_panel.pad.ink == ink


def test_the_eraser_works_by_keys_alone(qtbot: QtBot, window: MainWindow) -> None:
    explain_pad(qtbot, window, ONE)
    view = why(window)
    whole = view.digit.image
    QTest.keyClick(view.digit, Qt.Key.Key_Up)
    QTest.keyClick(view.digit, Qt.Key.Key_Space)
    assert np.count_nonzero(view.digit.image) < np.count_nonzero(whole)
    assert not view.digit.image[13, 14]


def test_it_follows_the_pad(qtbot: QtBot, window: MainWindow) -> None:
    window.start_services()
    qtbot.waitUntil(lambda: services_of(window).data.dataset is not None, timeout=TIMEOUT_MS)
    explain_pad(qtbot, window, SEVEN)
    QTest.mouseClick(window.draw_panel.clear_button, LEFT)
    qtbot.waitUntil(lambda: "Draw on the pad" in says(window, "whySentenceLabel"))
    assert says(window, "whyNumberLabel") == "–"
    assert not window.findChild(QToolButton, "whyFor1").isVisible()
    draw(window.draw_panel.pad, ONE)
    qtbot.waitUntil(lambda: "for 1" in says(window, "whySentenceLabel"))
    np.testing.assert_array_equal(why(window).digit.image, window.draw_panel.preview.image)
    similar = window.findChild(QWidget, "whySimilar")
    qtbot.waitUntil(lambda: similar.accessibleDescription().count("1") >= 3, timeout=TIMEOUT_MS)


def test_what_is_no_digit_is_not_explained(qtbot: QtBot, window: MainWindow) -> None:
    explain_pad(qtbot, window, SCRIBBLE)
    assert says(window, "whyTitleLabel") == "Why is it not read?"
    assert says(window, "whyNumberLabel") == "?"
    assert "nothing to explain" in says(window, "whySentenceLabel")
    assert window.draw_panel.prediction.reason == says(window, "whyConfidenceLabel")
    assert says(window, "whyChange1") == ""
    assert not window.findChild(QToolButton, "whyFor1").isVisible()
    assert count(why(window).digit, "blue") == count(why(window).digit, "orange") == 0


def test_one_click_from_the_gallery_with_the_label_to_choose(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    turn_to(qtbot, window, window.tabs.gallery_view)
    gallery = window.tabs.gallery_view.browser
    assert window.tabs.gallery_view.isVisible()
    window.tabs.results.show_mistakes()
    click_digit(qtbot, gallery.list, 0)
    shown = gallery.detail.shown
    press(window, "digitWhyButton")
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != "", timeout=TIMEOUT_MS)
    is_sure = max(shown.scores) >= 0.5
    title = f"Why is it read as {shown.predicted}?" if is_sure else f"Why {shown.predicted} or "
    assert says(window, "whyTitleLabel").startswith(title)
    assert shown.name in says(window, "whySubjectLabel")
    digit = "an 8" if shown.label == 8 else f"a {shown.label}"
    assert says(window, "whySubjectLabel").endswith(digit)
    assert says(window, "whyNoteLabel") == ""
    for score in shown.scores:  # the same number wherever it is shown
        assert any(abs(score - one) < 1e-4 for one in why(window).bars.prediction.probabilities)
    choices = [window.findChild(QToolButton, f"whyFor{number}") for number in (1, 2, 3)]
    offered = {one.text() for one in choices if one.isVisible()}
    assert {f"for {shown.predicted}", f"for {shown.label}"} <= offered
    QTest.keyClick(why(window).digit, Qt.Key.Key_Escape)
    assert window.tabs.gallery_view.isVisible()
    assert gallery.is_open
    assert window.focusWidget() is not None


def test_a_new_network_reads_the_same_digit_again(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    explain_pad(qtbot, window, SEVEN)
    scores = why(window).bars.prediction.probabilities
    window.model_box.setCurrentIndex(0)
    window.model_box.activated.emit(0)
    qtbot.waitUntil(lambda: why(window).bars.prediction.probabilities != scores)
    assert why(window).isVisible()
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != "")


def test_a_digit_of_the_gallery_stays_until_the_pad_shows_another(
    qtbot: QtBot, window: MainWindow
) -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 13:16] = 255
    window.draw_panel.pad.show_picture(Picture(image, image[np.newaxis]))
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == "1")
    press(window, "whyButton")
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != "")
    assert says(window, "whyNoteLabel") == ""
    services_of(window).prediction.read(window.draw_panel.pad.content)
    qtbot.waitUntil(lambda: not services_of(window).prediction.is_busy)
    assert why(window).digit.image.any()


@pytest.mark.parametrize("number", range(8))
def test_the_key_of_a_page_leads_back_to_the_pages(
    qtbot: QtBot, window: MainWindow, number: int
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    explain_pad(qtbot, window, SEVEN)
    key = Qt.Key(Qt.Key.Key_1.value + number)
    QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
    assert window.tabs.isVisible()
    assert window.tabs.currentIndex() == number


def test_a_page_that_comes_by_itself_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    explain_pad(qtbot, window, SEVEN)
    window.tabs.turn_to(window.tabs.first)  # it is the current one
    assert window.tabs.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_scrolls_or_moves(
    qtbot: QtBot, window: MainWindow, size: tuple[int, int], theme: str
) -> None:
    services_of(window).theme.set_mode(theme)
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    window.start_services()
    qtbot.waitUntil(lambda: services_of(window).data.dataset is not None, timeout=TIMEOUT_MS)
    middle = place(window.middle, window)
    explain_pad(qtbot, window, SEVEN)
    view = why(window)
    before = places(view)
    assert place(window.middle, window) == middle
    assert view.digit.width() == view.digit.height()
    assert view.digit.width() % 28 == 0
    assert view.digit.width() >= 28 * 12
    check_nothing_cut(view)
    erase(window, (0.3, 0.25), (0.6, 0.25))
    press(window, "whyFor2")
    qtbot.waitUntil(lambda: "→" in says(window, "whyChange1"))
    check_nothing_cut(view)
    assert places(view) == before
    draw(window.draw_panel.pad, SCRIBBLE)
    qtbot.waitUntil(lambda: says(window, "whyNumberLabel") == "?")
    assert places(view) == before


def place(part: QWidget, inside: QWidget) -> QRect:
    return QRect(part.mapTo(inside, QPoint()), part.size())


def places(view: WhyView) -> dict[QWidget, QRect]:
    """Where everything is, but for choices, whose places come and go."""
    QApplication.processEvents()
    parts = [one for one in view.findChildren(QWidget) if not isinstance(one, QToolButton)]
    return {part: place(part, view) for part in parts if part.isVisible()}


def check_nothing_cut(view: WhyView) -> None:
    """Everything lies inside, has the room it needs, and covers nothing else."""
    QApplication.processEvents()
    parts = [one for one in view.findChildren(QWidget) if one.isVisible()]
    assert not [one for one in parts if isinstance(one, QScrollBar)]
    for part in parts:
        assert view.rect().contains(place(part, view)), part.objectName()
        assert part.height() >= part.minimumSizeHint().height(), part.objectName()
        if isinstance(part, QAbstractButton | QLabel):
            assert part.width() >= part.minimumSizeHint().width(), part.objectName()
    for one, other in itertools.combinations(parts, 2):
        assert not place(one, view).intersects(place(other, view)), (one, other)


def test_it_can_be_opened_before_a_network_is(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    draw(window.draw_panel.pad, SEVEN)
    window.middle.explain_pad()
    qtbot.waitUntil(lambda: says(window, "whyNumberLabel") == "7", timeout=TIMEOUT_MS)
