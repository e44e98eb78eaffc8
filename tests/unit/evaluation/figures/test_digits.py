from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.statistics import describe_split
from mnist_desktop.evaluation.figures.digits import mistakes_figure, split_figure
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, draw_in_memory


def make_digits(count: int, classes: int = 10) -> Digits:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    images[1::2] //= 2  # every second one pale
    return Digits(images, (np.arange(count) ** 2 % classes).astype(np.uint8))


def heights(figure: Figure, place: int) -> list[float]:
    (container,) = figure.axes[place].containers
    assert isinstance(container, BarContainer)
    return [bar.get_height() for bar in container]


# What a split holds


def test_each_class_has_a_bar_as_high_as_it_has_digits() -> None:
    digits = make_digits(80)

    figure = split_figure(describe_split(digits, np.arange(80)))

    assert heights(figure, 0) == np.bincount(digits.labels, minlength=10).tolist()
    assert figure.axes[0].get_xticks().tolist() == list(range(10))


def test_the_mean_digits_stand_in_two_rows_of_five() -> None:
    statistics = describe_split(make_digits(80), np.arange(80))

    page = np.asarray(split_figure(statistics).axes[1].images[0].get_array())

    assert page.shape == (2 * 28 + 2, 5 * 28 + 4 * 2)
    for digit, mean in enumerate(statistics.means):
        top, left = digit // 5 * 30, digit % 5 * 30
        np.testing.assert_allclose(page[top : top + 28, left : left + 28], mean)


def test_grey_values_are_shares_of_all_pixels_in_32_bars() -> None:
    digits = make_digits(80)

    figure = split_figure(describe_split(digits, np.arange(80)))

    counts, _ = np.histogram(digits.images, bins=32, range=(0, 256))
    np.testing.assert_allclose(heights(figure, 2), counts / digits.images.size * 100)
    assert figure.axes[2].get_yscale() == "log"


@pytest.mark.parametrize("count", [0, 1, 40], ids=["no digits", "one digit", "four classes"])
def test_a_split_without_some_classes_is_drawn(count: int, colors: FigureColors) -> None:
    statistics = describe_split(make_digits(count, classes=4), np.arange(count))

    figure = split_figure(statistics, frame=Frame(9.0, 2.4, colors=colors))
    draw_in_memory(figure)

    assert heights(figure, 0)[4:] == [0] * 6
    assert to_hex(figure.get_facecolor()) == colors.surface


def test_marks_between_powers_of_ten_have_the_themes_colour(colors: FigureColors) -> None:
    statistics = describe_split(make_digits(80), np.arange(80))
    figure = split_figure(statistics, frame=Frame(9.0, 2.4, colors=colors))
    draw_in_memory(figure)

    ticks = figure.axes[2].yaxis.get_minor_ticks()
    assert ticks
    for tick in ticks:
        assert tick.label1.get_color() == colors.muted
        assert tick.tick1line.get_markersize() == 0


# The worst mistakes


def test_each_mistake_has_what_it_is_what_it_was_read_as_and_how_surely() -> None:
    digits = make_digits(3)
    scores = np.full((3, 10), 0.01)
    for row, (digit, score) in enumerate([(9, 0.912), (4, 0.5), (0, 1.0)]):
        scores[row, digit] = score

    figure = mistakes_figure(digits.images, digits.labels, scores)
    draw_in_memory(figure)

    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["0 → 9  91.2%", "1 → 4  50.0%", "4 → 0  100.0%", *[""] * 5]
    for axes, image in zip(figure.axes, digits.images, strict=False):
        (shown,) = axes.images
        np.testing.assert_array_equal(shown.get_array(), image)
        assert shown.get_clim() == (0, 255)  # a pale digit stays pale


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 8, 1), (8, 8, 1), (9, 8, 2), (12, 5, 3), (3, 1, 3)]
)
def test_mistakes_stand_side_by_side_in_rows(count: int, columns: int, rows: int) -> None:
    digits = make_digits(count)

    figure = mistakes_figure(
        digits.images, digits.labels, np.full((count, 10), 0.1), columns=columns
    )

    assert len(figure.axes) == rows * columns
    assert [len(axes.images) for axes in figure.axes] == [1] * count + [0] * (
        rows * columns - count
    )
    assert not any(axes.axison for axes in figure.axes)


def test_mistakes_can_be_read_on_their_themes_surface(colors: FigureColors) -> None:
    digits = make_digits(2)

    figure = mistakes_figure(
        digits.images, digits.labels, np.full((2, 10), 0.1), frame=Frame(colors=colors)
    )

    assert to_hex(figure.get_facecolor()) == colors.surface
    assert figure.axes[0].title.get_color() == colors.text
