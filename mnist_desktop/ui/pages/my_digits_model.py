"""The user's own digits as a grid shows them."""

from __future__ import annotations

import operator
import time
from bisect import bisect_left, bisect_right

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.formats import a_digit
from mnist_desktop.ui.parts.digit_model import Caption, DigitModel, ShownDigit
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.prediction_views import digit_image

MOST_PICTURES = 1000  # that are kept: more than any screen shows
RENDER_SECONDS = 0.008  # at a time: half a frame
MOST_STEPS = 200  # rows that are put in or taken out one by one; with more, the list is reset


@guarded
class MyDigitsModel(DigitModel):
    """Drawings by digit and then by age; none is rendered before it is seen.

    Signals
    -------
    rendered()
        Some have their picture now. (Qt would visit each row of a `dataChanged`.)
    """

    rendered = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._drawings: tuple[Drawing, ...] = ()
        self._rows: list[Drawing] = []
        self._pictures: dict[int, QImage] = {}
        self._seen: dict[int, Drawing] = {}  # that have no picture yet
        self._blank = QImage(28, 28, QImage.Format.Format_Grayscale8)
        self._blank.fill(Qt.GlobalColor.black)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def show(self, drawings: tuple[Drawing, ...]) -> None:
        """Show drawings, the oldest first; what was shown already stays as it is.

        Parameters
        ----------
        drawings : tuple of Drawing
            With labels.
        """
        count = len(self._drawings)
        gone: list[Drawing] = []
        if len(drawings) < count or not all(map(operator.is_, self._drawings, drawings)):
            left = set(map(id, drawings))
            gone = [one for one in self._drawings if id(one) not in left]
        added = drawings[count - len(gone) :]
        if len(added) + len(gone) > MOST_STEPS:
            self._begin_anew(drawings)
        else:
            for one in gone:
                self._take_out(one)
            for one in added:
                self._put_in(one)
        self._drawings = drawings

    def _begin_anew(self, drawings: tuple[Drawing, ...]) -> None:
        self.beginResetModel()
        self._rows = sorted(drawings, key=_label)
        self._pictures.clear()
        self._seen.clear()
        self.endResetModel()

    def _take_out(self, drawing: Drawing) -> None:
        row = bisect_left(self._rows, _label(drawing), key=_label)
        while self._rows[row] is not drawing:
            row += 1
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rows[row]
        self._pictures.pop(id(drawing), None)
        self._seen.pop(id(drawing), None)
        self.endRemoveRows()

    def _put_in(self, drawing: Drawing) -> None:
        row = bisect_right(self._rows, _label(drawing), key=_label)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, drawing)
        self.endInsertRows()

    def drawing(self, index: Index) -> Drawing:
        """Return the drawing of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the drawings."""
        return 0 if parent.isValid() else len(self._rows)

    def picture(self, row: int) -> QImage:
        """Return a drawing as the network sees it; blank for the moment that rendering takes."""
        drawing = self._rows[row]
        picture = self._pictures.get(id(drawing))
        if picture is None:
            self._seen[id(drawing)] = drawing
            self._timer.start()  # once the view is painted
        return picture or self._blank

    def caption(self, row: int) -> Caption:
        """Return what a drawing was meant to be."""
        return Caption(str(_label(self._rows[row])))

    def words(self, row: int) -> str:
        """Say what a drawing was meant to be."""
        return f"Your drawing: {a_digit(_label(self._rows[row]))}"

    def digit(self, row: int) -> ShownDigit:
        """Return a drawing as the network sees it."""
        drawing = self._rows[row]
        return ShownDigit(render(drawing.ink), "Your drawing", row, _label(drawing))

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Render some of the drawings that have been seen, and let the window live in between."""
        end = time.perf_counter() + RENDER_SECONDS
        if len(self._pictures) > MOST_PICTURES:
            self._pictures.clear()
        while self._seen and time.perf_counter() < end:
            _, drawing = self._seen.popitem()
            self._pictures[id(drawing)] = digit_image(render(drawing.ink))
        if self._seen:
            self._timer.start()
        self.rendered.emit()


def _label(drawing: Drawing) -> int:
    return drawing.label or 0
