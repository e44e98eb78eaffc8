"""matplotlib inside a Qt window, imported when the first figure is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_desktop.ui.theme import LIGHT, Theme

REDRAW_MS = 60  # after the last of the many sizes a window goes through while it is resized
Draw = Callable[[Any, Theme], None]


def load_matplotlib(_config: None, *, on_progress: object, should_stop: object) -> None:  # noqa: ARG001
    """Import matplotlib and its Qt canvas, as a job for a worker thread."""
    import matplotlib.backends.backend_qtagg  # noqa: F401


class FigureHolder(QWidget):
    """Holds one figure, and draws it again when the theme changes.

    Parameters
    ----------
    name : str
        Accessible name of the figure.
    draw : callable
        Takes an empty matplotlib ``Figure`` and the theme, and draws.
    """

    def __init__(self, name: str, draw: Draw) -> None:
        super().__init__()
        self._name = name
        self._draw = draw
        self._theme = LIGHT
        self.canvas: Any = None
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._on_redraw_timeout)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Draw the figure from the data there is now: soon, if it can be seen, or once it can.

        Never at once: the window is painted before matplotlib is imported, and a resized window
        is drawn once it has its size.
        """
        self._redraw.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while nobody could see it."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def _on_redraw_timeout(self) -> None:
        if not self.isVisible():
            return
        if self.canvas is None:
            self._make_canvas()
        figure = self.canvas.figure
        figure.clear()
        figure.set_facecolor(self._theme.surface)
        self._draw(figure, self._theme)
        self.canvas.draw_idle()

    def _make_canvas(self) -> None:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        self.canvas = FigureCanvasQTAgg(  # type: ignore[no-untyped-call]
            Figure(layout="constrained")
        )
        self.canvas.setAccessibleName(self._name)
        self.canvas.mpl_connect("resize_event", self._on_canvas_resized)
        self._layout.addWidget(self.canvas)

    def _on_canvas_resized(self, _event: object) -> None:
        self.refresh()
