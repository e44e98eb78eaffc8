"""Layers as text: the grammar in which networks are typed, kept, copied and pasted.

::

    text    = [layer] {(";" | ", " | line break) [layer]}
    layer   = ["off"] kind {value | activation | name "=" value}

A kind is a word such as ``conv``; `mnist_desktop.networks.layer_cards` lists them with their
settings. Values stand in the order of the kind's settings, an activation and named settings
anywhere behind it: ``conv 16 5x5 relu stride=2``. ``off`` keeps a layer without using it. The
network's ten outputs are not part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.card_kinds import CARD_KINDS, CardKind, Setting, written
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.limits import MAX_LAYERS, MAX_TEXT
from mnist_desktop.printable import printable

MAX_WORD = 40  # characters of a word that are shown
MAX_DIGITS = 9  # of an integer
OFF = "off"
FLAGS = {"yes": True, "no": False}
SEPARATOR = "; "
# Between two layers; the comma of 0,3 is none.
_BETWEEN, _WORD = re.compile(r"[;\n]|,(?=\s|$)"), re.compile(r"\S+")


@dataclass(frozen=True)
class TextProblem:
    """What is wrong in a text, and where.

    Attributes
    ----------
    start, end : int
        From which character of the text to before which.
    line, column : int
        The same place as people count, from 1.
    word : str
        What stands there.
    rule : str
        What is wrong with it, and what may stand there, as the end of a sentence.
    suggestion : str
        What is probably meant; empty if that cannot be told.
    """

    start: int
    end: int
    line: int
    column: int
    word: str
    rule: str
    suggestion: str = ""

    @property
    def sentence(self) -> str:
        """The place and the rule, as a sentence."""
        what = f" “{printable(self.word, MAX_WORD)}”" if self.word else ""
        hint = f"; is “{self.suggestion}” meant?" if self.suggestion else "."
        return f"Line {self.line}, column {self.column}:{what} {self.rule}{hint}"


class LayerTextError(InvalidSettingError):
    """A text describes no network.

    Attributes
    ----------
    problem : TextProblem
        What is wrong, and where.
    """

    def __init__(self, problem: TextProblem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass(frozen=True)
class LayerReading:
    """What was read of a text.

    Attributes
    ----------
    cards : tuple of LayerCard
        The layers that could be read.
    places : tuple of (int, int)
        From which character to before which each of them stands.
    problems : tuple of TextProblem
        What could not be read, in order; at most one for each layer.
    """

    cards: tuple[LayerCard, ...]
    places: tuple[tuple[int, int], ...]
    problems: tuple[TextProblem, ...]


def read_layers(text: str) -> LayerReading:
    """Read a text as far as it can be read, as it is typed.

    Parameters
    ----------
    text : str
        Layers, one after the other.

    Returns
    -------
    LayerReading
    """
    if len(text) > MAX_TEXT:
        rule = f"the text may have at most {MAX_TEXT:,} characters, and has {len(text):,}"
        return LayerReading((), (), (problem_at(text, MAX_TEXT, len(text), rule, word=""),))
    cards: list[LayerCard] = []
    places: list[tuple[int, int]] = []
    problems: list[TextProblem] = []
    for start, end in items(text):
        words = words_of(text, start, end)
        if not words:
            continue
        if len(cards) + len(problems) == MAX_LAYERS:
            rule = f"a network may have at most {MAX_LAYERS} layers"
            problems.append(problem_at(text, words[0].start, words[0].end, rule, word=""))
            break
        try:
            cards.append(_card(words))
            places.append((words[0].start, words[-1].end))
        except WrongWordError as wrong:
            at = wrong.word
            problems.append(problem_at(text, at.start, at.end, wrong.rule, wrong.suggestion))
    return LayerReading(tuple(cards), tuple(places), tuple(problems))


def parse_layers(text: str) -> tuple[LayerCard, ...]:
    """Read a text that has to be right.

    Parameters
    ----------
    text : str
        Layers, one after the other, with semicolons or line breaks between them.

    Returns
    -------
    tuple of LayerCard
        In order; empty for a text without a layer.

    Raises
    ------
    LayerTextError
        If something in it cannot be read; it says where, and what may stand there.

    Examples
    --------
    >>> [card.kind for card in parse_layers("conv 16 5x5 relu; pool; flatten")]
    ['conv', 'pool', 'flatten']
    """
    reading = read_layers(text)
    if reading.problems:
        raise LayerTextError(reading.problems[0])
    return reading.cards


def layers_text(cards: Iterable[LayerCard], separator: str = SEPARATOR) -> str:
    """Write cards as text, each in one way only: settings that have their defaults are left out.

    Parameters
    ----------
    cards : iterable of LayerCard
        The layers.
    separator : str
        What stands between two of them: a semicolon or a line break.

    Returns
    -------
    str
        `parse_layers` reads the same cards from it.
    """
    return separator.join(map(card_text, cards))


def card_text(card: LayerCard) -> str:
    """Write one card as text, such as ``"conv 16 5x5 relu stride=2"``."""
    about = card.about
    named = [one for one in about.settings if card.settings[one.name] != one.default]
    placed = [one for one in about.settings if one.has_place and (one.is_required or one in named)]
    words = [written(card.settings[one.name]) for one in placed]
    options = [
        f"{one.name}={_short(card.settings[one.name])}" for one in named if one not in placed
    ]
    return " ".join([*([] if card.is_on else [OFF]), card.kind, *words, *options])


def _short(value: object) -> str:
    """Write a value that stands with its name: of two equal sides, one."""
    return written(value[0] if isinstance(value, tuple) and value[0] == value[1] else value)


def problem_at(
    text: str, start: int, end: int, rule: str, suggestion: str = "", *, word: str | None = None
) -> TextProblem:
    """Describe a problem by its place in a text; its word is what stands there if not given."""
    before = text[:start]
    line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    shown = text[start:end] if word is None else word
    return TextProblem(start, end, line, column, shown, rule, suggestion)


@dataclass(frozen=True)
class Word:
    """A word of a text, and at which character it starts."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Before which character it ends."""
        return self.start + len(self.text)


