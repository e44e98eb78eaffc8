from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures import (
    LIGHT,
    Curve,
    FigureColors,
    confusion_figure,
    draw_confusion,
    draw_curves,
)

PROJECT = Path(__file__).parents[3]
DARK = FigureColors(
    surface="#171b22",
    text="#e8ecf3",
    muted="#9aa4b5",
    grid="#2a313c",
    right="#60a5fa",
    wrong="#fb923c",
)


def make_matrix() -> NDArray[np.int64]:
    """Mostly right, with a different number in every third cell and none elsewhere."""
    matrix = np.arange(100).reshape(10, 10) * (np.arange(100).reshape(10, 10) % 3 == 0)
    np.fill_diagonal(matrix, np.arange(1200, 1210))
    return matrix.astype(np.int64)


def texts_by_cell(axes: Axes) -> dict[tuple[int, int], list[str]]:
    """What is written in each cell (true, predicted), from top to bottom."""
    cells: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for text in axes.texts:
        x, y = text.get_position()
        cells.setdefault((round(y), round(x)), []).append((y, text.get_text()))
    return {cell: [text for _, text in sorted(lines)] for cell, lines in cells.items()}


def cell_colors(axes: Axes) -> NDArray[np.float64]:
    return np.asarray(axes.images[0].get_array())


def contrast(first: object, second: object) -> float:
    """Contrast of two colours as WCAG 2.1 defines it."""

    def luminance(color: object) -> float:
        channels = np.asarray(to_rgb(color))  # type: ignore[arg-type]
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def axes() -> Axes:
    figure = Figure()
    FigureCanvasAgg(figure)
    return figure.add_subplot()


# The confusion matrix


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_each_count_and_its_share_stand_in_their_cell(axes: Axes, colors: FigureColors) -> None:
    matrix = make_matrix()

    draw_confusion(axes, matrix, colors=colors)

    totals = matrix.sum(axis=1)
    expected = {
        (true, read): [
            f"{matrix[true, read]:,}",
            f"{100 * matrix[true, read] / totals[true]:.1f} %",
        ]
        for true, read in np.ndindex(10, 10)
        if matrix[true, read]
    }
    assert texts_by_cell(axes) == expected
    assert expected[9, 9][0] == "1,209"


def test_true_digits_go_down_and_predicted_digits_across(axes: Axes) -> None:
    draw_confusion(axes, make_matrix())

    assert axes.get_ylabel() == "True digit"
    assert axes.get_xlabel() == "Predicted digit"
    for axis in (axes.xaxis, axes.yaxis):
        assert axis.get_ticklocs().tolist() == list(range(10))
        assert [label.get_text() for label in axis.get_ticklabels()] == list("0123456789")
    bottom, top = axes.get_ylim()
    assert bottom > top  # the zero is above
    assert axes.get_xlim()[0] < axes.get_xlim()[1]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_right_and_wrong_have_their_colours_and_deepen_with_their_share(
    axes: Axes, colors: FigureColors
) -> None:
    matrix = np.diag([10] * 10).astype(np.int64)
    matrix[4, 9], matrix[9, 4] = 4, 1
    draw_confusion(axes, matrix, colors=colors)
    image = cell_colors(axes)

    def distance(cell: tuple[int, int], color: str) -> float:
        return float(np.abs(image[cell][:3] - np.asarray(to_rgb(color))).sum())

    assert distance((0, 0), colors.right) < 0.02
    assert distance((4, 4), colors.right) > distance((9, 9), colors.right)
    assert distance((4, 9), colors.wrong) < distance((9, 4), colors.wrong)
    for cell in ((4, 9), (9, 4)):
        assert distance(cell, colors.wrong) < distance(cell, colors.right)
    # Cells without digits are alike and close to the surface.
    assert distance((0, 1), to_hex(image[7, 3])) < 0.02
    assert distance((0, 1), colors.surface) < distance((9, 4), colors.surface)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("wrong", [1, 10, 100, 1000])
