"""The plots of a search: what makes each figure, and which trial lies where in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.search.figures.front import front_figure, front_points
from mnist_desktop.search.figures.history import history_figure, history_points
from mnist_desktop.search.figures.importance_bars import importance_figure, in_order
from mnist_desktop.search.figures.one_setting import setting_figure, setting_points
from mnist_desktop.search.figures.parallel import (
    HIGHEST,
    LOWEST,
    ParallelLines,
    axes_that_fit,
    parallel_figure,
    parallel_lines,
)
from mnist_desktop.search.figures.score_axis import Points
from mnist_desktop.search.figures.trial_arrays import Floats, Mask, TrialArrays
from mnist_desktop.search.goal import Goal

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PlotKind(StrEnum):
    """What is plotted; the value is its name in the window."""

    HISTORY = "History"
    IMPORTANCE = "Importance"
    PARALLEL = "Parallel coordinates"
    FRONT = "Score and size"
    SETTING = "One setting"


@dataclass(frozen=True, eq=False)
class PointPlot:
    """Trials as points.

    Attributes
    ----------
    trials : TrialArrays
        The trials.
    points : Points
        Where they lie.
    draw : callable
        Makes the figure.
    """

    trials: TrialArrays
    points: Points
    draw: Callable[[Frame], Figure]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Of the trials that can be seen."""
        return self.points.rows

    def __call__(self, frame: Frame) -> Figure:
        """Make the figure."""
        return self.draw(frame)

    def row_at(self, figure: Figure, x: float, y: float, reach: float) -> int | None:
        """The row of the trial that is nearest to a place of the picture.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            That this plot has made.
        x, y : float
            In its pixels, from the left and from below.
        reach : float
            How far away it may be, in pixels.
        """
        if not len(self.rows):
            return None
        away = np.hypot(*(self.points.pixels(figure.axes[0]) - (x, y)).T)
        nearest = int(away.argmin())
        return int(self.rows[nearest]) if away[nearest] <= reach else None

    def path_of(self, figure: Figure, row: int) -> Floats | None:
        """Where a trial is drawn, in pixels: shape (1, 2), or None if it is not."""
        found = np.flatnonzero(self.rows == row)
        return self.points.pixels(figure.axes[0])[found[:1]] if len(found) else None


