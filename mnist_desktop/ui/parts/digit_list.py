"""The grid of digits that every page shows: the same tiles, captions and keys; fast at 60,000."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from mnist_desktop.ui.parts.digit_model import Caption, DigitModel
from mnist_desktop.ui.parts.disputed_mark import paint_disputed_mark
from mnist_desktop.ui.parts.fonts import smaller, strong
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.theme import LIGHT, Theme

WIDTH = 76  # of a tile; the room that is left over goes between the columns
NAMED_WIDTH = 92  # of one with the name of a class
PICTURE = 56
ABOVE, GAP = 8, 4  # pixels over a picture, and between it and its caption


def width_of(gallery: DigitModel) -> int:
    """How wide a tile is, in pixels."""
    return WIDTH if gallery.classes.are_digits else NAMED_WIDTH


@guarded
class _DigitDelegate(QStyledItemDelegate):
    """Paints a digit with its caption; a misread one has a frame and an arrow, not colour alone."""

    theme = LIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme, area = index.model(), self.theme, option.rect
        assert isinstance(model, DigitModel)  # noqa: S101 - the only kind it is used with
        caption = model.caption(index.row())
        wide = width_of(model)
        tile = QRect(area.center().x() - wide // 2 + 1, area.top(), wide, area.height())
        picture = QRect(tile.left() + (wide - PICTURE) // 2, tile.top() + ABOVE, *[PICTURE] * 2)
        painter.save()
        self._paint_choice(painter, option, tile.adjusted(2, 2, -2, -2))
        painter.drawImage(picture, model.picture(index.row()))
        if caption.read_as is not None:
            painter.setPen(QPen(QColor(theme.wrong), 2))
            painter.drawRect(picture.adjusted(-1, -1, 1, 1))
        if model.is_disputed(index.row()):
            paint_disputed_mark(painter, picture, theme)
        line = option.fontMetrics.height()
        below = QRect(tile.left(), picture.bottom() + GAP, tile.width(), line)
        if model.classes.are_digits:
            self._paint_label(painter, option.font, below, caption)
        else:
            self._paint_names(painter, option.font, below, caption)
        if caption.figure:
            painter.setFont(smaller(option.font, 2))
            painter.setPen(QColor(theme.muted))
            centre = Qt.AlignmentFlag.AlignCenter
            above = 1 if caption.read_as is None or model.classes.are_digits else 2
            painter.drawText(below.translated(0, line * above), centre, caption.figure)
        painter.restore()

    def _paint_choice(self, painter: QPainter, option: QStyleOptionViewItem, frame: QRect) -> None:
        """Frame the selected digit, and thinly the one that the keyboard is at."""
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if not is_selected and not option.state & QStyle.StateFlag.State_HasFocus:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.theme.accent if is_selected else self.theme.muted
        painter.setPen(QPen(QColor(colour), 2 if is_selected else 1))
        if is_selected:
            painter.setBrush(QColor(self.theme.window))
        painter.drawRoundedRect(frame, 6, 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_names(self, painter: QPainter, font: QFont, place: QRect, caption: Caption) -> None:
        """Paint what an image is, and below it what it was misread as."""
        theme, bold = self.theme, strong(font)
        painter.setFont(bold)
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setPen(QColor(theme.text if caption.read_as is None else theme.right))
        painter.drawText(place, centre, caption.label)
        if caption.read_as is not None:
            painter.setPen(QColor(theme.wrong))
            painter.drawText(place.translated(0, place.height()), centre, f"→ {caption.read_as}")

    def _paint_label(self, painter: QPainter, font: QFont, place: QRect, caption: Caption) -> None:
        """Paint the label; of a misread digit what it is and what it was read as, in colours."""
        theme, bold = self.theme, strong(font)
        painter.setFont(bold)
        if caption.read_as is None:
            painter.setPen(QColor(theme.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, caption.text)
            return
        parts = (
            (caption.label, theme.right),
            (" → ", theme.muted),
            (caption.read_as, theme.wrong),
        )
        metrics = QFontMetrics(bold)
        widths = [metrics.horizontalAdvance(text) for text, _ in parts]
        left = place.center().x() - sum(widths) // 2
        for (text, colour), width in zip(parts, widths, strict=True):
            painter.setPen(QColor(colour))
            painter.drawText(
                QRect(left, place.top(), width, place.height()), Qt.AlignmentFlag.AlignCenter, text
            )
            left += width


@guarded
class DigitList(QListView):
    """A grid of digits that are all as large.

    Where each lies is computed and not laid out, which takes Qt a sixth of a second for 60,000 and
    would move them after the fact. The scroll bar is always there: the columns depend on nothing
    but the width.

    Parameters
    ----------
    gallery : DigitModel
        What it shows.

    Signals
    -------
    digit_chosen(object)
        The keyboard or mouse went to this `ShownDigit`, or to none.
    """

    digit_chosen = Signal(object)

    def __init__(self, gallery: DigitModel) -> None:
        super().__init__()
        self.setAccessibleName("Digits")
        self.gallery = gallery
        self._columns = 1
        self._delegate = _DigitDelegate(self)
        self.setModel(gallery)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAutoScroll(False)  # it would move what the mouse is over
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        gallery.modelReset.connect(self._on_gallery_model_reset)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def choose(self, row: int) -> None:
        """Go to a digit."""
        index = self.gallery.index(row, 0)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.scrollTo(index)

    @Slot()
    def _on_gallery_model_reset(self) -> None:
        """Report that the chosen digit no longer exists, which selections do not."""
        self.verticalScrollBar().setValue(0)
        self.digit_chosen.emit(None)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.digit_chosen.emit(self.gallery.digit(current.row()) if current.isValid() else None)

    # Where the digits lie

    @property
    def _height(self) -> int:
        """Height of a tile."""
        return ABOVE + PICTURE + GAP * 2 + self.gallery.lines * self.fontMetrics().height()

    def visualRect(self, index: Index) -> QRect:
        """Return where a digit lies in the viewport."""
        if not index.isValid():
            return QRect()
        line, column = divmod(index.row(), self._columns)
        width, top = self.viewport().width(), line * self._height - self.verticalOffset()
        left, right = (width * one // self._columns for one in (column, column + 1))
        return QRect(left, top, right - left, self._height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return which digit lies at a point of the viewport."""
        line = (point.y() + self.verticalOffset()) // self._height
        column = point.x() * self._columns // max(self.viewport().width(), 1)
        row = line * self._columns + column
        is_inside = 0 <= column < self._columns and 0 <= row < self.gallery.rowCount()
        return self.gallery.index(row, 0) if is_inside else QModelIndex()

    def horizontalOffset(self) -> int:
        """It never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Return by how many pixels it is scrolled."""
        return self.verticalScrollBar().value()

    def doItemsLayout(self) -> None:
        """There is nothing to lay out."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Fit columns and scroll bar to size and number."""
        size, bar = self.viewport().size(), self.verticalScrollBar()
        self._columns = max(1, size.width() // width_of(self.gallery))
        lines = -(-self.gallery.rowCount() // self._columns)
        bar.setRange(0, max(0, lines * self._height - size.height()))
        bar.setPageStep(size.height())
        bar.setSingleStep(self._height // 2)
        QAbstractItemView.updateGeometries(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected digit where it is in view, or else the first one that is."""
        current, height = self.currentIndex(), event.oldSize().height()
        area = self.visualRect(current)
        is_seen = current.isValid() and area.bottom() >= 0 and area.top() < height
        is_whole = is_seen and area.top() >= 0 and area.bottom() < height
        line, hidden = divmod(self.verticalOffset(), self._height)
        row, top = line * self._columns, -hidden
        if is_seen:
            row, top = current.row(), area.top()
        QAbstractItemView.resizeEvent(self, event)
        if row < self.gallery.rowCount() and height > 0:
            self.verticalScrollBar().setValue(row // self._columns * self._height - top)
        if is_whole:
            self.scrollTo(current)

    def scrollTo(
        self,
        index: Index,
        _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll as little as brings a digit fully into view."""
        self.executeDelayedItemsLayout()  # the range of the scroll bar after a change
        area, bar = self.visualRect(index), self.verticalScrollBar()
        if area.top() < 0:
            bar.setValue(bar.value() + area.top())
        elif area.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + area.bottom() + 1 - self.viewport().height())

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return where a key leads."""
        to, columns, last = self.CursorAction, self._columns, self.gallery.rowCount() - 1
        row = self.currentIndex().row()
        if row < 0 or last < 0:
            return self.gallery.index(0, 0)
        page = max(1, self.viewport().height() // self._height) * columns
        ends = {to.MoveHome: 0, to.MoveEnd: last}
        steps = {
            to.MoveLeft: -1, to.MovePrevious: -1, to.MoveRight: 1, to.MoveNext: 1,
            to.MoveUp: -columns, to.MoveDown: columns, to.MovePageUp: -page, to.MovePageDown: page,
        }  # fmt: skip
        wanted = ends.get(action, row + steps.get(action, 0))
        if action in (to.MoveUp, to.MoveDown) and not 0 <= wanted <= last:
            wanted = row  # and not to another column
        return self.gallery.index(min(max(wanted, 0), last), 0)

    def setSelection(self, area: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the digits that lie in a rectangle of the viewport."""
        area = area.normalized()
        width, columns = max(self.viewport().width(), 1), self._columns
        tops = (area.top() + self.verticalOffset(), area.bottom() + self.verticalOffset())
        lines = [max(0, top // self._height) for top in tops]
        left, right = (
            min(max(x * columns // width, 0), columns - 1) for x in (area.left(), area.right())
        )
        chosen, last = QItemSelection(), self.gallery.rowCount() - 1
        for line in range(lines[0], min(lines[1], last // columns if last >= 0 else -1) + 1):
            ends = (line * columns + left, min(line * columns + right, last))
            if ends[0] <= last:
                chosen.select(*(self.gallery.index(row, 0) for row in ends))
        self.selectionModel().select(chosen, command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Have all that can be seen painted when the selection changes."""
        return QRegion(self.viewport().rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Bring the digit that a key leads to into view."""
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before:
            self.scrollTo(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the digits that can be seen."""
        painter, option = QPainter(self.viewport()), QStyleOptionViewItem()
        self.initViewItemOption(option)
        selection, current = self.selectionModel(), self.currentIndex().row()
        state = option.state & ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected)
        offset, area = self.verticalOffset(), event.rect()
        lines = ((area.top() + offset) // self._height, (area.bottom() + offset) // self._height)
        end = min((lines[1] + 1) * self._columns, self.gallery.rowCount())
        for row in range(lines[0] * self._columns, end):
            index = self.gallery.index(row, 0)
            option.rect, option.state = self.visualRect(index), state
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if row == current and self.hasFocus():
                option.state |= QStyle.StateFlag.State_HasFocus
            self._delegate.paint(painter, option, index)
        painter.end()
