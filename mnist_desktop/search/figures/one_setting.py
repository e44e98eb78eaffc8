"""One setting against the score: what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.search.figures.score_axis import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Points,
    add_legend,
    draw_points,
    inner_axes,
    score_axis,
)
from mnist_desktop.search.figures.trial_arrays import Mask, TrialArrays
from mnist_desktop.search.figures.value_axis import setting_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "What does this setting do?"
STRIP = 0.6  # how wide the points of a choice are spread; 1 is the distance of two choices
SECOND_LINE = 0.16  # inches, of the names of choices
GOLDEN = 0.6180339887498949  # multiples of it fall evenly anywhere between two integers


def setting_points(trials: TrialArrays, name: str) -> Points:
    """Place each trial by its value of a setting and its score.

    Points of a choice are spread over a strip, by the trials' numbers: each is where it was before
    when others come.
    """
    column = trials.column(name)
    x = column.places
    if column.choices:
        x = x + (trials.numbers * GOLDEN % 1 - 0.5) * STRIP
    return Points.of(trials, x)


@bundled_font()
def setting_figure(
    trials: TrialArrays,
    name: str,
    *,
    chosen: Mask | None = None,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw scores against the values of one setting.

    Parameters
    ----------
    trials : TrialArrays
        At least one that is complete has the setting.
    name : str
        Of the setting.
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With one pair of axes. A choice has a line for the median of each of its values.
    """
    column = trials.column(name)
    figure = frame.figure("none")
    bottom = BOTTOM + (SECOND_LINE if column.choices else 0)
    axes = inner_axes(figure, frame, QUESTION, (LEFT, RIGHT, TOP, bottom))
    score_axis(axes, trials)
    setting_axis(axes, column)
    draw_points(axes, trials, setting_points(trials, name), frame.colors, chosen=chosen)
    if column.choices:
        _draw_medians(axes, trials, name, frame.colors.text)
    add_legend(figure, frame)
    return figure


def _draw_medians(axes: Axes, trials: TrialArrays, name: str, color: str) -> None:
    places = trials.column(name).places
    for place in np.unique(places[trials.is_complete & np.isfinite(places)]):
        median = np.median(trials.scores[trials.is_complete & (places == place)])
        ends = (place - STRIP / 2, place + STRIP / 2)
        axes.plot(ends, (median, median), color=color, linewidth=2, zorder=5)
