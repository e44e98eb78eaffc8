"""Score against size, or time: how small a network can be."""

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
from mnist_desktop.search.figures.trial_arrays import Floats, Mask, TrialArrays
from mnist_desktop.search.figures.value_axis import log_axis
from mnist_desktop.search.goal import SECONDS, Goal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE_QUESTION = "How small can it be?"
TIME_QUESTION = "How fast can it learn?"


def cost_of(trials: TrialArrays, goal: Goal) -> Floats:
    """What is to be small besides: the seconds if the goal's front is of them, or the parameters.

    Returns
    -------
    ndarray of float64, shape (n,)
        Not a number where it is not known, or not above 0.
    """
    cost = trials.seconds if goal.front == SECONDS else trials.parameters
    return np.where(cost > 0, cost, np.nan)


def pareto_front(scores: Floats, costs: Floats) -> Mask:
    """Find what nothing else is better than, in score and cost.

    Parameters
    ----------
    scores, costs : ndarray of float64, shape (n,)
        The larger and the smaller the better; what lacks one of them is not on the front.

    Returns
    -------
    ndarray of bool, shape (n,)
        Of several with equal scores and costs, the first one alone is on the front.
    """
    known = np.flatnonzero(np.isfinite(scores) & np.isfinite(costs))
    order = known[np.lexsort((-scores[known], costs[known]))]
    sorted_scores = scores[order]
    before = np.maximum.accumulate(np.append(-np.inf, sorted_scores))[:-1]
    found = np.zeros(len(scores), bool)
    found[order[sorted_scores > before]] = True
    return found


def front_points(trials: TrialArrays, goal: Goal) -> Points:
    """Place each trial by its cost and its score."""
    return Points.of(trials, cost_of(trials, goal))


@bundled_font()
def front_figure(
    trials: TrialArrays,
    goal: Goal,
    *,
    chosen: Mask | None = None,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw scores against parameters, or seconds if the goal's front is of them, and the front.

    Parameters
    ----------
    trials : TrialArrays
        At least one of them complete.
    goal : Goal
        Says what is to be small, and how small.
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With one pair of axes, logarithmic across. Its first line is the front; its second one the
        limit, if there is one.
    """
    by_time = goal.front == SECONDS
    limit = goal.max_seconds if by_time else goal.max_parameters
    figure = frame.figure("none")
    axes = inner_axes(figure, frame, TIME_QUESTION if by_time else SIZE_QUESTION)
    score_axis(axes, trials)
    points, costs = front_points(trials, goal), cost_of(trials, goal)
    log_axis(axes, points.x if limit is None else np.append(points.x, limit))
    axes.set_xlabel("Seconds of training" if by_time else "Parameters")
    front = pareto_front(trials.scores, costs)
    rows = np.flatnonzero(front)
    rows = rows[np.argsort(costs[rows])]
    axes.step(
        costs[rows],
        trials.scores[rows],
        where="post",
        color=frame.colors.right,
        linewidth=1.4,
        zorder=2.5,
    )
    if limit is not None:
        axes.axvline(limit, color=frame.colors.muted, linestyle="--", linewidth=1.4)
    draw_points(axes, trials, points, frame.colors, chosen=chosen, front=front)
    add_legend(figure, frame, front=True, limit=limit is not None)
    return figure
