"""Offers to resume an interrupted training."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from mnist_desktop.runs.unfinished import UnfinishedTraining
from mnist_desktop.training.network_names import name_of
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.job_outline import quoted


class UnfinishedCard(QFrame):
    """Says what was interrupted, with two buttons.

    Signals
    -------
    resume_requested(object)
        This `UnfinishedTraining` is to be resumed.
    discard_requested(object)
        It is to be removed.
    """

    resume_requested = Signal(object)
    discard_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("unfinishedCard")
        self.setProperty("card", True)
        self._unfinished: UnfinishedTraining | None = None
        self._words = FixedLines("body", 2)
        self._words.setObjectName("unfinishedLabel")
        self.resume_button = QPushButton("Resume")
        self.resume_button.setObjectName("resumeButton")
        self.resume_button.setToolTip("Continue this training where it left off")
        self.resume_button.clicked.connect(self._on_resume_button_clicked)
        self.discard_button = QPushButton("Discard")
        self.discard_button.setObjectName("discardButton")
        self.discard_button.setToolTip("Delete what it has learnt so far")
        self.discard_button.clicked.connect(self._on_discard_button_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addWidget(self.resume_button, 1)
        buttons.addWidget(self.discard_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT + 4, UNIT, UNIT + 4, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._words)
        layout.addLayout(buttons)
        layout.addStretch()

    def offer(self, unfinished: UnfinishedTraining | None) -> None:
        """Offer a training; None for none."""
        state = None if unfinished is None else unfinished.outline()
        self._unfinished = unfinished
        if unfinished is None:
            return
        if state is None:
            self._words.setText("A training was interrupted, and what was saved of it is damaged.")
        else:
            name = quoted(unfinished.name or name_of(state.config))
            epoch = min(state.progress[0] + 1, state.config.epochs)
            self._words.setText(
                f"{name} was interrupted in epoch {epoch} of {state.config.epochs}."
            )
        self.resume_button.setVisible(state is not None)

    @Slot()
    def _on_resume_button_clicked(self) -> None:
        if self._unfinished is not None:
            self.resume_requested.emit(self._unfinished)

    @Slot()
    def _on_discard_button_clicked(self) -> None:
        if self._unfinished is not None:
            self.discard_requested.emit(self._unfinished)
