"""Changes that may make a network fit together. `mnist_desktop.networks.layer_check` tries them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_desktop.networks.card_kinds import written
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.plan import Shape

# What a network breaks: a layer that needs its values in a row, or an image, is given the other; a
# window is larger than the image; channels are compared where there is one; an image of one channel
# is only multiplied by a number; the network as a whole is larger than any that is accepted.
FLAT_NEEDED, IMAGE_NEEDED, TOO_LARGE, SINGLE = "flat", "image", "window", "single"
SCALED, TOO_MUCH = "scaled", "limit"

FLATTENING = ("flatten", "global-average", "dense")
SIZES = ("filters", "units", "multiplier")


@dataclass(frozen=True)
class Repair:
    """A change of some cards, such as one more before another.

    Attributes
    ----------
    sentence : str
        What it does, as a request: "add flatten before dense".
    at, removed : int
        From which card on, how many go.
    inserted : tuple of LayerCard
        What comes in their place.
    group : str
        Of several with the same one, which do the same more or less, only the first that helps is
        needed.
    """

    sentence: str
    at: int
    removed: int
    inserted: tuple[LayerCard, ...]
    group: str

    def apply(self, cards: Sequence[LayerCard]) -> tuple[LayerCard, ...]:
        """Return the cards after the change; they must be those that it was made for."""
        return (*cards[: self.at], *self.inserted, *cards[self.at + self.removed :])


def possible_repairs(
    cards: Sequence[LayerCard], index: int, rule: str, shape: Shape
) -> Iterator[Repair]:
    """Suggest changes at a card that does not fit; some of them may not help.

    Parameters
    ----------
    cards : sequence of LayerCard
        All layers.
    index : int
        Which one does not fit; their number for the ten outputs.
    rule : str
        `FLAT_NEEDED`, `IMAGE_NEEDED`, `TOO_LARGE`, `SINGLE`, `SCALED` or `TOO_MUCH`.
    shape : tuple of int
        What it is given.

    Yields
    ------
    Repair
        The best first.
    """
    if rule == FLAT_NEEDED:
        for kind in ("flatten", "global-average"):
            yield _insertion(cards, index, kind)
    elif rule == IMAGE_NEEDED:
        yield from _before_flattening(cards, index)
    elif rule == TOO_LARGE:
        yield from _windows(cards, index, shape)
    elif rule == SINGLE:
        yield from _not_compared(cards, index)
    elif rule == SCALED:
        yield _change(cards, index, "filters", filters=2)
    elif rule == TOO_MUCH:
        yield from _smaller(cards, index)
    if index < len(cards):
        yield Repair(f"remove {cards[index].kind}", index, 1, (), "remove")


def removals(cards: Sequence[LayerCard], index: int) -> Iterator[Repair]:
    """Suggest to leave out another layer than the one that does not fit, the nearest first."""
    for place in sorted(range(len(cards)), key=lambda place: abs(place - index)):
        if place != index and cards[place].is_on:
            sentence = f"remove {cards[place].kind}, layer {place + 1}"
            yield Repair(sentence, place, 1, (), "another")


def _insertion(cards: Sequence[LayerCard], index: int, kind: str) -> Repair:
    before = cards[index].kind if index < len(cards) else "the ten outputs"
    return Repair(f"add {kind} before {before}", index, 0, (LayerCard(kind),), kind)


def _change(cards: Sequence[LayerCard], index: int, group: str, **settings: Any) -> Repair:
    words = " and ".join(f"{name}={written(value)}" for name, value in settings.items())
    card = cards[index]
    sentence = f"use {words} for {card.kind}"
    return Repair(sentence, index, 1, (card.changed(**settings),), group)


def _before_flattening(cards: Sequence[LayerCard], index: int) -> Iterator[Repair]:
    """Move a card to before the one that put all values in a row, or remove that one."""
    first = next(
        (
            number
            for number, card in enumerate(cards[:index])
            if card.is_on and card.kind in FLATTENING
        ),
        None,
    )
    if first is None:
        return
    between = tuple(cards[first:index])
    kind = cards[index].kind
    sentence = f"move {kind} before {cards[first].kind}"
    yield Repair(sentence, first, len(between) + 1, (cards[index], *between), "move")
    yield Repair(f"remove {cards[first].kind} before {kind}", first, 1, (), "unflatten")


def _windows(cards: Sequence[LayerCard], index: int, shape: Shape) -> Iterator[Repair]:
    yield _change(cards, index, "padding", padding="same")
    name = "kernel" if "kernel" in cards[index].settings else "size"
    rows, columns = cards[index].settings[name]
    smaller = (min(rows, shape[0]), min(columns, shape[1]))
    if name == "kernel" or smaller != (1, 1):  # pooling single pixels does nothing
        yield _change(cards, index, "window", **{name: smaller})


def _not_compared(cards: Sequence[LayerCard], index: int) -> Iterator[Repair]:
    """Look at each value on its own instead."""
    card = cards[index]
    if "activation" in card.settings:
        yield _change(cards, index, "activation", activation="sigmoid")
    else:
        kind = "batchnorm" if card.kind == "layernorm" else "sigmoid"
        words = f"use {kind} in place of {card.kind}"
        yield Repair(words, index, 1, (LayerCard(kind),), kind)


def _smaller(cards: Sequence[LayerCard], index: int) -> Iterator[Repair]:
    """Halve the card's numbers until it fits, or make the image smaller before it."""
    for name in SIZES if index < len(cards) else ():
        value = cards[index].settings.get(name, 1) // 2
        while value:
            yield _change(cards, index, name, **{name: value})
            value //= 2
    flattened = (place for place in range(index - 1, -1, -1) if cards[place].kind == "flatten")
    yield _insertion(cards, next(flattened, index), "pool")
    if index < len(cards) and "stride" in cards[index].settings:
        is_pair = isinstance(cards[index].settings["stride"], tuple)
        yield _change(cards, index, "stride", stride=(2, 2) if is_pair else 2)
