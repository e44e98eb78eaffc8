"""How far digits are changed: a record that checks itself, and its one form as text."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.augmentation import (
    CHANGES,
    OFF,
    STANDARD,
    Augmentation,
    augmentation_from_json,
    parse_augmentation,
    written,
)


def random_augmentation(rng: np.random.Generator) -> Augmentation:
    """Any of them: some changes off, some at their largest, some with awkward numbers."""
    amounts = {}
    for name, change in CHANGES.items():
        kind = rng.integers(5)
        drawn = float(rng.uniform(0, change.most))
        amounts[name] = [0, change.most, drawn, round(drawn, 2), drawn * 1e-9][kind]
    return Augmentation(**amounts)


@pytest.mark.parametrize("seed", range(200))
def test_text_has_one_form_from_which_the_same_is_read(seed: int) -> None:
    rng = np.random.default_rng(seed)
    augmentation = random_augmentation(rng)
    text = str(augmentation)
    assert parse_augmentation(text) == augmentation_from_json(text) == augmentation
    assert "e-" not in text
    words = text.split()
    assert [one.partition("=")[0] for one in words] == (
        [name for name, amount in augmentation.amounts.items() if amount] or ["none"]
    )
    mixed = "  ".join(rng.permutation(words)).upper()
    assert str(parse_augmentation(mixed)) == text


def test_usual_settings_have_words() -> None:
    assert parse_augmentation("none") == parse_augmentation(" NONE ") == Augmentation() == OFF
    assert parse_augmentation("Standard") == STANDARD
    assert str(STANDARD) == "shift=2 rotate=8 scale=0.08"
    assert (str(OFF), OFF.words, OFF.is_on, STANDARD.is_on) == ("none", "", False, True)
    assert parse_augmentation("shift=0 noise=0") == OFF


def test_it_is_told_in_words() -> None:
    assert STANDARD.words == "Up to 2 pixels shift, 8° rotation, 8% scaling"
    assert Augmentation(shift=1, scale=0.07).words == "Up to 1 pixel shift, 7% scaling"
    everything = Augmentation(**dict.fromkeys(CHANGES, 0.29))
    assert everything.words.count(",") == len(CHANGES) - 1
    assert "29%" in everything.words
    assert "0.29 pixels" in everything.words
    assert "0000" not in everything.words


def test_files_of_older_versions_have_it_on_or_off() -> None:
    assert augmentation_from_json(True) == STANDARD
    assert augmentation_from_json(False) == OFF


@pytest.mark.parametrize("value", [None, 1, 2.5, ["shift=2"], {"shift": 2}])
def test_what_a_file_cannot_have_is_refused(value: Any) -> None:
    with pytest.raises(InvalidSettingError, match="must be text such as shift=2"):
        augmentation_from_json(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shift=2 rotat=8", "column 9: “rotat=8” is no amount of shift, rotate, scale"),
        ("shift=2, rotate=8", "column 1: “shift=2,” does not fit: shift must be a number from 0"),
        ("shift", "column 1: “shift” is no amount of"),
        ("shift 2", "column 1: “shift” is no amount of"),
        (
            "rotate=200",
            "column 1: “rotate=200” does not fit: rotate must be a number from 0 to 180",
        ),
        ("scale=-0.1", "scale must be a number from 0 to 0.5"),
        ("  noise=nan", "column 3: “noise=nan” does not fit"),
        ("noise=inf", "noise must be a number from 0 to 0.5"),
        ("erase=", "erase must be a number"),
        ("erase=８", "erase must be a number"),
        ("shift=2 shift=3", "column 9: “shift=3” gives shift a second time"),
        ("none shift=2", "column 1: “none” is no amount of"),
        ("", "is empty; it is none, standard, or amounts such as shift=2"),
        ("   ", "is empty"),
        ("shift=2 " * 99, "at most 300 characters"),
        ("\u202eshift=2", "is no amount of"),
    ],
)
def test_text_that_is_wrong_is_refused_with_its_place_and_the_rule(text: str, words: str) -> None:
    with pytest.raises(InvalidSettingError) as caught:
        parse_augmentation(text)
    message = str(caught.value)
    assert words in message
    assert message.startswith("Augmentation")
    assert message.isprintable()


@pytest.mark.parametrize("seed", range(100))
def test_nonsense_is_refused_in_one_sentence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("shift=rotae0123.9- \t\n;,%°−∞é\x00\u202e"), rng.integers(1, 60))
    with pytest.raises(InvalidSettingError) as caught:
        parse_augmentation("".join(letters) + "?")
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), True, "2", None, 10**400])
def test_a_value_out_of_range_is_refused(name: str, amount: Any) -> None:
    with pytest.raises(InvalidSettingError, match=f"{name} must be a number from 0 to"):
        Augmentation(**{name: amount})


@pytest.mark.parametrize("name", CHANGES)
def test_the_whole_range_can_be_set(name: str) -> None:
    most = CHANGES[name].most
    assert str(Augmentation(**{name: most})) == f"{name}={written(most)}"
    with pytest.raises(InvalidSettingError):
        Augmentation(**{name: most + 0.001})


def test_every_change_is_a_setting() -> None:
    assert list(CHANGES) == [one.name for one in fields(Augmentation)]
