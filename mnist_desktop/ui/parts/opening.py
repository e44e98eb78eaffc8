"""Files, folders and web pages that other programs show."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from mnist_desktop.native import without_own_libraries


def open_outside(what: Path | QUrl) -> bool:
    """Have the system show a file, a folder or a web page with the program that is meant for it.

    Returns
    -------
    bool
        Whether the system has such a program.
    """
    url = what if isinstance(what, QUrl) else QUrl.fromLocalFile(str(what))
    with without_own_libraries():
        return QDesktopServices.openUrl(url)
