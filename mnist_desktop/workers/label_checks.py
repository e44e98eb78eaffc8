"""Has the labels of a split checked on a worker thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.runs.label_check_job import LabelCheckRequest, check_labels
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.last_asked import LastAsked


class LabelCheckController(QObject):
    """Has labels checked; of several requests only the last one counts.

    Signals
    -------
    checked(object)
        The `CheckedLabels` of the last request.
    failed(object)
        A `MnistDesktopError`.
    """

    checked = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked = LastAsked[LabelCheckRequest](self._start)
        self._jobs = JobController(self)
        self._jobs.succeeded.connect(self.checked)
        self._jobs.failed.connect(self.failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def is_busy(self) -> bool:
        """Whether labels are being checked."""
        return self._jobs.is_running

    def check(self, request: LabelCheckRequest) -> None:
        """Have labels checked, in place of those of an earlier request."""
        self._jobs.stop()
        self._asked.ask(request)

    def close(self) -> None:
        """End the thread and wait for it."""
        self._jobs.close()

    def _start(self, request: LabelCheckRequest) -> None:
        self._jobs.start(check_labels, request)

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._asked.note_answer()
