"""Reads of which layers networks consist, on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.network_plan import PlanRequest, find_plan
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.last_asked import LastAsked


@dataclass(frozen=True, eq=False)
class FoundPlan:
    """Of which layers a network consists, or why that is not known.

    Attributes
    ----------
    model : ModelRef
        The network.
    plan : NetworkPlan or None
        Its layers.
    reason : str
        Why there are none, in a sentence; empty if there are.
    """

    model: ModelRef
    plan: NetworkPlan | None
    reason: str = ""


class PlanController(QObject):
    """Has the layers of networks read, the last one that was asked for; lives in the main thread.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Signals
    -------
    found(object)
        A `FoundPlan`.
    """

    found = Signal(object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._current: ModelRef | None = None
        self._asked = LastAsked[ModelRef](self._start)
        self._jobs = JobController(self)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self._on_jobs_failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def is_busy(self) -> bool:
        """Whether layers are being read."""
        return self._jobs.is_running

    def request(self, model: ModelRef) -> None:
        """Have the layers of a network read; another one that still waits is dropped."""
        if not (self._jobs.is_running and model == self._current):
            self._asked.ask(model)

    def close(self) -> None:
        """End the thread and wait for it."""
        self._jobs.close()

    def _start(self, model: ModelRef) -> None:
        self._current = model
        self._jobs.start(find_plan, PlanRequest(model, self._store))

    @Slot(object)
    def _on_jobs_succeeded(self, plan: NetworkPlan) -> None:
        assert self._current is not None  # noqa: S101 - the job had one
        self.found.emit(FoundPlan(self._current, plan))

    @Slot(object)
    def _on_jobs_failed(self, error: MnistDesktopError) -> None:
        assert self._current is not None  # noqa: S101 - the job had one
        self.found.emit(FoundPlan(self._current, None, str(error)))

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._asked.note_answer()
