"""Reading the drawing on a thread of its own, the latest ink first."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal, Slot

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.inference.predictor import NO_INK, Prediction, Predictor
from mnist_desktop.runs.model_file import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers.base import end_thread

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """What a drawing was read as, and the image the network saw.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        The drawing as the network sees it.
    prediction : Prediction
        What it was read as.
    """

    image: NDArray[np.uint8]
    prediction: Prediction


class PredictionWorker(QObject):
    """Holds the open network and reads ink with it; lives in the prediction thread.

    Signals
    -------
    opened(object)
        A network is open: the `Predictor`.
    failed(object)
        A `MnistDesktopError`: the network could not be opened; the one before stays.
    read_finished(object)
        A `Reading`.
    """

    opened = Signal(object)
    failed = Signal(object)
    read_finished = Signal(object)

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self._store = store
        self._predictor: Predictor | None = None

    @Slot(str)
    def open_model(self, model: str) -> None:
        """Open a network by the name `mnist_desktop.runs.model_file` knows it by."""
        try:
            self._predictor = open_model(model, self._store)
        except MnistDesktopError as error:
            self.failed.emit(error)
        else:
            self.opened.emit(self._predictor)

    @Slot(object)
    def read(self, ink: Ink) -> None:
        """Render ink and read it."""
        reading = Reading(np.zeros((28, 28), np.uint8), NO_INK)
        try:
            image = render(ink)
            reading = Reading(image, NO_INK)
            if self._predictor is not None:
                reading = Reading(image, self._predictor.read(image))
        except Exception:
            logger.exception("A drawing could not be read")
        self.read_finished.emit(reading)  # always: the next drawing waits for it


class PredictionController(QObject):
    """Asks the prediction thread; of drawings that come in while it is busy, the last one counts.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Signals
    -------
    model_opened(object)
        A network is open: the `Predictor`.
    model_failed(object)
        A `MnistDesktopError`: the network could not be opened.
    read_finished(object)
        A `Reading` of the newest ink.
    """

    model_opened = Signal(object)
    model_failed = Signal(object)
    read_finished = Signal(object)
    _open_wanted = Signal(str)
    _read_wanted = Signal(object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_busy = False
        self._next: Ink | None = None
        self._last: Ink = Ink()
        self._thread = QThread(self)
        self._worker = PredictionWorker(store)
        self._worker.moveToThread(self._thread)
        self._open_wanted.connect(self._worker.open_model)
        self._read_wanted.connect(self._worker.read)
        self._worker.opened.connect(self._on_worker_opened)
        self._worker.failed.connect(self.model_failed)
        self._worker.read_finished.connect(self._on_worker_read_finished)
        self._thread.start()

    def open_model(self, model: str) -> None:
        """Read with this network from now on, also what is on the pad."""
        self._open_wanted.emit(model)

    def read(self, ink: Ink) -> None:
        """Read a drawing; an older one that is still waiting is dropped."""
        self._last = ink
        if self._is_busy:
            self._next = ink
            return
        self._is_busy = True
        self._read_wanted.emit(ink)

    def close(self) -> None:
        """End the thread, wait for it, and say nothing more of what it did."""
        end_thread(self._thread, self)

    @Slot(object)
    def _on_worker_opened(self, predictor: object) -> None:
        self.model_opened.emit(predictor)
        self.read(self._last)

    @Slot(object)
    def _on_worker_read_finished(self, reading: Reading) -> None:
        self._is_busy = False
        if self._next is not None:
            ink, self._next = self._next, None
            self.read(ink)
        else:
            self.read_finished.emit(reading)
