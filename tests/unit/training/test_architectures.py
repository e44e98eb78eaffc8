"""Each network is what its name says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.architectures import ARCHITECTURES, architecture, count_parameters
from mnist_desktop.training.engine import load_keras

CONTRACT = [
    "dense-10",
    "dense-100",
    "flatten-dense-100",
    "dense-50-50",
    "mlp",
    "cnn-fast",
    "cnn",
    "cnn-accurate",
    "cnn-best",
    "cnn-small",
    "cnn-compact",
]


def layers_of(model: Any) -> list[tuple[str, Any, Any]]:
    """Kind, units and activation of each layer that has them."""
    return [
        (type(layer).__name__, getattr(layer, "units", None), _activation(layer))
        for layer in model.layers
    ]


def _activation(layer: Any) -> str | None:
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", None)


def build(name: str) -> Any:
    """Build a network by its recipe."""
    return ARCHITECTURES[name].build(ARCHITECTURES[name].recipe)


def test_the_registry_holds_the_ids_of_the_contract_in_order() -> None:
    assert list(ARCHITECTURES) == CONTRACT


def test_an_unknown_id_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InvalidSettingError, match=r"dense-100.*not 'resnet'"):
        architecture("resnet")


@pytest.mark.parametrize("name", CONTRACT)
def test_the_parameter_count_on_the_screen_is_the_networks(name: str) -> None:
    one = ARCHITECTURES[name]
    assert one.build(one.recipe).count_params() == count_parameters(one.recipe)


@pytest.mark.parametrize("name", CONTRACT)
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_each_network_gives_ten_scores_with_the_wished_activation(
    name: str, activation: str
) -> None:
    load_keras()
    one = ARCHITECTURES[name]
    model = one.build(one.recipe.changed(output_activation=activation))
    outputs = np.asarray(model(np.random.default_rng(0).random((3, *model.input_shape[1:]))))
    assert outputs.shape == (3, 10)
    assert ((outputs >= 0) & (outputs <= 1)).all()
    sums_to_one = np.allclose(outputs.sum(axis=1), 1, atol=1e-5)
    assert sums_to_one == (activation == "softmax")


def test_the_networks_of_the_sources_are_built_as_described() -> None:
    built = {name: layers_of(build(name)) for name in CONTRACT}
    out = ("Dense", 10, "sigmoid")
    assert built["dense-10"] == [out]
    assert built["dense-100"] == [("Dense", 100, "relu"), out]
    assert built["flatten-dense-100"] == [("Flatten", None, None), ("Dense", 100, "relu"), out]
    assert built["dense-50-50"] == [
        ("Flatten", None, None),
        ("Dense", 50, "relu"),
        ("Dense", 50, "relu"),
        out,
    ]


def test_the_recipes_of_the_sources_are_their_defaults() -> None:
    epochs_of = {"dense-10": 5, "dense-100": 5, "flatten-dense-100": 5, "dense-50-50": 10}
    for name, epochs in epochs_of.items():
        recipe = ARCHITECTURES[name].recipe
        found = (recipe.optimizer, recipe.loss, recipe.batch_size, recipe.epochs)
        assert found == ("adam", "sparse", 32, epochs)
        assert recipe.output_activation == "sigmoid"


def test_mlp_has_the_hidden_layers_that_are_asked_for() -> None:
    one = ARCHITECTURES["mlp"]
    model = one.build(one.recipe.changed(hidden_units=(30, 20, 10)))
    units = [layer.units for layer in model.layers if hasattr(layer, "units")]
    assert units == [30, 20, 10, 10]


@pytest.mark.parametrize(("name", "most"), [("cnn-small", 8_000), ("cnn-compact", 25_000)])
def test_the_small_networks_are_as_small_as_they_are_said_to_be(name: str, most: int) -> None:
    one = ARCHITECTURES[name]
    assert count_parameters(one.recipe) < most
    assert f"{most:,} " in one.description


def test_the_convolutional_networks_have_what_they_are_said_to_have() -> None:
    kinds = {
        name: [kind for kind, *_ in layers_of(build(name))] for name in ("cnn", "cnn-accurate")
    }
    assert kinds["cnn"].count("Conv2D") == 2
    assert "Dropout" in kinds["cnn"]
    assert "BatchNormalization" in kinds["cnn-accurate"]
    assert "Dropout" in kinds["cnn-accurate"]
