"""What a network is called wherever it is named: by its architecture, or by its layers."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.examples import EXAMPLES
from mnist_desktop.networks.layer_cards import LayerCard, cards_of
from mnist_desktop.networks.layer_text import card_text, parse_layers
from mnist_desktop.training.architectures import ARCHITECTURES, architecture
from mnist_desktop.training.config import CUSTOM, TrainingConfig

MAX_SHOWN = 28  # characters of a network's layers in its name
ENOUGH = 0.5  # of the layers that two networks have in common, for one to be named by the other
SIZES = ("units", "filters")  # settings that tell how large a layer is
Texts = tuple[str, ...]  # layers, each as text


def name_of(config: TrainingConfig) -> str:
    """Name a network by its architecture, which may be of a later version, or by its layers.

    Returns
    -------
    str
        Such as ``"Convolutional, fast"``, ``"LeNet-5"``, ``"LeNet-5, changed"`` or
        ``"Own: conv 16, 32, dense 64"``.
    """
    if config.architecture == CUSTOM:
        return _own_name(config.layers, config.started_from)
    try:
        return architecture(config.architecture).name
    except InvalidSettingError:
        return config.architecture


@functools.lru_cache(maxsize=1024)  # lists of runs ask again and again
def _own_name(layers: str, started_from: str) -> str:
    try:
        cards = parse_layers(layers)
    except InvalidSettingError:  # of a later version, or from somebody else
        return f"Own: {_shortened(layers.split('; '))}"
    texts, known = _texts(cards), _known_networks()
    same = next((name for name, others in known.items() if others == texts), "")
    if same:
        return same
    if started_from in known and _likeness(known[started_from], texts) >= ENOUGH:
        return f"{started_from}, changed"
    return f"Own: {_outline(cards)}"


@functools.cache
def _known_networks() -> Mapping[str, Texts]:
    """The layers of all networks that one can start from, by their names."""
    presets = {
        one.name: _texts(cards_of(one.plan(one.recipe)))
        for one in ARCHITECTURES.values()
        if not one.recipe.hidden_units  # those are the user's own
    }
    return presets | {one.name: _texts(parse_layers(one.layers)) for one in EXAMPLES}


def _texts(cards: Sequence[LayerCard]) -> Texts:
    return tuple(card_text(one) for one in cards)


def _likeness(one: Texts, other: Texts) -> float:
    """How many of all their layers two networks have in common, in order, from 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _outline(cards: Sequence[LayerCard]) -> str:
    """Say which layers with weights there are, such as ``"256, 128"`` or ``"conv 16, dense 64"``.

    Of a network that has none but dense ones, their sizes are enough.
    """
    used = [one for one in cards if one.is_on]
    sized = [(one.kind, _size(one)) for one in used if _size(one)]
    words, last = [], "dense" if {kind for kind, _ in sized} == {"dense"} else ""
    for kind, size in sized:
        words.append(size if kind == last else f"{kind} {size}")
        last = kind
    return _shortened(words or [one.kind for one in used] or ["no layers"])


def _size(card: LayerCard) -> str:
    return next((str(card.settings[name]) for name in SIZES if name in card.settings), "")


def _shortened(words: Sequence[str]) -> str:
    """Join as many words as there is room for."""
    whole = ", ".join(words)
    if len(whole) <= MAX_SHOWN:
        return whole
    lengths = accumulate(len(one) + 2 for one in words)
    fitting = sum(length < MAX_SHOWN for length in lengths)
    return ", ".join([*words[:fitting], "…"]) if fitting else f"{whole[: MAX_SHOWN - 1]}…"
