"""Drawing as a hand does: press, move in small steps, release."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

ONE = ((0.5, 0.15), (0.5, 0.85))
SEVEN = ((0.3, 0.22), (0.7, 0.22), (0.45, 0.85))


def draw(pad: QWidget, points: Sequence[tuple[float, float]], steps: int = 8) -> None:
    """Draw one stroke through points given in shares of the pad's side."""
    side = min(pad.width(), pad.height())
    left = (pad.width() - side) / 2
    places = [QPoint(round(left + x * side), round(y * side)) for x, y in points]
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(pad, button, none, places[0])
    for start, end in itertools.pairwise(places):
        for step in range(1, steps + 1):
            QTest.mouseMove(pad, start + (end - start) * (step / steps))
    QTest.mouseRelease(pad, button, none, places[-1])
