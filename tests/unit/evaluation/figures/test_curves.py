from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.curves import LearningCurves, curves_figure
from mnist_desktop.evaluation.figures.frame import LIGHT, FigureColors, Frame, draw_in_memory

RUN = LearningCurves(
    "CNN", [0.9, 0.5, 0.25], [0.75, 0.875, 0.9375], val_loss=[0.8, 0.6], val_accuracy=[0.5, 0.625]
)
PLACES = np.array([0.25, 0.5, 0.75, 1.0, 1.25, 1.5])
LEARNING = LearningCurves(  # within its second epoch
    "CNN", [0.9], [0.75], batch_places=PLACES, batch_loss=2 - PLACES, batch_accuracy=PLACES / 2
)


def points(axes: Axes) -> list[list[list[float]]]:
    """What each line goes through."""
    return [np.asarray(line.get_xydata()).tolist() for line in axes.get_lines()]


def legend_words(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def falling(epochs: int, name: str = "CNN") -> LearningCurves:
    values = np.linspace(1, 0.1, epochs).tolist()
    return LearningCurves(name, values, values)


# One run


def test_loss_stands_above_accuracy_in_percent_and_both_begin_at_the_first_epoch() -> None:
    loss, accuracy = curves_figure([RUN]).axes

    assert points(loss) == [[[1, 0.9], [2, 0.5], [3, 0.25]], [[1, 0.8], [2, 0.6]]]
    assert points(accuracy) == [[[1, 75], [2, 87.5], [3, 93.75]], [[1, 50], [2, 62.5]]]
    assert loss.get_title(loc="left") == "Loss"
    assert accuracy.get_title(loc="left") == "Accuracy in %"
    assert accuracy.get_xlabel() == "Epoch"


def test_training_and_validation_are_told_apart(colors: FigureColors) -> None:
    figure = curves_figure([RUN], frame=Frame(colors=colors))

    for axes in figure.axes:
        first, second = axes.get_lines()
        assert (first.get_color(), second.get_color()) == (colors.right, colors.wrong)
        assert (first.get_linestyle(), second.get_linestyle()) == ("-", "--")
        assert first.get_marker() != second.get_marker()
    assert legend_words(figure.axes[0]) == ["Training", "Validation"]
    assert figure.axes[1].get_legend() is None  # once is enough


def test_a_run_without_validation_has_training_curves_only() -> None:
    figure = curves_figure([falling(3)])

    assert [len(axes.get_lines()) for axes in figure.axes] == [1, 1]
    assert legend_words(figure.axes[0]) == ["Training"]


@pytest.mark.parametrize("batches", [False, True])
@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 40])
def test_epochs_are_counted_in_whole_numbers(epochs: int, batches: bool) -> None:
    for axes in curves_figure([falling(epochs)], batches=batches).axes:
        assert all(float(tick).is_integer() for tick in axes.get_xticks())


@pytest.mark.parametrize("batches", [False, True])
@pytest.mark.parametrize(
    "runs",
    [[], [LearningCurves("CNN", [], [])], [LearningCurves(name, [], []) for name in "AB"]],
    ids=["none", "one", "two"],
)
def test_curves_before_the_first_epoch_are_an_empty_figure(
    runs: list[LearningCurves], batches: bool
) -> None:
    figure = curves_figure(runs, batches=batches)
    draw_in_memory(figure)

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Loss", "Accuracy in %"]
    assert points(figure.axes[0]) == []


def test_every_epoch_can_be_seen() -> None:
    for axes in curves_figure([falling(3, "short"), falling(8, "long")]).axes:
        low, high = axes.get_xlim()
        assert 0.5 < low < 1
        assert 8 < high < 8.5
        bottom, top = axes.get_ylim()
        values = np.concatenate([line.get_ydata() for line in axes.get_lines()])
        assert bottom < values.min() < values.max() < top


def test_a_single_value_stands_in_a_range_that_can_be_read() -> None:
    figure = curves_figure([LearningCurves("CNN", [0.5], [0.9])])
    draw_in_memory(figure)

    for axes, value in zip(figure.axes, (0.5, 90), strict=True):
        bottom, top = axes.get_ylim()
        assert bottom < value < top
        assert 0.005 * value < top - bottom < value
        assert axes.yaxis.get_offset_text().get_text() == ""


@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_a_loss_that_is_no_number_leaves_the_others_to_be_seen(unknown: float) -> None:
    figure = curves_figure([LearningCurves("CNN", [0.5, unknown, 0.25], [0.1, 0.2, 0.3])])
    draw_in_memory(figure)

    bottom, top = figure.axes[0].get_ylim()
    assert 0.2 < bottom < 0.25
    assert 0.5 < top < 0.55


def test_many_epochs_have_lines_without_marks() -> None:
    few, many = (curves_figure([falling(epochs)]).axes[0].get_lines()[0] for epochs in (40, 41))

    assert few.get_marker() == "o"
    assert many.get_marker() in ("", "None")


