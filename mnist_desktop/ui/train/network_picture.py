"""A small picture of a network: squares for images, bars for rows of units."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.networks.plan import NetworkPlan, Shape
from mnist_desktop.ui.parts.guarded import guarded

ASPECT = 1.7  # of a picture: its width by its height
BAR_WIDTH, SHEET_STEP = 0.09, 0.045  # as fractions of the picture's height
MOST_SHEETS = 4  # of an image with many channels
LEAST_SIDE = 0.16
VEIL = 0.22  # opacity of what connects two outputs


@dataclass(frozen=True)
class PaintedOutput:
    """What flows through the network at one place, as it is painted.

    Attributes
    ----------
    width, height : float
        As fractions of the picture's height.
    sheets : int
        How many lie behind each other: more for more channels. 0 for a bar.
    """

    width: float
    height: float
    sheets: int


def outputs_of(plan: NetworkPlan) -> tuple[PaintedOutput, ...]:
    """Choose what is painted of a network: its input, and what each larger layer makes of it."""
    shapes = [plan.input_shape]
    shapes += [
        one.output_shape
        for one in plan.all_layers
        if one.kind == "Dense" or one.kind.endswith("Conv2D")
    ]
    return tuple(map(_painted, shapes))


def _painted(shape: Shape) -> PaintedOutput:
    if len(shape) == 1:
        most = math.log(SIDE * SIDE)
        return PaintedOutput(BAR_WIDTH, max(LEAST_SIDE, min(1.0, math.log(shape[0]) / most)), 0)
    channels = shape[2] if len(shape) > 2 else 1
    sheets = min(MOST_SHEETS, 1 + math.ceil(math.log2(channels) / 2))
    depth = (sheets - 1) * SHEET_STEP
    side = max(LEAST_SIDE, shape[0] / SIDE * (1 - (MOST_SHEETS - 1) * SHEET_STEP))
    return PaintedOutput(side + depth, side + depth, sheets)


def paint_network(painter: QPainter, area: QRectF, plan: NetworkPlan, palette: QPalette) -> None:
    """Paint a network from its input at the left to its ten outputs at the right.

    Parameters
    ----------
    painter : QPainter
        Paints; its state is as before afterwards.
    area : QRectF
        Where.
    plan : NetworkPlan
        The network.
    palette : QPalette
        Gives the colours: of the accent, and of what is behind.
    """
    outputs = outputs_of(plan)
    width = sum(one.width for one in outputs)
    # Deep networks are painted smaller, so that something is left between the outputs.
    scale = min(area.height(), 0.8 * area.width() / width)
    gap = (area.width() - 1 - width * scale) / max(1, len(outputs) - 1)
    boxes, left = [], area.left()
    for one in outputs:
        height = one.height * scale
        boxes.append(
            QRectF(left + 0.5, area.center().y() - height / 2, one.width * scale, height - 1)
        )
        left += one.width * scale + gap
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    accent = palette.color(QPalette.ColorRole.Accent)
    _paint_flow(painter, boxes, accent)
    painter.setBrush(palette.color(QPalette.ColorRole.Base))
    for one, box in zip(outputs, boxes, strict=True):
        if one.sheets:
            _paint_sheets(painter, one, box, accent)
        else:
            painter.fillRect(box, accent)
    painter.restore()


def _paint_flow(painter: QPainter, boxes: list[QRectF], accent: QColor) -> None:
    veil = QColor(accent)
    veil.setAlphaF(VEIL)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(veil)
    for before, after in itertools.pairwise(boxes):
        corners = (before.topRight(), after.topLeft(), after.bottomLeft(), before.bottomRight())
        painter.drawPolygon(QPolygonF([QPointF(one) for one in corners]))


def _paint_sheets(painter: QPainter, output: PaintedOutput, box: QRectF, accent: QColor) -> None:
    """Paint squares behind each other, from the one furthest back."""
    step = box.width() * SHEET_STEP / output.width
    side = box.width() - (output.sheets - 1) * step
    painter.setPen(QPen(accent, 1))
    for sheet in reversed(range(output.sheets)):
        off = sheet * step
        painter.drawRect(QRectF(box.left() + off, box.bottom() - side - off, side, side))


@guarded
class NetworkPicture(QWidget):
    """Shows a small picture of a network, three lines of text high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("networkPicture")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._plan: NetworkPlan | None = None

    def show_plan(self, plan: NetworkPlan, name: str) -> None:
        """Show a network; its name is for who cannot see it."""
        self._plan = plan
        self.setAccessibleName(f"Picture of the network: {name}")
        self.update()

    def clear(self) -> None:
        """Show no network."""
        self._plan = None
        self.setAccessibleName("No network")
        self.update()

    def sizeHint(self) -> QSize:
        """Be as high as three lines."""
        height = 3 * QFontMetrics(self.font()).lineSpacing()
        return QSize(round(ASPECT * height), height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the network."""
        if self._plan is not None:
            paint_network(QPainter(self), QRectF(self.rect()), self._plan, self.palette())
