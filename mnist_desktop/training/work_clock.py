"""How long a training has worked: neither a pause nor a sleep of the machine is work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST_STEP = 30.0  # seconds between two looks at the clock that are not wondered at
LEAST_WORK = 0.1  # of a longer time, a process that works has had at least so much of a processor


class WorkClock:
    """A clock that stands still while its process does; read by one thread.

    Python's clocks go on while the process is stopped, while the virtual machine it is in is
    suspended, and on Windows while the computer sleeps. The processor time that a process is
    given does not: a gap of more than 30 seconds that hardly any of it explains is not counted.

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
        """Seconds of work since this clock was made; look at it at least every 30 seconds."""
        gap, work = self._since_last_look()
        is_work = gap <= LONGEST_STEP or work >= gap * LEAST_WORK
        self._seconds += gap if is_work else work
        return self._seconds

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let the clock stand still while a block runs."""
        self()
        yield
        self._since_last_look()

    def _since_last_look(self) -> tuple[float, float]:
        """Seconds that have passed, and seconds of processor time in them."""
        looked, worked = self._wall(), self._worked()
        found = looked - self._looked, worked - self._had_worked
        self._looked, self._had_worked = looked, worked
        return found
