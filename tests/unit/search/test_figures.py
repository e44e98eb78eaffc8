"""The figures of a search: what they hold, for searches of every kind."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from mnist_desktop.evaluation.figures.frame import LIGHT, Frame, draw_in_memory
from mnist_desktop.search.figures.front import front_figure, pareto_front
from mnist_desktop.search.figures.history import history_figure
from mnist_desktop.search.figures.importance_bars import importance_figure
from mnist_desktop.search.figures.one_setting import setting_figure
from mnist_desktop.search.figures.parallel import ABSENT, parallel_figure, parallel_lines
from mnist_desktop.search.figures.plots import LinePlot, PlotKind, PointPlot, plot_of
from mnist_desktop.search.figures.score_axis import ScoreScale
from mnist_desktop.search.figures.trial_arrays import TrialArrays
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.study import COMPLETE, FAILED, PRUNED, RUNNING, TrialSummary, best_of
from mnist_desktop.search.trial_table import write_trials
from tests.made_trials import made_trials, with_score

TRIALS = made_trials(120)
GREY = 0.3  # the opacity of points that are not chosen
SHARES = {"epochs": 0.5, "learning_rate": 0.25, "architecture": 0.15, "filters": 0.06, "kernel": 0}


def arrays(trials: list[TrialSummary] | None = None) -> TrialArrays:
    return TrialArrays.of(TRIALS if trials is None else trials)


def marks(axes: Axes) -> list[tuple[float, float]]:
    """All points that are drawn."""
    found = [one for one in axes.collections if isinstance(one, PathCollection)]
    return [tuple(place) for one in found for place in np.asarray(one.get_offsets()).tolist()]


def in_state(state: str) -> list[TrialSummary]:
    return [one for one in TRIALS if one.state == state]


# The axis of scores


def test_better_scores_have_more_room_and_none_is_infinitely_far_up() -> None:
    scale = ScoreScale.of(np.array([0.9, 0.96, 0.99, 1.0, np.nan]))

    assert scale.up(0.96) - scale.up(0.9) == pytest.approx(scale.up(0.984) - scale.up(0.96))
    assert scale.down(scale.up(0.96)) == pytest.approx(0.96)
    assert scale.up(1.0) - scale.up(0.99) == pytest.approx(np.log10(2))
    low, high = scale.limits(np.array([0.9, 1.0]))
    assert low < 0.9
    assert 1 < high < 1.01  # room above the best
    assert scale.ticks(low, high)[1][-1] == "100%"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.995, ["50%", "90%", "99%"]),
        (0.95, 0.996, ["95.0%", "98.0%", "99.0%", "99.5%"]),
        (0.9931, 0.9949, ["99.35%", "99.40%", "99.45%"]),
    ],
)
def test_round_scores_are_written_with_the_decimals_they_need(
    low: float, high: float, words: list[str]
) -> None:
    _, found = ScoreScale(0.001).ticks(low, high)

    assert set(words) <= set(found)
    assert 3 <= len(found) <= 7


# Each figure


def test_history_has_every_trial_that_ended_and_the_best_so_far() -> None:
    (axes,) = history_figure(arrays()).axes

    assert sorted(x for x, _ in marks(axes)) == [one.number for one in TRIALS]
    (best,) = axes.get_lines()
    heights = np.asarray(best.get_ydata())
    scores = [one.score for one in TRIALS if one.score is not None]
    assert heights[-1] == max(scores)
    assert heights[0] == scores[0]
    assert (np.diff(heights) >= 0).all()


def test_states_differ_in_shape_and_the_best_is_a_star() -> None:
    (axes,) = history_figure(arrays()).axes
    kinds = [one for one in axes.collections if isinstance(one, PathCollection)]

    assert [len(np.asarray(one.get_offsets())) for one in kinds] == [
        len(in_state(PRUNED)),
        len(in_state(FAILED)),
        len(in_state(COMPLETE)) - 1,
        1,
    ]
    assert len({tuple(one.get_paths()[0].vertices.ravel()) for one in kinds}) == 4


def test_the_front_has_what_nothing_is_better_than() -> None:
    scores = np.array([0.9, 0.95, 0.94, 0.99, np.nan, 0.95, 0.99])
    costs = np.array([10.0, 20, 30, 40, 5, 20, np.nan])

    assert pareto_front(scores, costs).tolist() == [True, True, False, True, False, False, False]


@pytest.mark.parametrize(
    ("goal", "label", "limit"),
    [
        (Goal(), "Parameters", None),
        (Goal(max_parameters=25_000), "Parameters", 25_000),
        (Goal(front="seconds", max_seconds=60, max_parameters=9), "Seconds of training", 60),
        (Goal(front="parameters"), "Parameters", None),
    ],
)
def test_scores_stand_against_what_is_to_be_small(
    goal: Goal, label: str, limit: float | None
) -> None:
    (axes,) = front_figure(arrays(), goal).axes

    assert axes.get_xlabel() == label
    assert axes.get_xscale() == "log"
    front, *limits = axes.get_lines()
    assert (np.diff(np.asarray(front.get_xdata())) > 0).all()
    assert (np.diff(np.asarray(front.get_ydata())) > 0).all()
    assert [np.asarray(one.get_xdata())[0] for one in limits] == ([limit] if limit else [])
    known = [one for one in TRIALS if label != "Parameters" or one.parameters is not None]
    assert len(marks(axes)) == len(known)


@pytest.mark.parametrize("most", [172_034, 180_000])
def test_every_number_on_the_axis_is_inside_the_figure(most: int) -> None:
    trials = [replace(one, parameters=8_000 if one.number else most) for one in in_state(COMPLETE)]
    figure = front_figure(arrays(trials[:20]), Goal(), frame=Frame(4.96, 2.8))
    draw_in_memory(figure)
    for label in figure.axes[0].get_xticklabels():
        assert label.get_window_extent().x1 <= figure.bbox.x1, label.get_text()


def test_a_range_by_factors_has_a_logarithmic_axis_and_choices_have_strips() -> None:
    trials = arrays()
    (rates,) = setting_figure(trials, "learning_rate").axes
    (rate_of_dropout,) = setting_figure(trials, "dropout").axes
    (kinds,) = setting_figure(trials, "architecture").axes

    assert rates.get_xscale() == "log"
    assert rate_of_dropout.get_xscale() == "linear"
    assert len(marks(rate_of_dropout)) == sum("dropout" in one.settings for one in TRIALS)
    names = [one.get_text().replace("\n", "") for one in kinds.get_xticklabels()]
    assert names[0] == "conv"
    assert sorted(names) == sorted({str(one.settings["architecture"]) for one in TRIALS})
    strips = {round(x) for x, _ in marks(kinds)}
    assert strips == set(range(len(names)))
    assert len(kinds.get_lines()) == len(names)  # the medians


def test_a_point_of_a_strip_stays_where_it_is_when_others_come() -> None:
    few, many = (plot_of(PlotKind.SETTING, arrays(TRIALS[:number]), Goal(), {}, setting="augment")
                 for number in (60, 120))  # fmt: skip
    assert isinstance(few, PointPlot)
    assert isinstance(many, PointPlot)
    assert few.points.x.tolist() == many.points.x[: len(few.points.x)].tolist()


def test_bars_are_as_long_as_settings_matter_and_the_rest_is_summed_where_it_is_low() -> None:
    (axes,) = importance_figure(SHARES).axes
    (low,) = importance_figure(SHARES, frame=Frame(4, 1.15)).axes

    assert [one.get_width() for one in axes.patches] == list(SHARES.values())
    assert [one.get_text() for one in axes.get_yticklabels()][:2] == ["epochs", "learning rate"]
    assert [one.get_text() for one in low.get_yticklabels()] == [
        "epochs",
        "learning rate",
        "3 others",
    ]


def test_each_complete_trial_is_a_line_across_the_settings_that_matter() -> None:
    figure = parallel_figure(arrays(), SHARES, frame=Frame(5.0, 3.0))
    lines = parallel_lines(arrays(), SHARES, 6)
    collections = [one for one in figure.axes[0].collections if isinstance(one, LineCollection)]

    assert sum(len(one.get_segments()) for one in collections) == len(in_state(COMPLETE))
    assert lines.names[-1] == "score"
    assert lines.names[0] == "architecture"
    assert {"epochs", "learning_rate", "filters"} <= set(lines.names)
    filters = lines.heights[:, lines.names.index("filters")]
    has_none = ["filters" not in TRIALS[row].settings for row in lines.rows]
    assert ((filters == ABSENT) == has_none).all()
    assert lines.rows[-1] == arrays().best


def test_a_brush_keeps_what_crosses_all_of_its_ranges() -> None:
    lines = parallel_lines(arrays(), SHARES, 6)
    good = lines.within({"score": (0.8, 1.0)})
    both = lines.within({"score": (0.8, 1.0), "filters": (-0.2, -0.1)})

    assert 0 < both.sum() < good.sum() < len(good)
    assert (good == (lines.heights[:, -1] >= 0.8)).all()
    assert all("filters" not in TRIALS[row].settings for row in lines.rows[both])


@pytest.mark.parametrize("kind", [PlotKind.HISTORY, PlotKind.FRONT, PlotKind.PARALLEL])
def test_what_is_not_chosen_is_grey(kind: PlotKind) -> None:
    trials = arrays()
    chosen = np.arange(len(TRIALS)) < 10
    plot = plot_of(kind, trials, Goal(), {}, chosen=chosen)
    assert plot is not None
    (axes,) = plot(Frame()).axes

    if kind is PlotKind.PARALLEL:
        drawn: Counter[str] = Counter()
        for line in axes.collections:
            if isinstance(line, LineCollection):
                drawn[to_hex(line.get_edgecolor()[0])] += len(line.get_segments())
        assert drawn[LIGHT.muted] >= np.count_nonzero(trials.is_complete & ~chosen)
        assert 0 < drawn.total() - drawn[LIGHT.muted] <= np.count_nonzero(chosen)
    else:
        points = [one for one in axes.collections if one.get_alpha() != GREY]
        numbers = sum(len(np.asarray(one.get_offsets())) for one in points)
        is_drawn = np.isfinite(trials.parameters) | (kind is PlotKind.HISTORY)
        assert numbers == np.count_nonzero(chosen & is_drawn)


# Where trials lie


@pytest.mark.parametrize("kind", [PlotKind.HISTORY, PlotKind.FRONT, PlotKind.SETTING])
def test_a_trial_is_found_where_its_point_is(kind: PlotKind) -> None:
    plot = plot_of(kind, arrays(), Goal(), {}, setting="learning_rate")
    assert isinstance(plot, PointPlot)
    figure = plot(Frame())
    draw_in_memory(figure)
    for row in (0, 7, int(plot.rows[-1])):
        path = plot.path_of(figure, row)
        if path is not None:
            ((x, y),) = path
            found = plot.row_at(figure, x, y, 3)
            assert found is not None
            again = plot.path_of(figure, found)
            assert again is not None
            assert np.hypot(*(again[0] - (x, y))) < 1e-6
            assert figure.axes[0].bbox.padded(1).contains(x, y)
    assert plot.row_at(figure, -100, -100, 12) is None


def test_a_trial_is_found_along_its_line() -> None:
    plot = plot_of(PlotKind.PARALLEL, arrays(), Goal(), SHARES)
    assert isinstance(plot, LinePlot)
    figure = plot(Frame())
    best = arrays().best
    assert best is not None
    path = plot.path_of(figure, best)
    assert path is not None
    for (x, y), (right, up) in itertools.pairwise(path):
        assert plot.row_at(figure, (x + right) / 2, (y + up) / 2, 3) == best
    assert plot.row_at(figure, -100, path[0, 1], 12) is None


# Searches of every kind


def small_searches() -> dict[str, list[TrialSummary]]:
    one = [with_score(TRIALS[0], 0.98)]
    only_presets = [with_score(trial, 0.9 + trial.number / 2000) for trial in TRIALS
                    if trial.settings["architecture"] == "cnn-fast"]  # fmt: skip
    return {
        "one trial": one,
        "two of the same settings": [one[0], replace(one[0], number=1, score=0.99)],
        "equal scores": [with_score(trial, 0.97) for trial in TRIALS[:20]],
        "no error": [with_score(trial, 1.0) for trial in TRIALS[:3]],
        "one complete": [*one, *in_state(PRUNED), *in_state(FAILED)],
        "one running": [*one, replace(TRIALS[5], number=1, state=RUNNING, score=None)],
        "one architecture": only_presets,
        "nothing known of size": [replace(one[0], parameters=None, seconds=None)],
    }


@pytest.mark.parametrize("name", list(small_searches()))
@pytest.mark.parametrize("kind", list(PlotKind))
def test_any_search_with_a_complete_trial_can_be_drawn(name: str, kind: PlotKind) -> None:
    trials = arrays(small_searches()[name])
    for setting in ("learning_rate", "architecture"):
        plot = plot_of(kind, trials, Goal(front="seconds"), SHARES, setting=setting)
        assert plot is not None
        for frame in (Frame(4.3, 2.6), Frame(0.01, 0.01)):
            figure = plot(frame)
            assert isinstance(figure, Figure)
            draw_in_memory(figure)


def test_without_a_complete_trial_there_is_no_plot() -> None:
    for trials in ([], in_state(PRUNED)):
        for kind in PlotKind:
            assert plot_of(kind, arrays(trials), Goal(), {}, setting="epochs") is None


def test_a_trial_is_described_by_what_is_known_of_it() -> None:
    trial = with_score(replace(TRIALS[0], number=41, parameters=18_230, seconds=12.34), 0.9912)
    failed = replace(trial, number=42, state=FAILED, score=None, parameters=None, seconds=None)
    trials = arrays([trial, failed])

    assert trials.describe(0) == "Trial 41: 99.12%, 18,230 parameters, 12.3 s"
    assert trials.describe(1) == "Trial 42: failed"
    assert trials.row_of(42) == 1
    assert trials.row_of(7) is None
    assert trials.row_of(None) is None


def test_the_best_trial_is_the_one_of_the_study() -> None:
    best = best_of(TRIALS)
    row = arrays().best
    assert best is not None
    assert row is not None
    assert TRIALS[row] is best


def test_the_table_has_a_row_for_each_trial(tmp_path: Path) -> None:
    write_trials(TRIALS, tmp_path / "trials.csv")
    with (tmp_path / "trials.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == len(TRIALS)
    assert [one["state"] for one in rows] == [one.state for one in TRIALS]
    assert float(rows[0]["learning_rate"]) == TRIALS[0].settings["learning_rate"]
    presets = [one for one in rows if one["architecture"] != "conv"]
    assert {one["filters"] for one in presets} == {""}
