"""What the window has to say: in its status bar, and in dialogs that stop nothing."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QMessageBox

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.ui.parts.message import Icon, message_box

REFUSAL_MS = 10_000  # to read why something cannot be done now


class Messenger(QObject):
    """Says things in a window's status bar and in dialogs above it.

    Parameters
    ----------
    window : QMainWindow
        The window; it owns this object.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window

    def relay(self, *sources: QObject) -> None:
        """Say what these have to say with their signals `said`, `refused` and `failed`."""
        slots = {"said": self.say, "refused": self.refuse, "failed": self.show_error}
        for source in sources:
            for name, slot in slots.items():
                if hasattr(source, name):
                    getattr(source, name).connect(slot)

    @Slot(str)
    def say(self, text: str) -> None:
        """Say in the status bar what is being done, or what was done last."""
        self._window.statusBar().showMessage(text)

    @Slot(str)
    def refuse(self, text: str) -> None:
        """Say in the status bar why something cannot be done now; that is not so for long."""
        self._window.statusBar().showMessage(text, REFUSAL_MS)

    @Slot(object)
    def show_error(self, error: MnistDesktopError) -> None:
        """Report an error in a dialog; the window keeps working behind it.

        The status bar has it until the dialog is closed: what is done after that may succeed.
        """
        self.say(str(error))
        self.show_dialog(str(error))

    @Slot(str)
    def show_dialog(self, text: str) -> None:
        """Show a sentence in a dialog, unless it is there already."""
        boxes = self._window.findChildren(QMessageBox, "errorDialog")
        if any(box.isVisible() and box.text() == text for box in boxes):
            return
        box = message_box(Icon.Warning, text, self._window, "errorDialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._on_box_finished)
        box.open()

    @Slot()
    def _on_box_finished(self) -> None:
        box = self.sender()
        bar = self._window.statusBar()
        if isinstance(box, QMessageBox) and bar.currentMessage() == box.text():
            bar.clearMessage()
