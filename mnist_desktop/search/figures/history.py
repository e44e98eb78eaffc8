"""Trials in order: whether the search still finds better ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.search.figures.score_axis import (
    Points,
    add_legend,
    draw_points,
    inner_axes,
    score_axis,
)
from mnist_desktop.search.figures.trial_arrays import Mask, TrialArrays

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "Does it still get better?"
MARGIN = 0.02  # beside the first and the last trial, as a fraction of their number


def history_points(trials: TrialArrays) -> Points:
    """Place each trial by its number and its score."""
    return Points.of(trials, trials.numbers.astype(np.float64))


@bundled_font()
def history_figure(
    trials: TrialArrays,
    *,
    chosen: Mask | None = None,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw the score of each trial, in order, and the best one so far as a line.

    Parameters
    ----------
    trials : TrialArrays
        At least one of them complete.
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With one pair of axes; the line is its only one.
    """
    from matplotlib.ticker import MaxNLocator

    figure = frame.figure("none")
    axes = inner_axes(figure, frame, QUESTION)
    score_axis(axes, trials)
    points = history_points(trials)
    last = int(trials.numbers.max())
    room = max(last, 1) * MARGIN + 0.5
    axes.set_xlim(-room, last + room)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("Trial")
    rows = np.flatnonzero(trials.is_complete)
    best = np.maximum.accumulate(trials.scores[rows])
    axes.step(
        np.append(trials.numbers[rows], last),
        np.append(best, best[-1]),
        where="post",
        color=frame.colors.wrong,
        linewidth=1.6,
        zorder=2.5,
    )
    draw_points(axes, trials, points, frame.colors, chosen=chosen)
    add_legend(figure, frame, line="best so far")
    return figure
