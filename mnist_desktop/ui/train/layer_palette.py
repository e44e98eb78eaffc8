"""The palette: every kind of layer with a sentence on what it is for, found by typing."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from mnist_desktop.networks.card_kinds import (
    ACTIVATIONS,
    CARD_KINDS,
    OUTPUT_ACTIVATION,
    CardKind,
)
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_text import TextProblem, layers_text, read_layers
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.parts.two_lines import (
    muted_color,
    paint_behind,
    paint_two_lines,
    write_line,
)

GROUPS = {
    "Convolutions": ("conv", "depthwise", "separable", "residual"),
    "Pooling": ("pool", "avgpool", "global-average"),
    "Dense layers": ("flatten", "dense"),
    "Against overfitting": ("dropout", "spatial-dropout", "noise"),
    "Normalisation": ("batchnorm", "layernorm"),
    "Activations": ("relu", "leaky-relu", "tanh", "sigmoid", "gelu", "silu"),
}
# A layer that is a softmax is left to text: who looks for softmax means the outputs.
OUTPUT_GROUP = "Outputs"
CARDS = Qt.ItemDataRole.UserRole  # what an entry adds
DETAIL = Qt.ItemDataRole.UserRole + 1
OUTPUT = Qt.ItemDataRole.UserRole + 2  # or what it has the outputs pass through
WIDTH, HEIGHT, USUAL_LINE = 496, 420, 15  # pixels, at the usual size of text
# Why the focus goes somewhere else, and not to a menu or another window for a while.
GONE = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
)
# What keys mean in the list while one types.
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5}


@guarded
class LayerPalette(QWidget):
    """A list that lies over the editor until something in it is chosen, or beside it is pressed.

    In its line, kinds are searched for, and layers can be typed as in text: ``conv 16 5x5 relu``.

    Parameters
    ----------
    editor : QWidget
        Over which it lies.

    Signals
    -------
    chosen(object)
        These cards are wanted, a tuple of `LayerCard`.
    output_chosen(str)
        The ten outputs are to pass through this activation, which may be the one they have.
    """

    chosen = Signal(object)
    output_chosen = Signal(str)

    def __init__(self, editor: QWidget) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setObjectName("layerPalette")
        self.setAccessibleName("Kinds of layers")
        self._came_from: QWidget | None = None  # what had the focus
        self._output = ""  # what the outputs pass through
        self._make_line()
        self.list = QListWidget()
        self.list.setObjectName("paletteList")
        self.list.setAccessibleName("Kinds of layers")
        self.list.setItemDelegate(_PaletteRows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(self._choose)
        self._frame = QFrame(self)
        self._frame.setObjectName("paletteFrame")
        layout = QVBoxLayout(self._frame)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.hide()

    def _make_line(self) -> None:
        self.line = QLineEdit()
        self.line.setObjectName("paletteEdit")
        self.line.setProperty("input", True)
        self.line.setPlaceholderText("Search, or type layers such as conv 16 5x5 relu")
        self.line.setAccessibleName("Search for a kind of layer, or type layers")
        self.line.setToolTip("↑ ↓ choose, Enter adds, Esc closes")
        self.line.textChanged.connect(self._on_line_text_changed)
        self.line.returnPressed.connect(self._on_line_return_pressed)
        self.line.installEventFilter(self)

    def open_below(self, button: QWidget, output_activation: str) -> None:
        """Show all kinds below a button, ready to be searched.

        Parameters
        ----------
        button : QWidget
            In the editor.
        output_activation : str
            What the ten outputs pass through now.
        """
        self._output = output_activation
        self._came_from = self.window().focusWidget()
        self.line.clear()
        self._fill("")
        room = self._editor.size()
        scale = QFontMetrics(self.font()).lineSpacing() / USUAL_LINE
        place = button.mapTo(self._editor, QPoint(0, button.height() + UNIT // 2))
        width = min(round(WIDTH * scale), room.width() - 2 * place.x())
        height = min(round(HEIGHT * scale), room.height() - place.y() - UNIT)
        self.setGeometry(QRect(QPoint(0, 0), room))
        self._frame.setGeometry(QRect(place, QSize(width, height)))
        self.raise_()
        self.show()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_again(self) -> None:
        """Give the place and the focus back."""
        self.hide()
        if self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close once something beside the list is pressed."""
        if not self._frame.geometry().contains(event.position().toPoint()):
            self.close_again()

    def _fill(self, text: str) -> None:
        """List what a text finds: layers that are typed, then kinds, each group below its name."""
        self.list.clear()
        reading = read_layers(text)
        typed = () if reading.problems else reading.cards
        if typed and (len(typed) > 1 or typed[0] != LayerCard(typed[0].kind)):
            self._add(layers_text(typed), "Adds what is typed", typed)
        if reading.problems and _is_layer(text):
            self._correct(text, reading.problems[0])
            return
        for group, kinds in GROUPS.items():
            found = [one for one in map(CARD_KINDS.__getitem__, kinds) if _is_meant(one, text)]
            if found:
                self._add(group)
            for one in found:
                self._add(one.title, one.sentence, (usual_card(one),))
        self._list_outputs(text)
        if not self._choose_first(text):
            self._add("Nothing found", "There is no such layer; conv, pool and dense are some.")
        self.list.scrollToTop()

    def _list_outputs(self, text: str) -> None:
        """List what the outputs may pass through, as far as a text finds it."""
        found = {}
        for name in OUTPUT_ACTIVATION.choices:
            is_so = name == self._output
            words = (
                f"The ten outputs already end in {name}" if is_so else f"Instead of {self._output}"
            )
            detail = f"{words}. {ACTIVATIONS[name]}"
            if _is_said(f"{name} outputs {detail}", text):
                found[name] = detail
        if found:
            self._add(OUTPUT_GROUP)
        for name, detail in found.items():
            self._add(f"{name.title()} outputs", detail, output=name)

    def _correct(self, text: str, problem: TextProblem) -> None:
        """Say what is wrong with layers that are typed, and offer them as they are meant."""
        if problem.suggestion:
            mended = f"{text[: problem.start]}{problem.suggestion}{text[problem.end :]}"
            reading = read_layers(mended)
            if not reading.problems:
                self._add(layers_text(reading.cards), "Is this meant?", reading.cards)
        self._add("This is not a layer yet", f"“{problem.word}” {problem.rule}.")
        self._choose_first("")

    def _choose_first(self, text: str) -> bool:
        """Turn to what is typed or, of the kinds, to one that is called so; say if there is any."""
        entries = list(self._entries())
        called = (one for one in entries if one.text().lower().startswith(text.lower().strip()))
        first = next(called, entries[0] if entries else None)
        if first is not None:
            self.list.setCurrentItem(first)
        return first is not None

    def _add(
        self, text: str, detail: str = "", cards: tuple[LayerCard, ...] = (), output: str = ""
    ) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(DETAIL, detail)
        item.setData(CARDS, cards)
        item.setData(OUTPUT, output)
        if not (cards or output):
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{text}. {detail}" if detail else text)
        item.setToolTip(detail)

    def _entries(self) -> Iterator[QListWidgetItem]:
        items = map(self.list.item, range(self.list.count()))
        return (one for one in items if one.data(CARDS) or one.data(OUTPUT))

    @Slot(str)
    def _on_line_text_changed(self, text: str) -> None:
        self._fill(text)

    @Slot()
    def _on_line_return_pressed(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._choose(item)

    @Slot(QListWidgetItem)
    def _choose(self, item: QListWidgetItem) -> None:
        cards, output = item.data(CARDS), item.data(OUTPUT)
        if cards or output:
            self.close_again()
        if cards:
            self.chosen.emit(cards)
        elif output:
            self.output_chosen.emit(output)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the list have keys that move in it while one types; close when the focus goes."""
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() in GONE:
            self.hide()
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        step = STEPS.get(Qt.Key(event.key()), 0) if is_key else 0  # type: ignore[attr-defined]
        if step:
            self._move(step)
        return bool(step)

    def _move(self, step: int) -> None:
        """Choose an entry so many further down."""
        entries = list(self._entries())
        if not entries:
            return
        now = self.list.currentItem()
        place = entries.index(now) if now in entries else 0
        chosen = entries[min(max(place + step, 0), len(entries) - 1)]
        self.list.setCurrentItem(chosen)
        if chosen is entries[0]:
            self.list.scrollToTop()


def usual_card(kind: CardKind) -> LayerCard:
    """Make a card as one usually wants it: with ReLU where it can have an activation."""
    is_plain = kind.setting("activation") is not None
    return LayerCard(kind.word, {"activation": "relu"} if is_plain else {})


def _is_layer(text: str) -> bool:
    """Whether a text begins like a layer with settings, and is no search."""
    words = text.lower().split()
    return len(words) > 1 and words[0] in CARD_KINDS


def _is_meant(kind: CardKind, text: str) -> bool:
    """Whether a text finds a kind: it begins with its word, or what is said of it has all of it."""
    # Behind a kind's own word stand its settings.
    if _words(text)[:1] == [kind.word]:
        return True
    return _is_said(f"{kind.word} {kind.title} {kind.layer} {kind.sentence}", text)


def _is_said(said: str, text: str) -> bool:
    """Whether all words of a text begin a word of what is said."""
    return all(any(one.startswith(word) for one in _words(said)) for word in _words(text))


def _words(text: str) -> list[str]:
    return text.lower().replace("-", " ").split()


@guarded
class _PaletteRows(QStyledItemDelegate):
    """Paints a kind as two lines: its title, and what it is for; a group as one small line."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Leave room for the lines."""
        lines = 2 if index.data(DETAIL) else 1
        return QSize(0, lines * QFontMetrics(option.font).lineSpacing() + UNIT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a row."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        paint_behind(painter, row)
        inside = row.rect.adjusted(UNIT, UNIT // 2, -UNIT, -UNIT // 2)
        row.palette = QApplication.palette()  # the same for what cannot be chosen
        detail = index.data(DETAIL)
        if detail:
            paint_two_lines(painter, inside, row, index, detail)
        else:
            painter.setPen(muted_color())
            write_line(painter, inside, index.data())
