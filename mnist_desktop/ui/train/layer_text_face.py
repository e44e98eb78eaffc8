"""Layers as text, with what is wrong below it and a button that mends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.places import at_top, keep_place
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import Theme, label
from mnist_desktop.ui.train.fields import set_look
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_text_edit import LayerTextEdit
from mnist_desktop.ui.train.output_card import output_choice

MESSAGE_LINES = 2  # the rest of a longer one is its tooltip
OUTPUTS, PROBLEM = 0, 1
TIP = (
    "One layer a line: its kind, then its settings. Ctrl+Space lists what may follow; at the right "
    "is what each layer gives"
)


class LayerTextFace(QWidget):
    """Label, text and message, in fixed places.

    Parameters
    ----------
    document : LayerDocument
        The layers.
    name : str, optional
        The text's object name.

    Attributes
    ----------
    edit : LayerTextEdit
        The text.

    Signals
    -------
    checked()
        The text was looked at: what is wrong with it may be something else now.
    """

    checked = Signal()

    def __init__(self, document: LayerDocument, name: str = "layerTextEdit") -> None:
        super().__init__()
        self.edit = LayerTextEdit(document, name)
        self.edit.setToolTip(in_words(TIP))
        title = label("&Layers", "field")
        title.setBuddy(self.edit)
        self._mend = QPushButton()
        self._mend.setObjectName("mendTextButton")
        self._mend.setProperty("link", "tight")
        self._mend.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        keep_place(self._mend)
        self._mend.clicked.connect(self._on_mend_clicked)
        self._message = FixedLines("problem", MESSAGE_LINES)
        self._message.setObjectName("layerTextMessage")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self._mend)
        self.output = output_choice(self)
        self.output.chosen.connect(document.choose_output)
        self._words = QStackedWidget()  # before the outputs: what they are, or what is wrong
        self._words.addWidget(at_top(label("then 10 outputs, with", "field")))
        self._words.addWidget(self._message)
        outputs = QHBoxLayout()
        outputs.addWidget(self._words, 1)
        outputs.addWidget(self.output, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.edit, 1)
        column.addLayout(outputs)
        self._document = document
        document.draft_changed.connect(self._on_document_draft_changed)
        document.changed.connect(self._on_document_changed)
        self._on_document_changed()
        self.edit.checked.connect(self._on_edit_checked)
        self._on_edit_checked()

    @property
    def problem(self) -> str:
        """What is wrong with the layers, in a sentence; empty if a network can be built of them."""
        return self.edit.words

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.edit.set_theme(theme)

    @Slot()
    def _on_edit_checked(self) -> None:
        problem, fix = self.problem, self.edit.fix
        self._show_message()
        self._mend.setText(fix[:1].upper() + fix[1:])
        self._mend.setToolTip(f"Mend it: {fix}")
        self._mend.setVisible(bool(fix))
        if bool(self.edit.property("problem")) != bool(problem):
            set_look(self.edit, problem=bool(problem))
        self.edit.setAccessibleDescription(problem)
        self.checked.emit()

    @Slot()
    def _on_document_changed(self) -> None:
        self.output.show_value(self._document.output_activation)

    @Slot()
    def _on_document_draft_changed(self) -> None:
        self._show_message()

    def _show_message(self) -> None:
        """Say what is wrong here or, if nothing is, with what is half typed elsewhere."""
        words = self.problem or self._document.draft
        self._message.setText(words)
        self._words.setCurrentIndex(PROBLEM if words else OUTPUTS)

    @Slot()
    def _on_mend_clicked(self) -> None:
        self.edit.mend()
        self.edit.setFocus()
