"""The layers of a network of one's own while they are edited: what they are, and each step back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_check import CheckedNetwork, check_layers
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.networks.limits import MAX_LAYERS
from mnist_desktop.networks.repairs import Repair
from mnist_desktop.ui.parts.guarded import guarded

Cards = tuple[LayerCard, ...]
# What is to be seen when layers of one's own are first chosen: a network that learns in seconds.
STARTER = "conv 16 5x5 relu; pool; flatten; dense 64 relu; dropout 0.3"
MAX_STEPS = 500  # that can be undone
TYPED = "type layers"


class LayerDocument(QObject):
    """Holds the cards of a network, checked after each change, and every step that led there.

    All places that show the layers share one document; whichever changes them, all hear of it.

    Attributes
    ----------
    steps : QUndoStack
        What can be undone and done again.
    selected : int
        The card that is edited, which all places mark; -1 for none.
    settings_now : callable or None
        Tells the settings that belong to the layers; a step that is taken back keeps them.

    Signals
    -------
    changed()
        The cards, or what becomes of them, are others.
    selection_changed(int)
        Another card is edited.
    refused(str)
        Why something was not done, in a sentence.
    loaded()
        All layers were replaced, if only by the same: what was half typed is over.
    draft_changed()
        Something else, or nothing, is half typed now.
    stepped()
        The user's layers, or their outputs, were changed by a step, or by taking one back.
    output_requested(str)
        The activation of the outputs that a step has led to.
    settings_requested(object)
        The settings that belong to the layers a step has led to, which `load` was given.
    """

    changed = Signal()
    loaded = Signal()
    draft_changed = Signal()
    stepped = Signal()
    output_requested = Signal(str)
    settings_requested = Signal(object)
    selection_changed = Signal(int)
    refused = Signal(str)

    def __init__(self, text: str = STARTER, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: Cards = parse_layers(text)
        self._output_activation = "softmax"
        self._checked: CheckedNetwork | None = None
        self._drafts: dict[str, str] = {}
        self.settings_now: Callable[[], object] | None = None
        self.selected = -1
        self._settled = 0  # how often what was being changed has come to rest
        self.steps = QUndoStack(self)
        self.steps.setUndoLimit(MAX_STEPS)

    # What there is

    @property
    def cards(self) -> Cards:
        """The layers up to the ten outputs, in order."""
        return self._cards

    @property
    def text(self) -> str:
        """The layers as text in one line."""
        return layers_text(self._cards)

    @property
    def checked(self) -> CheckedNetwork:
        """What becomes of the layers: shapes, weights, cost, and the first problem."""
        if self._checked is None:
            self._checked = check_layers(self._cards, self._output_activation)
        return self._checked

    @property
    def output_activation(self) -> str:
        """What the ten outputs pass through."""
        return self._output_activation

    @property
    def draft(self) -> str:
        """What is wrong with something half typed, which the layers lack; empty if nothing is."""
        return next(iter(self._drafts.values()), "")

    def note_draft(self, place: str, problem: str) -> None:
        """Note that what is typed at a place cannot be used, or with no words that it can."""
        before = self.draft
        self._drafts.pop(place, None)
        if problem:
            self._drafts[place] = problem
        if self.draft != before:
            self.draft_changed.emit()

    def set_output_activation(self, name: str) -> None:
        """Have the ten outputs pass through ``"softmax"`` or ``"sigmoid"``."""
        if name != self._output_activation:
            self._output_activation = name
            self._tell()

    def select(self, index: int) -> None:
        """Edit this card from now on; -1 for none."""
        if index != self.selected and index < len(self._cards):
            self.selected = index
            self.selection_changed.emit(index)

    # Steps, each of which can be undone

    def load(
        self,
        cards: Sequence[LayerCard],
        words: str,
        settings: tuple[object, object] | None = None,
    ) -> None:
        """Replace all layers.

        Parameters
        ----------
        cards : sequence of LayerCard
            The new ones.
        words : str
            What was done, as a request: "start from LeNet-5".
        settings : tuple of object, optional
            What belonged to the layers before, and what belongs to these; `settings_requested`
            tells of them when the step is done, and when it is taken back.
        """
        self._do(words, tuple(cards), settings=settings)
        self.loaded.emit()

    def type_text(self, cards: Sequence[LayerCard]) -> None:
        """Replace all layers by what was typed; what is typed on is one step with it."""
        self._do(TYPED, tuple(cards), merges_with=TYPED)

    def insert(self, index: int, *cards: LayerCard) -> None:
        """Put cards before the one with this index, and edit the last of them."""
        name = cards[0].about.title if len(cards) == 1 else "layers"
        end = index + len(cards)
        self._do(f"add {name}", (*self._cards[:index], *cards, *self._cards[index:]), end - 1)

    def remove(self, index: int) -> None:
        """Take a card out; the next one is edited then."""
        left = (*self._cards[:index], *self._cards[index + 1 :])
        self._do(f"remove {self._title(index)}", left, min(index, len(left) - 1))

    def move(self, index: int, to: int) -> None:
        """Take a card out and put it in again where it then has the index `to`."""
        if to == index or not 0 <= to < len(self._cards):
            return
        left = [*self._cards[:index], *self._cards[index + 1 :]]
        left.insert(to, self._cards[index])
        self._do(f"move {self._title(index)}", tuple(left), to)

    def duplicate(self, index: int) -> None:
        """Put a card like this one behind it."""
        card = self._cards[index]
        cards = (*self._cards[: index + 1], card, *self._cards[index + 1 :])
        self._do(f"duplicate {card.about.title}", cards, index + 1)

    def switch(self, index: int, *, is_on: bool) -> None:
        """Make a card part of the network, or only keep it."""
        card = self._cards[index]
        if card.is_on != is_on:
            word = "on" if is_on else "off"
            self._put(index, LayerCard(card.kind, card.settings, is_on), f"switch {word}")

    def change(self, index: int, **settings: Any) -> None:
        """Give settings of a card other values; what is set again right after is one step with it.

        Raises
        ------
        InvalidSettingError
            If a value is out of its range.
        """
        names = ", ".join(settings)
        self._put(index, self._cards[index].changed(**settings), f"change {names}", merges=True)

    def repair(self, repair: Repair) -> None:
        """Make a change that the check suggests for the cards as they are."""
        self._do(repair.sentence, repair.apply(self._cards), self.selected)

    def choose_output(self, name: str) -> None:
        """Have the ten outputs pass through another activation."""
        if name != self._output_activation:
            self.steps.push(_OutputStep(self, self._output_activation, name))

    def settle(self) -> None:
        """Let what is done next be a step of its own, whatever was done before."""
        self._settled += 1

    def undo(self) -> None:
        """Take the last step back."""
        self.steps.undo()

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        self.steps.redo()

    # How

    def _title(self, index: int) -> str:
        return self._cards[index].about.title

    def _put(self, index: int, card: LayerCard, words: str, *, merges: bool = False) -> None:
        cards = (*self._cards[:index], card, *self._cards[index + 1 :])
        words = f"{words} of {card.about.title}"
        self._do(words, cards, index, merges_with=f"{words} {index}" if merges else "")

    def _do(
        self,
        words: str,
        cards: Cards,
        selected: int | None = None,
        *,
        merges_with: str = "",
        settings: tuple[object, object] | None = None,
    ) -> None:
        if cards == self._cards:
            return
        if len(cards) > max(MAX_LAYERS, len(self._cards)):
            self.refused.emit(f"A network may have {MAX_LAYERS} layers at most; remove some first.")
            return
        chosen = self.selected if selected is None else selected
        before, after = (self._cards, self.selected), (cards, min(chosen, len(cards) - 1))
        key = f"{merges_with} {self._settled}" if merges_with else ""
        self.steps.push(_Step(self, words, (before, after), merges_with=key, settings=settings))

    def show(self, cards: Cards, selected: int) -> None:
        """Have these cards be the layers, as a step does."""
        self._cards, self.selected = cards, selected
        self._tell()
        self.stepped.emit()

    def show_output(self, name: str) -> None:
        """Have the outputs pass through this activation, as a step does."""
        self.set_output_activation(name)
        self.output_requested.emit(name)
        self.stepped.emit()

    def _tell(self) -> None:
        self._checked = None
        self.changed.emit()


State = tuple[Cards, int]  # the cards, and which of them is edited


@guarded
class _Step(QUndoCommand):
    """From some cards to others."""

    def __init__(
        self,
        document: LayerDocument,
        words: str,
        states: tuple[State, State],
        *,
        merges_with: str,
        settings: tuple[object, object] | None,
    ) -> None:
        super().__init__(words)
        self._document = document
        self._before, self.after = states
        self._settings = settings
        self.merges_with = merges_with

    def id(self) -> int:
        """Say that it may be merged with another."""
        return 1 if self.merges_with else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Become one step with the one that follows, if that changes the same thing."""
        if not isinstance(other, _Step) or other.merges_with != self.merges_with:
            return False
        self.after = other.after
        self.setObsolete(self.after[0] == self._before[0])
        return True

    def undo(self) -> None:
        """Go back; what was set meanwhile is there again once this is done again."""
        if self._settings is not None and self._document.settings_now is not None:
            self._settings = (self._settings[0], self._document.settings_now())
        self._document.show(*self._before)
        if self._settings is not None:
            self._document.settings_requested.emit(self._settings[0])

    def redo(self) -> None:
        """Go there."""
        self._document.show(*self.after)
        if self._settings is not None:
            self._document.settings_requested.emit(self._settings[1])


@guarded
class _OutputStep(QUndoCommand):
    """From one activation of the ten outputs to another."""

    def __init__(self, document: LayerDocument, before: str, after: str) -> None:
        super().__init__(f"end in {after}")
        self._document = document
        self._before, self._after = before, after

    def undo(self) -> None:
        """Go back."""
        self._document.show_output(self._before)

    def redo(self) -> None:
        """Go there."""
        self._document.show_output(self._after)
