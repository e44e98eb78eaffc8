"""Training on a worker thread, once TensorFlow is loaded and there are digits."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import TrainingContext, TrainingRequest
from mnist_desktop.training.engine import load_engine
from mnist_desktop.training.progress import TrainingControls
from mnist_desktop.workers.base import JobController


class TrainingController(QObject):
    """Loads TensorFlow, keeps a request made early, and runs one training at a time.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Attributes
    ----------
    controls : TrainingControls
        Of the training that is under way, or will be next; its image is read after each epoch.

    Signals
    -------
    engine_started(), engine_ready(str), engine_failed(object)
        TensorFlow is being loaded, is ready (with its versions), could not be loaded.
    waiting(str)
        A request is kept until what it names is there.
    started()
        A training begins.
    progressed(object)
        A progress record of the training.
    succeeded(object), failed(object), cancelled()
        Exactly one of them: what the request comes to, a `MnistDesktopError`, or nothing to keep.
    finished()
        Always last; comes after `cancelled` also when the request was still waiting.
    """

    engine_started = Signal()
    engine_ready = Signal(str)
    engine_failed = Signal(object)
    waiting = Signal(str)
    started = Signal()
    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.controls = TrainingControls()
        self._dataset: Dataset | None = None
        self._is_engine_ready = False
        self._request: TrainingRequest | None = None
        self._is_saving = False
        self._engine = JobController(self)
        self._engine.started.connect(self.engine_started)
        self._engine.succeeded.connect(self._on_engine_succeeded)
        self._engine.failed.connect(self._on_engine_failed)
        self._jobs = JobController(self)
        for name in ("started", "progressed", "succeeded", "failed", "cancelled", "finished"):
            getattr(self._jobs, name).connect(getattr(self, name))

    @property
    def is_engine_ready(self) -> bool:
        """Whether TensorFlow is loaded."""
        return self._is_engine_ready

    @property
    def is_busy(self) -> bool:
        """Whether a training is under way or waiting."""
        return self._jobs.is_running or self._request is not None

    @property
    def is_saved(self) -> bool:
        """Whether a training is under way whose state is saved, to be kept or resumed."""
        return self._jobs.is_running and self._is_saving

    def load_engine(self) -> None:
        """Import TensorFlow on a worker thread."""
        if not self._engine.is_running and not self._is_engine_ready:
            self._engine.start(load_engine, None)

    def set_dataset(self, dataset: Dataset) -> None:
        """Train on these digits from the next training on."""
        self._dataset = dataset
        self._start_if_ready()

    def request(self, request: TrainingRequest) -> None:
        """Do this as soon as TensorFlow and digits are there.

        Raises
        ------
        RuntimeError
            If a training is under way or waiting.
        """
        if self.is_busy:
            raise RuntimeError("a training is already under way")
        self._request = request
        self.controls.begin()
        self.load_engine()
        self._start_if_ready()
        if self._request is not None:
            missing = "TensorFlow" if not self._is_engine_ready else "the digits"
            self.waiting.emit(missing)

    def stop(self) -> None:
        """End the training and keep what was learnt, or take a waiting request back."""
        if self._request is not None:
            self._request = None
            self.cancelled.emit()
            self.finished.emit()
        else:
            self._jobs.stop()

    def suspend(self) -> None:
        """End a training at once and wait for it; it can be resumed."""
        self.controls.suspend()
        self.close()

    def cancel(self) -> None:
        """End a training at once and wait for it; nothing of it stays."""
        self.controls.cancel()
        self.close()

    def close(self) -> None:
        """End everything and wait for it."""
        self._request = None
        self._jobs.close()
        self._engine.close()

    def _start_if_ready(self) -> None:
        if self._request is None or self._dataset is None or not self._is_engine_ready:
            return
        request, self._request = self._request, None
        self._is_saving = request.is_saved
        self._jobs.start(request.run, TrainingContext(self._dataset, self._store, self.controls))

    @Slot(object)
    def _on_engine_succeeded(self, versions: str) -> None:
        self._is_engine_ready = True
        self.engine_ready.emit(versions)
        self._start_if_ready()

    @Slot(object)
    def _on_engine_failed(self, error: object) -> None:
        self.engine_failed.emit(error)
        if self._request is not None:
            self._request = None
            self.failed.emit(error)
            self.finished.emit()
