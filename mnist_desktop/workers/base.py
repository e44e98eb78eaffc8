"""A job on a thread of its own, reporting through Qt signals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.errors import JobCancelled, MnistDesktopError, as_reported
from mnist_desktop.workers.thread import WorkerThread, end_thread

logger = logging.getLogger(__name__)

Job = Callable[..., Any]


class Worker(QObject):
    """Wraps one job; lives in the thread it runs on.

    Parameters
    ----------
    job : callable
        ``job(config, *, on_progress, should_stop) -> result``.
    config : object
        What the job is given.
    should_stop : callable
        Answers True once the job is to end.

    Signals
    -------
    started()
        The job begins.
    progressed(object)
        A progress record of the job.
    succeeded(object), failed(object), cancelled()
        Exactly one of them: the result, a `MnistDesktopError`, or an end without a result.
    finished()
        Always last.
    """

    started = Signal()
    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, job: Job, config: object, should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self._job = job
        self._config = config
        self._should_stop = should_stop

    @Slot()
    def run(self) -> None:
        """Do the job and report the outcome."""
        self.started.emit()
        try:
            result = self._job(
                self._config, on_progress=self.progressed.emit, should_stop=self._should_stop
            )
        except JobCancelled:
            self.cancelled.emit()
        except MnistDesktopError as error:
            logger.warning("%s", error)
            self.failed.emit(error)
        except Exception as error:
            logger.exception("A job failed unexpectedly")
            self.failed.emit(as_reported(error))
        else:
            self.succeeded.emit(result)
        finally:
            self.finished.emit()


class JobController(QObject):
    """Runs one job at a time, each on a thread of its own, and passes its signals on.

    Lives in the main thread. Signals as in `Worker`; all are emitted in the main thread.
    """

    started = Signal()
    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: WorkerThread | None = None
        self._worker: Worker | None = None
        self._stop = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self._thread is not None

    def start(self, job: Job, config: object) -> None:
        """Begin a job.

        Raises
        ------
        RuntimeError
            If one is under way.
        """
        if self._thread is not None:
            raise RuntimeError("a job is already running")
        self._stop = threading.Event()
        self._thread = WorkerThread(self)
        self._worker = Worker(job, config, self._stop.is_set)
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.run)
        self._worker.started.connect(self._on_worker_started)
        self._worker.progressed.connect(self._on_worker_progressed)
        self._worker.succeeded.connect(self._on_worker_succeeded)
        self._worker.failed.connect(self._on_worker_failed)
        self._worker.cancelled.connect(self._on_worker_cancelled)
        self._worker.finished.connect(self._on_worker_finished)
        self._thread.start()

    def stop(self) -> None:
        """Ask the job to end; it does so when it next looks."""
        self._stop.set()

    def close(self) -> None:
        """Ask the job to end, wait until its thread has, and say nothing more about it."""
        self.stop()
        if self._thread is not None:
            self._end_thread()

    @Slot()
    def _on_worker_started(self) -> None:
        self.started.emit()

    @Slot(object)
    def _on_worker_progressed(self, progress: object) -> None:
        self.progressed.emit(progress)

    @Slot(object)
    def _on_worker_succeeded(self, result: object) -> None:
        self.succeeded.emit(result)

    @Slot(object)
    def _on_worker_failed(self, error: object) -> None:
        self.failed.emit(error)

    @Slot()
    def _on_worker_cancelled(self) -> None:
        self.cancelled.emit()

    @Slot()
    def _on_worker_finished(self) -> None:
        if self._thread is not None:
            self._end_thread()
            self.finished.emit()

    def _end_thread(self) -> None:
        assert self._thread is not None  # noqa: S101 - both callers looked
        end_thread(self._thread, self)
        self._thread.deleteLater()
        self._thread = self._worker = None
