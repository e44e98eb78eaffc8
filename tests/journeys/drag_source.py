"""A small window of another program, out of which a file can be dragged.

``python drag_source.py FILE`` prints where its middle is on the screen, once it can be seen.
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
        drag.exec(Qt.DropAction.CopyAction)


def tell(source: Source) -> None:
    """Print the middle, once the window manager has found a place for the window."""
    if not source.isActiveWindow():
        QTimer.singleShot(20, source, lambda: tell(source))
        return
    middle = source.mapToGlobal(source.rect().center())
    sys.stdout.write(f"{middle.x()} {middle.y()}\n")
    sys.stdout.flush()


app = QApplication(sys.argv)
source = Source("a file")
source.setAlignment(Qt.AlignmentFlag.AlignCenter)
source.setFixedSize(160, 120)
source.show()
tell(source)
app.exec()
