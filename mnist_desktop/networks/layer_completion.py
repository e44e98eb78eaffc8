"""What may be typed at a place of a text of layers: words and settings, with a sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnist_desktop.networks.card_kinds import ACTIVATIONS, CARD_KINDS, Setting, written
from mnist_desktop.networks.layer_text import (
    FLAGS,
    OFF,
    Word,
    WrongWordError,
    items,
    named_value,
    placed_value,
    words_of,
)


@dataclass(frozen=True)
class Completion:
    """A word that may stand at a place.

    Attributes
    ----------
    word : str
        The word; a setting's ends in ``=``.
    sentence : str
        What it does.
    """

    word: str
    sentence: str


@dataclass(frozen=True)
class Completions:
    """What may stand at a place of a text.

    Attributes
    ----------
    start, end : int
        Which characters a word of them replaces.
    words : tuple of Completion
        In the order in which to offer them.
    """

    start: int
    end: int
    words: tuple[Completion, ...]


def completions(text: str, position: int) -> Completions:
    """List what may stand at a place of a text.

    Parameters
    ----------
    text : str
        The text as it is, which may be wrong.
    position : int
        The place: how many characters stand before it, 0 to the text's length.

    Returns
    -------
    Completions
        Only words that begin like what stands directly before the place.
    """
    *_, (start, _end) = items(text[:position])
    words = words_of(text, start, position)
    typed = words.pop() if words and words[-1].end == position else Word("", position)
    if words and words[0].text.lower() == OFF:
        found = _kinds() if len(words) == 1 else _after(words[1], words[2:])
    elif words:
        found = _after(words[0], words[1:])
    else:
        found = [*_kinds(), Completion(OFF, "Keeps the layer behind it without using it.")]
    begun = typed.text.lower()
    fitting = [one for one in found if one.word.startswith(begun) and one.word != begun]
    if "=" in begun:
        fitting = _choices(words, begun)
    return Completions(typed.start, typed.end, tuple(fitting))


def _kinds() -> list[Completion]:
    return [Completion(word, one.sentence) for word, one in CARD_KINDS.items()]


def _after(kind: Word, given: Sequence[Word]) -> list[Completion]:
    """What may follow a kind and the words behind it."""
    about = CARD_KINDS.get(kind.text.lower())
    if about is None:
        return []
    settings: dict[str, Any] = {}
    for word in given:
        try:
            setting, value = (
                named_value(about, word)
                if "=" in word.text
                else placed_value(about, word, settings)
            )
        except WrongWordError:
            continue
        settings[setting.name] = value
    left = [one for one in about.settings if one.name not in settings]
    placed = [one for one in left if one.has_place and one.kind != "choice"]
    found = [Completion(written(one.default), _told(one)) for one in placed[:1]]
    if any(one.name == "activation" for one in left):
        found += [Completion(word, sentence) for word, sentence in ACTIVATIONS.items()]
    return found + [Completion(f"{one.name}=", _told(one)) for one in left if not one.has_place]


def _told(setting: Setting) -> str:
    return f"{setting.name}: {setting.sentence}; it {setting.rule}."


def _choices(words: Sequence[Word], start: str) -> list[Completion]:
    """What may stand behind the equals sign of a setting."""
    kinds = [one.text.lower() for one in words if one.text.lower() != OFF]
    about = CARD_KINDS.get(kinds[0]) if kinds else None
    name = start.partition("=")[0]
    setting = about.setting(name) if about else None
    if setting is None:
        return []
    values = {
        "choice": setting.choices,
        "flag": tuple(FLAGS),
    }.get(setting.kind, () if setting.default is None else (written(setting.default),))
    found = [Completion(f"{name}={value}", _told(setting)) for value in values]
    return [one for one in found if one.word.startswith(start) and one.word != start]
