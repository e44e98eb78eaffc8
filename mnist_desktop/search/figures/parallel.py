"""Trials as lines across one axis per setting: which settings the good ones share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame
from mnist_desktop.formats import percent
from mnist_desktop.search.figures.score_axis import ScoreScale, inner_axes
from mnist_desktop.search.figures.trial_arrays import Floats, Mask, SettingColumn, TrialArrays
from mnist_desktop.search.figures.value_axis import written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Which settings do the good ones share?"
SCORE = "score"  # the name of the last axis
LEFT, RIGHT, TOP, BOTTOM = 0.46, 0.62, 0.86, 0.1  # inches, as those of `inner_axes`
NARROWEST = 0.74  # inches between two axes: room for a name, and for the choices beside an axis
ABSENT = -0.14  # where lines pass an axis whose setting they do not have; 0 and 1 are its ends
LOWEST, HIGHEST = -0.2, 1.04
NAME, VALUE = 8.5, 8  # points
AT_ONCE = 250  # lines: other threads wait while one collection is drawn
# The better, the stronger: from which rank on a trial has the next shade, as a fraction of all.
SHADES = (0.0, 0.4, 0.7, 0.85, 0.95)
FEWEST_OPAQUE = 40  # lines of a shade; more are paler, so that they do not hide one another
PALEST = 0.06
APART = 0.15  # inches between two numbers beside an axis
Range = tuple[float, float]  # from and to on an axis, as heights


@dataclass(frozen=True, eq=False)
class ParallelLines:
    """Complete trials as lines.

    Attributes
    ----------
    rows : ndarray of int64, shape (k,)
        In `TrialArrays`; the worst first, so that the best are drawn over them.
    columns : tuple of SettingColumn
        The axes before that of the score.
    heights : ndarray of float64, shape (k, columns + 1)
        Where the lines cross each axis, from 0 to 1, or `ABSENT`.
    scores : tuple of float
        Those at the lower and the upper end of the last axis.
    """

    rows: NDArray[np.int64]
    columns: tuple[SettingColumn, ...]
    heights: Floats
    scores: tuple[float, float]

    @property
    def names(self) -> list[str]:
        """Of the axes."""
        return [*(one.name for one in self.columns), SCORE]

    def within(self, brush: Mapping[str, Range]) -> Mask:
        """Which lines cross all axes where they are to, shape (k,)."""
        found = np.ones(len(self.rows), bool)
        for name, (low, high) in brush.items():
            if name in self.names:
                crossed = self.heights[:, self.names.index(name)]
                found &= (crossed >= low) & (crossed <= high)
        return found


def axes_that_fit(width: float) -> int:
    """How many axes a figure has room for, with that of the score; its width is in inches."""
    return max(int((width - LEFT - RIGHT) / NARROWEST) + 1, 2)


def parallel_lines(
    trials: TrialArrays, importances: Mapping[str, float], most: int
) -> ParallelLines:
    """Lay out the lines.

    Parameters
    ----------
    trials : TrialArrays
        At least one of them complete.
    importances : mapping of str to float
        How much settings matter; if not all have room, those that matter most are shown.
    most : int
        How many axes there are at most, with that of the score.
    """
    rows = np.flatnonzero(trials.is_complete)
    rows = rows[np.argsort(trials.scores[rows], kind="stable")]
    known = trials.setting_names
    names = [name for name in known if _differs(trials.column(name), rows)] or known
    by_weight = sorted(names, key=lambda name: -importances.get(name, 0.0))
    kept = set(by_weight[: most - 1])
    columns = tuple(trials.column(name) for name in names if name in kept)
    scale, scores = ScoreScale.of(trials.scores), trials.scores[rows]
    heights = [_heights(one.places[rows], one) for one in columns]
    heights.append(_stretched(scale.up(scores)))
    return ParallelLines(
        rows, columns, np.column_stack(heights), (float(scores[0]), float(scores[-1]))
    )


def _differs(column: SettingColumn, rows: NDArray[np.int64]) -> bool:
    """Whether some trials differ in a setting; having none of it is a difference."""
    places = column.places[rows]
    known = places[np.isfinite(places)]
    return len(known) < len(places) or bool(np.ptp(known) > 0)


def _heights(places: Floats, column: SettingColumn) -> Floats:
    heights = _stretched(np.log10(places) if column.is_log else places)
    return np.where(np.isnan(heights), ABSENT, heights)


def _stretched(values: Floats) -> Floats:
    """Values from 0 to 1; all in the middle if they are equal."""
    low, span = np.nanmin(values), np.nanmax(values) - np.nanmin(values)
    stretched: Floats = (values - low) / span if span > 0 else values - low + 0.5
    return stretched


@bundled_font()
def parallel_figure(
    trials: TrialArrays,
    importances: Mapping[str, float],
    *,
    chosen: Mask | None = None,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw a line for each complete trial across one axis per setting, and one of the score.

    The better a trial, the stronger its line; the best one is orange, and ends in a star. A setting
    that a trial does not have is passed below its axis.

    Parameters
    ----------
    trials : TrialArrays
        At least one of them complete.
    importances : mapping of str to float
        How much settings matter: the figure has as many as its width has room for.
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With one pair of axes: the axis of a setting stands at each integer.
    """
    lines = parallel_lines(trials, importances, axes_that_fit(frame.width))
    figure = frame.figure("none")
    axes = inner_axes(figure, frame, QUESTION, (LEFT, RIGHT, TOP, BOTTOM))
    axes.set_xlim(0, len(lines.columns) or 1)
    axes.set_ylim(LOWEST, HIGHEST)
    axes.set_xticks([])
    axes.set_yticks([])
    _draw_lines(axes, lines, trials, frame.colors, chosen)
    for place, column in enumerate(lines.columns):
        _draw_axis(axes, place, column.title, frame.colors)
        _write_values(axes, place, _labels(lines, place), frame.colors)
        if (lines.heights[:, place] == ABSENT).any():
            _write(axes, place, ABSENT, "not used", frame.colors)
    last = len(lines.columns)
    _draw_axis(axes, last, SCORE, frame.colors)
    apart = APART * (HIGHEST - LOWEST) / max(frame.height - TOP - BOTTOM, APART)
    _write_values(axes, last, _score_labels(lines, trials, apart), frame.colors)
    return figure


