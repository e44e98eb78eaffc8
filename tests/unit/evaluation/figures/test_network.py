"""The diagram of a network says what its plan has, and nothing lies over anything else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, draw_in_memory
from mnist_desktop.evaluation.figures.network import network_figure
from mnist_desktop.evaluation.figures.network_layout import SMALL, fit_network, lay_out_network
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.layers import MERGES, SHAPES
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import PRESETS, preset
from tests.made_layers import ON_ROWS, random_settings
from tests.made_plans import GRAPHS, averaged, long, recurrent, residual

NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
         "Bag", "Ankle boot")  # fmt: skip
PLANS = {
    **{name: preset(name, (128, 64), "softmax") for name in PRESETS},
    **{make.__name__: make() for make in GRAPHS},
}
WIDTHS = {"residual": 4.2, "with_branches": 4.2, "cnn": 4.2, "mlp": 3.0, "cnn-accurate": 12.0}
Named = list[tuple[str, Bbox]]


def drawn(
    plan: NetworkPlan, width: float, classes: ClassNames = DIGITS, **looks: Any
) -> tuple[Figure, Any]:
    """Draw a network as high as it needs to be."""
    height = lay_out_network(plan, width, classes).height + 0.001
    figure = network_figure(plan, classes=classes, frame=Frame(width, height, **looks))
    return figure, draw_in_memory(figure)


def texts(figure: Figure) -> list[Text]:
    (axes,) = figure.axes
    return list(axes.texts)


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def ink(text: Text, renderer: Any) -> Bbox:
    """Where the letters of a text are; its own extent has room for the highest and the lowest."""
    assert text.figure is not None
    size = text.get_fontsize() * text.figure.dpi / 72
    stands_at = text.get_transform().transform(text.get_position())[1]
    below = 0.21 if set(text.get_text()) & set("gjpqy(),") else 0.0
    whole = text.get_window_extent(renderer)
    return Bbox([[whole.x0, stands_at - below * size], [whole.x1, stands_at + 0.76 * size]])


def within(box: Bbox, figure: Figure) -> bool:
    whole = figure.bbox
    return bool(box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= 0 and box.y1 <= whole.y1)


def crossing(
    boxes: list[tuple[str, Bbox]], others: list[tuple[str, Bbox]]
) -> list[tuple[str, str]]:
    """What lies over each other by more than half a pixel."""
    first = np.array([box.extents for _, box in boxes])[:, np.newaxis]
    second = np.array([box.extents for _, box in others])[np.newaxis]
    common = np.minimum(first, second)[..., 2:] - np.maximum(first, second)[..., :2]
    found = np.argwhere((common > 0.5).all(axis=-1))
    pairs = [(boxes[one], others[other]) for one, other in found]
    return [(one[0], other[0]) for one, other in pairs if one is not other]


def check(figure: Figure, renderer: Any) -> None:
    """All can be seen, and no text lies over another one or over what is painted."""
    (axes,) = figure.axes
    letters = [(one.get_text(), ink(one, renderer)) for one in texts(figure)]
    painted = [
        (repr(one), one.get_window_extent(renderer))
        for one in axes.patches
        if isinstance(one, FancyBboxPatch | Circle)
    ]
    arrows = [
        (repr(one), one.get_window_extent(renderer))
        for one in axes.patches
        if isinstance(one, FancyArrowPatch)
    ]
    painted += [("image", image.get_window_extent(renderer)) for image in axes.images]
    outside = [what for what, box in (*letters, *painted, *arrows) if not within(box, figure)]
    assert outside == []
    assert crossing(letters, letters) == []
    assert crossing(letters, painted) == []


@pytest.mark.parametrize("name", PLANS)
def test_a_diagram_says_what_the_plan_has_and_nothing_lies_over_anything_else(name: str) -> None:
    plan, width = PLANS[name], WIDTHS.get(name, 6.6)
    figure, renderer = drawn(plan, width)

    check(figure, renderer)
    assert min(text.get_fontsize() for text in texts(figure)) == SMALL
    words = written(figure)
    assert words[words.index("Input") + 1] == sides(plan.input_shape)
    for one in plan.all_layers:
        count = sum(math.prod(shape) for shape in one.weights)
        assert (
            not count
            or any(f"{count:,} parameters" == text for text in words)
            or any(text.endswith(f"({count:,})") for text in words)
        )
    named = iter(words)
    places = lay_out_network(plan, width, DIGITS).places[1:]
    assert all(sides(one.block.layers[0].output_shape) in named for one in places)  # in this order
    whole = f"{plan.parameters:,} parameters, {plan.cost:,} multiplications for each image"
    assert whole in " ".join(words)


def test_names_of_classes_have_room() -> None:
    figure, renderer = drawn(PLANS["cnn"], 6.6, ClassNames(NAMES))

    check(figure, renderer)
    assert {"T-shirt…", "Trouser", "Ankle b…"} <= set(written(figure)) or "Trouser" in written(
        figure
    )
    assert not figure.axes[0].images[0].get_array().any()  # no digit is what it reads


def test_each_kind_of_layer_can_be_drawn() -> None:
    rng = np.random.default_rng(1)
    for kind in SHAPES:
        shape = (28, 28) if kind in ON_ROWS else (28, 28, 1)
        if kind == "Reshape":
            layers = [Layer(kind, {"target_shape": (784,)})]
        else:
            layers = [Layer(kind, random_settings(kind, rng))]
        layers += [Layer("Flatten", {}), Layer("Dense", {"units": 10})]
        plan = plan_sequence("any", shape, layers)
        layout = lay_out_network(plan, 5.0, DIGITS)
        assert layout.width == 5.0, kind
        for place in layout.places:
            assert all(words.width <= place.width + 1e-9 for words in place.words), kind


def test_what_has_weights_is_blue(colors: FigureColors) -> None:
    figure, _ = drawn(PLANS["dense-100"], 6.0, colors=colors)
    (axes,) = figure.axes
    dots = [one for one in axes.patches if isinstance(one, Circle)]

    blue = dots[0].get_facecolor()
    assert [one.get_facecolor() for one in dots] == [blue] * len(dots)
    flat, _ = drawn(PLANS["flatten-dense-100"], 6.0, colors=colors)
    first = next(one for one in flat.axes[0].patches if isinstance(one, Circle))
    assert first.get_facecolor() != blue


def test_texts_can_be_read_on_their_ground(
    colors: FigureColors, contrast: Callable[[object, object], float]
) -> None:
    figure, _ = drawn(PLANS["cnn-accurate"], 6.0, colors=colors)

    assert all(contrast(one.get_color(), colors.surface) >= 4.5 for one in texts(figure))


def test_a_larger_output_is_a_larger_picture() -> None:
    places = lay_out_network(PLANS["cnn"], 12.0, DIGITS).places
    _, first, pooled, second, _, flat, dense, _ = [place.front for place in places]

    assert first.height > second.height > 0
    assert first.height > pooled.height
    assert flat.height > dense.height
    assert places[1].picture.sheets > 1  # 32 feature maps
    assert places[0].picture.sheets == 1


def test_a_skip_connection_is_an_arrow_above_what_it_leads_past() -> None:
    figure, renderer = drawn(residual(), 14.0)
    (axes,) = figure.axes
    layout = lay_out_network(residual(), 14.0, DIGITS)
    arrows = [one for one in axes.patches if isinstance(one, FancyArrowPatch)]

    assert [(lane.source, lane.targets) for lane in layout.lanes] == [(2, (5,)), (5, (8,))]
    assert len(layout.rows) == 1
    assert len(arrows) == 2
    top = min(place.top for place in layout.places)
    for arrow in arrows:
        assert arrow.get_window_extent(renderer).y1 > figure.bbox.y1 - top * figure.dpi


def test_a_long_network_fills_rows_of_the_same_length() -> None:
    layout = lay_out_network(long(), 6.5, DIGITS)

    assert len(layout.rows) > 3
    counts = [row.end - row.first for row in layout.rows]
    assert len(set(counts[:-1])) == 1
    assert counts[-1] <= counts[0]
    assert all(place.right <= layout.width for place in layout.places)
    bottoms = [row.bottom for row in layout.rows]
    assert bottoms == sorted(bottoms)


def test_in_a_frame_with_too_little_room_everything_is_smaller() -> None:
    plan = long(14)
    layout, scale = fit_network(plan, 6.0, 3.0, DIGITS)
    assert scale < 0.8
    assert layout.height * scale <= 3.0 + 1e-6
    figure = network_figure(plan, frame=Frame(6.0, 3.0))
    check(figure, draw_in_memory(figure))
    assert min(text.get_fontsize() for text in texts(figure)) == pytest.approx(SMALL * scale)


def test_without_a_frame_it_is_as_high_as_it_needs_to_be() -> None:
    figure = network_figure(PLANS["cnn"])
    width, height = figure.get_size_inches()

    assert width == 10
    assert height == lay_out_network(PLANS["cnn"], 10, DIGITS).height
    assert min(text.get_fontsize() for text in texts(figure)) == SMALL


def test_equal_networks_are_said_to_stand_side_by_side() -> None:
    figure, _ = drawn(averaged(), 9.0)

    assert written(figure).count("2 of these side by side") == 1


def test_the_digit_is_shown_as_the_network_is_given_it() -> None:
    figure, _ = drawn(recurrent(), 6.0)
    (image,) = figure.axes[0].images

    pixels = np.asarray(image.get_array())
    assert pixels.shape == (28, 28)
    assert pixels.max() == 255
    assert pixels[:3].max() == 0


def test_kinds_that_come_together_have_names() -> None:
    assert set(MERGES) == {
        "Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"
    }  # fmt: skip
