"""Figures of digits themselves: what a split holds, and the worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES, SIDE, Images, Labels
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.statistics import SplitStatistics
from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame, dress_axes
from mnist_desktop.formats import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 2  # pixels of a digit between two digits


@bundled_font()
def split_figure(
    statistics: SplitStatistics,
    *,
    classes: ClassNames = DIGITS,
    frame: Frame = Frame(9.0, 2.4),  # noqa: B008 - frozen
) -> Figure:
    """Draw how many digits of each class a split has, their means, and their grey values.

    Parameters
    ----------
    statistics : SplitStatistics
        From `mnist_desktop.digits.statistics.describe_split`.
    classes : ClassNames, optional
        What their labels stand for; each stands there by its label, for which there is room.
    frame : Frame
        Size and colours.

    Returns
    -------
    matplotlib.figure.Figure
        Its axes have the class balance, the mean digits and the pixel histogram.
    """
    colors = frame.colors
    figure = frame.figure()
    balance, means, pixels = figure.subplots(1, 3, width_ratios=(1.1, 1.25, 1.1))
    balance.bar(range(CLASSES), statistics.counts, color=colors.right, width=0.72)
    dress_axes(balance, colors, f"{classes.noun.capitalize()}s of each class", size=9)
    balance.set_xticks(range(CLASSES))
    balance.grid(visible=False, axis="x")
    _show_montage(means, statistics.means, columns=5)
    dress_axes(means, colors, f"Mean {classes.noun}", size=9)
    means.set_axis_off()
    means.set_anchor("N")
    shares = statistics.histogram / max(int(statistics.histogram.sum()), 1) * 100
    bins = shares.reshape(32, 8).sum(axis=1)
    pixels.bar(np.arange(32) * 8, bins, width=7.2, align="edge", color=colors.right)
    dress_axes(pixels, colors, "Grey values, %", size=9)
    if shares.any():
        pixels.set_yscale("log")
    pixels.set_xticks([4, 128, 252], ["paper", "128", "ink"])
    pixels.grid(visible=False, axis="x")
    for axes in (balance, means, pixels):
        axes.tick_params(which="both", labelsize=8)
    return figure


@bundled_font()
def mistakes_figure(
    images: Images,
    labels: Labels,
    scores: NDArray[np.floating[Any]],
    *,
    columns: int = 8,
    classes: ClassNames = DIGITS,
    frame: Frame = Frame(8.0, 5.0),  # noqa: B008 - frozen
) -> Figure:
    """Show digits with what they are, what they were read as, and how surely.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values; n is at least 1.
    labels : ndarray of uint8, shape (n,)
        What they are.
    scores : ndarray of float, shape (n, 10)
        What a network made of them.
    columns : int
        How many stand side by side.
    classes : ClassNames, optional
        What their labels stand for; names have a line of their own.
    frame : Frame
        Size and colours.
    """
    figure = frame.figure()
    rows = -(-len(images) // columns)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    shown = zip(grid, images, labels, scores, best_labels(scores), strict=False)
    for axes, image, label, row, predicted in shown:
        axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        between = "  " if classes.are_digits else "\n"
        names = f"{classes.short(int(label))} → {classes.short(int(predicted))}"
        text = f"{names}{between}{percent(row[predicted], 1)}"
        axes.set_title(text, fontsize=8, color=frame.colors.text, pad=3)
    return figure


def _show_montage(axes: Axes, images: NDArray[np.floating[Any]], *, columns: int) -> None:
    """Show images side by side in rows, as one image."""
    rows = -(-len(images) // columns)
    step = SIDE + GAP
    page = np.full((rows * step - GAP, columns * step - GAP), np.nan)
    for place, image in enumerate(images):
        top, left = (place // columns) * step, (place % columns) * step
        page[top : top + SIDE, left : left + SIDE] = image
    axes.imshow(page, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
