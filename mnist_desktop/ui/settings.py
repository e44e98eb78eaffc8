"""What the program remembers between two starts."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from PySide6.QtCore import QSettings

logger = logging.getLogger(__name__)

VERSION = 1  # grows when older programs could not read the file any more
MAX_BYTES = 1_000_000


def open_settings(path: Path) -> QSettings:
    """Open the settings file; it is made when something is first remembered.

    One that is damaged, or was written by a later version, is set aside and not written over.
    """
    reason = _why_unusable(path)
    if reason:
        aside = path.with_name(f"{path.name}.{reason}")
        logger.warning("The settings in %s are %s; set aside as %s", path, reason, aside)
        with contextlib.suppress(OSError):
            path.replace(aside)
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    settings.setValue("version", VERSION)
    return settings


def _why_unusable(path: Path) -> str:
    """``"damaged"``, ``"newer"``, or nothing."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b"\0"
    except OSError:  # there is none, or it cannot be read: QSettings does without
        return ""
    if b"\0" in content:
        return "damaged"
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    version = str(settings.value("version", VERSION))
    if settings.status() != QSettings.Status.NoError or not version.isdecimal():
        return "damaged"
    return "newer" if int(version) > VERSION else ""
