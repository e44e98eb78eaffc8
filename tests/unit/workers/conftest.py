"""The workers' tests need an application for their signals, and no window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication


@pytest.fixture(autouse=True)
def application(qapp: QCoreApplication) -> QCoreApplication:
    """The application whose event loop delivers signals."""
    return qapp
