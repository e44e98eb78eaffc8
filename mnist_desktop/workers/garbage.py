"""Collecting garbage in the main thread only.

Python collects cyclic garbage in whichever thread happens to allocate next. When that is a worker
and the garbage holds a widget, the widget is destroyed outside the main thread, and the program
crashes: importing TensorFlow on a worker thread is enough. So the automatic collection is switched
off, and a timer in the main thread does its work.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 250


class MainThreadGarbageCollector(QObject):
    """Collects the generations that are due, by Python's own thresholds, from a timer.

    Parameters
    ----------
    parent : QObject
        Lives in the main thread, and takes the collector with it.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("garbageCollector")
        self._is_all_due = False
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    @Slot()
    def collect_all(self) -> None:
        """Collect all garbage within a quarter of a second: a training leaves much behind.

        It takes 10 ms, before which the results of the training can be painted.
        """
        self._is_all_due = True

    @Slot()
    def pause(self) -> None:
        """Collect nothing: while a million objects are made that stay, looking at them is vain."""
        self._timer.stop()

    @Slot()
    def go_on(self) -> None:
        """Collect again."""
        self._timer.start()

    def close(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timer_timeout(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [
            generation
            for generation, (count, threshold) in enumerate(zip(counts, thresholds, strict=True))
            if count > threshold > 0
        ]
        if self._is_all_due:
            self._is_all_due = False
            gc.collect()
        elif due:
            gc.collect(max(due))
