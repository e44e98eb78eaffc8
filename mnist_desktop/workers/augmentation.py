"""Previews of augmentation on a worker thread, once TensorFlow is loaded."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.dataset import Images
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.training.augmentation_preview import PreviewRequest, preview_augmentation
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.last_asked import LastAsked
from mnist_desktop.workers.training import TrainingController


class AugmentationController(QObject):
    """Has digits changed as a training would, the last ones that were asked for.

    Lives in the main thread.

    Parameters
    ----------
    training : TrainingController
        Loads TensorFlow.

    Signals
    -------
    waiting()
        TensorFlow is being loaded; the preview comes by itself.
    previewed(object)
        Images, uint8, shape (12, 28, 28).
    failed(object)
        A `MnistDesktopError`.
    """

    waiting = Signal()
    previewed = Signal(object)
    failed = Signal(object)

    def __init__(self, training: TrainingController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._early: PreviewRequest | None = None
        self._asked = LastAsked[PreviewRequest](self._start)
        self._jobs = JobController(self)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self.failed)
        self._jobs.finished.connect(self._on_jobs_finished)
        training.engine_ready.connect(self._on_training_engine_ready)
        training.engine_failed.connect(self._on_training_engine_failed)

    @property
    def is_busy(self) -> bool:
        """Whether a preview is being made, or waits for TensorFlow."""
        return self._jobs.is_running or self._early is not None

    def request(self, request: PreviewRequest) -> None:
        """Have a digit changed; another one that still waits is dropped."""
        if self._training.is_engine_ready:
            self._asked.ask(request)
            return
        self._early = request
        self.waiting.emit()
        self._training.load_engine()

    def forget(self) -> None:
        """Let nothing wait for TensorFlow: nobody looks at it any more."""
        self._early = None

    def close(self) -> None:
        """End the thread and wait for it."""
        self._early = None
        self._jobs.close()

    def _start(self, request: PreviewRequest) -> None:
        self._jobs.start(preview_augmentation, request)

    @Slot(object)
    def _on_jobs_succeeded(self, images: Images) -> None:
        self.previewed.emit(images)

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._asked.note_answer()

    @Slot()
    def _on_training_engine_ready(self) -> None:
        early, self._early = self._early, None
        if early is not None:
            self._asked.ask(early)

    @Slot(object)
    def _on_training_engine_failed(self, error: MnistDesktopError) -> None:
        if self._early is not None:
            self._early = None
            self.failed.emit(error)
