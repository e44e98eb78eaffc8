"""The layer editor: a network of one's own, put together card by card, checked as it is edited."""

from __future__ import annotations

import functools

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.formats import percent
from mnist_desktop.networks.examples import EXAMPLES, Example
from mnist_desktop.networks.layer_cards import LayerCard, cards_of
from mnist_desktop.networks.layer_text import card_text, layers_text, parse_layers, read_layers
from mnist_desktop.training.architectures import ARCHITECTURES, Architecture, architecture
from mnist_desktop.training.config import CUSTOM, TrainingConfig
from mnist_desktop.ui.parts.file_saver import CopyRequest
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.shortcuts import add_shortcut, in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme
from mnist_desktop.ui.train.card_list import CardList
from mnist_desktop.ui.train.card_widget import CardWidget
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_faces import CodeFace, DiagramFace
from mnist_desktop.ui.train.layer_keys import step_of, step_on_card
from mnist_desktop.ui.train.layer_palette import LayerPalette
from mnist_desktop.ui.train.layer_text_face import LayerTextFace
from mnist_desktop.ui.train.layer_totals import LayerTotals
from mnist_desktop.workers.figures import FigureController

CARDS, TEXT, DIAGRAM, CODE = range(4)
FACES = {
    "Cards": "The layers as cards, one after the other",
    "Text": "The layers as text, as they are typed on the command line",
    "Diagram": "A diagram of the layers with their shapes",
    "Code": "The layers as Keras code",
}
UNDO_TIP, REDO_TIP = "Undo (Ctrl+Z)", "Redo (Ctrl+Shift+Z)"
NOTHING_COPIED = "There are no layers on the clipboard; copy some first."


