"""What the tests with a window share: nothing is left of it afterwards, no network is reached."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from leftovers import nothing_left
from PySide6.QtWidgets import QApplication

from mnist_desktop.app import make_application
from mnist_desktop.workers.garbage import MainThreadGarbageCollector


@pytest.fixture
def bare_application(
    qapp: QApplication, garbage_collector: MainThreadGarbageCollector, no_network: None
) -> Iterator[QApplication]:
    """The application without a network; no thread, timer or window outlives its test."""
    make_application()
    with nothing_left(qapp, garbage_collector):
        yield qapp


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
