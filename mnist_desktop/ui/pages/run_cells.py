"""How the cells of the table of runs are painted: tick, star, name with settings, a small curve."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mnist_desktop.runs.run_columns import ACCURACY, COLUMNS, EPOCHS, KEPT, NAME, STAR
from mnist_desktop.ui.parts.fonts import smaller, strong
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import draw_icon
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.sparkline import paint_sparkline
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

SUMMARY, IN_USE, CURVE = (Qt.ItemDataRole.UserRole + place for place in (1, 2, 3))
BOX = 16  # side of a tick box
DOT = 8
CURVE_WIDTH = UNIT * 5
MARKS_WIDTH = UNIT * 7  # of tick and star


def row_height(metrics: QFontMetrics) -> int:
    """Pixels of a row: two lines of text."""
    return 2 * metrics.height() + UNIT + 4


def column_widths(metrics: QFontMetrics) -> dict[int, int]:
    """Pixels of the columns that a narrow window shows; the name has what they leave over."""
    return {
        STAR: MARKS_WIDTH,
        EPOCHS: CURVE_WIDTH + metrics.horizontalAdvance("100") + UNIT * 2,
        ACCURACY: metrics.horizontalAdvance(COLUMNS[ACCURACY].name) + UNIT * 4,
        KEPT: metrics.horizontalAdvance("2000-00-00") + UNIT * 3,
    }


def tick_area(cell: QRect) -> QRect:
    """Where a click ticks the run whose first cell this is; a click beside it gives a star."""
    return QRect(cell.left(), cell.top(), MARKS_WIDTH // 2, cell.height())


@guarded
class RunDelegate(QStyledItemDelegate):
    """Paints the cells of a run, and notices clicks on its tick and its star.

    Signals
    -------
    tick_clicked(QModelIndex), star_clicked(QModelIndex)
        The tick or the star in this cell was clicked.
    """

    tick_clicked = Signal(QModelIndex)
    star_clicked = Signal(QModelIndex)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as what stands in the cell."""
        return QSize(super().sizeHint(option, index).width(), row_height(option.fontMetrics))

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave out the frame of the current cell: it is the row that matters."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row's background, and what stands in the cell."""
        one = {
            STAR: self._paint_marks,
            NAME: self._paint_name,
            EPOCHS: self._paint_curve,
            KEPT: self._paint_time,
        }.get(index.column())
        if one is None:
            super().paint(painter, option, index)
            return
        empty = QStyleOptionViewItem(option)
        self.initStyleOption(empty, index)
        empty.text = ""
        empty.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, empty, painter, option.widget)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        one(painter, empty, index)
        painter.restore()

    def editorEvent(
        self, event: QEvent, _model: QObject, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Notice clicks on tick and star."""
        if event.type() != QEvent.Type.MouseButtonRelease or index.column() != STAR:
            return False
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        is_tick = tick_area(option.rect).contains(event.position().toPoint())
        (self.tick_clicked if is_tick else self.star_clicked).emit(index)
        return True

    def _paint_marks(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, area = self.theme, tick_area(option.rect)
        box = QRectF(area.left() + UNIT, area.center().y() - BOX / 2 + 0.5, BOX, BOX)
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        painter.setPen(QPen(QColor(theme.accent if is_ticked else theme.border), 1.5))
        painter.setBrush(QColor(theme.accent if is_ticked else theme.field))
        painter.drawRoundedRect(box, 3, 3)
        if is_ticked:
            painter.setPen(QPen(QColor(theme.on_accent), 2))
            places = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.3))
            painter.drawPolyline([box.topLeft() + QPointF(x, y) * BOX for x, y in places])
        is_starred = bool(index.data(Qt.ItemDataRole.UserRole))
        place = box.translated(MARKS_WIDTH // 2 - UNIT // 2, 0)
        colour = theme.accent if is_starred else theme.border
        draw_icon(painter, "star", place, colour, filled=is_starred)

    def _paint_name(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the name, with a dot and in bold if the network is in use, above its settings."""
        is_in_use = bool(index.data(IN_USE))
        texts = (str(index.data()), str(index.data(SUMMARY)))
        self._paint_lines(painter, option, texts, is_marked=is_in_use)

    def _paint_time(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        day, _, time = str(index.data()).partition(" ")
        self._paint_lines(painter, option, (day, time))

    def _paint_lines(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        texts: tuple[str, str],
        *,
        is_marked: bool = False,
    ) -> None:
        """Paint one text above another in smaller letters."""
        theme = self.theme
        area = option.rect.adjusted(UNIT, 4, -UNIT, -4)
        upper = QRect(area.left(), area.top(), area.width(), area.height() // 2)
        lower = upper.translated(0, upper.height())
        font = QFont(option.font)
        if is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            top = upper.center().y() - DOT / 2 + 1
            painter.drawEllipse(QRectF(upper.left(), top, DOT, DOT))
            upper.setLeft(upper.left() + DOT + 6)
            font = strong(font)
        for line, place, colour in zip(
            texts, (upper, lower), (theme.text, theme.muted), strict=True
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            _draw_elided(painter, place, line)
            font = smaller(option.font, 4 / 3)

    def _paint_curve(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint how the accuracy went, from its lowest to its highest, and how many epochs."""
        area = option.rect.adjusted(UNIT, 10, -UNIT, -10)
        painter.setPen(QColor(self.theme.text))
        beside = QRect(
            area.left() + CURVE_WIDTH, area.top(), area.width() - CURVE_WIDTH, area.height()
        )
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(beside, right, str(index.data()).partition(",")[0])
        place = QRectF(area.left(), area.top(), CURVE_WIDTH - DOT, area.height() - 1)
        paint_sparkline(painter, place, index.data(CURVE), self.theme)


def _draw_elided(painter: QPainter, place: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
