"""The row below the matrix that goes through the epochs of a training."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.icons import SIDE, icon
from mnist_desktop.ui.parts.theme import UNIT

STEP_MS = 600  # an epoch is to be seen for


class EpochRow(QWidget):
    """A slider with a position for each epoch, and one at its end for the finished network.

    The button plays through the epochs and stops at the end; a second press pauses.

    Signals
    -------
    epoch_requested(object)
        The validation digits after this epoch (int) are wanted, or the finished network (None).
    """

    epoch_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._epochs: tuple[int, ...] = ()
        self._is_awaited = False
        self.play_button = QToolButton()
        self.play_button.setObjectName("epochPlayButton")
        self.play_button.setIconSize(QSize(SIDE, SIDE))
        self.play_button.clicked.connect(self._on_play_button_clicked)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("epochSlider")
        self.slider.setAccessibleName("Epoch")
        self.slider.setToolTip("See how the validation digits were read after each epoch")
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.slider.sliderPressed.connect(self.pause)
        self._words = FixedLines("field", 1)
        self._words.setObjectName("epochLabel")
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._show_playing()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self._words, 1)

    def offer(self, epochs: tuple[int, ...]) -> None:
        """Offer these epochs; the row is shown if there are several.

        Parameters
        ----------
        epochs : tuple of int
            After which there are readings of the validation digits, in order.
        """
        self.pause()
        self._epochs = epochs
        self.setVisible(len(epochs) > 1)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(epochs))
            self.slider.setValue(len(epochs))

    def show_epoch(self, epoch: int | None, split: str, noun: str = "digit") -> None:
        """Say whose reading of which digits is shown.

        Parameters
        ----------
        epoch : int or None
            One of those offered; None for the finished network.
        split : str
            Name of the split, such as ``"Validation"``.
        noun : str, optional
            What one of it is: `ClassNames.noun`.
        """
        place = len(self._epochs) if epoch is None else self._epochs.index(epoch)
        if epoch is None:
            self.pause()
            self._words.setText(f"{split} {noun}s, finished network")
        else:
            self._words.setText(f"{split} {noun}s after epoch {epoch} of {self._epochs[-1]}")
        self._is_awaited = False
        with QSignalBlocker(self.slider):
            self.slider.setValue(place)

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @Slot()
    def pause(self) -> None:
        """Stay where it is."""
        self._timer.stop()
        self._show_playing()

    @Slot()
    def _on_play_button_clicked(self) -> None:
        if self.is_playing:
            self.pause()
            return
        self._timer.start()
        self._show_playing()
        is_at_end = self.slider.value() == self.slider.maximum()
        self.slider.setValue(0 if is_at_end else self.slider.value() + 1)

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Go on to the next epoch, once the last one has been shown."""
        if not self._is_awaited:
            self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self.pause()

    @Slot(int)
    def _on_slider_value_changed(self, place: int) -> None:
        self._is_awaited = True
        self.epoch_requested.emit(self._epochs[place] if place < len(self._epochs) else None)

    def _show_playing(self) -> None:
        name = "Pause" if self.is_playing else "Play"
        self.play_button.setIcon(icon(name.lower()))
        self.play_button.setAccessibleName(f"{name} the epochs")
        self.play_button.setToolTip(f"{name}: how the reading changes from epoch to epoch")
