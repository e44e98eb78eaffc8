"""Loss and accuracy while a network learns, small and painted directly.

A matplotlib canvas takes thirty milliseconds to draw, a frame and a half; this takes less than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop import formats
from mnist_desktop.formats import percent
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme

CurvePoints = list[tuple[float, float]]
NAMES = ("loss", "accuracy")
ROOMY = 1.1  # times the height is more than the width: one plot goes above the other
GAP = 16  # pixels between the plots
LINES_WITH_AXES = 6  # as high as so many lines of text, a plot has room for what its axes span
HINT = "Loss and accuracy appear here\nwhile a network learns."


@guarded
class LiveCurves(QWidget):
    """Two small plots over the epochs: loss, and accuracy; training in blue, validation orange."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("liveCurves")
        self.setAccessibleName("Loss and accuracy of the running training")
        self.setToolTip(
            "Solid: training digits while they are learnt. Dotted: validation digits, held out."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = LIGHT
        self.begin(1)

    def sizeHint(self) -> QSize:
        """Suggest a size that fits below the settings."""
        return QSize(0, 6 * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Need room for the figures, and for something of the curves."""
        return QSize(0, 4 * self.fontMetrics().lineSpacing())

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def begin(self, epochs: int, history: Sequence[EpochMetrics] = ()) -> None:
        """Start again, for a training of so many epochs.

        Parameters
        ----------
        epochs : int
            How many the axes span; they grow if there are more.
        history : sequence of EpochMetrics
            What a resumed training has learnt earlier.
        """
        self._epochs = epochs
        self._training: dict[str, CurvePoints] = {"loss": [], "accuracy": []}
        self._validation: dict[str, CurvePoints] = {"loss": [], "accuracy": []}
        for one in history:
            self._training["loss"].append((float(one.epoch), one.loss))
            self._training["accuracy"].append((float(one.epoch), one.accuracy))
            self.add_epoch(one)
        self.update()

    @property
    def span(self) -> int:
        """How many epochs the axes show."""
        return self._epochs

    def add_batch(self, progress: BatchProgress) -> None:
        """Add what the running epoch has come to so far."""
        self._epochs = max(self._epochs, progress.epochs)
        place = progress.epoch - 1 + progress.batch / progress.batches
        self._training["loss"].append((place, progress.loss))
        self._training["accuracy"].append((place, progress.accuracy))
        self.update()

    def add_epoch(self, metrics: EpochMetrics) -> None:
        """Add what the held-out digits came to after an epoch."""
        self._epochs = max(self._epochs, metrics.epoch)
        if metrics.val_loss is not None and metrics.val_accuracy is not None:
            self._validation["loss"].append((float(metrics.epoch), metrics.val_loss))
            self._validation["accuracy"].append((float(metrics.epoch), metrics.val_accuracy))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both plots side by side."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._training["loss"]:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HINT)
            return
        for area, name, title in zip(self._areas(), NAMES, ("Loss", "Accuracy"), strict=True):
            self._paint_plot(painter, area, name, title)

    def _areas(self) -> tuple[QRectF, QRectF]:
        """Where the two plots are: side by side, or one above the other where there is height."""
        width, height = self.width(), self.height()
        if height * ROOMY > width:
            half = (height - GAP) / 2
            return QRectF(0, 0, width, half), QRectF(0, half + GAP, width, half)
        half = (width - GAP) / 2
        return QRectF(0, 0, half, height), QRectF(half + GAP, 0, half, height)

    def _paint_plot(self, painter: QPainter, area: QRectF, name: str, title: str) -> None:
        theme, line = self._theme, QFontMetrics(self.font()).height()
        training, validation = self._training[name], self._validation[name]
        values = [value for _, value in (*training, *validation) if math.isfinite(value)]
        painter.setPen(QColor(theme.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, title)
        plot = area.adjusted(1, line + 4, -1, -3)
        limits = _range(name, values)
        if area.height() >= LINES_WITH_AXES * line:
            plot = self._paint_axes(painter, plot, name, limits)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if values:
            last = training[-1][1] if training else values[-1]
            painter.setPen(QColor(theme.text))
            corner = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
            painter.drawText(area, corner, _written(name, last, decimals=2))
            self._paint_lines(painter, plot, name, limits)

    def _paint_axes(
        self, painter: QPainter, plot: QRectF, name: str, limits: tuple[float, float]
    ) -> QRectF:
        """Write what the axes span; return what they leave of the plot."""
        metrics = QFontMetrics(self.font())
        line = metrics.height()
        inner = plot.adjusted(metrics.horizontalAdvance("100.0%") + 6, line / 2, 0, -line)
        painter.setPen(QColor(self._theme.muted))
        for value, middle in zip(limits, (inner.bottom(), inner.top()), strict=True):
            place = QRectF(plot.left(), middle - line / 2, inner.left() - plot.left() - 6, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, _written(name, value))
        below = QRectF(inner.left(), inner.bottom() + 2, inner.width(), line)
        epochs = formats.count(self._epochs, "epoch")
        if metrics.horizontalAdvance(f"0 {epochs}") < below.width():
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        else:
            epochs = str(self._epochs)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, epochs)
        return inner

    def _paint_lines(
        self, painter: QPainter, plot: QRectF, name: str, limits: tuple[float, float]
    ) -> None:
        theme, (low, high) = self._theme, limits
        training, validation = self._training[name], self._validation[name]

        def place(point: tuple[float, float]) -> QPointF:
            share = (min(max(point[1], low), high) - low) / (high - low)
            return QPointF(
                plot.left() + plot.width() * point[0] / self._epochs,
                plot.bottom() - plot.height() * share,
            )

        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), 1.8))
        painter.drawPolyline(QPolygonF([place(p) for p in training if math.isfinite(p[1])]))
        painter.setPen(QPen(QColor(theme.wrong), 1.6, Qt.PenStyle.DotLine))
        shown_points = [place(p) for p in validation if math.isfinite(p[1])]
        painter.drawPolyline(QPolygonF(shown_points))
        painter.setBrush(QColor(theme.wrong))
        painter.setPen(Qt.PenStyle.NoPen)
        for point in shown_points:
            painter.drawEllipse(point, 2.6, 2.6)


def _range(name: str, values: list[float]) -> tuple[float, float]:
    """Limits of the vertical axis: loss from 0; accuracy without the first, wild batches."""
    if not values:
        return 0.0, 1.0
    if name == "loss":
        return 0.0, max(sorted(values)[int(0.97 * (len(values) - 1))], 1e-6) * 1.1
    low = sorted(values)[int(0.05 * (len(values) - 1))]
    return max(0.0, low - 0.02), 1.0


def _written(name: str, value: float, *, decimals: int = 1) -> str:
    """Write a loss with two more decimals than an accuracy, which is in percent."""
    return percent(value, decimals) if name == "accuracy" else f"{value:.{decimals + 2}f}"
