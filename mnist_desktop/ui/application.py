"""The application, which hears of files that are opened with the program on a Mac."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from mnist_desktop.ui.parts.guarded import guarded


@guarded
class Application(QApplication):
    """A `QApplication` that tells of files instead of dropping them.

    The Finder does not start a second program for a double click on a file: it sends an event.

    Signals
    -------
    file_opened(str)
        A file was opened with the program: its path.
    """

    file_opened = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Tell of a file."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.file():  # not an address on the web
                self.file_opened.emit(event.file())
            return True
        return super().event(event)
