"""What the program remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings


def open_settings(path: Path) -> QSettings:
    """Open the settings file; it is made when something is first remembered."""
    return QSettings(str(path), QSettings.Format.IniFormat)
