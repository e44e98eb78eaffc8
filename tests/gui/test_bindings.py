"""What the window relies on in the bindings between Python and Qt."""

from __future__ import annotations

import sys

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


class Resized(QWidget):
    """Has a method of Python's that Qt calls and that returns nothing."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)


def test_calls_from_qt_give_back_no_reference_they_did_not_take(qtbot: QtBot) -> None:
    """PySide 6.12.0 on Python 3.11 did, until None was gone and the program with it."""
    widget = Resized()
    qtbot.addWidget(widget)
    widget.show()
    before = sys.getrefcount(None)
    for side in range(100, 600):
        widget.resize(side, side)
    assert sys.getrefcount(None) > before - 100
