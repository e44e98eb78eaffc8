"""The networks to start from are those that they are said to be."""

from __future__ import annotations

import pytest

from mnist_desktop.networks.examples import EXAMPLES, Example
from mnist_desktop.networks.layer_check import plan_text
from mnist_desktop.networks.layer_text import layers_text, parse_layers


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.name)
def test_an_example_is_written_as_layers_are_and_can_be_built(one: Example) -> None:
    assert layers_text(parse_layers(one.layers)) == one.layers
    assert plan_text(one.layers).output_shape == (10,)


def test_lenet_5_has_the_shapes_and_weights_of_its_paper() -> None:
    plan = plan_text(EXAMPLES[0].layers)
    shapes = [one.output_shape for one in plan.layers]
    assert shapes == [
        (28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (400,), (120,), (84,), (10,),
    ]  # fmt: skip
    assert plan.parameters == 61_706


def test_the_residual_network_adds_what_goes_past_its_blocks() -> None:
    plan = plan_text(EXAMPLES[1].layers)
    assert sum(one.kind == "Add" for one in plan.layers) == 3
    assert plan.parameters < 100_000
