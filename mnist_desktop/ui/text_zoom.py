"""Larger and smaller text, as far as the window then fits its screen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Signal, Slot
from PySide6.QtWidgets import QLayout, QMainWindow, QWidget

from mnist_desktop.ui.parts.theme import ThemeController


class TextZoom(QObject):
    """Changes the size of a window's text, and keeps the window on its screen.

    Parameters
    ----------
    window : QMainWindow
        The window; it owns this object.
    theme : ThemeController
        Applies the size of text.

    Signals
    -------
    zoomed()
        Text is of another size: everything may need another place.
    refused(str)
        Why text cannot be larger.
    """

    zoomed = Signal()
    refused = Signal(str)

    def __init__(self, window: QMainWindow, theme: ThemeController) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._usual_size: QSize | None = None  # of the window, before its text was enlarged
        theme.zoomed.connect(self._on_theme_zoomed)

    @Slot()
    def enlarge(self) -> None:
        """Show larger text, unless the window would no longer fit its screen."""
        zoom, size = self._theme.zoom, self._window.size()
        self._theme.zoom_by(1)
        least, room = self._window.minimumSizeHint(), self._room().size()
        if least.width() > room.width() or least.height() > room.height():
            self._theme.set_zoom(zoom)
            self._shrink_to(size)
            self.refused.emit("There is no room for larger text on this screen.")
        elif zoom == 1.0:
            self._usual_size = size
        self._stay_on_screen()

    @Slot()
    def shrink(self) -> None:
        """Show smaller text."""
        self._theme.zoom_by(-1)
        self._return_to_size()

    @Slot()
    def reset(self) -> None:
        """Show text in its usual size."""
        self._theme.set_zoom(1.0)
        self._return_to_size()

    def _return_to_size(self) -> None:
        """Give back the room that larger text took."""
        if self._theme.zoom <= 1.0 and self._usual_size is not None:
            self._shrink_to(self._usual_size)
            self._usual_size = None

    def _shrink_to(self, size: QSize) -> None:
        """Make the window no larger than it was; one that fills the screen stays so."""
        window = self._window
        if not (window.isMaximized() or window.isFullScreen()):
            window.resize(window.size().boundedTo(size))

    def _stay_on_screen(self) -> None:
        """Move the window up or left if it has grown beyond the screen's edge."""
        frame, room = self._window.frameGeometry(), self._room()
        beyond = QPoint(
            max(frame.right() - room.right(), 0), max(frame.bottom() - room.bottom(), 0)
        )
        if not beyond.isNull():
            place = self._window.pos() - beyond
            self._window.move(max(place.x(), room.left()), max(place.y(), room.top()))

    def _room(self) -> QRect:
        return self._window.screen().availableGeometry()

    @Slot()
    def _on_theme_zoomed(self) -> None:
        forget_sizes(self._window)
        self.zoomed.emit()
        self._window.setMinimumSize(self._window.minimumSizeHint())


def forget_sizes(window: QWidget) -> None:
    """Have all parts of a window ask anew for the room they need."""
    for part in window.findChildren(QWidget):
        part.updateGeometry()
    for layout in window.findChildren(QLayout):
        layout.invalidate()
