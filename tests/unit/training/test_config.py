"""A training's settings check themselves and survive JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.augmentation import OFF, STANDARD, Augmentation
from mnist_desktop.training.config import (
    LOSS_WORDS,
    LOSSES,
    SCHEDULE_WORDS,
    SCHEDULES,
    TrainingConfig,
    describe_settings,
    parse_hidden_units,
)
from mnist_desktop.training.progress import BatchProgress


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 1001),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", 0),
        ("batch_size", 10_001),
        ("learning_rate", -1.0),
        ("learning_rate", 0.0),
        ("learning_rate", 11.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("optimizer", "momentum"),
        ("loss", "hinge"),
        ("output_activation", "relu"),
        ("schedule", "steps"),
        ("augment", True),
        ("augment", "shift=2"),
        ("label_smoothing", -0.1),
        ("label_smoothing", 0.6),
        ("label_smoothing", float("nan")),
        ("weight_decay", -0.1),
        ("weight_decay", 0.6),
        ("weight_decay", float("nan")),
        ("weight_decay", True),
        ("seed", -1),
        ("seed", 2**31),
        ("validation_share", -0.1),
        ("validation_share", 0.6),
        ("validation_share", float("nan")),
        ("hidden_units", (0,)),
        ("hidden_units", (5000,)),
        ("hidden_units", (10,) * 9),
    ],
)
def test_a_setting_out_of_range_is_refused_in_one_sentence(setting: str, value: Any) -> None:
    with pytest.raises(InvalidSettingError) as caught:
        TrainingConfig("dense-10", **{setting: value})
    message = str(caught.value)
    assert str(value) in message or setting == "hidden_units"
    assert message.count("\n") == 0
    assert caught.value.exit_code == 2


def test_json_gives_the_same_config_back() -> None:
    config = TrainingConfig(
        "mlp", hidden_units=(50, 40), seed=7, schedule="cosine", augment=STANDARD
    )
    config = config.changed(label_smoothing=0.1, weight_decay=0.02)
    text = json.dumps(config.as_json())
    assert TrainingConfig.from_json(json.loads(text)) == config


@pytest.mark.parametrize(("old", "now"), [(True, STANDARD), (False, OFF)])
def test_a_config_of_an_older_version_has_augmentation_on_or_off(
    old: bool, now: Augmentation
) -> None:
    values = {**TrainingConfig("cnn").as_json(), "augment": old}
    assert TrainingConfig.from_json(values) == TrainingConfig("cnn", augment=now)
    del values["augment"]
    assert TrainingConfig.from_json(values).augment == OFF


def test_augmentation_is_one_line_of_text_in_json() -> None:
    assert TrainingConfig("cnn").as_json()["augment"] == "none"
    config = TrainingConfig("cnn", augment=Augmentation(shift=2, noise=0.1))
    assert config.as_json()["augment"] == "shift=2 noise=0.1"


def test_a_config_of_a_newer_version_keeps_what_is_known() -> None:
    values = {**TrainingConfig("dense-10").as_json(), "colour": "blue"}
    assert TrainingConfig.from_json(values) == TrainingConfig("dense-10")


@pytest.mark.parametrize(
    ("text", "units"),
    [("50,50", (50, 50)), ("128, 64", (128, 64)), (" 7 ", (7,)), ("", ()), ("1,,2", (1, 2))],
)
def test_hidden_units_are_read_from_text(text: str, units: tuple[int, ...]) -> None:
    assert parse_hidden_units(text) == units


@pytest.mark.parametrize("text", ["fifty", "12.5", "50;50"])
def test_hidden_units_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidSettingError, match="integers"):
        parse_hidden_units(text)


def test_share_counts_over_all_epochs() -> None:
    progress = BatchProgress(3, 4, 50, 100, 0.1, 0.9, None)
    assert progress.share == pytest.approx(0.625)


def test_usual_settings_are_told_in_words_and_in_order() -> None:
    assert list(describe_settings(TrainingConfig("cnn")).items()) == [
        ("Epochs", "5"),
        ("Batch size", "32"),
        ("Optimizer", "Adam"),
        ("Learning rate", "0.001"),
        ("Loss", "Cross-entropy on labels"),
        ("Output activation", "Softmax"),
        ("Seed", "1"),
        ("Validation digits", "5% of the training digits"),
    ]


def test_unusual_settings_are_told_where_they_apply() -> None:
    config = TrainingConfig(
        "mlp", epochs=1000, learning_rate=0.00001, hidden_units=(50, 40), schedule="cosine",
        augment=STANDARD, validation_share=0.0, beta_1=0.7, label_smoothing=0.05,
    )  # fmt: skip
    found = describe_settings(config)
    assert found["Epochs"] == "1,000"
    assert found["Learning rate"] == "0.00001"
    assert found["Schedule"] == "Falling along a cosine to zero"
    assert found["Label smoothing"] == "0.05"
    assert found["Hidden layers"] == "50, 40"
    assert found["Augmentation"] == "Up to 2 pixels shift, 8° rotation, 8% scaling"
    assert found["Validation digits"] == "None"
    assert found["Beta 1 and 2"] == "0.7 and 0.999"
    assert "Beta 1 and 2" not in describe_settings(config.changed(optimizer="sgd"))
    assert "Hidden layers" not in describe_settings(config.changed(architecture="cnn"))
    assert describe_settings(config.changed(hidden_units=()))["Hidden layers"] == "None"


def test_every_loss_and_schedule_has_words() -> None:
    assert set(LOSS_WORDS) == set(LOSSES)
    assert list(SCHEDULE_WORDS) == list(SCHEDULES)


@pytest.mark.parametrize(("optimizer", "own"), [("adam", ""), ("sgd", ""), ("adamw", "0.004")])
def test_a_config_from_before_weight_decay_has_its_optimizers_own(optimizer: str, own: str) -> None:
    values = TrainingConfig("cnn", optimizer=optimizer).as_json()
    del values["weight_decay"]
    config = TrainingConfig.from_json(values)
    assert config == TrainingConfig("cnn", optimizer=optimizer)
    assert describe_settings(config).get("Weight decay", "") == own


def test_weight_decay_is_told_where_there_is_any() -> None:
    config = TrainingConfig("cnn", optimizer="adamw", weight_decay=0.00005)
    assert describe_settings(config)["Weight decay"] == "0.00005"
    assert "Weight decay" not in describe_settings(config.changed(weight_decay=0.0))
    assert config.changed(weight_decay=None).decay == 0.004
