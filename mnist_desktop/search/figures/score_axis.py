"""What the figures of trials have in common: the axis of scores, the marks, and their legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, dress_axes
from mnist_desktop.formats import percent
from mnist_desktop.search.figures.trial_arrays import Floats, Mask, TrialArrays

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches from the edges of a figure to its axes: the same whatever stands there, so that nothing
# moves when other trials come.
LEFT, RIGHT, TOP, BOTTOM = 0.72, 0.2, 0.66, 0.52
TITLE, SMALL = 11, 9  # points
# Where trials without a score lie, as fractions of the axes' height from below.
PRUNED_SHELF, FAILED_SHELF = 0.075, 0.025
BELOW, ABOVE = 0.18, 0.07  # room around the scores, as fractions of their range
ALONE = 0.1  # of a decade of errors, around scores that are all equal
LEAST_ERROR = 0.005  # where no trial has any
TINY = 1e-9  # what is left of 1 - 1 after computing
HALVING = math.log10(2)
MOST_TICKS, FEWEST_TICKS = 6, 3
ROUND = (1, 2, 5, 10)
POINT, BEST, SIGN = 24.0, 130.0, 26.0  # areas in square points
CROWD = 400  # points; more are smaller and paler, down to these fractions
SMALLEST, PALEST = 0.55, 0.5


@dataclass(frozen=True)
class ScoreScale:
    """Scores by their errors, in factors: from 98% to 99% is as far as from 99% to 99.5%.

    On an axis of equal steps one bad trial would press all good ones into a line.

    Attributes
    ----------
    floor : float
        The smallest error that is above 0. Below it steps are equal, and no error at all is as far
        as half of it would be.
    """

    floor: float = LEAST_ERROR

    @classmethod
    def of(cls, scores: Floats) -> ScoreScale:
        """Make the scale for scores, from 0 to 1."""
        errors = 1 - scores[np.isfinite(scores)]
        errors = errors[errors > TINY]
        return cls(float(errors.min()) if len(errors) else LEAST_ERROR)

    def up(self, scores: Any) -> NDArray[np.float64]:
        """How far up scores lie."""
        errors = 1 - np.asarray(scores, np.float64)
        by_factors = -np.log10(np.maximum(errors, self.floor))
        return np.asarray(by_factors + np.maximum(1 - errors / self.floor, 0) * HALVING)

    def down(self, heights: Any) -> NDArray[np.float64]:
        """Which scores lie so far up."""
        above = np.asarray(heights, np.float64) + np.log10(self.floor)  # the floor's own height
        factors = np.where(above < 0, 10.0 ** -np.minimum(above, 0), 1 - above / HALVING)
        return np.asarray(1 - self.floor * factors, np.float64)

    def limits(self, scores: Floats) -> tuple[float, float]:
        """Return the ends of an axis that shows scores, with a shelf below them."""
        heights = self.up(scores[np.isfinite(scores)])
        low, high = (heights.min(), heights.max()) if len(heights) else (1.0, 2.0)
        span = (high - low) or 2 * ALONE
        if high == low:
            low, high = low - ALONE, high + ALONE
        return float(self.down(low - span * BELOW)), float(self.down(high + span * ABOVE))

    def ticks(self, low: float, high: float) -> tuple[list[float], list[str]]:
        """Choose round scores between two ends, and write them with the decimals they need."""
        found = _round_errors(max(1 - high, self.floor / 2), 1 - low)
        if len(found) < FEWEST_TICKS:
            found = _round_scores(low, min(high, 1.0))
        elif high >= 1:
            found.append(1.0)
        decimals = max((_decimals(one * 100) for one in found), default=0)
        return found, [percent(one, decimals) for one in found]


def _round_errors(low: float, high: float) -> list[float]:
    """Scores with an error of 1, 2 or 5 times a power of ten; fewer steps if they are too many."""
    decades = range(int(np.floor(np.log10(low))), 1)
    found: list[float] = []
    for steps in ((1, 2, 5), (1, 5), (1,)):
        errors = [round(step * 10.0**decade, 9) for decade in decades for step in steps]
        found = [round(1 - one, 9) for one in errors if low <= one <= high and one < 1]
        if len(found) <= MOST_TICKS:
            break
    return sorted(found)


def _round_scores(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    places = MaxNLocator(MOST_TICKS - 1, steps=ROUND).tick_values(low, high)
    return [round(float(one), 9) for one in places if low <= one <= high]


def _decimals(number: float) -> int:
    return len(f"{number:.6f}".rstrip("0").partition(".")[2])


def inner_axes(
    figure: Figure, frame: Frame, title: str, margins: Sequence[float] = (LEFT, RIGHT, TOP, BOTTOM)
) -> Axes:
    """Make axes at fixed distances from the edges, with the title above, at the left edge."""
    left, right, top, bottom = margins
    width, height = frame.width, frame.height
    across, up = max(width - left - right, 0.05), max(height - top - bottom, 0.05)
    axes = figure.add_axes((left / width, bottom / height, across / width, up / height))
    dress_axes(axes, frame.colors, "")
    figure.text(
        0.12 / width, 1 - 0.09 / height, title, color=frame.colors.text, fontsize=TITLE, va="top"
    )
    axes.tick_params(labelsize=SMALL)
    return axes


def score_axis(axes: Axes, trials: TrialArrays) -> None:
    """Make the vertical axis one of scores."""
    scale = ScoreScale.of(trials.scores)
    axes.set_yscale("function", functions=(scale.up, scale.down))
    low, high = scale.limits(trials.scores)
    places, words = scale.ticks(low, high)
    axes.set_ylim(low, high)
    axes.set_yticks(places, words)
    axes.set_yticks([], minor=True)


@dataclass(frozen=True, eq=False)
class Points:
    """Trials that are points of a figure.

    Attributes
    ----------
    rows : ndarray of int64, shape (k,)
        In `TrialArrays`.
    x, y : ndarray of float64, shape (k,)
        Where they lie.
    is_scored : ndarray of bool, shape (k,)
        Whether y is the score; that of others is a fraction of the axes' height.
    """

    rows: NDArray[np.int64]
    x: Floats
    y: Floats
    is_scored: Mask

    @classmethod
    def of(cls, trials: TrialArrays, x: Floats) -> Points:
        """Place each trial that ended and for which x is known; x has a value for each row."""
        ended = trials.is_complete | trials.is_pruned | trials.is_failed
        rows = np.flatnonzero(ended & np.isfinite(x))
        shelves = np.where(trials.is_pruned[rows], PRUNED_SHELF, FAILED_SHELF)
        is_scored = trials.is_complete[rows]
        return cls(rows, x[rows], np.where(is_scored, trials.scores[rows], shelves), is_scored)

    def pixels(self, axes: Axes) -> Floats:
        """Where they lie in the figure's picture; shape (k, 2), from the left and from below."""
        data = np.column_stack([self.x, self.y])
        scored: Floats = axes.transData.transform(data)
        on_shelf: Floats = axes.get_xaxis_transform().transform(data)
        return np.where(self.is_scored[:, None], scored, on_shelf)


