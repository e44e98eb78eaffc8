"""Figures of confusion matrices: one network's, and the difference between two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.confusion import column_shares, row_shares
from mnist_desktop.evaluation.figures.fonts import FAMILIES, bundled_font
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame
from mnist_desktop.evaluation.figures.matrix_layout import (
    MatrixCells,
    MatrixLayout,
    Texts,
    Word,
)
from mnist_desktop.formats import percent

if TYPE_CHECKING:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.text import Text

# What can stand first in a cell; with digit or class filled in, its name.
VALUES: Mapping[str, str] = {
    "counts": "Counts",
    "true": "% of true {}",
    "predicted": "% of predicted {}",
}
POINTS_PER_INCH = 72
MakeCells = Callable[[FigureColors], MatrixCells]


def confusion_cells(
    matrix: NDArray[np.int64],
    colors: FigureColors,
    *,
    values: str = "counts",
    diagonal: bool = True,
    classes: ClassNames = DIGITS,
) -> MatrixCells:
    """Colour and label the cells of a confusion matrix.

    Digits read correctly lie on the diagonal in blue, deeper for larger fractions. Misread ones
    are orange, scaled by the largest of them, so that twenty mistakes among ten thousand digits
    can be seen.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    colors : FigureColors
        A theme's colours.
    values : {"counts", "true", "predicted"}
        What stands first in a cell: how many digits it has, or their fraction of all that show
        the true digit, or of all that were read as the predicted one. Below it stands the
        fraction of the true digit, or the count.
    diagonal : bool
        Whether the digits read correctly are shown.
    classes : ClassNames, optional
        What their labels stand for.
    """
    shares = column_shares(matrix) if values == "predicted" else row_shares(matrix)
    is_shown = (matrix > 0) & (diagonal | ~np.eye(CLASSES, dtype=bool))
    counts = _texts(matrix, is_shown, lambda count: f"{int(count):,}")
    fractions = _texts(shares, is_shown, lambda share: percent(float(share), 1))
    return MatrixCells(
        _cell_colors(shares, colors, diagonal=diagonal),
        counts if values == "counts" else fractions,
        fractions if values == "counts" else counts,
        _diagonal_shares(row_shares(matrix), matrix.sum(axis=1)),
        _diagonal_shares(column_shares(matrix), matrix.sum(axis=0)),
        classes,
    )


def difference_cells(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    colors: FigureColors,
    *,
    classes: ClassNames = DIGITS,
) -> MatrixCells:
    """Colour and label where one confusion matrix has more digits than another, and where fewer.

    Blue is where the first network does better: more digits read correctly, or fewer of a mistake;
    orange is where it does worse.

    Parameters
    ----------
    first, second : ndarray of int64, shape (10, 10)
        Of the same digits. Row: true digit; column: predicted digit.
    colors : FigureColors
        A theme's colours.
    classes : ClassNames, optional
        What their labels stand for.
    """
    difference = first - second
    gain = np.where(np.eye(CLASSES, dtype=bool), difference, -difference)
    depth = np.sqrt(np.abs(difference) / max(int(np.abs(difference).max()), 1)) * 0.85
    image = np.where(
        (gain > 0)[..., np.newaxis],
        _ramp(colors, colors.right, depth),
        _ramp(colors, colors.wrong, depth),
    )
    image[difference == 0] = _ramp(colors, colors.grid, 0.55)
    texts = _texts(difference, difference != 0, lambda one: f"{int(one):+,}".replace("-", "−"))
    return MatrixCells(image, texts, classes=classes)


def confusion_figure(
    matrix: NDArray[np.int64],
    *,
    values: str = "counts",
    diagonal: bool = True,
    title: str = "",
    classes: ClassNames = DIGITS,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw a confusion matrix: true digit down, predicted digit across.

    Parameters
    ----------
    matrix, values, diagonal, classes
        As `confusion_cells` takes them.
    title : str
        Stands above.
    frame : Frame
        Size and colours.
    """
    cells = confusion_cells(matrix, frame.colors, values=values, diagonal=diagonal, classes=classes)
    return cells_figure(cells, title=title, frame=frame)


@dataclass(frozen=True, eq=False)
class MatrixMaker:
    """Makes the figure of a matrix, and changes one that there is.

    Attributes
    ----------
    cells : callable
        Takes a theme's `FigureColors` and gives the `MatrixCells`.
    """

    cells: MakeCells

    def __call__(self, frame: Frame) -> Figure:
        """Make a figure."""
        return cells_figure(self.cells(frame.colors), frame=frame)

    def change(self, figure: Figure, frame: Frame) -> None:
        """Show the cells in a figure that was made in the same frame."""
        change_cells(figure, self.cells(frame.colors), frame=frame)


def matrix_layout(
    frame: Frame, *, has_title: bool = False, has_margins: bool = True
) -> MatrixLayout:
    """Find the places of cells and texts in a frame; `MatrixLayout.fit` has the parameters."""
    return MatrixLayout.fit(
        *frame.pixels, frame.dots_per_inch, has_title=has_title, has_margins=has_margins
    )


