"""Shows unexpected errors in one dialog instead of a flood of them."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from mnist_desktop.ui.parts.message import Icon, message_box
from mnist_desktop.ui.parts.opening import open_outside

QUIET_SECONDS = 60.0  # after a dialog; what goes wrong meanwhile is in the log


class FaultDialog(QObject):
    """Shows an unexpected error, whichever thread it happened on.

    Parameters
    ----------
    window : QWidget
        Above which it is shown; it owns this object.
    logs : Path
        The folder of the log.

    Signals
    -------
    happened(str)
        Something went wrong, in a sentence; may be emitted from any thread.
    """

    happened = Signal(str)

    def __init__(self, window: QWidget, logs: Path) -> None:
        super().__init__(window)
        self._window = window
        self._logs = logs
        self._box: QMessageBox | None = None
        self._quiet_until = 0.0
        self.happened.connect(self._on_happened, Qt.ConnectionType.QueuedConnection)

    @Slot(str)
    def _on_happened(self, what: str) -> None:
        """Open the dialog, unless one is open or was just now."""
        if self._box is not None or time.monotonic() < self._quiet_until:
            return
        words = f"{what} You can continue; if the program behaves oddly, restart it."
        box = message_box(Icon.Warning, words, self._window, "faultDialog")
        open_log = box.addButton("Open &log", QMessageBox.ButtonRole.ActionRole)
        open_log.clicked.connect(self._open_log)
        box.addButton(QMessageBox.StandardButton.Close)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._on_box_finished)
        self._box = box
        box.open()

    @Slot()
    def _open_log(self) -> None:
        open_outside(self._logs)

    @Slot()
    def _on_box_finished(self) -> None:
        self._box = None
        self._quiet_until = time.monotonic() + QUIET_SECONDS
