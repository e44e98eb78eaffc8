"""The Windows program under Wine, used as a person does, on the same screen as the Linux one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from program import ANSWER_S, DEAD_HOSTS, Installed, Program
from screen import Screen, files_in, wait_for
from wine import Wine, prepared, windows_path, work_folder

# Debian's `wine` is a script that says what it lacks.
WINE = shutil.which("wine64") or "/usr/lib/wine/wine64"
NAME_FIELD = (283, 47)  # from the lower right corner of Wine's file dialog
RELAY = "RELAY"  # the port of relay.py


@dataclass
class WindowsProgram(Program):
    """One start of the Windows program.

    All it writes lies in its home, as ``MNIST_DESKTOP_HOME`` says. Its temporary files lie in the
    prefix's folder, whatever the environment says, together with other programs'.
    """

    signals: ClassVar[tuple[str, ...]] = ()
    slower: ClassVar[int] = 4  # above all when TensorFlow is loaded
    keeps_moves: ClassVar[bool] = False
    _there_before: set[str] = field(default_factory=set, init=False)
    _reader: threading.Thread = field(init=False)

    def _begin(self) -> None:
        self._there_before = set(self._all_temporary_files())
        paths = {
            name: windows_path(Path(value))
            for name, value in self.environment.items()
            if name.startswith("MNIST_DESKTOP_") and value.startswith("/")
        }
        # Python does not start under Wine with files for its standard streams.
        self.process = subprocess.Popen(
            self.command,
            cwd="/",
            env={
                **DEAD_HOSTS,
                **self.environment_of(self.home),
                **self.environment,
                **paths,
                "DISPLAY": self.screen.display,
                "MNIST_DESKTOP_INSPECT": self._place.name,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        """Write down what it says, until it and all that it started have gone."""
        assert self.process.stdout is not None
        with self.process.stdout as stream, self._told.open("wb", buffering=0) as told:
            while block := os.read(stream.fileno(), 1 << 16):
                told.write(block)

    def processes(self) -> list[str]:
        """Names of its processes; Wine has some of them lead sessions of their own."""
        mark = f"MNIST_DESKTOP_INSPECT={self._place.name}\0".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes():
                    found.append(path.with_name("comm").read_text().strip())
            except OSError:  # it has ended meanwhile
                continue
        return found

    @staticmethod
    def environment_of(home: Path) -> dict[str, str]:
        return {"MNIST_DESKTOP_HOME": windows_path(home)}

    @staticmethod
    def data_of(home: Path) -> Path:
        return home / "data"

    @property
    def logs(self) -> Path:
        return self._own / "logs"

    @property
    def settings(self) -> Path:
        return self._own / "settings/settings.ini"

    @property
    def _own(self) -> Path:
        return self.home / "reader" if self.is_reader else self.home

    @staticmethod
    def spelt(path: Path) -> str:
        return windows_path(path)

    def answer_file(self, path: Path, kind: str = "") -> None:  # noqa: ARG002
        """Type a path into Windows' own file dialog, of which the program can describe nothing.

        What kind of file it is, is said by its suffix.
        """
        dialog = wait_for("the file dialog", self._other_window, ANSWER_S * self.slower)
        told = self.screen.do("getwindowgeometry", "--shell", dialog)
        area = dict(line.split("=") for line in told.split())
        right = int(area["X"]) + int(area["WIDTH"])
        bottom = int(area["Y"]) + int(area["HEIGHT"])
        left, up = NAME_FIELD
        self.screen.do("mousemove", right - left, bottom - up, "click", 1)
        self.screen.do("key", "Home", "shift+End")
        self.screen.do("type", "--delay", 12, "--", windows_path(path))
        self.screen.do("key", "Return")
        wait_for("the dialog to go", lambda: self._other_window() != dialog, ANSWER_S)
        # Wine gives the window the keyboard back, but does not tell the X server so.
        self.screen.do("search", "--onlyvisible", "--name", "^MNIST Desktop", "windowactivate")

    def _other_window(self) -> str:
        """The window that has the keyboard, if it is none of Qt's."""
        if any(one["active"] for one in self.see().windows):
            return ""
        try:
            return self.screen.do("getactivewindow").strip()
        except subprocess.CalledProcessError:  # none has it
            return ""

    def _described(self) -> bytes:
        port = int(self.environment[RELAY])
        with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection:
            connection.sendall(f"{self._place.name}\n".encode())
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def temporary_files(self) -> list[str]:
        """Names of temporary files that were not there when it began."""
        return sorted({*self._all_temporary_files()} - self._there_before)

    def _all_temporary_files(self) -> list[str]:
        return files_in(Wine(Path(self.environment["WINEPREFIX"])).profile / "Temp")


@contextmanager
def windows_program(screen: Screen, built: str, source: Path) -> Iterator[Installed]:
    """Make the Windows program ready to be started: the packaged one, or the source tree.

    All of Wine's processes take the screen for theirs that the first one is started on.
    """
    place = work_folder() / f"journeys-{os.getpid()}"  # links need the same file system
    prefix = prepared(work_folder()).copy(place)
    python = work_folder() / "python/python.exe"
    environment = prefix.environment({"DISPLAY": screen.display})
    relay = subprocess.Popen(
        [WINE, python, windows_path(Path(__file__).with_name("relay.py"))],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert relay.stdout is not None
        environment[RELAY] = relay.stdout.readline().strip()
        if built:
            folder = Path(built).resolve()
            window, console = (
                [WINE, str(folder / name)]
                for name in (f"{folder.name}.exe", f"{folder.name}-console.exe")
            )
        else:
            window = console = [WINE, str(python), "-m", "mnist_desktop"]
            environment["PYTHONPATH"] = windows_path(source)
        yield Installed(window, console, environment, WindowsProgram)
    finally:
        relay.kill()
        relay.communicate()
        prefix.stop()
        shutil.rmtree(place, ignore_errors=True)