@bundled_font()
def cells_figure(cells: MatrixCells, *, title: str = "", frame: Frame) -> Figure:
    """Draw the cells of a matrix, with a digit at each row and column.

    Nothing is measured while it is drawn: all places are those of `matrix_layout`.
    """
    layout, colors = matrix_layout(frame, has_title=bool(title)), frame.colors
    figure = frame.figure("none")
    width, height = layout.right - layout.left, layout.bottom - layout.top
    left, bottom = layout.left / layout.width, 1 - layout.bottom / layout.height
    axes = figure.add_axes((left, bottom, width / layout.width, height / layout.height))
    axes.imshow(cells.colors, interpolation="nearest", aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.add_collection(_gaps(colors.surface, layout.gap * POINTS_PER_INCH / frame.dots_per_inch))
    axes.set_facecolor(colors.surface)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _write(figure, layout, cells, frame, title)
    return figure


def _gaps(color: str, width: float) -> LineCollection:
    """Lines between the cells: all in one, since each tick of an axis takes a millisecond."""
    from matplotlib.collections import LineCollection

    ends, edges = (-0.5, CLASSES - 0.5), np.arange(-0.5, CLASSES)
    across = [[(one, edge) for one in ends] for edge in edges]
    down = [[(edge, one) for one in ends] for edge in edges]
    return LineCollection(across + down, colors=color, linewidths=width)


@bundled_font()
def change_cells(figure: Figure, cells: MatrixCells, *, frame: Frame) -> None:
    """Show other cells in a figure of `cells_figure` of the same frame and without a title."""
    figure.axes[0].images[0].set_data(cells.colors)
    _write(figure, matrix_layout(frame), cells, frame, "")


def _write(
    figure: Figure, layout: MatrixLayout, cells: MatrixCells, frame: Frame, title: str
) -> None:
    """Write all texts, with the artists there are; their number changes only a little."""
    axes = figure.axes[0]
    inside, outside = list(axes.texts), list(figure.texts)
    # A second family is looked for with every text; only a title may have letters that need it.
    family = list(FAMILIES) if title else FAMILIES[0]
    for word in layout.words(cells, frame.colors, title):
        of_cell = word.cell is not None
        spare, owner = (inside, axes) if of_cell else (outside, figure)
        if not spare:
            spare.append(owner.text(0, 0, "", va="baseline", parse_math=False, family=family))
        artist = spare.pop()
        _set_word(artist, word, layout, frame)
    for artist in (*inside, *outside):
        artist.remove()


def _set_word(artist: Text, word: Word, layout: MatrixLayout, frame: Frame) -> None:
    if word.cell is None:
        artist.set_position((word.x / layout.width, 1 - word.y / layout.height))
    else:  # in columns and rows, so that who reads the figure finds the cell
        across = (word.x - layout.left) / layout.cell_width - 0.5
        artist.set_position((across, (word.y - layout.top) / layout.cell_height - 0.5))
    artist.set_text(word.text)
    artist.set_color(word.color)
    artist.set_fontsize(word.size * POINTS_PER_INCH / frame.dots_per_inch)
    artist.set_horizontalalignment(word.align)
    artist.set_rotation_mode("anchor")
    artist.set_rotation(90 if word.upright else 0)


def _texts(values: NDArray[Any], is_shown: NDArray[np.bool_], write: Callable[[Any], str]) -> Texts:
    rows = zip(values, is_shown, strict=True)
    return tuple(
        tuple(write(one) if shown else "" for one, shown in zip(*row, strict=True)) for row in rows
    )


def _diagonal_shares(
    shares: NDArray[np.float64], totals: NDArray[np.int64]
) -> tuple[float | None, ...]:
    return tuple(float(shares[i, i]) if totals[i] else None for i in range(CLASSES))


def _cell_colors(
    shares: NDArray[np.float64], colors: FigureColors, *, diagonal: bool
) -> NDArray[np.float64]:
    """Colours of the cells, shape (10, 10, 3)."""
    wrong = shares.copy()
    np.fill_diagonal(wrong, 0)
    largest = max(float(wrong.max()), 1e-9)
    # The square root spreads the many small fractions; steps stay even to the eye within the ramp.
    image = _ramp(colors, colors.wrong, np.sqrt(wrong / largest) * 0.85)
    image[wrong == 0] = _ramp(colors, colors.grid, 0.55)
    if diagonal:
        right = np.diag(shares)
        np.einsum("iic->ic", image)[...] = _ramp(colors, colors.right, 0.25 + 0.75 * right**2)
    return image


def _ramp(
    colors: FigureColors, end: str, depth: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Colours on the way from the surface, at 0, to another one, at 1."""
    first, last = _rgb(colors.surface), _rgb(end)
    mixed: NDArray[np.float64] = first + np.multiply.outer(depth, last - first)
    return mixed


def _rgb(color: str) -> NDArray[np.float64]:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
