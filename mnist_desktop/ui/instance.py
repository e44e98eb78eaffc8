"""One window on one run store: a second start raises the first one's window."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from mnist_desktop import win32
from mnist_desktop.paths import make_private

logger = logging.getLogger(__name__)

ANSWER_MS = 3000  # more than a busy window needs to answer
ANY_PROCESS = -1
MAX_TOKEN = 4096  # bytes
# Ends of the names of a window's lock and address: the first one's, and those of windows that took
# over from one that does not answer.
PLACES = ("", "-2", "-3", "-4")
MAX_ADDRESS = 103  # bytes of a socket's path: macOS has room for 104 with the final zero, Linux 108


class WindowInstance(QObject):
    """Finds out whether this is the first window, and passes on the request to show it.

    The first window listens where only its user can replace it: at a socket in a folder
    that only they can write to, or at a Windows pipe with their name.

    Parameters
    ----------
    folder : Path
        The program's data folder; windows on different folders know nothing of each other.
    parent : QObject, optional
        Lives in the main thread.

    Signals
    -------
    raise_requested()
        The program was started again: the window is to come to the front.
    """

    raise_requested = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder.resolve()  # a link to it is the same folder
        self._locks = {place: QLockFile(str(self._lock_file(place))) for place in PLACES}
        for lock in self._locks.values():
            lock.setStaleLockTime(0)  # however long it runs; one whose process is gone is stale
        self._place = PLACES[0]
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)

    def claim(self) -> bool:
        """Become the first window; False if there is one already."""
        first, *others = PLACES
        if not self._take(first):
            return False
        if any(self._is_taken(place) for place in others):
            self.release()
            return False
        self._open()
        return True

    def _lock_file(self, place: str) -> Path:
        return self._folder / f"window{place}.lock"

    def _take(self, place: str) -> bool:
        self._place = place
        return self._locks[place].tryLock(0)

    def _is_taken(self, place: str) -> bool:
        if not self._lock_file(place).exists():
            return False
        is_free = self._locks[place].tryLock(0)
        self._locks[place].unlock()
        return not is_free

    def _open(self) -> None:
        """Take calls, where that can be done."""
        if not any(self._listen(address) for address in self._addresses(self._place)):
            reason = self._server.errorString() or "no folder is private"
            logger.warning("A second start cannot raise this window: %s", reason)

    def _listen(self, address: str) -> bool:
        """Take calls at an address; only the lock's owner comes here."""
        QLocalServer.removeServer(address)  # left by a window that did not end properly
        return self._server.listen(address)

    def _addresses(self, place: str) -> Iterator[str]:
        """Where a window can be called, best first; not every drive can hold a socket."""
        name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        if sys.platform == "win32":  # pipes have no folder
            yield f"mnist-desktop-{win32.user_name()}-{name}{place}"
            return
        socket = self._folder / f"window{place}.socket"
        if _can_hold(socket):
            yield str(socket)
        elsewhere = _runtime_folder() / f"{name}{place}.socket"
        if _can_hold(elsewhere):
            yield str(elsewhere)

    def take_over(self) -> bool:
        """Become the first window although another one seems to be: it does not answer.

        Its lock may be damaged, or from another machine that has crashed. That of a window which
        hangs can be removed as well, but not on Windows: then there is another place.
        """
        for place in PLACES:
            with contextlib.suppress(OSError):
                self._lock_file(place).unlink()
            if self._take(place):
                self._open()
                return True
        return False

    def raise_other(self) -> bool:
        """Ask the first window to come to the front; False if it does not answer."""
        if sys.platform == "win32":
            import ctypes

            # Windows lets only the program the user has just started bring a window to the front.
            ctypes.windll.user32.AllowSetForegroundWindow(ANY_PROCESS)
        addresses = (address for place in PLACES for address in self._addresses(place))
        return any(self._call(address) for address in addresses)

    def _call(self, address: str) -> bool:
        """Ask whoever listens at an address to come to the front; False without an answer."""
        socket = QLocalSocket()
        socket.connectToServer(address)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        # With Wayland the same right is a token that the starter hands over.
        socket.write(os.environ.get("XDG_ACTIVATION_TOKEN", "").encode() + b"\n")
        return socket.waitForBytesWritten(ANSWER_MS) and socket.waitForReadyRead(ANSWER_MS)

    def release(self) -> None:
        """Let the next start be the first."""
        self._server.close()
        self._locks[self._place].unlock()

    @Slot()
    def _on_server_new_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.setReadBufferSize(MAX_TOKEN)
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._on_socket_ready_read)

    @Slot()
    def _on_socket_ready_read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket) or not socket.canReadLine():
            return
        token = bytes(socket.readLine().data()).decode(errors="replace").strip()
        if token.isprintable() and token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.raise_requested.emit()
        socket.write(b"raised\n")
        socket.flush()
        # Whoever called closes: a Windows pipe forgets what was not read when this end does.


def _runtime_folder() -> Path:
    """A folder for this user's sockets, made if need be; whether it is theirs is to be seen."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(given or tempfile.gettempdir(), f"mnist-desktop-{os.getuid()}")
    with contextlib.suppress(OSError):
        make_private(folder)
    return folder


def _can_hold(path: Path) -> bool:
    """Whether a socket can be there, and only this user can replace it."""
    try:
        folder = path.parent.lstat()
    except OSError:
        return False
    is_closed = not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    is_own = stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.getuid() and is_closed
    return is_own and len(os.fsencode(path)) <= MAX_ADDRESS
