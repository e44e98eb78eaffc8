"""Networks are named by what a learner recognises, in one place."""

from __future__ import annotations

import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.examples import EXAMPLES
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_text import layers_text
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.config import CUSTOM, TrainingConfig
from mnist_desktop.training.network_names import MAX_SHOWN, name_of

LENET = EXAMPLES[0].layers


def name(layers: str, started_from: str = "") -> str:
    return name_of(TrainingConfig(CUSTOM, layers=layers, started_from=started_from))


@pytest.mark.parametrize(
    ("layers", "called"),
    [
        ("flatten; dense 256 relu; dense 128 relu; dropout 0.2", "Own: 256, 128"),
        ("conv 16 5x5 relu; pool; flatten; dense 64 relu", "Own: conv 16, dense 64"),
        ("conv 16 3x3; conv 32 3x3; flatten; dense 64", "Own: conv 16, 32, dense 64"),
        ("dense 30 relu; off dense 40 relu", "Own: 30"),
        ("pool; flatten", "Own: pool, flatten"),
        ("off dropout 0.5", "Own: no layers"),
        ("; ".join(["dense 1000 relu"] * 9), "Own: 1000, 1000, 1000, 1000, …"),
        ("a kind 5; of a later version", "Own: a kind 5, of a later version"),
    ],
)
def test_a_network_of_ones_own_is_named_by_what_it_has(layers: str, called: str) -> None:
    assert name(layers) == called
    assert len(called) <= len("Own: ") + MAX_SHOWN


def test_a_network_is_named_by_the_one_it_is_or_began_with() -> None:
    assert name(LENET) == name(LENET.replace("; ", ";")) == name(LENET, "LeNet-5") == "LeNet-5"
    assert name(f"{LENET}; dropout 0.2", "LeNet-5") == "LeNet-5, changed"
    assert name(f"{LENET}; dropout 0.2").startswith("Own: conv 6, 16, dense 120")
    assert name("flatten; dense 50 relu", "LeNet-5") == "Own: 50"
    assert name(f"{LENET}; dropout 0.2", "Nobody knows").startswith("Own: ")


def test_recipes_keep_their_names_in_the_editor() -> None:
    for one in ARCHITECTURES.values():
        layers = layers_text(cards_of(one.plan(one.recipe)))
        assert name_of(one.recipe) == one.name
        assert name(layers, one.name) == ("Own: 128, 64" if one.id == "mlp" else one.name)
    assert name_of(TrainingConfig("of-a-later-version")) == "of-a-later-version"


def test_what_a_network_began_with_is_kept_and_checked() -> None:
    config = TrainingConfig(CUSTOM, layers=LENET, started_from="LeNet-5")
    assert TrainingConfig.from_json(config.as_json()) == config
    for wrong in (5, "two\nlines", "a" * 100):
        with pytest.raises(InvalidSettingError, match="began with must be a name"):
            config.changed(started_from=wrong)
