"""The plots of a search: a trial is clicked or stepped to, ranges are brushed, and lifted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from mnist_desktop.search.figures.plots import LinePlot, Plot, PlotKind
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.study import COMPLETE, PRUNED, TrialSummary, best_of
from mnist_desktop.ui.pages.search_plots import SearchPlots
from mnist_desktop.ui.parts.file_saver import FileRequest
from mnist_desktop.ui.parts.theme import DARK, LIGHT
from mnist_desktop.workers.figures import FigureController
from tests.made_trials import made_trials

TRIALS = made_trials(60)
SHARES = {"learning_rate": 0.6, "epochs": 0.3, "filters": 0.1}


@pytest.fixture
def figures() -> Iterator[FigureController]:
    made = FigureController()
    yield made
    made.close()


@pytest.fixture
def plots(qtbot: QtBot, figures: FigureController, monkeypatch: pytest.MonkeyPatch) -> SearchPlots:
    monkeypatch.setattr("mnist_desktop.ui.pages.search_plots.REDRAW_MS", 300)
    made = SearchPlots(figures)
    qtbot.addWidget(made)
    made.set_theme(LIGHT)
    made.resize(608, 460)
    made.show()
    return made


def show(plots: SearchPlots, qtbot: QtBot, kind: PlotKind = PlotKind.HISTORY) -> None:
    """Show a plot of the trials, and wait until it can be seen."""
    plots.show_trials(TRIALS, Goal(), SHARES)
    choose(plots, qtbot, kind)


def choose(plots: SearchPlots, qtbot: QtBot, kind: PlotKind) -> None:
    box = plots.findChild(QComboBox, "plotComboBox")
    box.setCurrentIndex(list(PlotKind).index(kind))
    wait(plots, qtbot)


def wait(plots: SearchPlots, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: plots.figure.is_current and not plots.figure.is_waiting)


def shown(plots: SearchPlots) -> Plot:
    made = plots.figure.make
    assert made is not None
    return made  # type: ignore[return-value]


def place_of(plots: SearchPlots, number: int) -> QPoint:
    """Where the point of a trial lies on the canvas."""
    canvas = plots.figure.canvas
    path = shown(plots).path_of(canvas.figure, number)
    assert path is not None
    return QPoint(round(path[0][0]), round(canvas.height() - path[0][1]))


def on_axis(plots: SearchPlots, name: str, height: float) -> QPoint:
    """Where a height on a parallel axis lies on the canvas."""
    plot, canvas = shown(plots), plots.figure.canvas
    assert isinstance(plot, LinePlot)
    place = plot.pixels_of(canvas.figure, name, height)
    assert place is not None
    return QPoint(round(place[0]), round(canvas.height() - place[1]))


def drag(plots: SearchPlots, name: str, begin: float, end: float) -> None:
    """Drag along an axis."""
    canvas = plots.figure.canvas
    first, last = on_axis(plots, name, begin), on_axis(plots, name, end)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
    for step in range(1, 6):
        QTest.mouseMove(canvas, first + (last - first) * (step / 5))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, last)


def end_pause(plots: SearchPlots) -> None:
    """Have the next trials drawn at once."""
    for timer in plots.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly):
        timer.stop()


def words(plots: SearchPlots) -> str:
    return plots.findChild(QLabel, "plotWords").text()


def best() -> TrialSummary:
    found = best_of(TRIALS)
    assert found is not None
    return found


def grabbed(plots: SearchPlots) -> QImage:
    return plots.figure.grab().toImage()


@pytest.mark.parametrize("kind", [PlotKind.HISTORY, PlotKind.FRONT, PlotKind.SETTING])
def test_a_click_on_a_point_chooses_its_trial(
    plots: SearchPlots, qtbot: QtBot, kind: PlotKind
) -> None:
    show(plots, qtbot, kind)
    chosen: list[int] = []
    plots.trial_chosen.connect(chosen.append)
    place = place_of(plots, best().number)
    QTest.mouseMove(plots.figure.canvas, place)

    assert words(plots).startswith(f"Trial {best().number}: {(best().score or 0) * 100:.2f}%, ")
    QTest.mouseClick(plots.figure.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [best().number]
    before = grabbed(plots)
    plots.mark_trial(None)
    assert grabbed(plots) != before  # a ring was there


def test_a_click_beside_all_points_chooses_nothing(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot)
    chosen: list[int] = []
    plots.trial_chosen.connect(chosen.append)
    QTest.mouseMove(plots.figure.canvas, QPoint(3, 3))
    assert "Click a point" in words(plots)
    QTest.mouseClick(plots.figure.canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert chosen == []


def test_a_click_on_a_line_chooses_its_trial(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot, PlotKind.PARALLEL)
    chosen: list[int] = []
    plots.trial_chosen.connect(chosen.append)
    path = shown(plots).path_of(plots.figure.canvas.figure, best().number)
    assert path is not None
    x, y = (path[0] + path[1]) / 2
    place = QPoint(round(x), round(plots.figure.canvas.height() - y))
    QTest.mouseClick(plots.figure.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [best().number]


def test_a_brush_keeps_the_trials_within_it_and_several_combine(
    plots: SearchPlots, qtbot: QtBot
) -> None:
    show(plots, qtbot, PlotKind.PARALLEL)
    brushed: list[frozenset[int] | None] = []
    plots.brushed.connect(brushed.append)
    before = grabbed(plots)
    drag(plots, "score", 0.75, 1.04)
    wait(plots, qtbot)

    (good,) = brushed
    assert good
    assert best().number in good
    worst = min(one.score for one in TRIALS if one.number in good and one.score is not None)
    outside = [one.score for one in TRIALS if one.score is not None and one.number not in good]
    assert outside
    assert max(outside) < worst
    assert f"{len(good)} of " in words(plots)
    assert grabbed(plots) != before
    drag(plots, "filters", -0.2, -0.08)  # those without filters
    wait(plots, qtbot)
    assert brushed[-1] == {n for n in good if "filters" not in TRIALS[n].settings}


def test_escape_and_a_double_click_lift_the_brush(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot, PlotKind.PARALLEL)
    brushed: list[frozenset[int] | None] = []
    plots.brushed.connect(brushed.append)
    drag(plots, "score", 0.75, 1.04)
    wait(plots, qtbot)
    QTest.keyClick(plots.figure, Qt.Key.Key_Escape)
    assert brushed[-1] is None
    assert len(brushed) == 2
    wait(plots, qtbot)
    drag(plots, "epochs", 0.2, 0.6)
    wait(plots, qtbot)
    QTest.mouseDClick(plots.figure.canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert brushed[-1] is None
    assert len(brushed) == 4
    wait(plots, qtbot)
    assert plots.figure.brush == {}


def test_the_brush_holds_in_other_plots_and_for_trials_that_come(
    plots: SearchPlots, qtbot: QtBot
) -> None:
    show(plots, qtbot, PlotKind.PARALLEL)
    brushed: list[frozenset[int] | None] = []
    drag(plots, "score", 0.5, 1.04)
    wait(plots, qtbot)
    choose(plots, qtbot, PlotKind.HISTORY)
    plots.brushed.connect(brushed.append)
    more = [*TRIALS, *(one for one in made_trials(90)[60:])]
    plots.show_trials(more, Goal(), SHARES)
    qtbot.waitUntil(lambda: bool(brushed))
    wait(plots, qtbot)
    assert brushed[-1] is not None
    assert max(brushed[-1]) >= 60


def test_keys_step_through_the_trials(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot)
    chosen: list[int] = []
    plots.trial_chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End,
                Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Left):  # fmt: skip
        QTest.keyClick(plots.figure, key)
    last = TRIALS[-1].number
    assert chosen == [0, 1, 0, last, last, 0, 0]
    assert words(plots).startswith("Trial 0: ")
    choose(plots, qtbot, PlotKind.PARALLEL)
    QTest.keyClick(plots.figure, Qt.Key.Key_Right)
    complete = [one.number for one in TRIALS if one.state == COMPLETE]
    assert chosen[-1] == complete[1]


def test_a_setting_can_be_chosen_and_the_one_that_matters_most_comes_first(
    plots: SearchPlots, qtbot: QtBot
) -> None:
    show(plots, qtbot, PlotKind.SETTING)
    box = plots.findChild(QComboBox, "plotSettingComboBox")
    assert box.isVisible()
    assert box.currentText() == "Learning rate"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    wait(plots, qtbot)
    assert box.currentText() == "Architecture"
    assert plots.figure.axes[0].get_xlabel() == "Architecture"
    left = plots.findChild(QComboBox, "plotComboBox").geometry()
    choose(plots, qtbot, PlotKind.HISTORY)
    assert not box.isVisible()
    assert plots.findChild(QComboBox, "plotComboBox").geometry() == left


def test_a_click_on_a_bar_shows_what_its_setting_does(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot, PlotKind.IMPORTANCE)
    canvas = plots.figure.canvas
    axes = canvas.figure.axes[0]
    x, y = axes.transData.transform((0.05, 1))
    place = QPoint(round(x), round(canvas.height() - y))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    wait(plots, qtbot)
    assert plots.kind_box.currentText() == "One setting"
    assert plots.figure.axes[0].get_xlabel() == "Epochs"


def test_a_search_that_goes_on_is_drawn_again_after_a_pause(
    plots: SearchPlots, qtbot: QtBot
) -> None:
    plots.show_trials(TRIALS[:30], Goal(), {})
    first = plots.figure.make
    for number in range(31, 61):
        plots.show_trials(TRIALS[:number], Goal(), {})
    assert plots.figure.make is first
    qtbot.waitUntil(lambda: plots.figure.make is not first, timeout=5000)
    wait(plots, qtbot)
    assert len(shown(plots).rows) == len(TRIALS)


def test_the_same_trials_again_are_not_drawn_again(plots: SearchPlots, qtbot: QtBot) -> None:
    show(plots, qtbot)
    first = plots.figure.make
    end_pause(plots)
    plots.show_trials(list(TRIALS), Goal(), dict(SHARES))
    assert plots.figure.make is first


def test_without_a_complete_trial_it_says_what_will_be_there(
    plots: SearchPlots, qtbot: QtBot
) -> None:
    nothing = plots.findChild(QLabel, "plotNothing")
    assert nothing.isVisible()
    assert "No trial is complete yet" in nothing.text()
    plots.show_trials([one for one in TRIALS if one.state == PRUNED], Goal(), {})
    assert nothing.isVisible()
    end_pause(plots)
    plots.show_trials(TRIALS[:5], Goal(), {})
    wait(plots, qtbot)
    assert not nothing.isVisible()
    plots.kind_box.setCurrentIndex(list(PlotKind).index(PlotKind.IMPORTANCE))
    assert nothing.isVisible()
    assert "from 10 complete trials on" in nothing.text()


def test_nothing_moves_when_texts_appear(plots: SearchPlots, qtbot: QtBot) -> None:
    before = plots.figure.parentWidget().geometry()
    show(plots, qtbot)
    place = plots.figure.geometry()
    QTest.mouseMove(plots.figure.canvas, place_of(plots, best().number))
    assert plots.figure.geometry() == place
    assert plots.figure.parentWidget().geometry() == before


def test_it_wears_the_theme(plots: SearchPlots, qtbot: QtBot, qapp: QApplication) -> None:
    show(plots, qtbot)
    plots.set_theme(DARK)
    qtbot.waitUntil(lambda: grabbed(plots).pixelColor(2, 2) == QColor(DARK.surface))


def test_the_table_of_trials_is_saved(plots: SearchPlots, qtbot: QtBot, tmp_path: Path) -> None:
    show(plots, qtbot)
    requests: list[FileRequest] = []
    plots.save_requested.connect(requests.append)
    (table,) = (one for one in plots.menu.menu().actions() if "table" in one.text())
    table.trigger()
    (request,) = requests
    request.write(tmp_path / "trials.csv", 0)
    with (tmp_path / "trials.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == len(TRIALS) + 1


def test_controls_have_names_and_tips(plots: SearchPlots) -> None:
    for control in (plots.kind_box, plots.setting_box, plots.menu):
        assert control.accessibleName()
        assert control.toolTip()
    assert plots.figure.accessibleName()
