from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.confusion import (
    VALUES,
    cells_figure,
    confusion_figure,
    difference_cells,
)
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, draw_in_memory

Contrast = Callable[[object, object], float]


def make_matrix() -> NDArray[np.int64]:
    """Mostly right, with a different number in every third cell and none elsewhere."""
    matrix = np.arange(100).reshape(10, 10) * (np.arange(100).reshape(10, 10) % 3 == 0)
    np.fill_diagonal(matrix, np.arange(1200, 1210))
    return matrix.astype(np.int64)


def only_axes(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def texts_by_cell(figure: Figure) -> dict[tuple[int, int], list[str]]:
    """What is written in each cell (true, predicted), from top to bottom."""
    cells: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for text in only_axes(figure).texts:
        x, y = text.get_position()
        cells.setdefault((round(y), round(x)), []).append((y, text.get_text()))
    return {cell: [text for _, text in sorted(lines)] for cell, lines in cells.items()}


def cell_colors(figure: Figure) -> NDArray[np.float64]:
    return np.asarray(only_axes(figure).images[0].get_array())


def distance(one: NDArray[np.float64], color: str) -> float:
    return float(np.abs(one[:3] - np.asarray(to_rgb(color))).sum())


def leans_to(one: NDArray[np.float64], color: str, surface: str) -> float:
    """How close the way from the surface to a cell's colour is to the way to another: 1 if same."""
    way, other = one[:3] - to_rgb(surface), np.subtract(to_rgb(color), to_rgb(surface))
    return float(way @ other / np.linalg.norm(way) / np.linalg.norm(other))


# What stands in the cells


def test_each_count_and_its_share_stand_in_their_cell(colors: FigureColors) -> None:
    matrix = make_matrix()

    figure = confusion_figure(matrix, frame=Frame(colors=colors))

    totals = matrix.sum(axis=1)
    expected = {
        (true, read): [
            f"{matrix[true, read]:,}",
            f"{100 * matrix[true, read] / totals[true]:.1f}%",
        ]
        for true, read in np.ndindex(10, 10)
        if matrix[true, read]
    }
    assert texts_by_cell(figure) == expected
    assert expected[9, 9][0] == "1,209"


@pytest.mark.parametrize(("values", "axis"), [("true", 1), ("predicted", 0)])
def test_a_share_stands_above_its_count_when_shares_are_asked_for(values: str, axis: int) -> None:
    matrix = make_matrix()

    figure = confusion_figure(matrix, values=values)

    totals = matrix.sum(axis=axis)
    assert texts_by_cell(figure) == {
        cell: [
            f"{100 * matrix[cell] / totals[cell[1 - axis]]:.1f}%",
            f"{matrix[cell]:,}",
        ]
        for cell in np.ndindex(10, 10)
        if matrix[cell]
    }


def test_each_way_to_show_values_has_a_name() -> None:
    assert list(VALUES) == ["counts", "true", "predicted"]
    for values in VALUES:
        assert texts_by_cell(confusion_figure(make_matrix(), values=values))


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("side", [4.0, 7.0], ids=["small", "usual"])
def test_numbers_fit_into_their_cells(values: str, side: float) -> None:
    figure = confusion_figure(make_matrix(), values=values, frame=Frame(side, side))
    draw_in_memory(figure)

    axes = only_axes(figure)
    for text in axes.texts:
        x, y = text.get_position()
        drawn = text.get_window_extent()
        (left, bottom), (right, top) = axes.transData.transform(
            [(round(x) - 0.5, round(y) + 0.5), (round(x) + 0.5, round(y) - 0.5)]
        )
        assert left <= drawn.x0 <= drawn.x1 <= right
        assert bottom <= drawn.y0 <= drawn.y1 <= top


def test_a_hidden_diagonal_has_neither_numbers_nor_colour(colors: FigureColors) -> None:
    frame = Frame(colors=colors)
    whole = confusion_figure(make_matrix(), frame=frame)
    mistakes = confusion_figure(make_matrix(), diagonal=False, frame=frame)

    expected = {cell: texts for cell, texts in texts_by_cell(whole).items() if cell[0] != cell[1]}
    assert texts_by_cell(mistakes) == expected
    without = cell_colors(mistakes)
    empty = without[0, 1]
    for digit in range(10):
        np.testing.assert_array_equal(without[digit, digit], empty)
    elsewhere = ~np.eye(10, dtype=bool)
    np.testing.assert_array_equal(without[elsewhere], cell_colors(whole)[elsewhere])


def test_a_matrix_without_digits_is_drawn_without_numbers(colors: FigureColors) -> None:
    for values in VALUES:
        figure = confusion_figure(
            np.zeros((10, 10), np.int64), values=values, frame=Frame(colors=colors)
        )
        draw_in_memory(figure)

        assert len(only_axes(figure).texts) == 0


def difference_figure(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    title: str = "",
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw what one matrix has more than another, as a comparison of two runs does."""
    return cells_figure(difference_cells(first, second, frame.colors), title=title, frame=frame)


# Its axes and words


@pytest.mark.parametrize("kind", ["matrix", "difference"])
def test_true_digits_go_down_and_predicted_digits_across(kind: str) -> None:
    matrix = make_matrix()
    axes = only_axes(
        confusion_figure(matrix) if kind == "matrix" else difference_figure(matrix, matrix.T)
    )

    words = {text.get_text(): text for text in axes.figure.texts}
    assert words["True digit"].get_rotation() == 90
    assert words["Predicted digit"].get_rotation() == 0
    digits = [one for one in axes.figure.texts if one.get_text() in set("0123456789")]
    beside = sorted((-y, text.get_text()) for text in digits for x, y in [text.get_position()]
                    if x < axes.get_position().x0)  # fmt: skip
    below = sorted((x, text.get_text()) for text in digits for x, y in [text.get_position()]
                   if y < axes.get_position().y0)  # fmt: skip
    for found in (beside, below):
        assert [text for _, text in found] == list("0123456789")
    bottom, top = axes.get_ylim()
    assert bottom > top  # the zero is above
    assert axes.get_xlim()[0] < axes.get_xlim()[1]


@pytest.mark.parametrize("kind", ["matrix", "difference"])
def test_a_figure_is_drawn_on_its_themes_surface_with_its_title(
    kind: str, colors: FigureColors
) -> None:
    matrix, frame = make_matrix(), Frame(5.0, 4.0, colors=colors)
    figure = (
        confusion_figure(matrix, title="CNN, 5 epochs", frame=frame)
        if kind == "matrix"
        else difference_figure(matrix, matrix.T, title="CNN, 5 epochs", frame=frame)
    )

    assert to_hex(figure.get_facecolor()) == colors.surface
    assert figure.get_size_inches().tolist() == [5.0, 4.0]
    (title,) = (text for text in figure.texts if text.get_text() == "CNN, 5 epochs")
    assert title.get_color() == colors.text
    assert title.get_position()[1] > only_axes(figure).get_position().y1


def test_the_words_of_a_figure_can_be_read(colors: FigureColors, contrast: Contrast) -> None:
    figure = confusion_figure(make_matrix(), title="CNN", frame=Frame(colors=colors))

    assert len(figure.texts) == 2 * 20 + 2 + 2 + 1  # digits, shares, their names, axes, title
    for word in figure.texts:
        assert contrast(word.get_color(), colors.surface) >= 4.5


# Its colours


def test_right_and_wrong_have_their_colours_and_deepen_with_their_share(
    colors: FigureColors,
) -> None:
    matrix = np.diag([10] * 10).astype(np.int64)
    matrix[4, 9], matrix[9, 4] = 4, 1
    image = cell_colors(confusion_figure(matrix, frame=Frame(colors=colors)))

    assert distance(image[0, 0], colors.right) < 0.02
    assert distance(image[4, 4], colors.right) > distance(image[9, 9], colors.right)
    assert distance(image[4, 9], colors.wrong) < distance(image[9, 4], colors.wrong)
    for cell in ((4, 9), (9, 4)):
        assert distance(image[cell], colors.wrong) < distance(image[cell], colors.right)
    # Cells without digits are alike and close to the surface.
    assert distance(image[0, 1], to_hex(image[7, 3])) < 0.02
    assert distance(image[0, 1], colors.surface) < distance(image[9, 4], colors.surface)


def test_colours_follow_the_shares_that_are_shown(colors: FigureColors) -> None:
    matrix = np.diag([10] * 10).astype(np.int64)
    matrix[0, 1] = 30  # three quarters of all zeros, and of all that was read as one

    by_true = cell_colors(confusion_figure(matrix, values="true", frame=Frame(colors=colors)))
    by_read = cell_colors(confusion_figure(matrix, values="predicted", frame=Frame(colors=colors)))

    assert distance(by_true[0, 0], colors.right) > distance(by_true[1, 1], colors.right)
    assert distance(by_read[0, 0], colors.right) < distance(by_read[1, 1], colors.right)


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("wrong", [1, 10, 100, 1000])
def test_numbers_can_be_read_on_their_cell(
    colors: FigureColors, contrast: Contrast, values: str, wrong: int
) -> None:
    matrix = np.diag(np.arange(1, 1001, 100)).astype(np.int64)
    matrix[:, 3] += np.linspace(1, wrong, 10).astype(np.int64)
    figure = confusion_figure(matrix, values=values, frame=Frame(colors=colors))

    image = cell_colors(figure)
    assert only_axes(figure).texts
    for text in only_axes(figure).texts:
        x, y = text.get_position()
        assert contrast(text.get_color(), image[round(y), round(x)]) >= 4.5
        assert text.get_alpha() is None


# The difference between two


def two_matrices() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first reads 2, 3 and 5 better or worse than the second, in known cells."""
    first, second = (np.diag([2000] * 10).astype(np.int64) for _ in range(2))
    second[2, 2], second[2, 7] = 700, 1300  # much better: 1,300 twos more
    first[3, 3], first[3, 8] = 1996, 4  # worse: four threes more are read as eights
    first[5, 6], first[5, 1] = 9, 0
    second[5, 6], second[5, 1] = 0, 9  # as many mistakes, but others
    return first, second


def test_a_difference_has_its_sign_and_cells_alike_have_no_number(colors: FigureColors) -> None:
    figure = difference_figure(*two_matrices(), frame=Frame(colors=colors))

    assert texts_by_cell(figure) == {
        (2, 2): ["+1,300"],
        (2, 7): ["−1,300"],
        (3, 3): ["−4"],
        (3, 8): ["+4"],
        (5, 6): ["+9"],
        (5, 1): ["−9"],
    }


def test_what_the_first_does_better_is_blue_and_what_it_does_worse_orange(
    colors: FigureColors,
) -> None:
    first, second = two_matrices()

    up, down = [(2, 2), (2, 7), (5, 1)], [(3, 3), (3, 8), (5, 6)]
    for one, other, better, worse in ((first, second, up, down), (second, first, down, up)):
        image = cell_colors(difference_figure(one, other, frame=Frame(colors=colors)))
        for cells, color, opposite in (
            (better, colors.right, colors.wrong),
            (worse, colors.wrong, colors.right),
        ):
            for cell in cells:
                assert leans_to(image[cell], color, colors.surface) > 0.999
                assert leans_to(image[cell], opposite, colors.surface) < 0.99


def test_a_larger_difference_is_deeper(colors: FigureColors) -> None:
    image = cell_colors(difference_figure(*two_matrices(), frame=Frame(colors=colors)))

    assert distance(image[2, 2], colors.right) < distance(image[5, 1], colors.right)
    assert distance(image[5, 6], colors.wrong) < distance(image[3, 8], colors.wrong)


def test_differences_can_be_read_on_their_cell(colors: FigureColors, contrast: Contrast) -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 40, (2, 10, 10))
    figure = difference_figure(first, second, frame=Frame(colors=colors))

    image = cell_colors(figure)
    assert len(only_axes(figure).texts) > 90
    for text in only_axes(figure).texts:
        x, y = text.get_position()
        assert contrast(text.get_color(), image[round(y), round(x)]) >= 4.5


def test_networks_alike_have_a_difference_without_numbers_or_colour(colors: FigureColors) -> None:
    figure = difference_figure(make_matrix(), make_matrix(), frame=Frame(colors=colors))
    draw_in_memory(figure)

    assert texts_by_cell(figure) == {}
    empty = cell_colors(confusion_figure(make_matrix(), frame=Frame(colors=colors)))[0, 1]
    np.testing.assert_array_equal(cell_colors(figure)[0, 0], empty)
    assert len(np.unique(cell_colors(figure).reshape(100, 3), axis=0)) == 1
