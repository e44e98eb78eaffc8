"""A small window of another program, out of which a file can be dragged.

``python drag_source.py FILE`` prints where its middle is on the screen, once it can be seen, and
``accepted`` once the file is over something that would take it.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Offers a file as a file manager does."""

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        drag = QDrag(self)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag.setMimeData(data)
        drag.actionChanged.connect(self._on_drag_action_changed)
        drag.exec(Qt.DropAction.CopyAction)

    def _on_drag_action_changed(self, action: Qt.DropAction) -> None:
        if action == Qt.DropAction.CopyAction:
            say("accepted")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def tell(source: Source) -> None:
    """Print the middle, once the window manager has found a place for the window."""
    if not source.isActiveWindow():
        QTimer.singleShot(20, source, lambda: tell(source))
        return
    middle = source.mapToGlobal(source.rect().center())
    say(f"{middle.x()} {middle.y()}")


app = QApplication(sys.argv)
source = Source("a file")
source.setAlignment(Qt.AlignmentFlag.AlignCenter)
source.setFixedSize(160, 120)
source.show()
tell(source)
app.exec()
