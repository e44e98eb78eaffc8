"""matplotlib inside a Qt window; figures are drawn on a thread of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_desktop.ui.theme import LIGHT, Theme
from mnist_desktop.workers.drawing import DrawingController, DrawnFigure, FigureOrder

REDRAW_MS = 60  # after the last of the many sizes a window goes through while it is resized
# Draws on an empty matplotlib Figure, in the theme's colours, from data it was made with.
Draw = Callable[[Any, Theme], None]


class FigureHolder(QWidget):
    """Holds one figure, and has it drawn again when its data, its size or the theme changes.

    Parameters
    ----------
    name : str
        Accessible name of the figure.
    drawing : DrawingController
        Has figures drawn.

    Signals
    -------
    pressed(object)
        A matplotlib ``MouseEvent``: a button was pressed on the figure.
    """

    pressed = Signal(object)

    def __init__(self, name: str, drawing: DrawingController) -> None:
        super().__init__()
        self._name = name
        self._drawing = drawing
        self._draw: Draw | None = None
        self._theme = LIGHT
        self.canvas: Any = None
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._on_redraw_timeout)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        drawing.drawn.connect(self._on_drawing_drawn)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self._redraw.start()

    def show_figure(self, draw: Draw) -> None:
        """Show a figure: soon, if it can be seen, or once it can.

        Parameters
        ----------
        draw : callable
            Takes an empty matplotlib ``Figure`` and the theme, and draws; called from another
            thread, so what it draws must not change.
        """
        self._draw = draw
        self._redraw.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while nobody could see it."""
        super().showEvent(event)
        self._redraw.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw in the new size, once it has stayed for a moment."""
        super().resizeEvent(event)
        self._redraw.start()

    @Slot()
    def _on_redraw_timeout(self) -> None:
        if not self.isVisible() or self._draw is None or self.size().isEmpty():
            return
        draw, theme = self._draw, self._theme
        self._drawing.order(
            FigureOrder(
                holder=id(self),
                draw=lambda figure: draw(figure, theme),
                surface=theme.surface,
                width=self.width(),
                height=self.height(),
                ratio=self.devicePixelRatioF(),
            )
        )

    @Slot(object)
    def _on_drawing_drawn(self, drawn: DrawnFigure) -> None:
        if drawn.order.holder != id(self):
            return
        if self.canvas is None:
            self.canvas = _canvas_class()()
            self.canvas.setAccessibleName(self._name)
            self._layout.addWidget(self.canvas)
        self.canvas.adopt(drawn.figure)
        self.canvas.mpl_connect("button_press_event", self.pressed.emit)


@functools.cache
def _canvas_class() -> Any:
    """Make the canvas class, once matplotlib is imported."""
    from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg

    class DrawnCanvas(FigureCanvasQTAgg):
        """Shows figures that were drawn elsewhere, and leaves drawing to others."""

        def adopt(self, figure: Any) -> None:
            """Show a figure with the picture its canvas holds."""
            self.renderer = figure.canvas.renderer
            figure.set_canvas(self)
            self.figure = figure
            self.update()

        def resizeEvent(self, event: QResizeEvent) -> None:
            """Keep the picture until one of the new size comes."""
            QWidget.resizeEvent(self, event)

        def paintEvent(self, _event: QPaintEvent) -> None:
            """Show the picture, for a moment stretched if the size has just changed."""
            pixels = self.renderer.buffer_rgba()
            height, width = pixels.shape[:2]
            image = QImage(pixels, width, height, QImage.Format.Format_RGBA8888)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), image)
            painter.end()

    return DrawnCanvas
