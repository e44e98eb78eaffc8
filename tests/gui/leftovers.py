"""What no test with a window may leave behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import shiboken6
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication

from mnist_desktop.workers.garbage import MainThreadGarbageCollector


@contextmanager
def nothing_left(app: QApplication, collector: MainThreadGarbageCollector) -> Iterator[None]:
    """See that no thread, timer or window outlives a block."""
    gc.freeze()  # what is there already need not be looked through afterwards
    yield
    app.processEvents()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    alive = [thing for thing in gc.get_objects() if isinstance(thing, QThread | QTimer)]
    alive = [thing for thing in alive if shiboken6.isValid(thing)]
    others = [t for t in alive if isinstance(t, QThread) and t is not app.thread()]
    timers = [t for t in alive if isinstance(t, QTimer) and t.parent() is not collector]
    assert [thread for thread in others if thread.isRunning()] == []
    assert [timer for timer in timers if timer.isActive()] == []
    assert [w for w in app.topLevelWidgets() if w.isVisible()] == []
