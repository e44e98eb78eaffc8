"""Layers as text: what can be typed, what is said of what cannot, and what is offered."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.card_kinds import CARD_KINDS
from mnist_desktop.networks.layer_cards import LayerCard, cards_of
from mnist_desktop.networks.layer_completion import completions
from mnist_desktop.networks.layer_text import (
    LayerTextError,
    card_text,
    layers_text,
    parse_layers,
    read_layers,
)
from mnist_desktop.networks.limits import MAX_LAYERS, MAX_TEXT
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import dense
from tests.made_layer_texts import random_cards


def problem_of(text: str) -> tuple[int, int, str, str, str]:
    with pytest.raises(LayerTextError) as caught:
        parse_layers(text)
    found = caught.value.problem
    assert text[found.start : found.end].startswith(found.word)
    assert str(caught.value) == found.sentence
    return found.line, found.column, found.word, found.rule, found.suggestion


def test_the_layers_of_the_contract_are_read() -> None:
    text = (
        "conv 16 5x5 relu; pool; pool 3x3; avgpool\ndense 128 relu; dropout 0.3; batchnorm; relu;"
        "flatten; global-average; noise 0.1; conv 8 3x3 stride=2 padding=same; "
        "batchnorm momentum=0.9"
    )
    cards = parse_layers(text)
    assert [one.kind for one in cards] == [
        "conv", "pool", "pool", "avgpool", "dense", "dropout", "batchnorm", "relu", "flatten",
        "global-average", "noise", "conv", "batchnorm",
    ]  # fmt: skip
    assert cards[0].settings["kernel"] == (5, 5)
    assert cards[2].settings["size"] == (3, 3)
    assert cards[4] == LayerCard("dense", {"units": 128, "activation": "relu"})
    assert (cards[11].settings["stride"], cards[11].settings["padding"]) == ((2, 2), "same")


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("", ""),
        (" ;\n; ", ""),
        ("CONV 16 5X5 ReLU", "conv 16 5x5 relu"),
        ("conv 16 5×5", "conv 16 5x5"),
        ("conv 16 5", "conv 16 5x5"),
        ("conv relu filters=16 kernel=5x3 bias=yes", "conv 16 5x3 relu"),
        ("conv kernel=5x3 filters=16 stride=2x1", "conv 16 5x3 stride=2x1"),
        ("pool 2x2; pool size=3", "pool; pool 3x3"),
        ("dense 10 none bias=no", "dense 10 bias=no"),
        ("dense 256, dropout .5, off relu", "dense 256; dropout 0.5; off relu"),
        ("dropout 1e-1\r\nnoise 1", "dropout 0.1; noise 1"),
        ("residual 32 relu stride=1", "residual 32"),
        ("residual 32 5x5 none", "residual 32 5x5 none"),
    ],
)
def test_a_text_has_one_canonical_form(typed: str, canonical: str) -> None:
    assert layers_text(parse_layers(typed)) == canonical
    assert parse_layers(canonical) == parse_layers(typed)


@pytest.mark.parametrize("seed", range(20))
def test_cards_survive_being_written_as_text(seed: int) -> None:
    cards = random_cards(np.random.default_rng(seed), 30)
    for separator in ("; ", "\n"):
        assert parse_layers(layers_text(cards, separator)) == cards


@pytest.mark.parametrize("kind", CARD_KINDS)
def test_what_a_palette_adds_can_be_written(kind: str) -> None:
    assert parse_layers(CARD_KINDS[kind].example) == (LayerCard(kind),)
    assert parse_layers(card_text(LayerCard(kind, is_on=False))) == (LayerCard(kind, is_on=False),)


@pytest.mark.parametrize(
    ("text", "place", "word", "rule", "suggestion"),
    [
        ("pool\n  desne 3", (2, 3), "desne", "is no layer", "dense"),
        ("Conv2D 16 3x3", (1, 1), "Conv2D", "is no layer", "conv"),
        ("256, 128", (1, 1), "256", "is no layer", "dense 256 relu"),
        ("שכבה", (1, 1), "שכבה", "is no layer", ""),
        ("pool; conv 16", (1, 7), "conv", "needs kernel (how many pixels", "conv 16 3x3"),
        ("dropout", (1, 1), "dropout", "needs rate", "dropout 0.3"),
        ("dropout 1.5", (1, 9), "1.5", "rate must be a number from 0 to 0.999", ""),
        ("dropout nan", (1, 9), "nan", "rate must be", ""),
        ("dense 1e400", (1, 7), "1e400", "units must be an integer from 1 to 65,536", ""),
        ("dense 99999999999999999999", (1, 7), "9" * 20, "units must be an integer", ""),
        ("dense ١٢", (1, 7), "١٢", "units must be an integer", ""),
        ("dense -3", (1, 7), "-3", "units must be an integer", ""),
        ("dense 10 rleu", (1, 10), "rleu", "activation must be one of relu, ", "relu"),
        ("conv 5x5", (1, 6), "5x5", "filters must be an integer from 1 to 4,096", ""),
        ("conv 8 0x5", (1, 8), "0x5", "kernel must be rows and columns such as 3x3", ""),
        ("conv 8 3x3 padding=sme", (1, 12), "padding=sme", "valid, same", "padding=same"),
        ("conv 8 3x3 strid=2", (1, 12), "strid=2", "is no setting of conv", "stride=2"),
        ("flatten 3", (1, 9), "3", "is one word too many for flatten", ""),
        ("conv 8 3x3 2", (1, 12), "2", "does not fit: activation", ""),
        ("relu relu", (1, 6), "relu", "is one word too many", ""),
        ("dense 9 relu activation=none", (1, 14), "activation=none", "a second time", ""),
        ("off", (1, 1), "off", "needs a layer behind it", ""),
        ("dense 3 bias=maybe", (1, 9), "bias=maybe", "bias must be yes or no", ""),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_the_rule(
    text: str, place: tuple[int, int], word: str, rule: str, suggestion: str
) -> None:
    line, column, found, told, meant = problem_of(text)
    assert ((line, column), found, meant) == (place, word, suggestion)
    assert rule in told


def test_what_is_wrong_is_said_in_a_sentence() -> None:
    with pytest.raises(InvalidSettingError) as caught:
        parse_layers("pool\nconv 16 5x5 rleu")
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        "Line 2, column 13: “rleu” does not fit: activation must be one of relu, leaky-relu, tanh, "
        "sigmoid, gelu, silu, softmax, none; is “relu” meant?"
    )


def test_each_layer_that_is_wrong_is_told_and_the_others_are_read() -> None:
    reading = read_layers("dense 5; dens 6; pool 0x0; flatten")
    assert [one.word for one in reading.problems] == ["dens", "0x0"]
    assert [one.kind for one in reading.cards] == ["dense", "flatten"]
    assert [slice(*place) for place in reading.places] == [slice(0, 7), slice(27, 34)]


def test_nonsense_of_any_size_is_refused_in_a_sentence() -> None:
    for text in ("x" * MAX_TEXT, "x " * MAX_TEXT, "=;" * 5000, "\u202e" * 300, "\0\x1b[2J"):
        assert len(problem_of(text)[3]) < 200
    assert problem_of("relu;" * 1000)[3] == f"a network may have at most {MAX_LAYERS} layers"


def test_a_setting_that_there_is_not_is_refused() -> None:
    for wrong in ({"units": 0}, {"units": True}, {"units": 2.0}, {"filters": 3}):
        with pytest.raises(InvalidSettingError):
            LayerCard("dense", wrong)
    with pytest.raises(InvalidSettingError, match="must be one of conv, depthwise"):
        LayerCard("lambda")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", ["conv", "depthwise", "separable"]),
        ("flatten; de", ["depthwise", "dense"]),
        ("off dr", ["dropout"]),
        ("dense ", ["128", "relu", "leaky-relu"]),
        ("dense 128 s", ["sigmoid", "silu", "softmax"]),
        ("conv 16 5x5 relu ", ["stride=", "padding=", "bias="]),
        ("conv 16 5x5 padding=", ["padding=valid", "padding=same"]),
        ("pool stride", ["stride="]),
        ("nothing ", []),
        ("conv 16 5x5 relu", []),
        ("batchnorm nothing=", []),
    ],
)
def test_what_may_come_is_offered(text: str, offered: list[str]) -> None:
    found = completions(f"{text}; pool", len(text))
    words = [one.word for one in found.words]
    assert words[: len(offered)] == offered
    assert bool(words) == bool(offered)
    assert all(one.sentence.endswith(".") for one in found.words)
    for word in words[:1]:
        assert word.startswith(text[found.start : found.end])


def test_what_no_card_stands_for_cannot_be_edited() -> None:
    plan = plan_sequence("net", (784,), [Layer("ELU", {}), dense(10, "softmax")])
    with pytest.raises(InvalidSettingError, match=r"elu \(ELU\) cannot be written as text"):
        cards_of(plan)
