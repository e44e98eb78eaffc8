"""What the network sees of the drawing and what it reads, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.prediction_views import InputPreview
from mnist_desktop.ui.parts.read_label import paint_name
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme, label

STEP_WIDTH = 28  # of the buttons beside the number, in pixels
NUMBER_WIDTH = 64
LEAST_SLOT = NUMBER_WIDTH // 4  # that each digit of a long number takes at least: four always fit
CAPTIONS = ("Network sees", "and reads", "You drew")
MOST_TIMES = 4  # that the pictures are enlarged


@guarded
class NumberLabel(QLabel):
    """The digit that was read, large; of several digits all, with the chosen one marked.

    Its text is the chosen digit. Of classes that are no digits it is the name; only the chosen one
    is shown, shortened where it is long.

    Signals
    -------
    chosen(int)
        The digit in this place was pressed.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__(NO_INK.text)
        self.setObjectName("predictionLabel")
        self.setAccessibleName("What was read")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._theme = LIGHT
        self._digits: tuple[str, ...] = (NO_INK.text,)
        self._number = 0
        self._shown = NO_INK

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_predictions(self, predictions: Sequence[Prediction], number: int) -> None:
        """Show a number of which one digit is chosen."""
        digits = tuple(one.text for one in predictions)
        self._digits, self._number, self._shown = digits, number, predictions[number]
        self.setText(digits[number])
        self.setAccessibleDescription(" ".join(digits) if len(digits) > 1 else "")
        self.setToolTip(self.accessibleDescription())
        self.update()

    def _slots(self) -> list[tuple[int, QRectF]]:
        """The digits that there is room for, around the chosen one, and where each is shown."""
        room = self.width() // LEAST_SLOT if self._shown.classes.are_digits else 1
        count = min(len(self._digits), max(1, room))
        first = min(max(self._number - count // 2, 0), len(self._digits) - count)
        wide = min(self.width() / count, self.height() * 0.65)
        left = (self.width() - wide * count) / 2
        return [
            (first + place, QRectF(left + place * wide, 0, wide, self.height()))
            for place in range(count)
        ]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the digit under the mouse."""
        for number, slot in self._slots():
            if len(self._digits) > 1 and slot.contains(event.position()):
                self.chosen.emit(number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the digits, a line under the one that is chosen; or a name."""
        painter = QPainter(self)
        shown = self._shown
        if shown.accepted and shown.label is not None and not shown.classes.are_digits:
            painter.setPen(QColor(self._theme.text))
            paint_name(painter, QRectF(self.rect()), shown.label, shown.classes)
            return
        slots = self._slots()
        font = self.font()
        font.setPixelSize(max(1, round(min(self.height() * 0.9, slots[0][1].width() * 1.5))))
        painter.setFont(font)
        for number, slot in slots:
            is_marked = len(self._digits) > 1 and number == self._number
            colour = QColor(self._theme.accent if is_marked else self._theme.text)
            painter.setPen(colour)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
            painter.drawText(slot, flags, self._digits[number])
            if is_marked:
                painter.fillRect(slot.adjusted(2, slot.height() - 3, -2, 0), colour)


@guarded
class AnswerRow(QWidget):
    """The image that the network sees, what it reads, and the drawing only shrunk.

    Everything has a place that depends on the row's size alone.

    Signals
    -------
    stepped(int)
        The digit before (-1) or after (1) is wanted.
    """

    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.preview = InputPreview(self)
        self.shrunk_preview = InputPreview(self)
        self.shrunk_preview.setObjectName("shrunkPreview")
        self.shrunk_preview.setAccessibleName("What you drew, only shrunk")
        self.shrunk_preview.setToolTip(
            "Your drawing shrunk to 28×28 as it is, which is all that many programs do."
        )
        self.number = NumberLabel()
        self.number.setParent(self)
        self.number.setProperty("role", "digit")
        self._captions = [label(text, "field") for text in CAPTIONS]
        for caption in self._captions:
            caption.setParent(self)
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.before_button = self._make_step("chevron-left", "Digit before", -1)
        self.after_button = self._make_step("chevron-right", "Next digit", 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.show_drawn(is_shown=False)
        self.show_steps(0, 1)

    def _make_step(self, picture: str, name: str, way: int) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(picture))
        button.setProperty("plain", True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self.stepped.emit(way))
        return button

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.number.set_theme(theme)

    def show_drawn(self, *, is_shown: bool) -> None:
        """Show the drawing only shrunk in its place, or leave the place empty."""
        self.shrunk_preview.setVisible(is_shown)
        self._captions[2].setVisible(is_shown)

    def show_steps(self, number: int, count: int) -> None:
        """Offer the digits beside the one that is shown."""
        self._captions[1].setText("and reads" if count == 1 else f"{number + 1} of {count}")
        self.before_button.setVisible(count > 1)
        self.after_button.setVisible(count > 1)
        self.before_button.setEnabled(number > 0)
        self.after_button.setEnabled(number < count - 1)

    def minimumSizeHint(self) -> QSize:
        """Room for pictures of twice 28 pixels."""
        width = 2 * self._frame(2) + 2 * STEP_WIDTH + NUMBER_WIDTH
        return QSize(width, self._caption_height() + 2 * 28)

    def sizeHint(self) -> QSize:
        """As small as it can be: the pad is to be large first."""
        return self.minimumSizeHint()

    def _caption_height(self) -> int:
        return self._captions[0].fontMetrics().lineSpacing() + UNIT // 2

    def _frame(self, times: int) -> int:
        """Width of a picture with its caption."""
        metrics = self._captions[0].fontMetrics()
        return max(28 * times, *(metrics.horizontalAdvance(text) + 2 for text in CAPTIONS[::2]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put everything in its place."""
        super().resizeEvent(event)
        top = self._caption_height()
        self.setMaximumHeight(top + 28 * MOST_TIMES)
        room = self.width() - 2 * STEP_WIDTH - NUMBER_WIDTH
        times = max(2, min((self.height() - top) // 28, room // 2 // 28, MOST_TIMES))
        side, frame = 28 * times, self._frame(times)
        inset = (frame - side) // 2
        right = self.width() - frame
        self._captions[0].setGeometry(0, 0, frame, top)
        self.preview.setGeometry(inset, top, side, side)
        self._captions[2].setGeometry(right, 0, frame, top)
        self.shrunk_preview.setGeometry(right + inset, top, side, side)
        step_top = top + (side - STEP_WIDTH) // 2
        self.before_button.setGeometry(frame, step_top, STEP_WIDTH, STEP_WIDTH)
        self.after_button.setGeometry(right - STEP_WIDTH, step_top, STEP_WIDTH, STEP_WIDTH)
        left = frame + STEP_WIDTH
        middle = QRect(left, top, right - STEP_WIDTH - left, side)
        self.number.setGeometry(middle)
        self._captions[1].setGeometry(middle.left(), 0, middle.width(), top)
