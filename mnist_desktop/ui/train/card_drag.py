"""Dragging a layer card to another place in its list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme

if TYPE_CHECKING:
    from mnist_desktop.ui.train.card_list import CardList

LINE = 4  # pixels
OPACITY = 0.85  # of the card that is dragged
AUTO_SCROLL_MS, AUTO_SCROLL_STEP, NEAR_EDGE = 16, 8, 32  # milliseconds, pixels, pixels


class CardDrag(QObject):
    """Lets a card follow the mouse, shows where it would go, and says where it went.

    Parameters
    ----------
    cards : CardList
        The list; it owns this object.
    content : QWidget
        On which the cards lie.

    Signals
    -------
    moved(int, int)
        The card with the first index is to have the second one.
    """

    moved = Signal(int, int)

    def __init__(self, cards: CardList, content: QWidget) -> None:
        super().__init__(cards)
        self._cards, self._content = cards, content
        self._card: QWidget | None = None
        self._index = self._to = -1
        self._from = self._mouse = QPoint()  # on the card, and on the screen
        self.line, self._ghost = _DropLine(content), _Ghost(cards.viewport())
        self._scrolling = QTimer(self, interval=AUTO_SCROLL_MS)
        self._scrolling.timeout.connect(self._on_scrolling_timeout)

    @property
    def is_under_way(self) -> bool:
        """Whether a card is being dragged."""
        return not self._ghost.isHidden()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.line.set_theme(theme)

    def take(self, card: QWidget, index: int, place: QPoint) -> None:
        """Note which card the mouse holds, and where."""
        self._card, self._index, self._from = card, index, place

    @Slot(object)
    def go_on(self, place: QPoint) -> None:
        """Follow the mouse, which is at this place of the screen."""
        if self._card is None:
            return
        moved = self._card.mapFromGlobal(place) - self._from
        if not self.is_under_way:
            if moved.manhattanLength() < QApplication.startDragDistance():
                return
            self._ghost.show_picture(self._card.grab())
            self.line.raise_()
            self.line.show()
            self._scrolling.start()
        self._mouse = place
        at = self._cards.viewport().mapFromGlobal(place)
        self._ghost.move(self._card.x(), at.y() - self._from.y())
        gap, middle = self._cards.gap_at(self._content.mapFromGlobal(place).y())
        self._to = gap - (gap > self._index)
        self.line.setGeometry(0, middle - LINE // 2, self._content.width(), LINE)

    @Slot()
    def drop(self) -> None:
        """Let the card go where the line is."""
        was_under_way, index, to = self.is_under_way, self._index, self._to
        window = self._cards.window()
        if not window.rect().contains(window.mapFromGlobal(self._mouse)):
            was_under_way = False  # thrown out of the window: the user has changed their mind
        self.cancel()
        if was_under_way and to != index:
            self.moved.emit(index, to)

    def cancel(self) -> None:
        """Leave the card where it is."""
        self._card = None
        self._scrolling.stop()
        self._ghost.hide()
        self.line.hide()

    @Slot()
    def _on_scrolling_timeout(self) -> None:
        """Scroll while the mouse is near an edge of what can be seen."""
        view = self._cards.viewport()
        y = view.mapFromGlobal(self._mouse).y()
        bar = self._cards.verticalScrollBar()
        before = bar.value()
        if y < NEAR_EDGE:
            bar.setValue(before - AUTO_SCROLL_STEP)
        elif y > view.height() - NEAR_EDGE:
            bar.setValue(before + AUTO_SCROLL_STEP)
        if bar.value() != before:
            self.go_on(self._mouse)


@guarded
class _DropLine(QWidget):
    """A line between two cards, with a knob at its left end."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropLine")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = LIGHT
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line in the accent colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawRoundedRect(QRectF(self.rect()), LINE / 2, LINE / 2)


@guarded
class _Ghost(QWidget):
    """A picture of the card that is dragged, under the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("draggedCard")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = QPixmap()
        self.hide()

    def show_picture(self, picture: QPixmap) -> None:
        """Show a picture, as large as it is."""
        self._picture = picture
        self.resize(picture.deviceIndependentSize().toSize())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, so that what is below it can be seen."""
        painter = QPainter(self)
        painter.setOpacity(OPACITY)
        painter.drawPixmap(0, 0, self._picture)
