"""Figures of learning curves: loss and accuracy by epoch, of one run or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, dress_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKED_EPOCHS = 40  # more would run into one another
BATCHES = "_batches"  # marks their lines; matplotlib leaves such labels out of legends
USUAL = (2, 98)  # percentiles of single batches that are sure to be seen: some are wild
MARGIN = 0.06  # above and below the values, as a fraction of their range
ALONE = 0.01  # above and below a single value, as a fraction of it


def _none() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """How loss and accuracy changed while a network learnt.

    Attributes
    ----------
    name : str
        Of the run.
    loss, accuracy : sequence of float
        On training digits, one value an epoch from the first; accuracy from 0 to 1.
    val_loss, val_accuracy : sequence of float
        The same on validation digits; empty if none were held out.
    batch_places : ndarray of float, shape (k,)
        Where each batch lies: 2.5 is in the middle of the third epoch.
    batch_loss, batch_accuracy : ndarray of float, shape (k,)
        On the digits of each batch.
    """

    name: str
    loss: Sequence[float]
    accuracy: Sequence[float]
    val_loss: Sequence[float] = ()
    val_accuracy: Sequence[float] = ()
    batch_places: NDArray[np.floating[Any]] = field(default_factory=_none)
    batch_loss: NDArray[np.floating[Any]] = field(default_factory=_none)
    batch_accuracy: NDArray[np.floating[Any]] = field(default_factory=_none)


@bundled_font()
def curves_figure(
    runs: Sequence[LearningCurves],
    *,
    batches: bool = False,
    epochs: tuple[float, float] | None = None,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw loss above and accuracy below, over the epochs.

    One run has its training values in blue and its validation values in orange; of several runs
    each has a colour of its own. Validation values are dashed, with square marks.

    Parameters
    ----------
    runs : sequence of LearningCurves
        In the order in which they get their colours.
    batches : bool
        Whether the values of single batches are drawn, pale, behind those of the epochs.
    epochs : tuple of float, optional
        From where to where; everything if left out. The vertical axes then show the values there.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        Its first axes have the loss, its second the accuracy in percent.
    """
    from matplotlib.ticker import MaxNLocator

    figure = frame.figure()
    above, below = figure.subplots(2, 1, sharex=True)
    low, high = epochs or _all_epochs(runs, batches=batches)
    for axes, title, scale in ((above, "Loss", 1), (below, "Accuracy in %", 100)):
        name = title.split()[0].lower()
        for place, run in enumerate(runs):
            looks = _looks(frame.colors, place, alone=len(runs) == 1)
            _draw_run(axes, run, name, scale, looks, named=len(runs) > 1, batches=batches)
        dress_axes(axes, frame.colors, title)
        axes.set_xlim(low, high)
        _fit_values(axes, low, high)
    below.set_xlabel("Epoch")
    is_wide = epochs is None or high - low > 2  # closer up, batches lie between the epochs
    below.xaxis.set_major_locator(MaxNLocator(integer=is_wide, min_n_ticks=1))
    if above.get_legend_handles_labels()[0]:
        _add_legend(above, frame.colors)
    return figure


def _add_legend(axes: Axes, colors: FigureColors) -> None:
    legend = axes.legend(
        facecolor=colors.surface,
        edgecolor="none",
        framealpha=0.8,
        labelcolor=colors.text,
        fontsize=9,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)  # a name may hold dollar signs


def _all_epochs(runs: Sequence[LearningCurves], *, batches: bool) -> tuple[float, float]:
    last = max((float(len(run.loss)) for run in runs), default=1.0)
    first = 0.0 if batches else 1.0
    if batches:  # the epoch that is being learnt has batches, but no value yet
        last = max([last, *(float(run.batch_places.max(initial=0)) for run in runs)])
    room = max(last - first, 1) * 0.03
    return first - room, max(last, first) + room


def _looks(colors: FigureColors, place: int, *, alone: bool) -> tuple[str, str]:
    """Colours of training and validation values."""
    if alone:
        return colors.right, colors.wrong
    color = colors.runs[place % len(colors.runs)]
    return color, color


def _draw_run(
    axes: Axes,
    run: LearningCurves,
    name: str,
    scale: float,
    looks: tuple[str, str],
    *,
    named: bool,
    batches: bool,
) -> None:
    if batches and len(run.batch_places):
        values = getattr(run, f"batch_{name}") * scale
        axes.plot(
            run.batch_places, values, color=looks[0], linewidth=0.7, alpha=0.35, label=BATCHES
        )
    kinds = (
        ("Training", getattr(run, name), looks[0], "o", "-"),
        ("Validation", getattr(run, f"val_{name}"), looks[1], "s", "--"),
    )
    for kind, values, color, marker, line in kinds:
        if len(values) == 0:
            continue
        axes.plot(
            np.arange(1, len(values) + 1),
            np.asarray(values, np.float64) * scale,
            color=color,
            marker=marker if len(values) <= MARKED_EPOCHS else "",
            linestyle=line,
            markersize=4.5,
            linewidth=1.8,
            label=_listed(f"{run.name}, {kind.lower()}") if named else kind,
        )


def _listed(label: str) -> str:
    """A label that is listed: matplotlib leaves out what begins with an underscore."""
    return f" {label}" if label.startswith("_") else label


def _fit_values(axes: Axes, low: float, high: float) -> None:
    """Choose the vertical range by what can be seen between two epochs."""
    seen: list[float] = []
    for line in axes.get_lines():
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        inside = y[(x >= low) & (x <= high) & np.isfinite(y)]
        if line.get_label() == BATCHES and len(inside):
            inside = np.percentile(inside, USUAL)
        seen += inside.tolist()
    if seen:
        bottom, top = min(seen), max(seen)
        room = (top - bottom) * MARGIN or max(abs(top), 1e-3) * ALONE
        axes.set_ylim(bottom - room, top + room)
