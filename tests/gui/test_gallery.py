"""The gallery that all pages of digits share: it keeps still, its captions cannot be misread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from mouse import ONE, SEVEN
from pages import CTRL, LEFT, NONE, begin, choose, click_digit, settle, texts, trained, turn_to
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListView, QToolTip
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.splits import Split, make_split
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.gallery_view import GalleryView
from mnist_desktop.ui.parts.digit_browser import DigitBrowser
from mnist_desktop.ui.parts.digit_list import DigitList
from mnist_desktop.ui.parts.digit_model import GalleryModel
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme

Key = Qt.Key
PAGES = ("Digits", "Data", "My digits")
Gallery = Callable[[str], DigitBrowser]
MANY = 40  # drawings: more than fit into the page


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three epochs of the simplest network on the sample: many mistakes."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", 3, "Ten")


@pytest.fixture
def gallery(qtbot: QtBot, window: MainWindow, ten: Run) -> Gallery:
    """Turns to a page and returns its gallery, full of digits."""
    begin(qtbot, window, ten)

    def show(page: str) -> DigitBrowser:
        tabs = window.tabs
        views = {
            "Digits": tabs.gallery_view,
            "Data": tabs.data_view,
            "My digits": tabs.my_digits_view,
        }
        view = views[page]
        turn_to(qtbot, window, view)
        if page == "My digits":
            for number in range(MANY):
                tabs.my_digits_view.add(Drawing(Ink.from_points([SEVEN, ONE]), number % 10))
            count = view.browser.list.model().rowCount
            qtbot.waitUntil(lambda: count() == MANY)
        settle(qtbot, window)
        return view.browser

    return show


def in_sight(digits: DigitList) -> dict[int, QRect]:
    """Where on the screen each digit lies of which something can be seen."""
    corner, view = digits.viewport().mapToGlobal(QPoint()), digits.viewport().rect()
    areas = {
        row: digits.visualRect(digits.model().index(row, 0))
        for row in range(digits.model().rowCount())
    }
    return {row: area.translated(corner) for row, area in areas.items() if view.intersects(area)}


def selected(digits: DigitList) -> list[int]:
    return sorted(index.row() for index in digits.selectedIndexes())


@pytest.mark.parametrize("page", PAGES)
def test_opening_and_closing_a_digit_moves_nothing(
    qtbot: QtBot, gallery: Gallery, page: str
) -> None:
    browser = gallery(page)
    digits = browser.list
    assert digits.verticalScrollBar().maximum() > 0
    digits.verticalScrollBar().setValue(31)  # digits at both edges are cut
    before = in_sight(digits)
    for row in (min(before), max(before), sorted(before)[len(before) // 2]):
        part = before[row].intersected(
            digits.viewport().rect().translated(digits.viewport().mapToGlobal(QPoint()))
        )
        mouse = digits.viewport().mapFromGlobal(part.center())
        QTest.mouseClick(digits.viewport(), LEFT, NONE, mouse)
        assert browser.is_open
        assert in_sight(digits) == before
        assert digits.indexAt(mouse).row() == row
        assert selected(digits) == [row]
        QTest.keyClick(digits, Key.Key_Escape)
        assert not browser.is_open
        assert in_sight(digits) == before
        assert selected(digits) == [row]
        QTest.keyClick(digits, Key.Key_Return)
        assert browser.is_open
        assert in_sight(digits) == before
        QTest.keyClick(digits, Key.Key_Escape)


@pytest.mark.parametrize("page", PAGES)
def test_the_keys_are_the_same_on_every_page(qtbot: QtBot, gallery: Gallery, page: str) -> None:
    browser = gallery(page)
    digits = browser.list
    last = digits.model().rowCount() - 1
    digits.setFocus()
    click_digit(qtbot, digits, 0)
    QTest.keyClick(digits, Key.Key_Escape)
    columns = sum(area.top() == in_sight(digits)[0].top() for area in in_sight(digits).values())
    lines = digits.viewport().height() // in_sight(digits)[0].height()
    for key, row in (
        (Key.Key_Right, 1),
        (Key.Key_Down, 1 + columns),
        (Key.Key_Left, columns),
        (Key.Key_Up, 0),
        (Key.Key_Up, 0),
        (Key.Key_PageDown, lines * columns),
        (Key.Key_PageUp, 0),
        (Key.Key_End, last),
        (Key.Key_Right, last),
        (Key.Key_Home, 0),
    ):
        QTest.keyClick(digits, key)
        assert selected(digits) == [row], key
        area = digits.visualRect(digits.model().index(row, 0))
        assert digits.viewport().rect().contains(area)
        assert not browser.is_open
    QTest.keyClick(digits, Key.Key_Return)
    assert browser.is_open
    first = texts(browser.detail)
    QTest.keyClick(digits, Key.Key_End)
    assert texts(browser.detail) != first  # it follows
    QTest.keyClick(digits, Key.Key_Escape)
    assert not browser.is_open
    assert digits.hasFocus()


@pytest.mark.parametrize("page", PAGES)
def test_the_selected_digit_stays_selected_and_in_sight_when_the_window_changes(
    qtbot: QtBot, window: MainWindow, gallery: Gallery, page: str
) -> None:
    browser = gallery(page)
    digits = browser.list
    row = 17
    digits.choose(row)
    click_digit(qtbot, digits, row)
    for width, height in ((1700, 800), (1280, 1000), (1500, 700), (1280, 800)):
        window.resize(width, height)
        QApplication.processEvents()
        settle(qtbot, window)
        assert selected(digits) == [row]
        assert browser.is_open
        area = digits.visualRect(digits.model().index(row, 0))
        assert digits.viewport().rect().contains(area), (width, height)


def test_all_digits_are_shown_by_one_gallery(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    browsers = [gallery(page) for page in PAGES]
    assert {type(one) for one in browsers} == {DigitBrowser}
    lists = [
        one
        for page in (window.tabs.gallery_view, window.tabs.data_view, window.tabs.my_digits_view)
        for one in page.findChildren(QListView)
        if one.window() is window  # and not the list of a box
    ]
    assert lists == [one.list for one in browsers]
    for browser in browsers:
        assert browser.findChild(QLabel, "digitLegend").text()
    tiles = {(one.list.visualRect(one.list.model().index(0, 0)).width() // 76) for one in browsers}
    assert tiles == {1}


def test_a_caption_says_what_a_digit_is_and_what_it_was_read_as_and_no_index(
    qtbot: QtBot, gallery: Gallery, window: MainWindow, ten: Run
) -> None:
    browser = gallery("Digits")
    scores, labels = ten.test_scores()
    read = scores.argmax(axis=1)
    model = browser.list.gallery
    for row in range(model.rowCount()):
        caption = model.caption(row)
        wrong = f"{labels[row]} → {read[row]}"
        assert caption.text == (str(labels[row]) if labels[row] == read[row] else wrong)
        assert caption.figure == f"{scores[row].max() * 100:.1f}%"
        digit = "an 8" if labels[row] == 8 else f"a {labels[row]}"
        words = f"Test digit {row:,}: {digit}, read as {read[row]} ({caption.figure})"
        assert model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) == words
    assert "read as 1" in browser.findChild(QLabel, "digitLegend").text()
    data = gallery("Data")
    assert data.list.gallery.caption(3).text == str(data.list.gallery.digit(3).label)
    assert data.list.gallery.caption(3).figure == ""
    assert "the digit's label" in data.findChild(QLabel, "digitLegend").text()


def test_a_tooltip_names_the_digit(qtbot: QtBot, gallery: Gallery) -> None:
    digits = gallery("My digits").list
    place = digits.visualRect(digits.model().index(0, 0)).center()
    asked = QHelpEvent(QEvent.Type.ToolTip, place, digits.viewport().mapToGlobal(place))
    QApplication.sendEvent(digits.viewport(), asked)
    assert QToolTip.text() == "Your drawing: a 0"
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_misread_digit_is_painted_in_the_colours_of_right_and_wrong(
    qtbot: QtBot, window: MainWindow, gallery: Gallery, theme: Theme
) -> None:
    browser = gallery("Digits")
    window.tabs.gallery_view.set_theme(theme)

    def colours(row: int) -> set[str]:
        """Colours of the caption of a tile."""
        area = browser.list.visualRect(browser.list.model().index(row, 0))
        below = QRect(area.left(), area.top() + 68, area.width(), 16)
        picture = browser.list.viewport().grab(below).toImage()
        return {
            picture.pixelColor(x, y).name()
            for x in range(picture.width())
            for y in range(picture.height())
        }

    choose(window.tabs.gallery_view.kind_box, "Right")
    assert theme.wrong not in colours(0)
    choose(window.tabs.gallery_view.kind_box, "Wrong")
    assert {theme.right, theme.wrong} <= colours(0)


def test_several_drawings_are_selected_with_ctrl_and_one_that_is_taken_out_opens_nothing(
    qtbot: QtBot, gallery: Gallery
) -> None:
    browser = gallery("My digits")
    digits = browser.list
    click_digit(qtbot, digits, 1)
    QTest.keyClick(digits, Key.Key_Escape)
    for row in (4, 1):
        area = digits.visualRect(digits.model().index(row, 0))
        QTest.mouseClick(digits.viewport(), LEFT, CTRL, area.center())
    assert selected(digits) == [4]
    digits.selectAll()
    assert selected(digits) == list(range(MANY))


def test_sixty_thousand_digits_are_shown_without_laying_any_out(qtbot: QtBot) -> None:
    count = 60_000
    labels = np.arange(count, dtype=np.uint8) % 10
    split = Split("training", Digits(np.zeros((count, 28, 28), np.uint8), labels), np.arange(count))
    scores = np.eye(10, dtype=np.float32)[labels]
    model = GalleryModel()
    asked: list[int] = []
    caption = model.caption
    model.caption = lambda row: (asked.append(row), caption(row))[1]  # type: ignore[method-assign]
    digits = DigitList(model)
    qtbot.addWidget(digits)
    digits.resize(600, 500)
    digits.show()
    qtbot.waitExposed(digits)
    model.show(split, Readings(labels, scores), np.arange(count))
    digits.choose(count - 1)
    digits.viewport().repaint()
    assert digits.viewport().rect().contains(digits.visualRect(model.index(count - 1, 0)))
    digits.resize(900, 400)
    QApplication.processEvents()
    assert digits.viewport().rect().contains(digits.visualRect(model.index(count - 1, 0)))
    assert 0 < len(set(asked)) < 300  # only those in sight


def test_a_cell_has_no_digits_until_they_are_read(qtbot: QtBot, sample: Dataset) -> None:
    view = GalleryView()
    qtbot.addWidget(view)
    view.show_split(make_split(sample, "test", 0))
    cells = np.zeros((10, 10), bool)
    cells[4, 9] = True
    view.choose_cells(cells)
    assert view.browser.list.gallery.rowCount() == 0
    cells[4] = True  # all fours, however they are read
    view.choose_cells(cells)
    assert view.browser.list.gallery.rowCount() == (sample.test.labels == 4).sum()
