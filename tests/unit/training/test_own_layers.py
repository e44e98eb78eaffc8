"""A recipe put together again from its layers is trained to the same weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_text import layers_text
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.config import CUSTOM, TrainingConfig
from mnist_desktop.training.trainer import TrainingResult, train


def trained(config: TrainingConfig, dataset: Dataset) -> TrainingResult:
    return train(config, dataset, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.mark.parametrize("name", ["mlp", "cnn-fast"])
def test_a_recipe_rebuilt_from_its_layers_learns_the_same_to_the_last_bit(
    name: str, sample: Dataset
) -> None:
    recipe = ARCHITECTURES[name].recipe.changed(epochs=1)
    layers = layers_text(cards_of(plan_of(recipe)))
    rebuilt = recipe.changed(architecture=CUSTOM, layers=layers, hidden_units=())
    few = replace(sample, train=sample.train.take(np.arange(500)))
    one, other = trained(recipe, few), trained(rebuilt, few)
    for mine, theirs in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(one.test_scores, other.test_scores)
