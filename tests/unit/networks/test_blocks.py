from __future__ import annotations

import math

import pytest

from mnist_desktop.networks.blocks import Block, blocks_of, describe_blocks
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.presets import preset
from tests.made_plans import GRAPHS, PlannedGraph, averaged, residual, with_branches

DIGITS = tuple("0123456789")


def kinds(blocks: tuple[Block, ...]) -> list[list[str]]:
    return [[one.kind for one in block.layers] for block in blocks]


def test_what_leaves_the_shape_as_it_is_joins_the_layer_before() -> None:
    blocks = blocks_of(preset("cnn-fast", (), "softmax"))

    assert kinds(blocks) == [
        [], ["Conv2D"], ["MaxPooling2D", "BatchNormalization", "ReLU"],
        ["Conv2D"], ["MaxPooling2D", "BatchNormalization", "ReLU"],
        ["Flatten"], ["Dense", "BatchNormalization", "ReLU"], ["Dense"],
    ]  # fmt: skip
    assert [block.inputs for block in blocks] == [(), *((place,) for place in range(7))]
    assert [block.output_shape for block in blocks[:3]] == [(28, 28, 1), (24, 24, 16), (12, 12, 16)]


def test_a_layer_whose_output_is_taken_elsewhere_too_stands_for_itself() -> None:
    """Else a skip connection would begin after what it begins before."""
    graph = PlannedGraph(28, 28, 1)
    start = graph.convolve(4)
    graph.add("ReLU")
    graph.convolve(4)
    graph.add("Add", start, graph.last)
    graph.add("ReLU")
    graph.add("Flatten")

    blocks = blocks_of(graph.plan())

    assert kinds(blocks) == [
        [], ["Conv2D"], ["ReLU"], ["Conv2D"], ["Add", "ReLU"], ["Flatten"], ["Dense"]
    ]  # fmt: skip
    assert blocks[4].inputs == (1, 3)


def test_branches_keep_their_inputs() -> None:
    blocks = blocks_of(with_branches())

    assert [block.inputs for block in blocks] == [
        (), (0,), (1,), (1,), (1,), (1,), (2, 3, 4, 5), (6,), (7,)
    ]  # fmt: skip


def test_equal_networks_side_by_side_are_drawn_once() -> None:
    blocks = blocks_of(averaged())

    assert kinds(blocks) == [[], ["Flatten"], ["Dense"], ["Dense"], ["Average"]]
    assert [block.copies for block in blocks] == [1, 2, 2, 2, 1]
    assert blocks[-1].inputs == (3,)


def test_networks_that_differ_are_both_drawn() -> None:
    plan = averaged()
    other = PlannedGraph(28, 28)
    other.add("Flatten")
    graph = PlannedGraph(28, 28)
    first = plan.layers[0].body
    assert first is not None
    graph.add("Average", graph.nest(first, 0, "one"), graph.nest(other.plan(), 0, "other"))

    blocks = blocks_of(NetworkPlan("two", (28, 28), tuple(graph.layers), graph.last))

    assert kinds(blocks) == [
        [], ["Flatten"], ["Dense"], ["Dense"], ["Flatten"], ["Dense"], ["Average"]
    ]  # fmt: skip
    assert [block.copies for block in blocks] == [1] * 7
    assert blocks[4].inputs == (0,)
    assert blocks[6].inputs == (3, 5)


@pytest.mark.parametrize("make", GRAPHS)
def test_no_layer_is_left_out(make: object) -> None:
    plan: NetworkPlan = make()  # type: ignore[operator]
    blocks = blocks_of(plan)

    weights = sum(
        block.copies * math.prod(shape)
        for block in blocks
        for one in block.layers
        for shape in one.weights
    )
    assert weights == plan.parameters
    assert sum(block.copies * len(block.layers) for block in blocks) == len(plan.all_layers)
    assert all(max(block.inputs, default=-1) < place for place, block in enumerate(blocks))


def test_a_network_is_described_in_words() -> None:
    words = describe_blocks(preset("cnn", (), "softmax"), DIGITS)

    assert words.startswith("Input: 28×28×1. Convolution 3×3: 26×26×32, 320 parameters, ReLU. ")
    assert "Max pooling 2×2: 5×5×64, Dropout 0.25." in words
    assert words.endswith(
        "The outputs stand for 0, 1, 2, 3, 4, 5, 6, 7, 8, 9. "
        "173,482 parameters, 2,579,520 multiplications for each image."
    )


def test_the_description_says_where_a_skip_connection_comes_from() -> None:
    words = describe_blocks(residual(), DIGITS)

    assert "Add of Max pooling 14×14×16 and Convolution 14×14×16: 14×14×16." in words


def test_the_description_says_how_many_equal_networks_there_are() -> None:
    words = describe_blocks(averaged(), DIGITS)

    assert "Dense (2 side by side): 20, 15,700 parameters." in words
