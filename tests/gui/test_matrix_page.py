"""The matrix page keeps still, is there at once, and looks the same by Qt and by matplotlib."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pages import begin, choose, says, settle, tile, trained
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop.demo import check_not_blank
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.inspection import describe_windows
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.matrix_canvas import MatrixFigure
from mnist_desktop.ui.parts.matrix_grid import MatrixGrid
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme

LEFT = Qt.MouseButton.LeftButton
EPOCHS = 3
TIMEOUT_MS = 60_000


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three epochs of the simplest network on the sample: many mistakes."""
    return trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", EPOCHS, "Ten")


def picture(widget: QWidget) -> NDArray[np.uint8]:
    """Pixels of a widget, shape (height, width, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), -1, 4)[:, : image.width(), :3].astype(int)


def geometry(parent: QWidget) -> dict[str, QRect]:
    """Where everything is that can be seen."""
    return {
        f"{number} {type(one).__name__} {one.objectName()}": QRect(
            one.mapTo(parent, QPoint()), one.size()
        )
        for number, one in enumerate(parent.findChildren(QWidget))
        if one.isVisible()
    }


def center(figure: MatrixFigure, true: int, predicted: int) -> QPoint:
    return figure.cell_rect(true, predicted).center().toPoint()


# It keeps still


def test_the_matrix_stays_where_it_is_for_every_network(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    names = ("splitComboBox", "matrixValuesComboBox", "AccuracyTile", "LossTile")
    parts = [view.figure, *(view.findChild(QWidget, name) for name in names)]

    def places() -> list[object]:
        return [
            [(one.mapTo(window, QPoint()), one.size()) for one in parts],
            cell_areas(view.figure),
        ]

    before = places()
    window.chooser.select(BUNDLED)
    settle(qtbot, window)
    assert says(window, "matrixTitleLabel") == "Bundled reader"
    assert places() == before
    view.show_name("A name that would need more than one line of the page. " * 4)
    settle(qtbot, window)
    assert places() == before


def test_nothing_moves_and_nothing_is_drawn_again_when_the_mouse_comes_and_goes(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    figure = view.figure
    drawn: list[None] = []
    figure.shown.connect(lambda: drawn.append(None))
    before, places, without = geometry(window), cell_areas(figure), picture(figure)
    hints = {says(view, "matrixHintLabel")}
    for cell in ((0, 0), (4, 9), (9, 0), (9, 9)):
        QTest.mouseMove(figure, center(figure, *cell))
        assert figure.pointed_cell == cell
        hints.add(says(view, "matrixHintLabel"))
        assert (picture(figure) != without).any()
        assert geometry(window) == before
        assert cell_areas(figure) == places
    assert len(hints) == 5
    QTest.mouseMove(figure, QPoint(figure.width() // 2, 2))
    settle(qtbot, window)
    assert geometry(window) == before
    assert cell_areas(figure) == places
    np.testing.assert_array_equal(picture(figure), without)
    assert not drawn


def test_no_card_lies_over_a_matrix_that_comes_under_a_mouse_at_rest(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    """As when a training ends, or the window opens: nobody has pointed at anything."""
    begin(qtbot, window, ten)
    figure = window.tabs.confusion_view.figure
    QTest.mouseMove(figure, center(figure, 4, 9))
    assert figure.pointed_cell == (4, 9)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not figure.isVisible())
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, window)
    assert figure.pointed_cell is None
    QTest.mouseMove(figure, center(figure, 4, 8))
    assert figure.pointed_cell == (4, 8)


def test_a_test_from_outside_sees_where_cells_are_and_not_where_they_were(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    def axes() -> list[list[int]]:
        widgets = [one for window in describe_windows()["windows"] for one in window["widgets"]]
        (seen,) = (one for one in widgets if one["class"] == "MatrixFigure")
        return [one["area"] for one in seen["axes"]]

    begin(qtbot, window, ten)
    figure = window.tabs.confusion_view.figure
    before = axes()
    window.resize(window.width(), window.height() + 100)
    assert axes() == []
    settle(qtbot, window)
    ((left, top, width, height),) = axes()
    assert [[left, top, width, height]] != before
    corner = figure.mapToGlobal(figure.cell_rect(0, 0).topLeft())
    assert (left, top) == pytest.approx(corner.toTuple(), abs=2)


def cell_areas(figure: MatrixFigure) -> list[tuple[float, ...]]:
    return [figure.cell_rect(*cell).getRect() for cell in itertools.product(range(10), repeat=2)]


def test_tiles_stay_where_they_are_whatever_split_is_shown(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    before = geometry(view)
    for split in ("Training digits", "Validation digits", "Test digits"):
        choose(view.split_box, split)
        settle(qtbot, window)
        assert tile(window, "Accuracy", "tileName") == f"{split.split()[0]} accuracy"
        assert {name: area for name, area in geometry(view).items() if "Tile" in name} == {
            name: area for name, area in before.items() if "Tile" in name
        }


# It is there at once


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_painted_matrix_and_the_figure_have_the_same_cells_and_texts(
    qtbot: QtBot, window: MainWindow, ten: Run, theme: Theme
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    figure = view.figure
    for one in (DARK if theme is LIGHT else LIGHT, theme):
        settle(qtbot, window)
        view.set_theme(one)
    assert not figure.is_current
    painted = picture(figure)
    settle(qtbot, window)
    assert figure.is_current
    drawn = picture(figure)
    for cell in itertools.product(range(10), repeat=2):
        left, top, width, height = figure.layout_of_cells.cell_area(*cell)
        corners = itertools.product((top, top + height - 1), (left, left + width - 1))
        for y, x in corners:
            np.testing.assert_allclose(painted[y, x], drawn[y, x], atol=1)
        outside = ((top - 1, left), (top, left - 1), (top + height, left), (top, left + width))
        for y, x in outside:
            expected = QColor(theme.surface).getRgb()[:3]
            assert tuple(painted[y, x]) == tuple(drawn[y, x]) == expected
    # Texts are drawn by two libraries: the edges of letters may differ a little.
    assert (np.abs(painted - drawn).max(axis=2) > 96).mean() < 0.001


def test_a_matrix_is_painted_before_its_figure_is_drawn_and_then_changed_in_place(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    first, before = view.figure.canvas.figure, picture(view.figure)
    choose(view.values_box, "% of true digit")
    assert not view.figure.is_current
    at_once = picture(view.figure)
    assert (at_once != before).any()
    settle(qtbot, window)
    assert view.figure.canvas.figure is first
    texts = {text.get_text() for text in first.axes[0].texts}
    assert any(text.endswith("%") for text in texts)
    assert (np.abs(picture(view.figure) - at_once).max(axis=2) > 96).mean() < 0.001


def test_the_live_grid_has_the_places_and_colours_of_the_figure(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    figure = window.tabs.confusion_view.figure
    grid = MatrixGrid()
    qtbot.addWidget(grid)
    grid.set_theme(window._services.theme.theme)
    grid.resize(figure.size())
    grid.show_matrix(ten.record.confusion)
    assert grid.layout_of_cells == figure.layout_of_cells
    for cell in itertools.product(range(10), repeat=2):
        assert grid.cell_rect(*cell) == figure.cell_rect(*cell)
    assert (np.abs(picture(grid) - picture(figure)).max(axis=2) > 96).mean() < 0.001


# It can be read


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_counts_are_at_least_twelve_pixels_high(
    qtbot: QtBot, window: MainWindow, ten: Run, size: tuple[int, int]
) -> None:
    begin(qtbot, window, ten)
    window.resize(*size)
    settle(qtbot, window)
    figure = window.tabs.confusion_view.figure
    axes = figure.axes[0]
    counts = [text for text in axes.texts if not text.get_text().endswith("%")]
    pixels = figure.frame.dots_per_inch / 72 / figure.devicePixelRatioF()
    assert len(counts) == np.count_nonzero(ten.record.confusion)
    assert min(text.get_fontsize() * pixels for text in counts) > 11.99


def test_the_mark_can_be_told_from_every_cell_it_can_be_on(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    figure = view.figure
    for theme, cell in itertools.product((LIGHT, DARK), ((0, 0), (5, 5), (0, 1), (4, 9))):
        view.set_theme(theme)
        figure.setFocus()
        for key in (Qt.Key.Key_PageUp, Qt.Key.Key_Home):
            QTest.keyClick(figure, key)
        QTest.keyClick(figure, Qt.Key.Key_Escape)
        for key, times in ((Qt.Key.Key_Down, cell[0]), (Qt.Key.Key_Right, cell[1])):
            for _ in range(times):
                QTest.keyClick(figure, key)
        settle(qtbot, window)
        area = figure.cell_rect(*cell).toRect()
        pixels = picture(figure)[area.top() : area.bottom() + 1, area.left() : area.right() + 1]
        color = pixels[8, 8]
        found = {tuple(one) for one in pixels.reshape(-1, 3).tolist()}
        tones = [QColor(one).getRgb()[:3] for one in (theme.text, theme.surface)]
        assert found.issuperset(tones)
        assert max(contrast(np.array(tone), color) for tone in tones) >= 3
    assert figure.property("showsFocus")
    view.set_theme(LIGHT)


def contrast(first: NDArray[np.int_], second: NDArray[np.int_]) -> float:
    """Contrast of two colours as WCAG 2.1 defines it."""
    found = []
    for color in (first, second):
        share = np.asarray(color) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        found.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(found) + 0.05) / (min(found) + 0.05)


# Through the epochs


def test_the_button_plays_through_the_epochs_and_returns_to_the_split_that_was_chosen(
    qtbot: QtBot, window: MainWindow, ten: Run
) -> None:
    begin(qtbot, window, ten)
    view = window.tabs.confusion_view
    choose(view.split_box, "Training digits")
    settle(qtbot, window)
    matrix = view.matrix
    said: list[str] = []
    view.figure.shown.connect(lambda: said.append(says(view, "epochLabel")))
    QTest.mouseClick(view.epochs.play_button, LEFT)
    assert view.epochs.is_playing
    qtbot.waitUntil(lambda: not view.epochs.is_playing, timeout=TIMEOUT_MS)
    settle(qtbot, window)
    expected = [f"Validation digits after epoch {epoch} of {EPOCHS}" for epoch in (1, 2, 3)]
    assert [one for one, _ in itertools.groupby(said)] == [
        *expected,
        "Training digits, finished network",
    ]
    assert view.split_box.currentText() == "Training digits"
    np.testing.assert_array_equal(view.matrix, matrix)


def test_a_second_press_pauses(qtbot: QtBot, window: MainWindow, ten: Run) -> None:
    begin(qtbot, window, ten)
    row = window.tabs.confusion_view.epochs
    QTest.mouseClick(row.play_button, LEFT)
    assert row.play_button.accessibleName() == "Pause the epochs"
    QTest.mouseClick(row.play_button, LEFT)
    settle(qtbot, window)
    assert not row.is_playing
    assert row.play_button.accessibleName() == "Play the epochs"
    assert says(window.tabs.confusion_view, "epochLabel").endswith("after epoch 1 of 3")


# What the demo photographs


def test_the_demo_refuses_a_picture_of_a_blank_page(
    qtbot: QtBot, window: MainWindow, ten: Run, tmp_path: Path
) -> None:
    begin(qtbot, window, ten)
    taken = window.grab().toImage()
    check_not_blank(window, taken, "matrix")
    figure = window.tabs.confusion_view.figure
    blank = taken.copy()
    area = QRect(figure.mapTo(window, QPoint()), figure.size())
    for y in range(area.top(), area.bottom() + 1):
        for x in range(area.left(), area.right() + 1):
            blank.setPixelColor(x, y, QColor("white"))
    with pytest.raises(MnistDesktopError, match="Confusion matrix is blank"):
        check_not_blank(window, blank, "matrix")
