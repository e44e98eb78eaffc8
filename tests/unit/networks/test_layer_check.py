"""Networks of layer cards: what they come to, what cannot be, and what repairs it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_check import check_layers, plan_layers, plan_text
from mnist_desktop.networks.layer_text import LayerTextError, layers_text, parse_layers
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import PRESETS, preset
from mnist_desktop.training.engine import load_keras
from tests.made_layer_texts import random_cards, random_network
from tests.made_plans import PlannedGraph


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_opens_as_cards_and_comes_back_as_the_same_plan(
    name: str, activation: str
) -> None:
    plan = preset(name, (64, 32), activation)
    text = layers_text(cards_of(plan))
    assert replace(plan_text(text, activation), name=plan.name) == plan


def test_a_network_of_cards_is_counted_card_by_card() -> None:
    found = check_layers(parse_layers("conv 16 5x5 relu; off pool; pool; flatten; dense 32"))
    shapes = [(28, 28, 1), (24, 24, 16), (24, 24, 16), (12, 12, 16), (2304,), (32,), (10,)]
    assert [one.input_shape for one in found.layers] == shapes[:-1]
    assert [one.output_shape for one in found.layers] == shapes[1:]
    assert [one.parameters for one in found.layers] == [416, 0, 0, 0, 73_760, 330]
    assert found.layers[0].cost == 24 * 24 * 16 * 25
    assert found.plan is not None
    assert (found.parameters, found.cost) == (found.plan.parameters, found.plan.cost)


@pytest.mark.parametrize("seed", range(25))
def test_a_random_network_is_what_keras_builds(seed: int) -> None:
    load_keras()
    cards = random_network(np.random.default_rng(seed), 8)
    plan = plan_layers(cards)
    network = build_network(plan)
    assert plan.parameters == network.count_params()
    for one in plan.layers:
        layer = network.get_layer(one.name)
        assert layer.output.shape[1:] == one.output_shape
        assert tuple(tuple(weight.shape) for weight in layer.weights) == one.weights
    assert layers_text(cards_of(plan)) == layers_text(one for one in cards if one.is_on)


@pytest.mark.parametrize("text", ["residual 8", "residual 8 5x3 none momentum=0.8 stride=2"])
def test_a_residual_block_adds_what_it_was_given(text: str) -> None:
    plan = plan_text(f"conv 8 3x3; {text}; global-average")
    (add,) = (one for one in plan.layers if one.kind == "Add")
    assert len(add.inputs) == 2
    assert (1 in add.inputs) == (text == "residual 8")  # otherwise a 1×1 convolution is between
    assert layers_text(cards_of(plan)) == layers_text(
        parse_layers(f"conv 8 3x3; {text}; global-average")
    )


@pytest.mark.parametrize(
    ("text", "index", "sentence", "repairs"),
    [
        (
            "conv 16 5x5; pool; dense 10", 2,
            "Dense needs a row of values, and is given 12×12×16.",
            ["add flatten before dense", "add global-average before dense", "remove dense"],
        ),
        (
            "pool 16x16; conv 3 3x3; flatten", 1, "Convolution: 3×3 does not fit into 1×1.",
            ["use padding=same for conv", "use kernel=1x1 for conv", "remove conv"],
        ),
        (
            "pool 28x28; pool; flatten", 1, "Max pooling: 2×2 does not fit into 1×1.",
            ["use padding=same for pool", "remove pool"],
        ),
        (
            "flatten; conv 3 3x3", 1,
            "Convolution needs an image, and is given a row of 784 values.",
            ["move conv before flatten", "remove conv", "remove flatten before conv"],
        ),
        (
            "conv 3 3x3; pool", 2, "The ten outputs need a row of values, and are given 13×13×3.",
            ["add flatten before the ten outputs", "add global-average before the ten outputs"],
        ),
        (
            "conv 1 3x3; softmax; flatten", 1, "Softmax of a single value is always 1.",
            ["use sigmoid in place of softmax", "remove softmax"],
        ),
        (
            "depthwise 3x3 softmax; flatten", 0,
            "Depthwise convolution: the softmax of a single output is always 1.",
            ["use activation=sigmoid for depthwise", "remove depthwise"],
        ),
        (
            "conv 1 1x1 relu; flatten", 0,
            "Convolution: a 1×1 convolution from one channel to one only multiplies the image "
            "by a number, which TensorFlow cannot compute on every processor.",
            ["use filters=2 for conv", "remove conv"],
        ),
        (
            "separable 1 3x3; flatten", 0,
            "Separable convolution: a 1×1 convolution from one channel to one only multiplies the "
            "image by a number, which TensorFlow cannot compute on every processor.",
            ["use filters=2 for separable", "remove separable"],
        ),
        (
            "residual 1 stride=2; flatten", 0,
            "Residual block: a 1×1 convolution from one channel to one only multiplies the image "
            "by a number, which TensorFlow cannot compute on every processor.",
            ["use filters=2 for residual", "remove residual"],
        ),
        (
            "conv 64 3x3 padding=same; flatten; dense 1024", 2,
            "With this layer, the network has more than the 10,000,000 parameters that are "
            "accepted.",
            ["use units=128 for dense", "remove dense"],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_what_repairs_it(
    text: str, index: int, sentence: str, repairs: list[str]
) -> None:
    cards = parse_layers(text)
    found = check_layers(cards)
    assert found.plan is None
    assert found.problem is not None
    assert (found.problem.index, found.problem.sentence) == (index, sentence)
    told = [one.sentence for one in found.problem.repairs]
    assert set(repairs) <= set(told)
    assert told[0] == repairs[0]
    with pytest.raises(InvalidSettingError, match=rf"^Layer {index + 1}: "):
        plan_layers(cards)


@pytest.mark.parametrize("seed", range(60))
def test_a_repair_that_is_offered_helps(seed: int) -> None:
    cards = random_cards(np.random.default_rng(seed), 6)
    problem = check_layers(cards).problem
    for repair in problem.repairs if problem is not None else ():
        assert problem is not None
        changed = repair.apply(cards)
        after = check_layers(changed).problem
        moved = len(changed) - len(cards) if repair.at <= problem.index else 0
        assert after is None or after.index - moved > problem.index
    if problem is not None:
        assert problem.repairs


def test_cards_behind_a_problem_have_no_shape_yet() -> None:
    found = check_layers(parse_layers("conv 3 3x3; dense 3; relu"))
    assert [one.output_shape for one in found.layers] == [(26, 26, 3), None, None, None]
    assert [one.input_shape for one in found.layers][1:] == [(26, 26, 3), None, None]


def test_what_is_too_much_knows_what_it_was_given() -> None:
    found = check_layers(parse_layers("conv 64 3x3 padding=same; flatten; dense 1024"))
    assert found.problem is not None
    assert [one.input_shape for one in found.layers[:3]] == [(28, 28, 1), (28, 28, 64), (50176,)]


def test_a_network_that_is_not_of_cards_is_refused_in_words() -> None:
    image, dense = (28, 28, 1), Layer("Dense", {"units": 10})
    ends = plan_sequence("ends", (784,), [dense, Layer("Softmax", {})])
    adds = PlannedGraph(784)
    adds.add("Add", 0, 0)
    nests = PlannedGraph(*image)
    nests.add("Flatten")
    nests.nest(plan_sequence("inner", (784,), [dense]), 1, "inner")
    for plan, words in (
        (ends, "does not end with a dense layer of ten outputs"),
        (adds.plan(), "cannot be written as text"),
        (nests.plan(), "a network"),
    ):
        with pytest.raises(InvalidSettingError, match=words):
            cards_of(plan)


def test_a_text_that_cannot_be_built_is_told_with_its_place_and_what_helps() -> None:
    with pytest.raises(LayerTextError) as caught:
        plan_text("conv 16 5x5 relu\npool; dense 10")
    assert str(caught.value) == (
        "Line 2, column 7: “dense 10” does not fit: dense needs a row of values, and is given "
        "12×12×16; add flatten before dense."
    )
    with pytest.raises(LayerTextError, match=r"^Line 1, column 5: the ten outputs need .* add fl"):
        plan_text("pool")


def test_networks_as_large_as_can_be_typed_are_refused() -> None:
    for text in (
        "dense 65536; dense 65536",
        "conv 4096 1x1; flatten",
        "relu;" * 200,
        "residual 64; " * 25 + "flatten",
        "residual 4; " * 40 + "flatten",
    ):
        problem = check_layers(parse_layers(text)).problem
        assert problem is not None
        assert problem.sentence.startswith("With this layer, the network ")
