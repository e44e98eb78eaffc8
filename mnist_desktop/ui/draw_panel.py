"""The right column: the pad, what the network sees of it, and what it reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.paint_widget import PaintWidget
from mnist_desktop.ui.theme import LIGHT, UNIT, Theme, label
from mnist_desktop.workers.prediction import Reading


def digit_image(image: NDArray[np.uint8]) -> QImage:
    """Turn grey values (28, 28) into an image of its own memory, white ink on black."""
    pixels = np.ascontiguousarray(image)
    return QImage(pixels.data, 28, 28, 28, QImage.Format.Format_Grayscale8).copy()


class InputPreview(QWidget):
    """The 28×28 image that the network sees, each pixel enlarged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputPreview")
        self.setAccessibleName("What the network sees")
        self.setToolTip(
            "What the network sees: your drawing scaled to 20 pixels and centred by weight, "
            "as all MNIST digits are."
        )
        self.setFixedSize(28 * 3, 28 * 3)
        self.image = np.zeros((28, 28), np.uint8)

    def show_image(self, image: NDArray[np.uint8]) -> None:
        """Show grey values (28, 28)."""
        self.image = image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pixels as squares."""
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), digit_image(self.image))


class ProbabilityBars(QWidget):
    """Ten bars, one a digit, with the best one in the accent colour."""

    ROW = 17

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("probabilityBars")
        self.setAccessibleName("Scores of the ten digits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self.prediction: Prediction = NO_INK

    def sizeHint(self) -> QSize:
        """Ten rows."""
        return QSize(240, 10 * self.ROW)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the scores of a prediction."""
        self.prediction = prediction
        shares = (f"{digit}: {share:.0%}" for digit, share in enumerate(prediction.probabilities))
        self.setAccessibleDescription(", ".join(shares))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint digit, bar and percentage of each row."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        number_width = QFontMetrics(self.font()).horizontalAdvance("100.0 %") + 4
        left, right = 18, self.width() - number_width
        for digit, share in enumerate(self.prediction.probabilities):
            top = digit * self.ROW
            is_best = digit == self.prediction.label
            painter.setPen(QColor(theme.text if is_best else theme.muted))
            painter.drawText(
                QRectF(0, top, 14, self.ROW), Qt.AlignmentFlag.AlignVCenter, str(digit)
            )
            if self.prediction.label is not None:
                painter.drawText(
                    QRectF(right, top, number_width, self.ROW),
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                    f"{share * 100:.1f} %",
                )
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(left, top + 5, right - left - 4, self.ROW - 9)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(track, 4, 4)
            if share > 0.001:
                painter.setBrush(QColor(theme.accent if is_best else theme.muted))
                track.setWidth(max(6.0, track.width() * share))
                painter.drawRoundedRect(track, 4, 4)


class DrawPanel(QFrame):
    """Everything around the pad.

    Signals
    -------
    ink_changed(object)
        The `Ink` on the pad is another one and wants to be read.
    """

    ink_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.pad = PaintWidget()
        self.preview = InputPreview()
        self.bars = ProbabilityBars()
        self.prediction_label = label(NO_INK.text, "digit")
        self.prediction_label.setObjectName("predictionLabel")
        self.prediction_label.setAccessibleName("The digit that was read")
        self.prediction_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._confidence = label("", "muted", wrap=True)
        self._confidence.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._note = label("", "field", wrap=True)
        self._make_buttons()
        self._lay_out()
        self.pad.ink_changed.connect(self.ink_changed)
        self.pad.history_changed.connect(self._on_pad_history_changed)
        self._on_pad_history_changed()
        self.show_prediction(NO_INK)

    def _make_buttons(self) -> None:
        self.undo_button = QPushButton("&Undo")
        self.undo_button.setObjectName("undoButton")
        self.undo_button.setToolTip("Take the last stroke back (Ctrl+Z)")
        self.undo_button.clicked.connect(self.pad.undo)
        self.redo_button = QPushButton("Redo")
        self.redo_button.setObjectName("redoButton")
        self.redo_button.setToolTip("Draw the stroke again (Ctrl+Shift+Z)")
        self.redo_button.clicked.connect(self.pad.redo)
        self.clear_button = QPushButton("Clear")
        self.clear_button.setObjectName("clearButton")
        self.clear_button.setToolTip("Take all ink away (Delete)")
        self.clear_button.clicked.connect(self.pad.clear)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo_button.click)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Redo), self, self.redo_button.click)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        for button in (self.undo_button, self.redo_button, self.clear_button):
            buttons.addWidget(button, 1)
        seen = QVBoxLayout()
        seen.setSpacing(UNIT // 2)
        seen.addWidget(label("The network sees", "field"))
        seen.addWidget(self.preview)
        seen.addStretch()
        read = QVBoxLayout()
        read.setSpacing(0)
        read.addWidget(label("and reads", "field"), 0, Qt.AlignmentFlag.AlignHCenter)
        read.addWidget(self.prediction_label)
        read.addWidget(self._confidence, 1)
        result = QHBoxLayout()
        result.setSpacing(UNIT * 2)
        result.addLayout(seen)
        result.addLayout(read, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addWidget(label("Draw", "title"))
        layout.addWidget(self.pad, 100)  # as large as the column is wide, before the rest grows
        layout.addLayout(buttons)
        layout.addSpacing(UNIT // 2)
        layout.addLayout(result)
        layout.addWidget(self.bars)
        layout.addWidget(self._note)
        layout.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.pad.set_theme(theme)
        self.bars.set_theme(theme)

    def show_model(self, output_activation: str) -> None:
        """Say what the scores of the network in use mean."""
        self._note.setText(
            "Scores are softmax probabilities."
            if output_activation == "softmax"
            else "Sigmoid outputs, normalised so that they add up to 100 %; "
            "a softmax output gives probabilities."
        )

    @Slot(object)
    def show_reading(self, reading: Reading) -> None:
        """Show what a drawing was read as."""
        self.preview.show_image(reading.image)
        self.show_prediction(reading.prediction)

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the digit in large type, its score, and the ten bars."""
        self.prediction_label.setText(prediction.text)
        self.bars.show_prediction(prediction)
        if prediction.label is None:
            self._confidence.setText("")
        elif prediction.accepted:
            self._confidence.setText(f"{max(prediction.probabilities) * 100:.1f} %")
        else:
            best = sorted(range(10), key=lambda d: -prediction.probabilities[d])[:2]
            self._confidence.setText(f"Not sure: {best[0]} or {best[1]}")

    @Slot()
    def _on_pad_history_changed(self) -> None:
        self.undo_button.setEnabled(self.pad.can_undo)
        self.redo_button.setEnabled(self.pad.can_redo)
        self.clear_button.setEnabled(bool(self.pad.ink))
