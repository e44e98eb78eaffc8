"""What the program remembers between two starts."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QSettings

from mnist_desktop.errors import reason
from mnist_desktop.runs.whole_file import set_aside

logger = logging.getLogger(__name__)

VERSION = 1  # grows when older programs could not read the file any more
MAX_BYTES = 1_000_000


def open_settings(path: Path) -> tuple[QSettings, str]:
    """Open the settings file; it is made when something is first remembered.

    One that is damaged, or was written by a later version, is set aside and not written over.

    Returns
    -------
    settings : QSettings
        What is remembered.
    notice : str
        What the user should know of it, in a sentence; mostly empty.
    """
    why = _why_unusable(path)
    notice = ""
    if why:
        what = "is damaged" if why == "damaged" else "was written by a later version of the program"
        try:
            where = f"it is now {set_aside(path, why)}"
        except OSError as error:
            where = f"it stays as it is ({reason(error)})"
            path = path.with_name(f"{path.name}.unsaved")
        notice = f"The file of settings {what}; {where}, and the usual settings are in use."
        logger.warning("%s", notice)
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    settings.setValue("version", VERSION)
    return settings, notice


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
