"""The bar below the table of runs: what can be done with those that are ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton

from mnist_desktop import formats
from mnist_desktop.printable import printable
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.pages.export_menu import export_menu
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, label

NAME_SHOWN = 24  # characters
NOTHING = "Tick two runs to compare them, or several to export or delete them."
PAIR = 2


@guarded
class TickBar(QFrame):
    """Says in words what is ticked and what that is good for, or what was deleted.

    Its place is always there, so that the table above it stays as it is.

    Signals
    -------
    compare_requested(), delete_requested(), untick_requested()
        The ticked runs are to be compared or deleted, or their ticks are to go.
    export_requested(object)
        The user wants this `Export` of each ticked run.
    undo_requested()
        The last deletion is to be taken back.
    """

    compare_requested = Signal()
    delete_requested = Signal()
    untick_requested = Signal()
    export_requested = Signal(object)
    undo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tickBar")
        self.setProperty("card", True)
        self._deleted = ""
        self._ticked: Sequence[Run] = ()
        self._words = label("", "body", wrap=True)
        self._words.setObjectName("tickedRunsLabel")
        self._deleted_words = label("", "muted", wrap=True)
        self._deleted_words.setObjectName("deletedRunsLabel")
        self.compare_button = _button("Compare", "Show the two ticked runs side by side")
        self.compare_button.clicked.connect(self.compare_requested)
        self._export_button = QToolButton()
        self._export_button.setObjectName("exportTickedButton")
        self._export_button.setText("Export")
        self._export_button.setToolTip("Write a file of each ticked run into a folder")
        self._export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        give_menu(self._export_button, export_menu(self, self.export_requested.emit))
        self._delete_button = _button("Delete", "Delete the ticked runs (Delete); it can be undone")
        self._delete_button.clicked.connect(self.delete_requested)
        self._untick_button = QToolButton()
        self._untick_button.setObjectName("untickButton")
        self._untick_button.setProperty("plain", True)
        self._untick_button.setIcon(icon("close"))
        self._untick_button.setAccessibleName("Untick all")
        self._untick_button.setToolTip("Take all ticks away")
        self._untick_button.clicked.connect(self.untick_requested)
        self.undo_button = _button("Undo", "Take the deletion back (Ctrl+Z in the table)")
        self.undo_button.setObjectName("undoDeleteButton")
        self.undo_button.clicked.connect(self.undo_requested)
        self._for_ticked = (
            self.compare_button,
            self._export_button,
            self._delete_button,
            self._untick_button,
        )
        self._lay_out()
        self._fit()
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(UNIT * 2, 0, UNIT, 0)
        row.setSpacing(UNIT)
        row.addWidget(self._words, 1)
        row.addWidget(self._deleted_words, 1)
        for button in (*self._for_ticked, self.undo_button):
            row.addWidget(button)

    def _fit(self) -> None:
        """Be as high as two lines and a button, whatever is shown."""
        lines, button = self.fontMetrics().height() * 2, self.undo_button.sizeHint().height()
        self.setFixedHeight(max(lines, button) + UNIT * 2)

    def changeEvent(self, event: QEvent) -> None:
        """Fit the height to the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    @property
    def offers_undo(self) -> bool:
        """Whether a deletion can be taken back."""
        return bool(self._deleted)

    def show_ticked(self, runs: Sequence[Run]) -> None:
        """Offer what can be done with these runs; what was deleted is told while there are none."""
        self._ticked = runs
        self._show()

    def show_deleted(self, words: str) -> None:
        """Say what was deleted, and offer to take it back; empty words take the offer away."""
        self._deleted = words
        self._show()

    def _show(self) -> None:
        count = len(self._ticked)
        tells_deletion = bool(self._deleted) and not count
        self._words.setText(self._describe(count))
        self._deleted_words.setText(self._deleted)
        self._words.setVisible(not tells_deletion)
        self._deleted_words.setVisible(tells_deletion)
        self.undo_button.setVisible(tells_deletion)
        for button in self._for_ticked:
            button.setVisible(count > 0)
        self.compare_button.setEnabled(count == PAIR)

    def _describe(self, count: int) -> str:
        if count == 0:
            return NOTHING
        if count == 1:
            name = printable(self._ticked[0].record.name, NAME_SHOWN)
            return f"Tick a second run to compare it with “{name}”."
        runs = formats.count(count, "run")
        return f"{runs} ticked" if count == PAIR else f"{runs} ticked; two can be compared"


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(in_words(tip))
    return button
