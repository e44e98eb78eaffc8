"""What the program remembers between two starts."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSettings

from mnist_desktop.errors import reason
from mnist_desktop.files.held import wait_until_released
from mnist_desktop.files.writing import set_aside

logger = logging.getLogger(__name__)

VERSION = 1  # grows when older programs could not read the file any more
MAX_BYTES = 1_000_000


class StartMark:
    """A file that is there while the window comes up, so that a start which failed is known.

    Not a word among the settings: it costs no sync, which only a power cut would make worth it, and
    the settings stay as they are, whenever the program is killed.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self) -> bool:
        """Begin a start; return whether the last one did not finish."""
        has_failed = self._path.exists()
        with contextlib.suppress(OSError):
            self._path.touch()
        return has_failed

    def end(self) -> None:
        """The window is up, or about to go.

        It waits for nobody who has the file open, as a virus scanner may: the second time, when the
        program ends, it is removed.
        """
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class Settings:
    """Names and values in one file.

    Qt writes it atomically: under a lock, in a temporary file, and with what another window of the
    same user has changed in the meantime (`QSettings.isAtomicSyncRequired` is on by default).

    Parameters
    ----------
    path : Path
        The file; what cannot be read of it is as if it had never been remembered.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open(path)

    def value(self, name: str, default: object = None) -> object:
        """Return what is remembered under a name; a number from the file comes as text."""
        return self._file.value(name, default)

    def change(self, **values: object) -> None:
        """Remember values, and write all there are; `_` in a name begins a part of the file.

        One that cannot be written is logged: nobody's work depends on it.
        """
        if not self._write(values):
            wait_until_released(self.path)
            if not self._write(values):
                logger.warning("The settings could not be written to %s", self.path)

    def _write(self, values: Mapping[str, object]) -> bool:
        file = _open(self.path)  # they share their values, and an error stays with one for ever
        for name, value in {**values, "version": VERSION}.items():
            file.setValue(name.replace("_", "/"), value)
        file.sync()
        return file.status() == QSettings.Status.NoError


def _open(path: Path) -> QSettings:
    return QSettings(str(path), QSettings.Format.IniFormat)


def open_settings(path: Path) -> tuple[Settings, str]:
    """Open the settings file; it is made when something is first remembered.

    One that is damaged, or was written by a later version, is set aside and not written over.

    Returns
    -------
    settings : Settings
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
    return Settings(path), notice


def _why_unusable(path: Path) -> str:
    """``"damaged"``, ``"newer"``, or nothing.

    Qt does not ask this: it takes what it understands of any file and writes over the rest.
    """
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b"\0"
    except OSError:  # there is none, or it cannot be read: QSettings does without
        return ""
    if b"\0" in content:
        return "damaged"
    settings = _open(path)
    version = str(settings.value("version", VERSION))
    if settings.status() != QSettings.Status.NoError or not version.isdecimal():
        return "damaged"
    return "newer" if int(version) > VERSION else ""