@dataclass(frozen=True, eq=False)
class LinePlot:
    """Trials as lines across parallel axes.

    Attributes
    ----------
    trials : TrialArrays
        The trials.
    importances : mapping of str to float
        How much settings matter.
    chosen : ndarray of bool or None
        The rows that are not grey.
    """

    trials: TrialArrays
    importances: Mapping[str, float]
    chosen: Mask | None = None
    _lines: dict[int, ParallelLines] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Of the trials that can be seen, and are not grey."""
        complete = self.trials.is_complete
        return np.flatnonzero(complete if self.chosen is None else complete & self.chosen)

    def __call__(self, frame: Frame) -> Figure:
        """Make the figure."""
        return parallel_figure(self.trials, self.importances, chosen=self.chosen, frame=frame)

    def lines_in(self, figure: Figure) -> ParallelLines:
        """The lines as a figure has them: how many axes it has depends on its width."""
        most = axes_that_fit(figure.get_figwidth())
        if most not in self._lines:
            self._lines[most] = parallel_lines(self.trials, self.importances, most)
        return self._lines[most]

    def row_at(self, figure: Figure, x: float, y: float, reach: float) -> int | None:
        """The row of the trial whose line is nearest above or below a place; see `PointPlot`."""
        lines, axes = self.lines_in(figure), figure.axes[0]
        across, height = axes.transData.inverted().transform((x, y))
        last = lines.heights.shape[1] - 1
        if not (0 <= across <= last and LOWEST <= height <= HIGHEST):
            return None
        left = min(int(across), max(last - 1, 0))
        ends = lines.heights[:, left], lines.heights[:, min(left + 1, last)]
        at_x = ends[0] + (ends[1] - ends[0]) * (across - left)
        away = np.abs(at_x - height)
        if self.chosen is not None:  # those that are grey are not meant
            away = np.where(self.chosen[lines.rows], away, np.inf)
        nearest = len(away) - 1 - int(away[::-1].argmin())  # of several, the one drawn on top
        pixels = away[nearest] * axes.bbox.height / (HIGHEST - LOWEST)
        return int(lines.rows[nearest]) if pixels <= reach else None

    def path_of(self, figure: Figure, row: int) -> Floats | None:
        """Where a trial is drawn, in pixels: shape (axes, 2), or None if it is not."""
        lines = self.lines_in(figure)
        found = np.flatnonzero(lines.rows == row)
        if not len(found):
            return None
        heights = lines.heights[found[0]]
        path: Floats = figure.axes[0].transData.transform(
            np.column_stack([np.arange(len(heights)), heights])
        )
        return path

    def axis_at(self, figure: Figure, x: float, y: float) -> tuple[str, float] | None:
        """Which axis is meant by a place in the picture, and how far up on it that is."""
        across, _ = figure.axes[0].transData.inverted().transform((x, y))
        names = self.lines_in(figure).names
        place = round(across)
        return (names[place], self.height_at(figure, y)) if 0 <= place < len(names) else None

    def height_at(self, figure: Figure, y: float) -> float:
        """How far up on the axes a place in the picture is; no farther than their ends."""
        _, height = figure.axes[0].transData.inverted().transform((0, y))
        return float(np.clip(height, LOWEST, HIGHEST))

    def pixels_of(self, figure: Figure, name: str, height: float) -> tuple[float, float] | None:
        """Where a height on an axis lies in the picture; None without that axis."""
        names = self.lines_in(figure).names
        if name not in names:
            return None
        x, y = figure.axes[0].transData.transform((names.index(name), height))
        return float(x), float(y)


@dataclass(frozen=True, eq=False)
class BarPlot:
    """How much each setting matters; no trial can be seen.

    Attributes
    ----------
    trials : TrialArrays
        The trials.
    importances : mapping of str to float
        At least one.
    """

    trials: TrialArrays
    importances: Mapping[str, float]

    @property
    def rows(self) -> NDArray[np.int64]:
        """None."""
        return np.zeros(0, np.int64)

    def __call__(self, frame: Frame) -> Figure:
        """Make the figure."""
        return importance_figure(self.importances, frame=frame)

    def setting_at(self, figure: Figure, y: float) -> str:
        """The setting whose bar or name is at a height in the picture; empty for none."""
        axes = figure.axes[0]
        _, place = axes.transData.inverted().transform((0, y))
        names = [name for name, _ in in_order(self.importances)]
        others = len(names) > len(axes.patches)  # the last bar is of several
        bars = len(axes.patches) - others
        return names[round(place)] if 0 <= round(place) < bars else ""

    def row_at(self, figure: Figure, x: float, y: float, reach: float) -> None:  # noqa: ARG002
        """No trial."""
        return

    def path_of(self, figure: Figure, row: int) -> None:  # noqa: ARG002
        """Nowhere."""
        return


Plot = PointPlot | LinePlot | BarPlot


def plot_of(
    kind: PlotKind,
    trials: TrialArrays,
    goal: Goal,
    importances: Mapping[str, float],
    *,
    setting: str = "",
    chosen: Mask | None = None,
) -> Plot | None:
    """Make a plot; None where there is nothing to show.

    Parameters
    ----------
    kind : PlotKind
        What is plotted.
    trials : TrialArrays
        All trials of the search.
    goal : Goal
        What is searched for.
    importances : mapping of str to float
        How much settings matter; may be empty.
    setting : str, optional
        Which one is shown by `PlotKind.SETTING`.
    chosen : ndarray of bool, shape (n,), optional
        The rows that are chosen: others are grey.
    """
    if kind is PlotKind.IMPORTANCE:
        return BarPlot(trials, importances) if importances else None
    if trials.best is None or (kind is PlotKind.SETTING and setting not in trials.setting_names):
        return None
    if kind is PlotKind.PARALLEL:
        return LinePlot(trials, importances, chosen)
    if kind is PlotKind.HISTORY:
        points, draw = history_points(trials), functools.partial(history_figure, trials)
    elif kind is PlotKind.FRONT:
        points, draw = front_points(trials, goal), functools.partial(front_figure, trials, goal)
    else:
        points = setting_points(trials, setting)
        draw = functools.partial(setting_figure, trials, setting)
    return PointPlot(trials, points, lambda frame: draw(chosen=chosen, frame=frame))