class WrongWordError(Exception):
    """A word cannot stand where it stands."""

    def __init__(self, word: Word, rule: str, suggestion: str = "") -> None:
        self.word, self.rule, self.suggestion = word, rule, suggestion


def words_of(text: str, start: int, end: int) -> list[Word]:
    """Find the words of a part of a text."""
    return [Word(one.group(), one.start()) for one in _WORD.finditer(text, start, end)]


def items(text: str) -> Iterator[tuple[int, int]]:
    """Find where the layers of a text start and end."""
    start = 0
    for found in _BETWEEN.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _card(words: Sequence[Word]) -> LayerCard:
    """Read the words of one layer."""
    first, *others = words
    is_on = first.text.lower() != OFF
    if not is_on:
        if not others:
            raise WrongWordError(first, "needs a layer behind it, such as off dropout 0.3")
        first, *others = others
    about = CARD_KINDS.get(first.text.lower())
    if about is None:
        raise WrongWordError(first, "is no layer", _kind_meant(first.text, len(words) == 1))
    settings: dict[str, Any] = {}
    for word in others:
        setting, value = (
            named_value(about, word) if "=" in word.text else placed_value(about, word, settings)
        )
        if setting.name in settings:
            raise WrongWordError(word, f"gives {setting.name} of {about.word} a second time")
        settings[setting.name] = value
    missing = [one for one in about.settings if one.is_required and one.name not in settings]
    if missing:
        rule = f"needs {missing[0].name} ({missing[0].sentence})"
        raise WrongWordError(first, rule, _completed(about, settings))
    return LayerCard(about.word, settings, is_on)


def _completed(about: CardKind, settings: dict[str, Any]) -> str:
    return card_text(LayerCard(about.word, settings))


def _kind_meant(text: str, is_alone: bool) -> str:
    """Guess which kind a word means: a typing error, Keras's name, or only a number of units."""
    if text.isascii() and text.isdigit():
        return f"dense {text[:MAX_DIGITS]} relu" if is_alone else ""
    keras = {one.layer.lower(): word for word, one in CARD_KINDS.items() if one.layer}
    meant = _closest(text, [*CARD_KINDS, *keras])
    return keras.get(meant, meant)


def _closest(text: str, words: Sequence[str]) -> str:
    """Return the word that a text is probably meant to be; empty if it is like none of them."""
    import difflib  # only where something is wrong

    return next(iter(difflib.get_close_matches(text.lower()[:MAX_WORD], words, 1)), "")


def named_value(about: CardKind, word: Word) -> tuple[Setting, Any]:
    """Read a setting with its name, such as ``stride=2``.

    Raises
    ------
    WrongWordError
        If the kind has no such setting, or the value does not fit.
    """
    name, _, text = word.text.partition("=")
    setting = about.setting(name.lower())
    if setting is None:
        names = [one.name for one in about.settings]
        has = f"has the settings {', '.join(names)}" if names else "has no settings"
        meant = _closest(name, names)
        rule = f"is no setting of {about.word}, which {has}"
        raise WrongWordError(word, rule, f"{meant}={text[:MAX_WORD]}" if meant else "")
    return setting, _value(setting, text, word)


def placed_value(about: CardKind, word: Word, settings: dict[str, Any]) -> tuple[Setting, Any]:
    """Read a value without a name: an activation, or the next of the kind's values.

    Raises
    ------
    WrongWordError
        If it does not fit, or the kind has had all its values.
    """
    activation = about.setting("activation")
    if activation is not None and word.text.lower() in activation.choices:
        return activation, word.text.lower()
    for one in about.settings:
        if one.has_place and one.name not in settings:
            return one, _value(one, word.text, word)
    named = [one.name for one in about.settings if one.name not in settings]
    more = f"; settings such as {named[0]}= stand with their names" if named else ""
    meant = (f"{one.name}={word.text}" for one in about.settings if word.text in one.choices)
    raise WrongWordError(word, f"is one word too many for {about.word}{more}", next(meant, ""))


def _value(setting: Setting, text: str, word: Word) -> Any:
    """Read the value of a setting."""
    value = _READERS[setting.kind](text.lower())
    try:
        if value is None:
            raise InvalidSettingError
        setting.check(value)
    except InvalidSettingError:
        meant = _closest(text, setting.choices)
        hint = f"{setting.name}={meant}" if meant and "=" in word.text else meant
        rule = f"does not fit: {setting.name} {setting.rule}"
        raise WrongWordError(word, rule, hint) from None
    return value


def _whole(text: str) -> int | None:
    is_short = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_short else None


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() and len(text) <= MAX_WORD else None
    except ValueError:
        return None


def _sides(text: str) -> tuple[int, int] | None:
    """Read ``5x5``, ``5×5`` or ``5``, which means the same."""
    rows, mark, columns = text.replace("×", "x").partition("x")
    sides = _whole(rows), _whole(columns if mark else rows)
    return None if None in sides else sides  # type: ignore[return-value]


_READERS: Mapping[str, Callable[[str], Any]] = {
    "choice": str,
    "flag": FLAGS.get,
    "number": _number,
    "sides": _sides,
    "whole": _whole,
}
