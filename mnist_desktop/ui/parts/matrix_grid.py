"""A 10×10 matrix painted by Qt: at once, and in the very places of matplotlib's figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.figures.confusion import confusion_cells, matrix_layout
from mnist_desktop.evaluation.figures.frame import FigureColors
from mnist_desktop.evaluation.figures.matrix_layout import MatrixCells, MatrixLayout, Word
from mnist_desktop.ui.parts.figure_canvas import frame_of
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme


def paint_cells(
    painter: QPainter, layout: MatrixLayout, cells: MatrixCells, colors: FigureColors
) -> None:
    """Paint a matrix.

    Parameters
    ----------
    painter : QPainter
        Paints from the layout's origin, and in its pixels: scale it before on a screen that has
        several to each of the window's.
    layout : MatrixLayout
        Where everything lies.
    cells : MatrixCells
        What is shown.
    colors : FigureColors
        Of everything else.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.fillRect(QRect(0, 0, layout.width, layout.height), QColor(colors.surface))
    for true, predicted in np.ndindex(CLASSES, CLASSES):
        color = QColor.fromRgbF(*cells.colors[true, predicted].tolist())
        painter.fillRect(QRect(*layout.cell_area(true, predicted)), color)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    font = QFont(painter.font())
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for word in layout.words(cells, colors):
        font.setPixelSize(word.size)
        painter.setFont(font)
        _write(painter, word, QFontMetricsF(font).horizontalAdvance(word.text))
    painter.restore()


def _write(painter: QPainter, word: Word, width: float) -> None:
    before = {"left": 0.0, "center": width / 2, "right": width}[word.align]
    painter.setPen(QColor(word.color))
    if word.upright:
        painter.save()
        painter.translate(word.x, word.y)
        painter.rotate(-90)
        painter.drawText(QPointF(-before, 0), word.text)
        painter.restore()
    else:
        painter.drawText(QPointF(word.x - before, word.y), word.text)


@guarded
class MatrixGrid(QWidget):
    """Shows a confusion matrix that changes often, such as that of a training under way.

    Parameters
    ----------
    is_compact : bool
        Whether only counts are shown, without recall and precision beside them: in larger cells.
    """

    def __init__(self, *, is_compact: bool = False) -> None:
        super().__init__()
        self._is_compact = is_compact
        self.setObjectName("matrixGrid")
        self.setAccessibleName("Confusion matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.matrix = np.zeros((CLASSES, CLASSES), np.int64)
        self._classes = DIGITS
        self._theme = LIGHT

    def sizeHint(self) -> QSize:
        """Room for its numbers."""
        return QSize(560, 420)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_matrix(self, matrix: NDArray[np.int64], classes: ClassNames = DIGITS) -> None:
        """Show how often each digit was read as each other one.

        Parameters
        ----------
        matrix : ndarray of int64, shape (10, 10)
            Row: true digit; column: predicted digit.
        classes : ClassNames, optional
            What their labels stand for.
        """
        self.matrix, self._classes = matrix, classes
        self.update()

    @property
    def layout_of_cells(self) -> MatrixLayout:
        """Where its cells lie, in pixels of the screen."""
        frame = frame_of(self, self._theme)
        return matrix_layout(frame, has_margins=not self._is_compact)

    def cell_rect(self, true: int, predicted: int) -> QRectF:
        """Where a cell lies in the widget."""
        ratio = self.devicePixelRatioF()
        return QRectF(*(side / ratio for side in self.layout_of_cells.cell_area(true, predicted)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the matrix."""
        painter = QPainter(self)
        ratio, colors = self.devicePixelRatioF(), self._theme.figure
        painter.scale(1 / ratio, 1 / ratio)
        cells = confusion_cells(self.matrix, colors, classes=self._classes)
        if self._is_compact:
            cells = replace(cells, second=(), recall=(), precision=())
        paint_cells(painter, self.layout_of_cells, cells, colors)
