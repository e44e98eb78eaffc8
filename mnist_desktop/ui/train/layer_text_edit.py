"""Layers typed as text: one a line, each with its shape beside it, and what is wrong underlined."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit, QTextEdit

from mnist_desktop.networks.layer_check import text_problem
from mnist_desktop.networks.layer_completion import Completions, completions
from mnist_desktop.networks.layer_text import LayerReading, TextProblem, layers_text, read_layers
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.repairs import Repair
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.shortcuts import is_key
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme
from mnist_desktop.ui.train.layer_document import Cards, LayerDocument

MARGIN = 3  # pixels around the text: with more, the smallest column would have no room for it
LINES_SEEN, LINES_WANTED = 2, 5  # that there is always room for, and where there is some to spare
MAX_WIDTH = 640  # pixels of the list of words
WORD = Qt.ItemDataRole.UserRole
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@guarded
class LayerTextEdit(QPlainTextEdit):
    """Shows the layers of a document as text, and changes them while text is typed.

    While a text cannot be read, the document keeps the last layers that could.

    Parameters
    ----------
    document : LayerDocument
        The layers.
    name : str
        Its object name.

    Attributes
    ----------
    problem : TextProblem or None
        What is wrong with the text, the place included; also where it can be read and the network
        cannot be built.

    Signals
    -------
    checked()
        The text was looked at: what is wrong with it may be something else now.
    """

    checked = Signal()

    def __init__(self, document: LayerDocument, name: str) -> None:
        super().__init__()
        self._layers = document
        self._theme = LIGHT
        self._is_writing = False
        self._known: Cards = ()  # the layers that the text was last the same as
        self._reading = LayerReading((), (), ())
        self.problem: TextProblem | None = None
        self.setObjectName(name)
        self.setProperty("input", True)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(MARGIN)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setPlaceholderText("such as conv 16 5x5 relu")
        self.setAccessibleName("Layers as text")
        self._offers = _Offers(self)
        self._offers.chosen.connect(self._on_offers_chosen)
        self.textChanged.connect(self._on_text_changed)
        self.cursorPositionChanged.connect(self._on_cursor_position_changed)
        document.changed.connect(self._on_document_changed)
        document.loaded.connect(self._on_document_loaded)
        self._write()

    @property
    def has_draft(self) -> bool:
        """Whether the text cannot be read, so that the document has other layers."""
        return bool(self._reading.problems)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self._mark()

    @property
    def words(self) -> str:
        """What is wrong, in a sentence; empty if a network can be built of the text."""
        network = None if self.has_draft else self._layers.checked.problem
        if self.problem is None or network is None:
            return "" if self.problem is None else self.problem.sentence
        is_layer = network.index < len(self._reading.places)
        return f"Line {self.problem.line}: {network.sentence}" if is_layer else network.sentence

    @property
    def fix(self) -> str:
        """What would mend the problem, as a request; empty if nothing is known that would."""
        if self.problem is not None and self.problem.suggestion:
            return f"use “{self.problem.suggestion}”"
        return "" if self._repair is None else self._repair.sentence

    def mend(self) -> None:
        """Do what `fix` says."""
        if self.problem is not None and self.problem.suggestion:
            cursor = self.textCursor()
            cursor.setPosition(self.problem.start)
            cursor.setPosition(self.problem.end, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(self.problem.suggestion)
            self.setTextCursor(cursor)
        elif self._repair is not None:
            self._layers.repair(self._repair)

    @property
    def _repair(self) -> Repair | None:
        problem = None if self.has_draft else self._layers.checked.problem
        return problem.repairs[0] if problem and problem.repairs else None

    # The text and the document

    def _write(self) -> None:
        """Show the document's layers, unless that is what the text says already."""
        self._is_writing = True
        self._reading = read_layers(self.toPlainText())
        if self.has_draft or self._reading.cards != self._layers.cards:
            cursor = QTextCursor(self.document())  # as one step that the keyboard can undo, too
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(layers_text(self._layers.cards, "\n"))
            self._reading = read_layers(self.toPlainText())
        self._known = self._layers.cards
        self._is_writing = False
        self._look()

    @Slot()
    def _on_document_loaded(self) -> None:
        self._write()

    @Slot()
    def _on_document_changed(self) -> None:
        """Show other layers; what is half typed stays until there are any."""
        if self.has_draft and self._layers.cards == self._known:
            self._look()
        elif not self._is_writing:
            self._write()

    @Slot()
    def _on_text_changed(self) -> None:
        if self._is_writing:
            return
        self._is_writing = True
        self._reading = read_layers(self.toPlainText())
        if not self.has_draft:
            self._layers.type_text(self._reading.cards)
            self._known = self._layers.cards
        self._is_writing = False
        self._look()

    def _look(self) -> None:
        """Find what is wrong, and mark it."""
        text = self.toPlainText()
        self.problem = text_problem(text, self._reading, self._layers.checked)
        self._mark()
        self.viewport().update()
        self._layers.note_draft(self.objectName(), self.words if self.has_draft else "")
        self.checked.emit()

    def _mark(self) -> None:
        """Underline what is wrong."""
        marks = []
        if self.problem is not None:
            mark = QTextEdit.ExtraSelection()
            mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            mark.format.setUnderlineColor(QColor(self._theme.wrong))
            cursor = QTextCursor(self.document())
            length = len(self.toPlainText())
            cursor.setPosition(min(self.problem.start, length))
            end = min(max(self.problem.end, self.problem.start + 1), length)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            marks.append(mark)
        self.setExtraSelections(marks)

    # What may follow

    def _offer(self) -> None:
        """List what may stand at the cursor."""
        cursor = self.textCursor()
        found = completions(self.toPlainText(), cursor.position())
        area = self.cursorRect()
        start = QTextCursor(cursor)
        start.setPosition(found.start)
        area.setLeft(self.cursorRect(start).left())
        self._offers.offer(found, area)

    @Slot(str)
    def _on_offers_chosen(self, word: str) -> None:
        cursor = self.textCursor()
        cursor.setPosition(self._offers.found.start)
        cursor.setPosition(self._offers.found.end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(word)
        self.setTextCursor(cursor)

    @Slot()
    def _on_cursor_position_changed(self) -> None:
        """Edit the card that the cursor is in."""
        place = self.textCursor().position()
        for index, (start, end) in enumerate(self._reading.places):
            if start <= place <= end and not self.has_draft and self.hasFocus():
                self._layers.select(index)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type; Ctrl+Space lists what may follow, and so does beginning a word."""
        key = event.key()
        is_open = self._offers.is_open
        if is_open and key in ENTER and self._offers.has_choice:
            self._offers.choose()
            return
        if is_open and key in ENTER:  # nobody has turned to a word: the line ends
            self._offers.close()
        elif is_open and key == Qt.Key.Key_Escape:
            event.ignore()
            return
        if is_key(event, "Ctrl+Space"):
            self._offer()
            return
        super().keyPressEvent(event)
        if event.text().isalpha() or (is_open and key == Qt.Key.Key_Backspace):
            self._offer()
        elif event.text():
            self._offers.close()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Take an offered word by the Tab key; without any, go on to what is next."""
        if is_next and self._offers.is_open:
            self._offers.choose()
            return True
        return super().focusNextPrevChild(is_next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let what is typed later be another step."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._layers.settle()

    # Sizes, and the shapes beside the text

    def sizeHint(self) -> QSize:
        """Need no width of its own, and have room for some lines."""
        return QSize(0, self._height_of(LINES_WANTED))

    def minimumSizeHint(self) -> QSize:
        """Always have room for a few."""
        return QSize(0, self._height_of(LINES_SEEN))

    def _height_of(self, lines: int) -> int:
        margins = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        return lines * self.fontMetrics().lineSpacing() + margins

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, and what each line gives at its right end."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        for line, shape in self._shapes().items():
            block = self.document().findBlockByNumber(line)
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.bottom() >= 0 and box.top() <= self.viewport().height():
                self._paint_shape(painter, shape, round(box.top()))
        painter.end()

    def _paint_shape(self, painter: QPainter, text: str, top: int) -> None:
        """Write what a line gives, over the end of a line that is too long for both."""
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text)
        left = self.viewport().width() - UNIT // 2 - width
        behind = QRect(left - UNIT, top, width + 2 * UNIT, metrics.lineSpacing())
        painter.fillRect(behind, self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(left, top + metrics.ascent(), text)

    def _shapes(self) -> dict[int, str]:
        """What each line of the text gives, by its number from 0."""
        if self.has_draft:
            return {}
        document = self.document()
        found = {}
        for (_start, end), one in zip(
            self._reading.places, self._layers.checked.layers, strict=False
        ):
            if one.output_shape is not None:
                found[document.findBlock(end).blockNumber()] = sides(one.output_shape)
        return found


class _Offers(QCompleter):
    """The list of words that may stand at a place, each with its sentence.

    Signals
    -------
    chosen(str)
        A word of it is to be put in.
    """

    chosen = Signal(str)

    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit)
        self.found = Completions(0, 0, ())
        self._words = QStandardItemModel(self)
        self._list = QListView()
        self._list.setObjectName("layerOffers")
        self._list.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setModel(self._words)
        self.setPopup(self._list)
        self.setWidget(edit)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._list.clicked.connect(self._on_list_clicked)

    @property
    def is_open(self) -> bool:
        """Whether the list is to be seen."""
        return self._list.isVisible()

    @property
    def has_choice(self) -> bool:
        """Whether a word of it was turned to."""
        return self._list.currentIndex().isValid()

    def offer(self, found: Completions, area: QRect) -> None:
        """Show what may stand at a place of the text, below an area; close if that is nothing."""
        self.found = found
        self.close()
        if not found.words:
            return
        self._words.clear()
        for one in found.words:
            item = QStandardItem(f"{one.word}   {one.sentence}")
            item.setData(one.word, WORD)
            item.setToolTip(one.sentence)
            self._words.appendRow(item)
        area.setWidth(min(self._list.sizeHintForColumn(0) + 4 * UNIT, MAX_WIDTH))
        self.complete(area)
        self._list.setCurrentIndex(QModelIndex())

    def choose(self) -> None:
        """Take the word that was turned to, or the first one."""
        index = self._list.currentIndex()
        self._take(index if index.isValid() else self._words.index(0, 0))

    def close(self) -> None:
        """Hide the list."""
        self._list.hide()

    @Slot(QModelIndex)
    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._take(index)

    def _take(self, index: QModelIndex) -> None:
        word = self._words.item(index.row()).data(WORD)
        self.close()
        self.chosen.emit(word)
