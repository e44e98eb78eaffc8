"""Rows of lists that say two things of an entry: what it is called, and what it is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from mnist_desktop.ui.parts.fonts import strong


def paint_behind(painter: QPainter, row: QStyleOptionViewItem) -> None:
    """Paint what lies behind the text of a row, such as the selection."""
    row.text = ""
    style = row.widget.style() if row.widget else QApplication.style()
    style.drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, row.widget)


def paint_two_lines(
    painter: QPainter,
    place: QRect,
    row: QStyleOptionViewItem,
    index: QModelIndex | QPersistentModelIndex,
    detail: str,
) -> None:
    """Write the name of an entry, and below it, muted, what it is.

    Parameters
    ----------
    painter : QPainter
        Paints; its state is as before afterwards.
    place : QRect
        Where; what does not fit is shortened.
    row : QStyleOptionViewItem
        Gives the font and the colours.
    index : QModelIndex
        The entry, whose text is its name.
    detail : str
        What it is.
    """
    upper, lower = QRect(place), QRect(place)
    upper.setHeight(place.height() // 2)
    lower.setTop(upper.bottom() + 1)
    painter.save()
    painter.setFont(strong(row.font))
    painter.setPen(row.palette.color(QPalette.ColorRole.Text))
    write_line(painter, upper, index.data())
    painter.setFont(row.font)
    painter.setPen(muted_color())
    write_line(painter, lower, detail)
    painter.restore()


def muted_color() -> QColor:
    """Return the colour of what explains something.

    It is the application's, and not the view's own: for it, Qt makes this colour from that of the
    text.
    """
    return QApplication.palette().color(QPalette.ColorRole.PlaceholderText)


def write_line(painter: QPainter, place: QRect, text: str) -> None:
    """Write a line of text, shortened where there is no room for all of it."""
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
