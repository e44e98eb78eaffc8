"""A worker is held for a while: it keeps its trial, and the time does not count."""

from __future__ import annotations

import threading
import time

from mnist_desktop.training.progress import TrainingControls


class Hold:
    """Halts a worker between two batches; any thread may begin or end it at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: float | None = None
        self._held = 0.0

    @property
    def is_on(self) -> bool:
        """Whether the worker is to wait."""
        return self._began is not None

    def begin(self) -> None:
        """Have the worker wait until `end`."""
        with self._lock:
            if self._began is None:
                self._began = time.monotonic()

    def end(self) -> None:
        """Have the worker go on."""
        with self._lock:
            if self._began is not None:
                self._held += time.monotonic() - self._began
                self._began = None

    def clock(self) -> float:
        """Tell a time in seconds that stands still while the worker is held."""
        with self._lock:
            now = time.monotonic() if self._began is None else self._began
            return now - self._held

    def apply_to(self, controls: TrainingControls) -> None:
        """Pause a training while the worker is held; called between batches and while it waits."""
        if self.is_on:
            controls.pause()
        else:
            controls.go_on()