@guarded
class LayerEditor(QWidget):
    """Edits the layers of a document on a page of its own.

    Parameters
    ----------
    document : LayerDocument
        What is edited, here and elsewhere.
    figures : FigureController
        Has the diagram drawn.

    Signals
    -------
    back_requested()
        The user is done.
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    edited()
        The layers were changed while they are to be seen here.
    start_requested(str, object)
        The user wants to start from a network of this name, a `TrainingConfig` with its layers.
    train_requested()
        The user wants the network trained.
    """

    back_requested = Signal()
    save_requested = Signal(object)
    edited = Signal()
    start_requested = Signal(str, object)
    train_requested = Signal()

    def __init__(self, document: LayerDocument, figures: FigureController) -> None:
        super().__init__()
        self.setObjectName("layerEditor")
        self.setAccessibleName("Layer editor")
        self.document = document
        self.cards = CardList(document)
        self.text = LayerTextFace(document, "wideLayerTextEdit")
        self.diagram = DiagramFace(document, figures)
        self.code = CodeFace(document)
        self.totals = LayerTotals()
        self._make_buttons()
        self._make_start_menu()
        self._make_faces()
        self._lay_out()
        self.palette_list = LayerPalette(self)
        self._connect()
        self._show()

    # Its parts

    def _make_buttons(self) -> None:
        self.back_button = QPushButton("Back")
        self.back_button.setObjectName("layersBackButton")
        self.back_button.setIcon(icon("back"))
        self.back_button.setToolTip(in_words("Back to the page that was here (Alt+←)"))
        self.add_button = QPushButton("Add layer")
        self.add_button.setObjectName("addLayerButton")
        self.add_button.setIcon(icon("add"))
        self.add_button.setToolTip(in_words("Add a layer behind the selected one (Insert)"))
        self.start_button = QToolButton()
        self.start_button.setObjectName("startFromButton")
        self.start_button.setText("Start from")
        self.start_button.setToolTip(
            "Replace all layers by those of a network that is known, and train as it is trained"
        )
        self.start_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.undo_button = _tool("undo", "Undo", "layersUndoButton")
        self.redo_button = _tool("redo", "Redo", "layersRedoButton")
        self.copy_button = _tool("copy", "Copy all layers as text", "copyLayersButton")
        self.copy_button.setToolTip(
            in_words("Copy all layers as text (Ctrl+C copies the selected one, or all without one)")
        )
        self.paste_button = _tool("paste", "Paste layers", "pasteLayersButton")
        self.paste_button.setToolTip(
            in_words("Paste layers from text behind the selected one (Ctrl+V)")
        )

    def _make_start_menu(self) -> None:
        menu = QMenu(self.start_button)
        menu.setToolTipsVisible(True)
        for preset in ARCHITECTURES.values():
            action = menu.addAction(preset.name, functools.partial(self._start_from, preset))
            accuracy = percent(preset.accuracy["mnist"])
            _explain(action, f"{preset.description} {accuracy} of MNIST's test digits.")
        menu.addSeparator()
        for example in EXAMPLES:
            action = menu.addAction(example.name, functools.partial(self._start_with, example))
            _explain(action, example.sentence)
        give_menu(self.start_button, menu)

    def _make_faces(self) -> None:
        self._stack = QStackedWidget()
        for face in (self.cards, self.text, self.diagram, self.code):
            self._stack.addWidget(face)
        self.faces = QButtonGroup(self)
        for number, (name, tip) in enumerate(FACES.items()):
            button = QToolButton()
            button.setObjectName(f"layers{name}Button")
            button.setText(name)
            button.setToolTip(tip)
            button.setCheckable(True)
            self.faces.addButton(button, number)
        self.faces.button(CARDS).setChecked(True)

    def _lay_out(self) -> None:
        title = FixedLines("title", 1)
        title.setText("Layers")
        head, tools = QHBoxLayout(), QHBoxLayout()
        faces = QHBoxLayout()
        faces.setSpacing(UNIT // 2)
        for button in self.faces.buttons():
            faces.addWidget(button)
        head.addWidget(self.back_button)
        head.addWidget(title, 1)
        head.addLayout(faces)
        tools.addWidget(self.add_button)
        tools.addWidget(self.start_button)
        tools.addStretch()
        for button in (self.undo_button, self.redo_button, self.copy_button, self.paste_button):
            tools.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        for row in (head, tools):
            row.setSpacing(UNIT)
            layout.addLayout(row)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.totals)

    def _connect(self) -> None:
        document, steps = self.document, self.document.steps
        document.changed.connect(self._on_document_changed)
        document.draft_changed.connect(self._on_document_changed)
        document.stepped.connect(self._on_document_stepped)
        document.refused.connect(self.totals.show_note)
        for button, can, changed in (
            (self.undo_button, steps.canUndo(), steps.canUndoChanged),
            (self.redo_button, steps.canRedo(), steps.canRedoChanged),
        ):
            button.setEnabled(can)
            changed.connect(button.setEnabled)
        steps.undoTextChanged.connect(self._on_steps_undo_text_changed)
        steps.redoTextChanged.connect(self._on_steps_redo_text_changed)
        self._on_steps_undo_text_changed(steps.undoText())
        self._on_steps_redo_text_changed(steps.redoText())
        self.back_button.clicked.connect(self._on_back)
        self.add_button.clicked.connect(self._on_add)
        self.undo_button.clicked.connect(self._undo)
        self.redo_button.clicked.connect(document.redo)
        self.copy_button.clicked.connect(self.copy_all)
        self.paste_button.clicked.connect(self.paste)
        self.faces.idClicked.connect(self._stack.setCurrentIndex)
        self.palette_list.chosen.connect(self._on_palette_chosen)
        self.palette_list.output_chosen.connect(self._on_palette_output_chosen)
        self.totals.repair_requested.connect(document.repair)
        self.totals.train_button.clicked.connect(self.train_requested)
        for face in (self.diagram, self.code):
            face.save_requested.connect(self.save_requested)
        add_shortcut(self, "Alt+Left", self._on_back)
        add_shortcut(self, "Esc", self._on_escape, Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.cards.set_theme(theme)
        self.text.set_theme(theme)
        self.diagram.set_theme(theme)

    # What it shows

    def show_estimate(self, text: str) -> None:
        """Say how long the network takes to train and what it needs, in a line."""
        self.totals.show_estimate(text)

    def offer_train(self, is_offered: bool, tip: str) -> None:
        """Let the network be trained, or say why that cannot be done now."""
        self.totals.train_button.setEnabled(is_offered)
        self.totals.train_button.setToolTip(tip)

    def _show(self) -> None:
        self.totals.show_checked(self.document.checked, self.document.draft)
        self.copy_button.setEnabled(bool(self.document.cards))

    @Slot(str)
    def _on_steps_undo_text_changed(self, text: str) -> None:
        self.undo_button.setToolTip(in_words(f"Undo: {text} (Ctrl+Z)" if text else UNDO_TIP))

    @Slot(str)
    def _on_steps_redo_text_changed(self, text: str) -> None:
        self.redo_button.setToolTip(in_words(f"Redo: {text} (Ctrl+Shift+Z)" if text else REDO_TIP))

    # What is done with it

    @Slot()
    def copy_all(self) -> None:
        """Put all layers on the clipboard, as text."""
        self._copy("Layers", layers_text(self.document.cards, "\n"))

    @Slot()
    def copy(self) -> None:
        """Put the selected layer on the clipboard, as text, or all layers if none is."""
        index = self.document.selected
        if index < 0:
            self.copy_all()
        else:
            self._copy("Layer", card_text(self.document.cards[index]))

    def _copy(self, name: str, text: str) -> None:
        put = QGuiApplication.clipboard().setText
        self.save_requested.emit(CopyRequest(name, lambda: put(text)))

    @Slot()
    def paste(self) -> None:
        """Add the layers that the clipboard has as text behind the selected one."""
        reading = read_layers(QGuiApplication.clipboard().text())
        if reading.problems:
            sentence = reading.problems[0].sentence
            self.totals.show_note(f"What is on the clipboard are no layers. {sentence}")
        elif not reading.cards:
            self.totals.show_note(NOTHING_COPIED)
        else:
            self._insert(reading.cards)

    def _insert(self, cards: tuple[LayerCard, ...]) -> None:
        document = self.document
        index = document.selected + 1 if document.selected >= 0 else len(document.cards)
        document.insert(index, *cards)
        if self._stack.currentIndex() == CARDS:
            self.cards.focus_selected()

    def _start_from(self, preset: Architecture) -> None:
        self._start(preset.name, cards_of(preset.plan(preset.recipe)), preset.recipe)

    def _start_with(self, example: Example) -> None:
        recipe = architecture(example.taught_as).recipe
        self._start(example.name, parse_layers(example.layers), recipe)

    def _start(self, name: str, cards: tuple[LayerCard, ...], recipe: TrainingConfig) -> None:
        config = recipe.changed(architecture=CUSTOM, layers=layers_text(cards), hidden_units=())
        self.start_requested.emit(name, config)

    def event(self, event: QEvent) -> bool:
        """Take keys that mean something here before others in the window do."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._step(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer keys that change the layers."""
        step, document = self._step(event), self.document
        index = document.selected
        if step in ("add", "copy", "paste", "undo", "redo"):
            self._do(step)
        elif step and index >= 0:
            self._change(step, index)
        elif not step:
            super().keyPressEvent(event)

    def _step(self, event: QKeyEvent) -> str:
        """Say what a key asks for, with the focus where it is."""
        focus = QApplication.focusWidget()
        is_on_cards = focus is self.cards or isinstance(focus, CardWidget)
        step = step_on_card(event)
        is_free = is_on_cards or step in ("copy", "paste")  # a field has taken these already
        return step if is_free else step_of(event)

    def _do(self, step: str) -> None:
        acts = {
            "add": self._on_add,
            "copy": self.copy,
            "paste": self.paste,
            "undo": self._undo,
            "redo": self.document.redo,
        }
        acts[step]()

    @Slot()
    def _undo(self) -> None:
        """Take back what is half typed in the text that is shown, or else the last step."""
        if self._stack.currentIndex() == TEXT and self.text.edit.has_draft:
            self.text.edit.undo()
        else:
            self.document.undo()

    def _change(self, step: str, index: int) -> None:
        """Change the card that is edited."""
        if step in ("raise", "lower"):
            self.document.move(index, index + (1 if step == "lower" else -1))
        elif step == "duplicate":
            self.document.duplicate(index)
        elif step == "remove":
            self.document.remove(index)
        elif step == "switch":
            self.document.switch(index, is_on=not self.document.cards[index].is_on)

    @Slot()
    def _on_document_changed(self) -> None:
        self._show()
        if self.isVisible() and self.document.draft:
            self.edited.emit()

    @Slot()
    def _on_document_stepped(self) -> None:
        if self.isVisible():
            self.edited.emit()

    @Slot()
    def _on_back(self) -> None:
        self.cards.drag.cancel()
        self.palette_list.hide()
        self.back_requested.emit()

    @Slot()
    def _on_escape(self) -> None:
        """End what is innermost; the page stays, however often Escape is pressed in a hurry."""
        focus = QApplication.focusWidget()
        if self.cards.drag.is_under_way:
            self.cards.drag.cancel()
        elif self.palette_list.isVisible():
            self.palette_list.close_again()
        elif focus is not None and self.cards.isAncestorOf(focus):
            is_in_field = not isinstance(focus, CardWidget)
            if not is_in_field:
                self.document.select(-1)
            self.cards.focus_selected()

    @Slot()
    def _on_add(self) -> None:
        self.palette_list.open_below(self.add_button, self.document.output_activation)

    @Slot(object)
    def _on_palette_chosen(self, cards: tuple[LayerCard, ...]) -> None:
        self._insert(cards)

    @Slot(str)
    def _on_palette_output_chosen(self, name: str) -> None:
        self.document.choose_output(name)
        if self._stack.currentIndex() == CARDS:
            self.cards.focus_outputs()


def _tool(name: str, words: str, object_name: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(object_name)
    button.setProperty("plain", True)
    button.setIcon(icon(name))
    button.setAccessibleName(words)
    button.setToolTip(words)
    return button


def _explain(action: QAction, sentence: str) -> None:
    action.setToolTip(sentence)
    action.setStatusTip(sentence)