def test_the_words_of_a_figure_can_be_read(
    colors: FigureColors, contrast: Callable[[object, object], float]
) -> None:
    figure = curves_figure([RUN], frame=Frame(colors=colors))

    assert to_hex(figure.get_facecolor()) == colors.surface
    legend = figure.axes[0].get_legend()
    assert legend is not None
    words: list[Any] = [*legend.get_texts(), figure.axes[1].xaxis.label]
    for axes in figure.axes:
        words += [axes._left_title, *axes.get_xticklabels(), *axes.get_yticklabels()]  # type: ignore[attr-defined]
    for word in words:
        assert contrast(word.get_color(), colors.surface) >= 4.5


# Several runs


def test_each_of_several_runs_has_its_colour_and_its_name_in_the_legend(
    colors: FigureColors,
) -> None:
    names = [f"Run {number}" for number in range(len(colors.runs))]
    runs = [LearningCurves(name, [2, 1], [0.5, 0.6], [3, 2], [0.4, 0.5]) for name in names]

    figure = curves_figure(runs, frame=Frame(colors=colors))

    for axes in figure.axes:
        lines = axes.get_lines()
        training, validation = lines[::2], lines[1::2]
        assert len({line.get_color() for line in training}) == len(names)
        assert [line.get_color() for line in validation] == [line.get_color() for line in training]
        assert {line.get_linestyle() for line in training} == {"-"}
        assert {line.get_linestyle() for line in validation} == {"--"}
    assert legend_words(figure.axes[0]) == [
        f"{name}, {kind}" for name in names for kind in ("training", "validation")
    ]


def test_more_runs_than_colours_are_drawn_all_the_same() -> None:
    runs = [falling(3, str(number)) for number in range(len(LIGHT.runs) + 1)]

    lines = curves_figure(runs).axes[0].get_lines()

    assert len(lines) == len(runs)
    assert lines[-1].get_color() == lines[0].get_color()


# Batches


def test_batches_are_pale_lines_behind_the_epochs_and_not_in_the_legend() -> None:
    figure = curves_figure([LEARNING], batches=True)

    for axes, values in zip(figure.axes, (2 - PLACES, PLACES / 2 * 100), strict=True):
        batch, epoch = axes.get_lines()
        np.testing.assert_allclose(np.asarray(batch.get_xydata()), np.stack([PLACES, values], 1))
        assert (batch.get_alpha() or 1) < 0.5 < (epoch.get_alpha() or 1)
        assert batch.get_color() == epoch.get_color()
        assert batch.get_linewidth() < epoch.get_linewidth()
        bottom, top = axes.get_ylim()
        assert bottom < values.min() < values.max() < top
    assert legend_words(figure.axes[0]) == ["Training"]


def test_batches_are_left_out_unless_asked_for() -> None:
    assert [len(axes.get_lines()) for axes in curves_figure([LEARNING]).axes] == [1, 1]


@pytest.mark.parametrize("finished", [0, 1])
def test_batches_of_the_epoch_being_learnt_can_be_seen(finished: int) -> None:
    run = LearningCurves(
        "CNN",
        LEARNING.loss[:finished],
        LEARNING.accuracy[:finished],
        batch_places=PLACES,
        batch_loss=PLACES,
        batch_accuracy=PLACES,
    )

    figure = curves_figure([run], batches=True)
    draw_in_memory(figure)

    for axes in figure.axes:
        low, high = axes.get_xlim()
        assert low < 0.25
        assert high > 1.5


# Closer up


def part_of(values: NDArray[np.float64]) -> LearningCurves:
    return LearningCurves("CNN", values.tolist(), (1 - values).tolist())


@pytest.mark.parametrize("epochs", [(3, 5), (2.5, 5.5), (3.0, 5.25)])
def test_a_range_of_epochs_is_shown_with_the_values_within_it(epochs: tuple[float, float]) -> None:
    values = np.array([0.9, 0.7, 0.25, 0.2, 0.15, 0.05])

    loss, accuracy = curves_figure([part_of(values)], epochs=epochs).axes

    assert loss.get_xlim() == accuracy.get_xlim() == epochs
    for axes, low, high in ((loss, 0.15, 0.25), (accuracy, 75, 85)):
        bottom, top = axes.get_ylim()
        assert low - 0.1 * (high - low) < bottom < low
        assert high < top < high + 0.1 * (high - low)


def test_a_range_between_two_epochs_shows_the_batches_there() -> None:
    figure = curves_figure([LEARNING], batches=True, epochs=(0.4, 0.8))
    draw_in_memory(figure)

    bottom, top = figure.axes[0].get_ylim()
    assert 1.2 < bottom < 1.25
    assert 1.5 < top < 1.55


def test_a_range_without_values_is_drawn_empty() -> None:
    figure = curves_figure([falling(3)], epochs=(1.25, 1.75))
    draw_in_memory(figure)

    assert figure.axes[0].get_xlim() == (1.25, 1.75)
