"""What the window has to say: where its user looks, in the status bar, and in dialogs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QMessageBox, QWidget

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.ui.parts.message import Icon, message_box
from mnist_desktop.ui.parts.toast import Answer, Card, Toast

REFUSAL_MS = 10_000  # to read why something cannot be done now


class Messenger(QObject):
    """Says things at a window's cards, in its status bar and in dialogs above it.

    Parameters
    ----------
    window : QMainWindow
        The window; it owns this object.
    cards : mapping of Card to QWidget
        Where answers are shown.
    """

    def __init__(self, window: QMainWindow, cards: Mapping[Card, QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._cards = cards
        self._toast = Toast(window)

    def relay(self, card: Card, *sources: QObject) -> None:
        """Say what these say by their signals `said`, `answered`, `refused` and `failed`.

        Parameters
        ----------
        card : Card
            Where the user looks who is refused something by them.
        sources : QObject
            They have some of these signals.
        """
        slots = {
            "said": self.say,
            "answered": self.answer,
            "refused": lambda text: self.refuse(text, card),
            "failed": self.show_error,
        }
        for source in sources:
            for name, slot in slots.items():
                if hasattr(source, name):
                    getattr(source, name).connect(slot)

    @Slot(str)
    def say(self, text: str) -> None:
        """Say in the status bar what is being done, or what was done last."""
        self._window.statusBar().showMessage(text)

    @Slot(object)
    def answer(self, answer: Answer) -> None:
        """Say at a card what became of what was just done there; the status bar keeps it."""
        self.say(answer.text)
        card = self._cards[answer.card]
        self._toast.show_answer(answer, card if card.isVisible() else self._cards[Card.PAGES])

    def refuse(self, text: str, card: Card) -> None:
        """Say at a card, and in the status bar, why something cannot be done now."""
        self.answer(Answer(text, card))
        self._window.statusBar().showMessage(text, REFUSAL_MS)

    @Slot(object)
    def show_error(self, error: MnistDesktopError) -> None:
        """Report an error in a dialog; the window keeps working behind it.

        The status bar has it until the dialog is closed: what is done after that may succeed.
        """
        self.say(str(error))
        self.show_dialog(str(error))

    @Slot(str)
    def show_dialog(self, text: str) -> None:
        """Show a sentence in a dialog, unless it is there already."""
        boxes = self._window.findChildren(QMessageBox, "errorDialog")
        if any(box.isVisible() and box.text() == text for box in boxes):
            return
        box = message_box(Icon.Warning, text, self._window, "errorDialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._on_box_finished)
        box.open()

    @Slot()
    def _on_box_finished(self) -> None:
        box = self.sender()
        bar = self._window.statusBar()
        if isinstance(box, QMessageBox) and bar.currentMessage() == box.text():
            bar.clearMessage()
