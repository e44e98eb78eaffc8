"""The user's digits, kept and read on a worker thread in the order of the requests."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.my_digits import DigitsOrder, MyDigits, keep_digits
from mnist_desktop.workers.base import JobController

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class DigitsFailure:
    """An order that changed nothing, and why."""

    order: DigitsOrder
    error: MnistDesktopError


class MyDigitsController(QObject):
    """Changes and reads the user's digits, one order after the other.

    Parameters
    ----------
    my_digits : MyDigits
        Where they are kept.

    Signals
    -------
    done(object)
        A `KeptDigits`: an order is done.
    failed(object)
        A `DigitsFailure`.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, my_digits: MyDigits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._my_digits = my_digits
        self._shows = False
        self._waiting: deque[DigitsOrder] = deque()
        self._current: DigitsOrder | None = None
        self._jobs = JobController(self)
        self._jobs.succeeded.connect(self.done)
        self._jobs.failed.connect(self._on_jobs_failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    def show(self) -> None:
        """Read them all now, and after each change from now on."""
        self._shows = True
        self._order()

    def add(self, drawings: Sequence[Drawing]) -> None:
        """Keep more drawings."""
        self._order(added=tuple(drawings))

    def remove(self, drawings: Sequence[Drawing]) -> None:
        """Forget drawings."""
        self._order(removed=tuple(drawings))

    def replace(self, drawing: Drawing, other: Drawing) -> None:
        """Forget a drawing and keep another one instead."""
        self._order(added=(other,), removed=(drawing,))

    def close(self) -> None:
        """Bring all requested changes to the disk, and say nothing more."""
        self._jobs.close()
        while self._waiting:
            order = self._waiting.popleft()
            if order.added or order.removed:
                try:
                    keep_digits(order, on_progress=lambda _: None, should_stop=lambda: False)
                except MnistDesktopError as error:
                    logger.warning("%s", error)

    def _order(self, added: tuple[Drawing, ...] = (), removed: tuple[Drawing, ...] = ()) -> None:
        self._waiting.append(DigitsOrder(self._my_digits, added, removed, self._shows))
        self._start_next()

    @Slot(object)
    def _on_jobs_failed(self, error: MnistDesktopError) -> None:
        assert self._current is not None  # noqa: S101 - the job had one
        self.failed.emit(DigitsFailure(self._current, error))

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._start_next()

    def _start_next(self) -> None:
        if self._waiting and not self._jobs.is_running:
            self._current = self._waiting.popleft()
            self._jobs.start(keep_digits, self._current)
