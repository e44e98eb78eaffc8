"""A text of any length in a place of fixed height."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy

from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import plain

LINE_END = "\u2028"  # what Qt's layout of text takes for the end of a line


@guarded
class FixedLines(QLabel):
    """Shows text in some lines that are always reserved, and elides what is beyond them.

    The whole text is the tooltip and what a screen reader says, so that nothing is lost and
    nothing around it ever moves.

    Parameters
    ----------
    role : str
        Of the style sheet, as `mnist_desktop.ui.parts.theme.label` takes it.
    lines : int
        How many lines are reserved.
    hint : str
        What the text means; it follows the text in the tooltip.
    """

    def __init__(self, role: str, lines: int, hint: str = "") -> None:
        super().__init__()
        self._lines = lines
        self._hint = hint
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip(hint)

    def reserve(self, lines: int) -> None:
        """Reserve another number of lines."""
        self._lines = lines
        self.updateGeometry()
        self.update()

    def setText(self, text: str, more: str = "") -> None:
        """Show another text; `more` follows it in the tooltip alone."""
        super().setText(text)
        self.setToolTip(plain("\n".join(part for part in (text, more, self._hint) if part)))
        self.setAccessibleDescription("\n".join(part for part in (text, more) if part))

    def sizeHint(self) -> QSize:
        """Any width, and the height of its lines."""
        return QSize(0, self._lines * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Need no width of its own."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint as many lines as there are, the last one elided where the text goes on."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        metrics = self.fontMetrics()
        for number, line in enumerate(self._broken()):
            top = number * metrics.lineSpacing()
            place = self.rect().adjusted(0, top, 0, 0)
            place.setHeight(metrics.lineSpacing())
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(place, self.alignment(), text)

    def _broken(self) -> list[str]:
        """The text in as many lines as are reserved; the last one has all that is left."""
        text = self.text().replace("\n", LINE_END)
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        starts: list[int] = []
        layout.beginLayout()
        while len(starts) < self._lines and (line := layout.createLine()).isValid():
            line.setLineWidth(self.width())
            line.setPosition(QPointF(0, 0))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(text)]
        return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
