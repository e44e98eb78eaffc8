"""Random networks of layer cards, as a user might put them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from mnist_desktop.networks.card_kinds import CARD_KINDS, Setting
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_check import check_layers

MAX_COST = 3_000_000  # multiplications: so that many of them can be tried
_DRAWN: dict[str, Callable[[Generator], Any]] = {
    "epsilon": lambda rng: float(rng.choice([0.001, 0.01])),
    "filters": lambda rng: int(rng.choice([1, 3, 4, 8])),
    "momentum": lambda rng: float(rng.choice([0.8, 0.9, 0.99])),
    "multiplier": lambda rng: int(rng.integers(1, 3)),
    "rate": lambda rng: float(rng.choice([0.0, 0.1, 0.5])),
    "slope": lambda rng: float(rng.choice([0.01, 0.2, 0.3])),
    "stddev": lambda rng: float(rng.choice([0.05, 0.5])),
    "units": lambda rng: int(rng.choice([1, 5, 16, 32])),
}


def _drawn(setting: Setting, rng: Generator) -> Any:
    if not setting.is_required and rng.random() < 0.4:
        return setting.default
    if setting.name in _DRAWN:
        return _DRAWN[setting.name](rng)
    if setting.kind == "sides":
        return int(rng.integers(1, 5)), int(rng.integers(1, 5))
    if setting.kind == "whole":
        return int(rng.integers(1, 4))
    return bool(rng.random() < 0.5) if setting.kind == "flag" else str(rng.choice(setting.choices))


def random_card(rng: Generator) -> LayerCard:
    """Draw a card of any kind; one in ten is off."""
    about = CARD_KINDS[str(rng.choice(list(CARD_KINDS)))]
    settings = {one.name: _drawn(one, rng) for one in about.settings}
    return LayerCard(about.word, settings, bool(rng.random() < 0.9))


def random_cards(rng: Generator, count: int) -> tuple[LayerCard, ...]:
    """Draw cards that may or may not fit together."""
    return tuple(random_card(rng) for _ in range(count))


def random_network(rng: Generator, count: int) -> tuple[LayerCard, ...]:
    """Draw cards that fit together; what does not fit is left out or repaired."""
    cards: tuple[LayerCard, ...] = ()
    for card in random_cards(rng, count):
        found = check_layers((*cards, card))
        # What is still missing before the ten outputs is added in the end.
        fits = found.problem is None or found.problem.index == len(cards) + 1
        if fits and found.cost <= MAX_COST:
            cards = (*cards, card)
    problem = check_layers(cards).problem
    return cards if problem is None else problem.repairs[rng.integers(2)].apply(cards)