def _draw_lines(
    axes: Axes, lines: ParallelLines, trials: TrialArrays, colors: FigureColors, chosen: Mask | None
) -> None:
    from matplotlib.collections import LineCollection

    across = np.broadcast_to(np.arange(lines.heights.shape[1]), lines.heights.shape)
    paths = np.stack([across, lines.heights], axis=2)
    picked = np.ones(len(paths), bool) if chosen is None else chosen[lines.rows]
    rank = np.searchsorted(SHADES, np.arange(len(paths)) / len(paths), side="right") - 1
    groups = [(~picked, colors.muted, 0.12)]
    groups += [(picked & (rank == shade), one, 1.0) for shade, one in enumerate(_shades(colors))]
    for order, (which, color, most) in enumerate(groups):
        found = paths[which]
        alpha = min(max(FEWEST_OPAQUE / max(len(found), 1), PALEST), 0.9) * most
        for start in range(0, len(found), AT_ONCE):
            axes.add_collection(
                LineCollection(
                    list(found[start : start + AT_ONCE]),
                    colors=color,
                    alpha=alpha,
                    linewidths=0.7 + 0.15 * order,
                    zorder=2 + order * 0.01,
                    clip_on=False,
                ),
                autolim=False,
            )
    best = np.flatnonzero(lines.rows == trials.best)
    if len(best) and picked[best[0]]:
        _draw_best(axes, paths[best[0]], colors)


def _draw_best(axes: Axes, path: Floats, colors: FigureColors) -> None:
    axes.plot(*path.T, color=colors.wrong, linewidth=2.2, zorder=3, clip_on=False)
    axes.scatter(
        path[-1, 0],
        path[-1, 1],
        marker="*",
        s=130,
        color=colors.wrong,
        edgecolors=colors.surface,
        zorder=4,
        clip_on=False,
    )


def _shades(colors: FigureColors) -> list[str]:
    """From grey to blue."""
    from matplotlib.colors import to_hex, to_rgb

    weak, strong = np.array(to_rgb(colors.muted)), np.array(to_rgb(colors.right))
    return [to_hex(weak + (strong - weak) * one) for one in np.linspace(0, 1, len(SHADES))]


def _draw_axis(axes: Axes, place: int, title: str, colors: FigureColors) -> None:
    axes.plot((place, place), (0, 1), color=colors.muted, linewidth=1.2, zorder=5, clip_on=False)
    axes.annotate(
        title.replace(" ", "\n", 1),
        (place, 1.0),
        (0, 9),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=colors.text,
        fontsize=NAME,
        linespacing=1.05,
        annotation_clip=False,
    )


def _labels(lines: ParallelLines, place: int) -> dict[float, str]:
    """What stands beside an axis, by its height: all choices, or both ends of a range."""
    column, heights = lines.columns[place], lines.heights[:, place]
    places = column.places[lines.rows]
    if column.choices:
        shown = np.flatnonzero(np.isfinite(places))
        return {float(heights[one]): column.choices[int(places[one])] for one in shown}
    known = np.flatnonzero(heights != ABSENT)
    ends = (known[heights[known].argmin()], known[heights[known].argmax()])
    return {float(heights[one]): _short(float(places[one])) for one in ends}


def _short(number: float) -> str:
    """Write an end of a range: an integer in full, others with two digits."""
    return written(number) if number == int(number) else f"{round(number, 4):.2g}"


def _score_labels(lines: ParallelLines, trials: TrialArrays, apart: float) -> dict[float, str]:
    """What stands beside the axis of the score: both ends, and round numbers where there is room.

    Between two of them is at least the height `apart`.
    """
    scale, (low, high) = ScoreScale.of(trials.scores), lines.scores
    if low == high:
        return {0.5: percent(low)}
    found = {0.0: percent(low), 1.0: percent(high)}
    bottom, top = (float(scale.up(one)) for one in (low, high))
    for score, text in zip(*scale.ticks(low, high), strict=True):
        height = (float(scale.up(score)) - bottom) / (top - bottom)
        if min(abs(height - other) for other in found) > apart:
            found[height] = text
    return found


def _write_values(
    axes: Axes, place: int, labels: Mapping[float, str], colors: FigureColors
) -> None:
    for height, text in labels.items():
        _write(axes, place, height, text, colors)


def _write(axes: Axes, place: int, height: float, text: str, colors: FigureColors) -> None:
    axes.annotate(
        text,
        (place, height),
        (4, 0),
        textcoords="offset points",
        va="center",
        color=colors.text,
        fontsize=VALUE,
        zorder=6,
        annotation_clip=False,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": colors.surface, "alpha": 0.9, "lw": 0},
    )
