"""matplotlib inside a Qt window; figures are drawn on a thread of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFontInfo,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_desktop.evaluation.figures.frame import Frame, MakeFigure
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme
from mnist_desktop.workers.figures import DrawnFigure, FigureController, FigureOrder, Holder

REDRAW_MS = 60  # after the last of the many sizes a window goes through while it is resized
LEAST_TEXT = 12  # pixels


def frame_of(widget: QWidget, theme: Theme) -> Frame:
    """Make the frame of a figure that fills a widget, with text as large as the widget's."""
    text = max(QFontInfo(widget.font()).pixelSize(), LEAST_TEXT)
    width, height = max(widget.width(), 1), max(widget.height(), 1)
    return Frame.of_pixels(width, height, widget.devicePixelRatioF(), theme.figure, text)


@guarded
class FigureHolder(QWidget):
    """Holds one figure, and has it drawn again when its data, its size or the theme changes.

    A subclass may answer the mouse in `mouse_pressed`, `mouse_moved`, `mouse_released`,
    `wheel_turned` and `mouse_left`, which are given matplotlib's events, answer keys in
    `answer_key`, and paint over the figure in `paint_over`.

    Parameters
    ----------
    name : str
        Accessible name of the figure.
    figures : FigureController
        Has figures drawn.

    Attributes
    ----------
    make : callable or None
        Makes the figure; files are written with it as well.
    canvas : FigureCanvasQTAgg or None
        Shows the figure once the first one is drawn.
    answers_wheel : bool
        Whether `wheel_turned` does something; else the wheel scrolls what the figure lies in.

    Signals
    -------
    shown()
        A newly drawn figure can be seen.
    """

    shown = Signal()
    answers_wheel = False

    def __init__(self, name: str, figures: FigureController) -> None:
        super().__init__()
        self._name = name
        self.setAccessibleName(name)
        self._figures = figures
        self._ours = Holder()
        self.make: MakeFigure | None = None
        self._theme = LIGHT
        self._shown: FigureOrder | None = None
        self.canvas: Any = None
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._on_redraw_timeout)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._over = _Over(self)
        figures.drawn.connect(self._on_figures_drawn)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self._redraw.start(0)

    def show_figure(self, make: MakeFigure) -> None:
        """Show a figure: soon, if it can be seen, or once it can.

        Parameters
        ----------
        make : callable
            Takes a `Frame` and makes the figure; called from another thread, so what it draws
            must not change.
        """
        self.make = make
        self._redraw.start(0)

    @Slot()
    def copy(self) -> None:
        """Put the figure as it is shown on the clipboard, once it is drawn."""
        self.when_current(lambda: QGuiApplication.clipboard().setImage(self.canvas.image().copy()))

    def when_current(self, act: Callable[[], object]) -> None:
        """Do something once the figure to show is drawn: now, if it is."""
        if self.is_current:
            act()
        else:
            again = functools.partial(self.when_current, act)
            self.shown.connect(again, Qt.ConnectionType.SingleShotConnection)

    @property
    def over(self) -> QWidget:
        """The pane on which `paint_over` paints."""
        return self._over

    @property
    def frame(self) -> Frame:
        """Size and colours that the figure is to have now."""
        return frame_of(self, self._theme)

    @property
    def is_current(self) -> bool:
        """Whether the figure that is shown is the one to show, in its size and colours."""
        shown = self._shown
        return shown is not None and shown.make is self.make and shown.frame == self.frame

    @property
    def axes(self) -> list[Any]:
        """The axes of the figure that is shown."""
        return [] if self.canvas is None else list(self.canvas.figure.axes)

    def place_of(self, axes: Any, x: float, y: float) -> QPointF:
        """Where a point of the data lies in this widget."""
        right, up = axes.transData.transform((x, y))
        ratio = self.canvas.device_pixel_ratio
        return QPointF(right / ratio, self.canvas.height() - up / ratio)

    def area_of(self, axes: Any) -> QRectF:
        """Where axes lie in this widget."""
        box, ratio = axes.bbox, self.canvas.device_pixel_ratio
        top = self.canvas.height() - box.y1 / ratio
        return QRectF(box.x0 / ratio, top, box.width / ratio, box.height / ratio)

    def mouse_pressed(self, event: Any) -> None:
        """A mouse button went down on the figure."""

    def mouse_moved(self, event: Any) -> None:
        """The mouse moved over the figure."""

    def mouse_released(self, event: Any) -> None:
        """A mouse button went up."""

    def wheel_turned(self, event: Any) -> None:
        """The wheel was turned over the figure."""

    def mouse_left(self, event: Any) -> None:
        """The mouse left the figure."""

    @property
    def is_waiting(self) -> bool:
        """Whether it is to be drawn in a moment."""
        return self._redraw.isActive()

    def answer_key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for, and return whether it meant anything."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return True
        return False

    def owns_key(self, event: QKeyEvent) -> bool:
        """Whether a key that is a shortcut of the window means something here instead."""
        return event.matches(QKeySequence.StandardKey.Copy)

    def paint_over(self, painter: QPainter) -> None:
        """Paint over the figure."""

    def repaint_over(self) -> None:
        """Have `paint_over` called again."""
        self._over.update()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.owns_key(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer a key."""
        if not self.answer_key(event):
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while nobody could see it."""
        super().showEvent(event)
        if not self.is_current:
            self._redraw.start(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw in the new size, once it has stayed for a moment."""
        super().resizeEvent(event)
        self._over.resize(self.size())
        self._redraw.start(REDRAW_MS)

    def changeEvent(self, event: QEvent) -> None:
        """Draw with text as large as the window's."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._redraw.start(REDRAW_MS)

    @Slot()
    def _on_redraw_timeout(self) -> None:
        if not self.isVisible() or self.make is None or self.size().isEmpty():
            return
        self._figures.order(FigureOrder(self._ours, self.make, self.frame))

    @Slot(object)
    def _on_figures_drawn(self, drawn: DrawnFigure) -> None:
        if drawn.order.holder is not self._ours:
            return
        if self.canvas is None:
            self.canvas = _canvas_class()()
            self.canvas.setAccessibleName(self._name)
            self._layout.addWidget(self.canvas)
            # matplotlib multiplies the dots per inch of the figure that a canvas has when it learns
            # how many pixels the screen has to each of the window's; ours are drawn for them.
            self.canvas.show()
            self._over.raise_()
        self._shown = drawn.order
        self.canvas.adopt(drawn.figure, drawn.renderer)
        self.answer_mouse()
        self.repaint_over()
        self.shown.emit()

    def answer_mouse(self) -> None:
        """Have what the mouse does on the figure answered; called with each new figure."""
        for event, answer in (
            ("button_press_event", self.mouse_pressed),
            ("motion_notify_event", self.mouse_moved),
            ("button_release_event", self.mouse_released),
            ("scroll_event", self.wheel_turned),
            ("figure_leave_event", self.mouse_left),
        ):
            self.canvas.mpl_connect(event, answer)


@guarded
class _Over(QWidget):
    """A pane over the figure that the mouse does not see."""

    def __init__(self, holder: FigureHolder) -> None:
        super().__init__(holder)
        self._holder = holder
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Let the holder paint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._holder.paint_over(painter)
        painter.end()


def _pass_on(error: Exception) -> None:
    """Let an error in a mouse handler reach the error dialog; matplotlib only prints it."""
    raise error


@functools.cache
def _canvas_class() -> Any:
    """Make the canvas class, once matplotlib is imported."""
    from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg

    @guarded
    class DrawnCanvas(FigureCanvasQTAgg):
        """Shows figures that were drawn elsewhere, and leaves drawing to others."""

        def adopt(self, figure: Any, renderer: Any) -> None:
            """Show a figure with the picture that a renderer holds."""
            self.renderer = renderer
            figure.set_canvas(self)
            self.figure = figure
            self.callbacks.exception_handler = _pass_on
            self.update()

        def image(self) -> QImage:
            """Return the picture, in memory that is the canvas's."""
            pixels = self.renderer.buffer_rgba()
            height, width = pixels.shape[:2]
            return QImage(pixels, width, height, QImage.Format.Format_RGBA8888)

        def resizeEvent(self, event: QResizeEvent) -> None:
            """Keep the picture until one of the new size comes."""
            QWidget.resizeEvent(self, event)

        def keyPressEvent(self, event: QKeyEvent) -> None:
            """Leave keys to the holder."""
            event.ignore()

        def wheelEvent(self, event: QWheelEvent) -> None:
            """Leave the wheel to the page that scrolls, unless the holder answers it."""
            if self.parentWidget().answers_wheel:
                super().wheelEvent(event)  # type: ignore[no-untyped-call]
            else:
                event.ignore()

        def paintEvent(self, _event: QPaintEvent) -> None:
            """Show the picture, for a moment stretched if the size has just changed."""
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self.image())
            painter.end()

    return DrawnCanvas