def draw_points(
    axes: Axes,
    trials: TrialArrays,
    points: Points,
    colors: FigureColors,
    *,
    chosen: Mask | None = None,
    front: Mask | None = None,
) -> None:
    """Draw all points, each state in a shape and a colour of its own.

    Parameters
    ----------
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    front : ndarray of bool, shape (n,), optional
        The rows on a Pareto front.
    """
    rows, shelf = points.rows, {"transform": axes.get_xaxis_transform()}
    is_best = rows == trials.best
    on_front = np.zeros(len(rows), bool) if front is None else front[rows] & ~is_best
    crowd = float(np.sqrt(CROWD / max(points.is_scored.sum(), 1)))
    usual = {"alpha": 0.7 * min(max(crowd, PALEST), 1), "linewidths": 0}
    size = POINT * min(max(crowd, SMALLEST), 1)
    kinds: tuple[tuple[Mask, str, str, float, dict[str, Any]], ...] = (
        (trials.is_pruned[rows], "|", colors.muted, SIGN, shelf),
        (trials.is_failed[rows], "x", colors.wrong, SIGN, {"linewidths": 1, **shelf}),
        (points.is_scored & ~on_front & ~is_best, "o", colors.right, size, usual),
        (on_front, "D", colors.right, POINT * 1.4, {"linewidths": 0}),
        (is_best, "*", colors.wrong, BEST, {"edgecolors": colors.surface}),
    )
    picked = np.ones(len(rows), bool) if chosen is None else chosen[rows]
    for order, (kind, marker, color, area, more) in enumerate(kinds):
        grey = {**more, "alpha": 0.3, "color": colors.muted, "zorder": 3 + order / 10}
        strong = {**more, "color": color, "zorder": 4 + order / 10}
        for here, looks in ((kind & ~picked, grey), (kind & picked, strong)):
            if here.any():
                axes.scatter(points.x[here], points.y[here], marker=marker, s=area, **looks)


def add_legend(
    figure: Figure, frame: Frame, *, line: str = "", front: bool = False, limit: bool = False
) -> None:
    """Explain the marks in a line below the title.

    Parameters
    ----------
    line : str
        What a blue line means; empty without one.
    front, limit : bool
        Whether there is a Pareto front, and a limit.
    """
    from matplotlib.lines import Line2D

    colors = frame.colors
    kinds: list[tuple[str, str, str, float, Any]] = [
        ("complete", "o", colors.right, 5.0, ""),
        *([("front", "D", colors.right, 5.0, "-")] if front else []),
        ("best", "*", colors.wrong, 10.0, ""),
        *([(line, "", colors.wrong, 0.0, "-")] if line else []),
        *([("limit", "", colors.muted, 0.0, "--")] if limit else []),
        ("pruned", "|", colors.muted, 7.0, ""),
        ("failed", "x", colors.wrong, 5.0, ""),
    ]
    handles = [
        Line2D([], [], marker=mark, color=color, markersize=size, linestyle=style, label=name)
        for name, mark, color, size, style in kinds
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.06 / frame.width, 1 - 0.29 / frame.height),
        ncols=len(handles),
        frameon=False,
        labelcolor=colors.muted,
        fontsize=SMALL,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.3,
        handletextpad=0.3,
        columnspacing=0.9,
    )
