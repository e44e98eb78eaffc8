"""What the tests with a window share: nothing is left of it afterwards, no network is reached."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication

from mnist_desktop.app import make_application
from mnist_desktop.workers.garbage import MainThreadGarbageCollector


@pytest.fixture
def bare_application(
    qapp: QApplication, garbage_collector: MainThreadGarbageCollector, no_network: None
) -> Iterator[QApplication]:
    """The application without a network; no thread, timer or window outlives its test."""
    gc.freeze()  # what is there already need not be looked through afterwards
    make_application()
    yield qapp
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    alive = [thing for thing in gc.get_objects() if isinstance(thing, QThread | QTimer)]
    alive = [thing for thing in alive if shiboken6.isValid(thing)]
    others = [t for t in alive if isinstance(t, QThread) and t is not qapp.thread()]
    timers = [t for t in alive if isinstance(t, QTimer) and t.parent() is not garbage_collector]
    assert [thread for thread in others if thread.isRunning()] == []
    assert [timer for timer in timers if timer.isActive()] == []
    assert [w for w in qapp.topLevelWidgets() if w.isVisible()] == []


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads fail as they do where there is no network."""

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_AGAIN, "there is no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def count_open_files() -> int:
    """How many file handles the process has; -1 where that cannot be seen."""
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) - 1 if folder.is_dir() else -1  # noqa: PTH208 - only counted
