"""Reads entire splits on a worker thread, one after the other."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest, read_split
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.label_checks import LabelCheckController

KEPT = 12  # a split of MNIST's training digits takes some three megabytes

Key = tuple[ModelRef, str, int | None, int]


@dataclass(frozen=True, eq=False)
class SplitFailure:
    """A split that could not be read, and why."""

    request: SplitRequest
    error: MnistDesktopError


class EvaluationController(QObject):
    """Has splits read and keeps the last few readings.

    Attributes
    ----------
    labels : LabelCheckController
        Has the labels of what was read checked.

    Signals
    -------
    progressed(object)
        A `PhaseProgress` of the split that is being read.
    read(object)
        A requested `SplitReadings`.
    failed(object)
        A `SplitFailure`.
    """

    progressed = Signal(object)
    read = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Key, SplitReadings] = OrderedDict()
        self._waiting: list[SplitRequest] = []
        self._current: SplitRequest | None = None
        self.labels = LabelCheckController(self)
        self._jobs = JobController(self)
        self._jobs.progressed.connect(self.progressed)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self._on_jobs_failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def is_busy(self) -> bool:
        """Whether a split is being read, or its labels are being checked."""
        return self._jobs.is_running or self.labels.is_busy

    def request(self, request: SplitRequest) -> None:
        """Request a split; a kept result is reported at once."""
        if not self._report_kept(request) and _key(request) not in map(_key, self._waiting):
            self._waiting.append(request)
            self._start_next()

    def withdraw(self, model: ModelRef) -> None:
        """Cancel all reading with a network that is no longer shown."""
        self._waiting = [request for request in self._waiting if request.model != model]
        if self._current is not None and self._current.model == model:
            self._jobs.stop()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._waiting.clear()
        self.labels.close()
        self._jobs.close()

    def _report_kept(self, request: SplitRequest) -> bool:
        found = self._kept.get(_key(request))
        if found is None:
            return False
        self._kept.move_to_end(_key(request))
        self.read.emit(found)
        return True

    def _start_next(self) -> None:
        while self._waiting and not self._jobs.is_running:
            request = self._waiting.pop(0)
            if not self._report_kept(request):  # requested again while it was being read
                self._current = request
                self._jobs.start(read_split, request)

    @Slot(object)
    def _on_jobs_succeeded(self, found: SplitReadings) -> None:
        assert self._current is not None  # noqa: S101 - the job had one
        self._kept[_key(self._current)] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.read.emit(found)

    @Slot(object)
    def _on_jobs_failed(self, error: MnistDesktopError) -> None:
        assert self._current is not None  # noqa: S101 - the job had one
        self.failed.emit(SplitFailure(self._current, error))

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._current = None
        self._start_next()


def _key(request: SplitRequest) -> Key:
    # The digits are kept with their readings, so no others can have their id as long as these are.
    digits = request.dataset.test if request.name == "test" else request.dataset.train
    return request.model, request.name, request.epoch, id(digits)
