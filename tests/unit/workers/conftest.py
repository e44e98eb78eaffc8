"""The workers' tests need an application for their signals, and no window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from mnist_desktop.workers.garbage import MainThreadGarbageCollector


@pytest.fixture(autouse=True)
def application(
    qapp: QCoreApplication, garbage_collector: MainThreadGarbageCollector
) -> QCoreApplication:
    """The application whose event loop delivers signals."""
    return qapp
