"""Measures how long a training has worked, without pauses and the machine's sleep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST_STEP = 30.0  # seconds between two readings that count in any case
LEAST_WORK = 0.1  # fraction of a longer gap that a working process spends on a processor


class WorkClock:
    """A clock that stops while its process does; for use by one thread.

    Python's clocks keep running while the process is stopped, while its virtual machine is
    suspended, and on Windows while the computer sleeps. Its processor time does not advance: of a
    gap of more than 30 seconds with hardly any processor time, only that time is counted.

    Parameters
    ----------
    wall : callable, optional
        Seconds that have passed.
    worked : callable, optional
        Seconds of processor time, of all threads together.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.perf_counter,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        self._wall, self._worked = wall, worked
        self._looked, self._had_worked = wall(), worked()
        self._seconds = 0.0

    def __call__(self) -> float:
        """Return the seconds of work so far; call this at least every 30 seconds."""
        gap, work = self._since_last_look()
        is_work = gap <= LONGEST_STEP or work >= gap * LEAST_WORK
        self._seconds += gap if is_work else work
        return self._seconds

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the clock while a block runs."""
        self()
        yield
        self._since_last_look()

    def _since_last_look(self) -> tuple[float, float]:
        """Seconds that have passed, and seconds of processor time in them."""
        looked, worked = self._wall(), self._worked()
        found = looked - self._looked, worked - self._had_worked
        self._looked, self._had_worked = looked, worked
        return found