def test_numbers_can_be_read_on_their_cell(axes: Axes, colors: FigureColors, wrong: int) -> None:
    matrix = np.diag(np.arange(1, 1001, 100)).astype(np.int64)
    matrix[:, 3] += np.linspace(1, wrong, 10).astype(np.int64)
    draw_confusion(axes, matrix, colors=colors)

    image = cell_colors(axes)
    for text in axes.texts:
        x, y = text.get_position()
        assert contrast(text.get_color(), image[round(y), round(x)]) >= 4.5
        assert text.get_alpha() is None


def test_what_was_drawn_before_is_cleared(axes: Axes) -> None:
    draw_confusion(axes, make_matrix())
    draw_confusion(axes, np.diag([5] * 10).astype(np.int64))

    assert len(axes.images) == 1
    assert texts_by_cell(axes) == {(digit, digit): ["5", "100.0 %"] for digit in range(10)}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_a_matrix_without_digits_is_drawn_without_numbers(axes: Axes, colors: FigureColors) -> None:
    draw_confusion(axes, np.zeros((10, 10), np.int64), colors=colors)

    assert len(axes.texts) == 0


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_a_figure_is_drawn_on_its_themes_surface(colors: FigureColors) -> None:
    figure = confusion_figure(make_matrix(), title="CNN, 5 epochs", colors=colors)
    content = io.BytesIO()
    FigureCanvasAgg(figure).print_png(content)

    assert to_hex(figure.get_facecolor()) == colors.surface
    (axes,) = figure.axes
    assert axes.get_title() == "CNN, 5 epochs"
    assert axes.title.get_color() == colors.text
    assert content.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_words_of_a_figure_can_be_read(axes: Axes, colors: FigureColors) -> None:
    draw_confusion(axes, make_matrix(), colors=colors)

    words = [axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()]
    for word in words:
        assert contrast(word.get_color(), colors.surface) >= 4.5


# Learning curves


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_curves_begin_at_the_first_epoch_and_are_told_apart(
    axes: Axes, colors: FigureColors
) -> None:
    curves = [Curve("Training", [0.9, 0.95, 0.97]), Curve("Validation", [0.92, 0.94])]

    draw_curves(axes, curves, quantity="Accuracy", colors=colors)

    first, second = axes.get_lines()
    assert first.get_xydata().tolist() == [[1, 0.9], [2, 0.95], [3, 0.97]]  # type: ignore[union-attr]
    assert second.get_xydata().tolist() == [[1, 0.92], [2, 0.94]]  # type: ignore[union-attr]
    assert (first.get_color(), second.get_color()) == (colors.right, colors.wrong)
    assert (first.get_linestyle(), second.get_linestyle()) == ("-", "--")
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["Training", "Validation"]
    assert axes.get_title(loc="left") == "Accuracy"
    assert axes.get_xlabel() == "Epoch"


@pytest.mark.parametrize("epochs", [1, 2, 7, 40])
def test_epochs_are_counted_in_whole_numbers(axes: Axes, epochs: int) -> None:
    draw_curves(axes, [Curve("Training", np.linspace(1, 0.1, epochs).tolist())], quantity="Loss")

    ticks = axes.get_xticks()
    assert all(float(tick).is_integer() for tick in ticks)


@pytest.mark.parametrize("curves", [[], [Curve("Training", [])]], ids=["none", "empty"])
def test_curves_before_the_first_epoch_are_an_empty_figure(axes: Axes, curves: list[Curve]) -> None:
    draw_curves(axes, curves, quantity="Loss")
    FigureCanvasAgg(axes.figure).draw()  # type: ignore[arg-type]

    assert axes.get_title(loc="left") == "Loss"


def test_curves_drawn_anew_replace_the_old_ones(axes: Axes) -> None:
    for _ in range(2):
        draw_curves(axes, [Curve("Training", [1, 2])], quantity="Loss")

    assert len(axes.get_lines()) == 1


def test_figures_never_import_pyplot() -> None:
    program = """
import io, sys
import numpy as np
from mnist_desktop.evaluation.figures import Curve, confusion_figure, draw_curves
figure = confusion_figure(np.eye(10, dtype=np.int64), title="a title")
draw_curves(figure.add_subplot(), [Curve("a curve", [1.0, 2.0])], quantity="Loss")
figure.savefig(io.BytesIO(), format="png")
print([name for name in ("matplotlib.pyplot", "PySide6", "tkinter") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
