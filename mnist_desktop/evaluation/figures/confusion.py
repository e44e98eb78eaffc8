"""Figures of confusion matrices: one network's, and the difference between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.confusion import CLASSES, column_shares, row_shares
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, readable_on
from mnist_desktop.formats import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

VALUES: Mapping[str, str] = {
    "counts": "Counts",
    "true": "% of true digit",
    "predicted": "% of predicted digit",
}


def confusion_figure(
    matrix: NDArray[np.int64],
    *,
    values: str = "counts",
    diagonal: bool = True,
    title: str = "",
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw a confusion matrix: true digit down, predicted digit across.

    Digits read correctly lie on the diagonal in blue, deeper for larger fractions. Misread ones
    are orange, scaled by the largest of them, so that twenty mistakes among ten thousand digits
    can be seen.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    values : {"counts", "true", "predicted"}
        What stands large in a cell: how many digits it has, or their fraction of all that show
        the true digit, or of all that were read as the predicted one. Below it stands the
        fraction of the true digit, or the count.
    diagonal : bool
        Whether the digits read correctly are shown.
    title : str
        Stands above.
    frame : Frame
        Size and colours.
    """
    colors = frame.colors
    shares = column_shares(matrix) if values == "predicted" else row_shares(matrix)
    image = _cell_colors(shares, colors, diagonal=diagonal)
    figure = frame.figure()
    axes = _matrix_axes(figure, image, colors, title)
    large, small = _text_sizes(frame)
    for true, predicted in np.ndindex(*matrix.shape):
        count = int(matrix[true, predicted])
        if count == 0 or (true == predicted and not diagonal):
            continue
        texts = [f"{count:,}", percent(float(shares[true, predicted]), 1)]
        upper, lower = texts if values == "counts" else reversed(texts)
        ink = readable_on(image[true, predicted])
        size = large if values == "counts" else small + 1
        _write(axes, predicted, true - 0.12, upper, size=size, color=ink)
        _write(axes, predicted, true + 0.24, lower, size=small, color=ink)
    return figure


def difference_figure(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    title: str = "",
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw where one confusion matrix has more digits than another, and where fewer.

    Blue is where the first network does better: more digits read correctly, or fewer of a mistake;
    orange is where it does worse.

    Parameters
    ----------
    first, second : ndarray of int64, shape (10, 10)
        Of the same digits. Row: true digit; column: predicted digit.
    title : str
        Stands above.
    frame : Frame
        Size and colours.
    """
    colors = frame.colors
    difference = first - second
    gain = np.where(np.eye(CLASSES, dtype=bool), difference, -difference)
    depth = np.sqrt(np.abs(difference) / max(int(np.abs(difference).max()), 1)) * 0.85
    image = np.where(
        (gain > 0)[..., np.newaxis],
        _ramp(colors, colors.right)(depth),
        _ramp(colors, colors.wrong)(depth),
    )
    image[difference == 0] = _ramp(colors, colors.grid)(0.55)
    figure = frame.figure()
    axes = _matrix_axes(figure, image, colors, title)
    large, _ = _text_sizes(frame)
    for true, predicted in zip(*np.nonzero(difference), strict=True):
        ink = readable_on(image[true, predicted])
        text = f"{difference[true, predicted]:+,}".replace("-", "−")
        _write(axes, predicted, true, text, size=large, color=ink)
    return figure


def _matrix_axes(
    figure: Figure, image: NDArray[np.float64], colors: FigureColors, title: str
) -> Axes:
    """Show coloured cells, with a digit at each row and column."""
    axes = figure.add_subplot()
    axes.imshow(image, interpolation="nearest", aspect="equal")
    ticks = range(CLASSES)
    axes.set_xticks(ticks, [str(digit) for digit in ticks])
    axes.set_yticks(ticks, [str(digit) for digit in ticks])
    axes.set_xlabel("Predicted digit", color=colors.muted)
    axes.set_ylabel("True digit", color=colors.muted)
    axes.tick_params(length=0, colors=colors.text)
    axes.set_xticks(np.arange(-0.5, CLASSES), minor=True)
    axes.set_yticks(np.arange(-0.5, CLASSES), minor=True)
    axes.grid(which="minor", color=colors.surface, linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.set_facecolor(colors.surface)
    if title:
        axes.set_title(title, color=colors.text, pad=12, parse_math=False)  # a name may hold $
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _write(axes: Axes, x: float, y: float, text: str, *, size: float, color: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=color)


def _text_sizes(frame: Frame) -> tuple[float, float]:
    """Sizes in points of a large and a small number that fit into a cell."""
    cell = float(np.clip(72 * min(frame.width, frame.height) / (CLASSES + 1.5), 20, 48))
    return cell / 3.6, cell / 4.8


def _cell_colors(
    shares: NDArray[np.float64], colors: FigureColors, *, diagonal: bool
) -> NDArray[np.float64]:
    """Colours of the cells, shape (10, 10, 4)."""
    wrong = shares.copy()
    np.fill_diagonal(wrong, 0)
    largest = max(float(wrong.max()), 1e-9)
    # The square root spreads the many small shares; steps stay even to the eye within the ramp.
    image = _ramp(colors, colors.wrong)(np.sqrt(wrong / largest) * 0.85)
    image[wrong == 0] = _ramp(colors, colors.grid)(0.55)
    if diagonal:
        right = np.diag(shares)
        np.einsum("iic->ic", image)[...] = _ramp(colors, colors.right)(0.25 + 0.75 * right**2)
    return np.asarray(image, np.float64)


def _ramp(colors: FigureColors, end: str) -> LinearSegmentedColormap:
    """A colour ramp from the surface to a colour."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ramp", [colors.surface, end])
