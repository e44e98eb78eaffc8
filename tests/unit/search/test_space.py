"""What is searched: defaults, files of one's own, and the training that is meant by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.errors import InvalidInputError, InvalidSettingError
from mnist_desktop.networks.layer_check import plan_text
from mnist_desktop.search.settings import CONVOLUTIONAL, DENSE, SETTINGS, Setting
from mnist_desktop.search.space import VALIDATION_SHARE, Space, built_layers, config_of, read_space
from mnist_desktop.training.architectures import ARCHITECTURES, count_parameters
from mnist_desktop.training.augmentation import OFF, STANDARD, Augmentation

EVERYTHING = {"architecture": [CONVOLUTIONAL, DENSE, *ARCHITECTURES]}


def ends(setting: Setting, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values at the ends of where a setting is searched."""
    return values if setting.is_range else (values[0], values[-1])


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("architecture", EVERYTHING["architecture"])
def test_a_network_is_trained_with_whatever_is_drawn(architecture: str, end: int) -> None:
    limits = {
        name: [setting.low, setting.high] if setting.is_range else setting.usual
        for name, setting in SETTINGS.items()
        if name not in {"filters", "dense_units", "dense_layers"}  # the largest have their limits
    }
    space = Space({**limits, "architecture": architecture})
    drawn = space.draw(lambda setting, values: ends(setting, values)[end])
    config = config_of(drawn)
    assert count_parameters(config) > 0
    assert config.epochs == drawn["epochs"]
    assert config.validation_share == VALIDATION_SHARE


def test_augmentation_is_searched_by_its_strength() -> None:
    words = ["none", "light", "standard", "strong"]
    drawn = Space({"augment": words}).draw(lambda _, values: values[0])
    changes = [config_of({**drawn, "augment": word}).augment for word in words]
    assert changes == [
        OFF,
        Augmentation(shift=1, rotate=4, scale=0.04),
        STANDARD,
        Augmentation(shift=3, rotate=12, scale=0.12),
    ]


def test_only_settings_that_change_something_are_drawn() -> None:
    def drawn(architecture: str, **given: Any) -> set[str]:
        space = Space({"architecture": architecture, **given})
        return set(space.draw(lambda _, values: values[0]))

    assert {"filters", "kernel", "dropout", "batch_norm"} <= drawn("conv")
    assert "filters" not in drawn("dense", dense_layers=1)
    assert not {"dense_units", "dropout", "batch_norm"} & drawn("dense", dense_layers=0)
    assert "dropout" not in drawn("cnn-small")


def test_layers_are_built_from_numbers_and_sizes() -> None:
    drawn = {
        "architecture": "conv", "conv_layers": 4, "filters": 16, "kernel": 3, "dense_layers": 1,
        "dense_units": 32, "batch_norm": True, "dropout": 0.254,
    }  # fmt: skip
    text = built_layers(drawn)
    assert text.endswith("flatten; dropout 0.25; dense 32; batchnorm; relu; dropout 0.25")
    assert text.count("conv 16 3x3 padding=same; batchnorm; relu") == 4
    assert text.count("pool") == 3
    assert plan_text(text, "softmax").is_convolutional
    assert built_layers({**drawn, "architecture": "dense", "batch_norm": False, "dropout": 0}) == (
        "dense 32; relu"
    )


def test_presets_come_first_with_the_settings_they_are_known_by() -> None:
    recipes = {one["architecture"]: one for one in Space().recipes()}
    assert set(recipes) == {"cnn-small", "cnn-compact", "cnn-accurate"}
    config = config_of(recipes["cnn-compact"])
    recipe = ARCHITECTURES["cnn-compact"].recipe
    assert config == recipe.changed(validation_share=VALIDATION_SHARE)
    assert Space({"epochs": [1, 6]}).recipes() == [recipes["cnn-accurate"]]


def test_a_file_says_where_to_search(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        'architecture = "dense"\nepochs = [2, 4]\nlearning_rate = 0.01\nbatch_norm = false\n'
    )
    space = read_space(path)
    assert space.values["epochs"] == (2, 4)
    assert space.values["learning_rate"] == (0.01, 0.01)
    assert space.values["batch_norm"] == (False,)
    assert space.values["optimizer"] == SETTINGS["optimizer"].usual


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs = [0, 4]", "epochs must be one integer from 1 to 1,000, or two"),
        ("epochs = [4, 2]", "the smaller first, not [4, 2]"),
        ("epochs = [1, 2, 3]", "epochs must be"),
        ("epochs = 2.5", "epochs must be one integer"),
        ("epochs = true", "epochs must be one integer"),
        ("learning_rate = [nan, 1]", "learning_rate must be one number from 1e-06 to 10"),
        ("learning_rate = -1", "learning_rate must be"),
        ("batch_size = []", "batch_size must be one or several integers from 1 to 10,000"),
        ("batch_size = [64, 64]", "each once"),
        ('optimizer = "adm"', "optimizer must be one or several of adam, sgd"),
        ("batch_norm = 1", "batch_norm must be one or several of true, false"),
        ('architecture = ["conv", "resnet"]', "architecture must be one or several of conv, dense"),
        ("epoch = 3", "'epoch' is no setting of a search; there are architecture, "),
        ("epochs = [2,\n4\nbatch", "is no TOML file: "),
        ("epochs = [[1, 2]]", "epochs must be"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_place_and_rule(
    text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "space.toml"
    path.write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        read_space(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_space(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# \xe9")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        read_space(path)


def test_the_usual_values_keep_the_rules() -> None:
    for setting in SETTINGS.values():
        assert setting.checked(setting.usual) == setting.usual
    with pytest.raises(InvalidSettingError):
        Space({"nothing": (1,)})
