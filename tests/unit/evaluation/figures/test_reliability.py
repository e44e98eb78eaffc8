from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, draw_in_memory
from mnist_desktop.evaluation.figures.reliability import reliability_figure
from mnist_desktop.evaluation.reliability import BINS, Reliability, reliability


def found() -> Reliability:
    """Three bins with digits: the eighth, the eleventh and the last."""
    counts, confidence, accuracy = np.zeros(BINS, np.int64), np.zeros(BINS), np.zeros(BINS)
    for place, count, sure, right in ((7, 4, 0.5, 0.25), (10, 10, 0.7, 0.9), (14, 2000, 0.99, 1.0)):
        counts[place], confidence[place], accuracy[place] = count, sure, right
    return Reliability(counts, confidence, accuracy)


def bars(figure: Figure, place: int) -> list[tuple[float, float, float]]:
    """Left side, width and height of each bar."""
    (container,) = figure.axes[place].containers
    assert isinstance(container, BarContainer)
    return [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in container]


def test_each_bin_with_digits_has_a_bar_as_high_as_its_accuracy() -> None:
    figure = reliability_figure(found())

    width = 100 / 15
    expected = [(7 * width, width, 25), (10 * width, width, 90), (14 * width, width, 100)]
    np.testing.assert_allclose(bars(figure, 0), expected)


def test_below_stands_how_many_digits_a_bin_has() -> None:
    figure = reliability_figure(found())

    width = 100 / 15
    expected = [(7 * width, width, 4), (10 * width, width, 10), (14 * width, width, 2000)]
    np.testing.assert_allclose(bars(figure, 1), expected)
    below = figure.axes[1]
    assert below.get_yscale() == "log"
    assert 0 < below.get_ylim()[0] < 1  # a single digit can be seen
    assert below.get_ylim()[1] > 2000


def test_marks_show_how_sure_the_network_was_and_a_line_how_sure_it_ought_to_be() -> None:
    ideal, marks = reliability_figure(found()).axes[0].get_lines()

    assert np.asarray(ideal.get_xydata()).tolist() == [[0, 0], [100, 100]]
    np.testing.assert_allclose(
        np.asarray(marks.get_xydata()), [[50, 25], [70, 90], [99, 100]], atol=1e-9
    )
    assert marks.get_linestyle() == "None"


def test_all_of_0_to_100_percent_is_shown() -> None:
    above, below = reliability_figure(found()).axes

    assert above.get_xlim() == below.get_xlim() == (0, 100)
    assert above.get_ylim()[0] == 0
    assert 100 < above.get_ylim()[1] < 110


def test_no_digits_are_an_empty_figure() -> None:
    figure = reliability_figure(reliability(np.zeros((0, 10)), np.zeros(0, np.uint8)))
    draw_in_memory(figure)

    assert bars(figure, 0) == bars(figure, 1) == []


def test_it_is_drawn_in_its_themes_colours_and_can_be_read(
    colors: FigureColors, contrast: Callable[[object, object], float]
) -> None:
    figure = reliability_figure(found(), frame=Frame(5.0, 4.2, colors=colors))
    draw_in_memory(figure)

    assert to_hex(figure.get_facecolor()) == colors.surface
    words: list[Any] = [figure.axes[1].xaxis.label]
    for axes in figure.axes:
        words += [axes._left_title, *axes.get_yticklabels()]  # type: ignore[attr-defined]
    for word in words:
        assert contrast(word.get_color(), colors.surface) >= 4.5
    for tick in figure.axes[1].yaxis.get_minor_ticks():
        assert to_hex(tick.tick1line.get_color()) != "#000000"
        assert tick.tick1line.get_markersize() == 0
