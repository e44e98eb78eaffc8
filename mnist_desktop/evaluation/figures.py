"""Figures of a network's results: functions that take arrays and draw with matplotlib.

They know nothing of Qt and never touch ``pyplot``, so they draw for the window, for files and for
notebooks alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.confusion import CLASSES, row_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class FigureColors:
    """Colours of a figure, as ``#rrggbb``.

    Attributes
    ----------
    surface : str
        Behind everything, and where a count is 0.
    text, muted, grid : str
        Numbers and titles, axis labels, lines.
    right, wrong : str
        What was read right, and what was misread: blue and orange, which the colour-blind can
        tell apart.
    """

    surface: str = "#ffffff"
    text: str = "#1f2430"
    muted: str = "#5b6474"
    grid: str = "#e3e7ee"
    right: str = "#1d4ed8"
    wrong: str = "#c2410c"


LIGHT = FigureColors()
DOTS_PER_INCH = 100


def render_figure(
    draw: Callable[[Figure], None], *, width: int, height: int, ratio: float, surface: str
) -> Figure:
    """Draw a figure into memory, on whichever thread this is called.

    Parameters
    ----------
    draw : callable
        Draws on an empty figure with constrained layout.
    width, height : int
        Size in pixels of a window, at least 1.
    ratio : float
        A screen's pixels to each of the window's.
    surface : str
        Colour behind the figure.

    Returns
    -------
    matplotlib.figure.Figure
        Its canvas, a ``FigureCanvasAgg``, holds the picture of
        ``(round(width * ratio), round(height * ratio))`` pixels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (round(width * ratio), round(height * ratio))
    dots = DOTS_PER_INCH * ratio
    figure = Figure(
        figsize=(size[0] / dots, size[1] / dots),
        dpi=dots,
        layout="constrained",
        facecolor=surface,
    )
    draw(figure)
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    return figure


def confusion_figure(
    matrix: NDArray[np.int64], *, title: str = "", colors: FigureColors = LIGHT
) -> Figure:
    """Draw a confusion matrix on a new figure of 7×6.6 inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6.6), layout="constrained", facecolor=colors.surface)
    axes = figure.add_subplot()
    draw_confusion(axes, matrix, colors=colors)
    if title:
        axes.set_title(title, color=colors.text, pad=12)
    return figure


def draw_confusion(axes: Axes, matrix: NDArray[np.int64], *, colors: FigureColors = LIGHT) -> None:
    """Draw a confusion matrix: true digit down, predicted digit across.

    Digits read right lie on the diagonal in blue, the deeper the larger their share of the row.
    Misread ones are orange, scaled by the largest of them, so that twenty mistakes among ten
    thousand digits can be seen. Each cell with digits shows their number and, below it, their
    share of the row.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw; what was there is cleared.
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    colors : FigureColors
        The theme's colours.
    """
    axes.clear()
    shares = row_shares(matrix)
    size = _cell_points(axes)
    image = _cell_colors(shares, colors)
    axes.imshow(image, interpolation="nearest", aspect="equal")
    for true, predicted in np.ndindex(*matrix.shape):
        count = int(matrix[true, predicted])
        if count == 0:
            continue
        ink = _readable_on(image[true, predicted])
        axes.text(
            predicted,
            true - 0.12,
            f"{count:,}",
            ha="center",
            va="center",
            fontsize=size / 3.6,
            color=ink,
        )
        axes.text(
            predicted,
            true + 0.24,
            f"{shares[true, predicted]:.1%}".replace("%", " %"),
            ha="center",
            va="center",
            fontsize=size / 4.8,
            color=ink,
        )
    ticks = range(len(matrix))
    axes.set_xticks(ticks, [str(digit) for digit in ticks])
    axes.set_yticks(ticks, [str(digit) for digit in ticks])
    axes.set_xlabel("Predicted digit", color=colors.muted)
    axes.set_ylabel("True digit", color=colors.muted)
    axes.tick_params(length=0, colors=colors.text)
    axes.set_xticks(np.arange(-0.5, len(matrix)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(matrix)), minor=True)
    axes.grid(which="minor", color=colors.surface, linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.set_facecolor(colors.surface)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell_points(axes: Axes) -> float:
    """Side of a cell in points, from the size of the figure, for texts that fit into it."""
    figure = axes.get_figure(root=True)
    side = 0.0 if figure is None else float(min(figure.get_size_inches()))
    return float(np.clip(72 * side / (CLASSES + 1.5), 20, 48))


def _cell_colors(shares: NDArray[np.float64], colors: FigureColors) -> NDArray[np.float64]:
    """Colours of the cells, shape (10, 10, 4)."""
    wrong = shares.copy()
    np.fill_diagonal(wrong, 0)
    largest = max(float(wrong.max()), 1e-9)
    # The square root spreads the many small shares; steps stay even to the eye within the ramp.
    image = _ramp(colors, colors.wrong)(np.sqrt(wrong / largest) * 0.85)
    image[wrong == 0] = _ramp(colors, colors.grid)(0.55)
    right = np.diag(shares)
    np.einsum("iic->ic", image)[...] = _ramp(colors, colors.right)(0.25 + 0.75 * right**2)
    return np.asarray(image, np.float64)


def _ramp(colors: FigureColors, end: str) -> LinearSegmentedColormap:
    """A colour ramp from the surface to a colour."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ramp", [colors.surface, end])


def _readable_on(background: NDArray[np.float64]) -> str:
    """White or black, whichever has the larger contrast: at least 4.5 to 1 (WCAG 2.1)."""
    channels = np.asarray(background[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"


@dataclass(frozen=True)
class Curve:
    """One line of a learning-curve figure.

    Attributes
    ----------
    label : str
        Its name in the legend.
    values : sequence of float
        One for each epoch, from the first.
    """

    label: str
    values: Sequence[float]


def draw_curves(
    axes: Axes, curves: Sequence[Curve], *, quantity: str, colors: FigureColors = LIGHT
) -> None:
    """Draw values by epoch: the first curve in blue, the second in orange and dashed.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw; what was there is cleared.
    curves : sequence of Curve
        One or two.
    quantity : str
        Name of the vertical axis.
    colors : FigureColors
        The theme's colours.
    """
    from matplotlib.ticker import MaxNLocator

    axes.clear()
    looks = ((colors.right, "o", "-"), (colors.wrong, "s", "--"))
    for curve, (color, marker, line) in zip(curves, looks, strict=False):
        epochs = range(1, len(curve.values) + 1)
        axes.plot(
            epochs,
            curve.values,
            color=color,
            marker=marker,
            linestyle=line,
            markersize=4.5,
            linewidth=1.8,
            label=curve.label,
        )
    axes.set_facecolor(colors.surface)
    axes.set_title(quantity, color=colors.text, loc="left", fontsize=11)
    axes.set_xlabel("Epoch", color=colors.muted)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(color=colors.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=colors.muted, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if len(curves) > 0:
        axes.legend(frameon=False, labelcolor=colors.text, fontsize=9)
