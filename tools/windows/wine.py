"""Windows programs run on Linux: the Python and the Wine prefix that ``prepare.py`` makes.

``python tools/windows/wine.py PROGRAM [ARGUMENT ...]`` runs one, for example
``wine.py python.exe -m mnist_desktop self-test``. Everything lies in one folder, which
``MNIST_DESKTOP_WINDOWS`` names; `work_folder` tells where it is otherwise. Only Python's standard
library is needed.

The prefix is a Windows as it comes from the shop: without the Visual C++ run-time, which the
Windows Python and the stand-alone program both have beside them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
COMPILER = "x86_64-w64-mingw32-gcc"  # of programs for Windows
# Variables with which the checkout's Python and this program are told something on this system.
OWN = ("MNIST_DESKTOP_", "PYTHON", "QT_", "VIRTUAL_ENV")
# Not in a new Windows: never Wine's own, in which TensorFlow hangs, but only what a program brings.
VISUAL_CPP = (
    "concrt140", "msvcp140", "msvcp140_1", "msvcp140_2", "msvcp140_atomic_wait",
    "msvcp140_codecvt_ids", "vcamp140", "vccorlib140", "vcomp140", "vcruntime140",
    "vcruntime140_1", "vcruntime140_threads",
)  # fmt: skip
# Neither .NET nor a browser is offered at the first start, no menus are written for this system's
# desktop, and a program that crashes ends and does not wait in Wine's debugger.
OVERRIDES = (
    f"mscoree,mshtml=;ucrtbase=n,b;{','.join(VISUAL_CPP)}=n;winemenubuilder.exe,winedbg.exe=d"
)


def work_folder() -> Path:
    """Folder of everything that is made for Windows on this machine, outside the checkout."""
    named = os.environ.get("MNIST_DESKTOP_WINDOWS")
    if named:
        return Path(named).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "mnist-desktop-windows").absolute()


def windows_path(path: Path) -> str:
    r"""A file's name for a program under Wine: ``/a/b`` is ``Z:\a\b`` there."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


@dataclass(frozen=True)
class Wine:
    """A Wine prefix, the home of Windows programs.

    Attributes
    ----------
    prefix : Path
        The prefix's folder. Copies of it are prefixes as well.
    """

    prefix: Path

    @property
    def system32(self) -> Path:
        """Folder of Windows' own libraries."""
        return self.prefix / "drive_c/windows/system32"

    @property
    def profile(self) -> Path:
        """What programs know as ``%USERPROFILE%``; Wine's user has the name of who runs it."""
        users = [path for path in (self.prefix / "drive_c/users").iterdir() if path.is_dir()]
        return next(path for path in users if path.name != "Public")

    @property
    def local_app_data(self) -> Path:
        """What programs know as ``%LOCALAPPDATA%``."""
        return self.profile / "AppData/Local"

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Variables to run a program with; nothing that is meant for programs here gets into it.

        Parameters
        ----------
        extra : mapping, optional
            More variables, which go first.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        return {
            **kept,
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": OVERRIDES,
            "LANG": "C.UTF-8",
            **(extra or {}),
        }

    def start(
        self,
        *words: str | Path,
        extra: Mapping[str, str] | None = None,
        folder: Path | None = None,
        output: int | IO[Any] = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start a Windows program; its standard streams are pipes, without which Python fails.

        Parameters
        ----------
        *words
            The program, as a path here or its name on Windows' own path, and its arguments.
        extra
            More environment variables.
        folder
            Where it is started.
        output
            Where its output and its complaints go.
        """
        return subprocess.Popen(
            ["wine", *map(str, words)],
            cwd=folder,
            env=self.environment(extra),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.PIPE if output == subprocess.PIPE else subprocess.STDOUT,
        )

    def run(
        self,
        *words: str | Path,
        extra: Mapping[str, str] | None = None,
        folder: Path | None = None,
        seconds: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        r"""Run a Windows program to its end; everything in the prefix ends if it takes too long.

        Returns
        -------
        subprocess.CompletedProcess
            Its exit code, and its output as text with ``\n`` at the ends of lines.

        Raises
        ------
        subprocess.TimeoutExpired
            After `seconds`; it has what was said until then, as text.
        """
        process = self.start(*words, extra=extra, folder=folder)
        try:
            output, complaints = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            self.stop()
            process.kill()
            error.output, error.stderr = map(as_text, process.communicate())
            raise
        texts = map(as_text, (output, complaints))
        return subprocess.CompletedProcess(process.args, process.returncode, *texts)

    def show(
        self,
        *words: str | Path,
        extra: Mapping[str, str] | None = None,
        without: bytes | None = None,
    ) -> int:
        """Run a Windows program to its end, pass on what it says, and return its exit code.

        Parameters
        ----------
        *words, extra
            As for `start`.
        without
            Lines with this in them are left out.
        """
        process = self.start(*words, extra=extra)
        threads = [
            Thread(target=_pass_on, args=(source, target, without))
            for source, target in (
                (process.stdout, sys.stdout.buffer),
                (process.stderr, sys.stderr.buffer),
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return process.wait()

    def copy(self, prefix: Path) -> Wine:
        """Make another prefix, in which programs can be installed and ended without harm to this.

        Windows' own files are linked and not copied, as no program writes to them; both prefixes
        must lie on one file system for that. No program may run in this one meanwhile.
        """
        shutil.copytree(
            self.prefix,
            prefix,
            symlinks=True,
            copy_function=lambda source, target: (
                os.link(source, target)
                if Path(source).is_relative_to(self.prefix / "drive_c/windows")
                else shutil.copy2(source, target)
            ),
        )
        return Wine(prefix)

    def stop(self) -> None:
        """End all programs of this prefix, and of no other."""
        words = [shutil.which("wineserver") or "/usr/lib/wine/wineserver", "-k"]
        subprocess.run(words, env=self.environment(), check=False, timeout=60)


def as_text(told: bytes) -> str:
    """What a Windows program has written, with the ends of lines that are usual here."""
    return told.decode("utf-8", "replace").replace("\r\n", "\n")


def prepared(folder: Path) -> Wine:
    """The prefix that ``prepare.py`` has made in a folder."""
    return Wine(folder / "prefix")


def main() -> int:
    """Run a program of the Windows Python's folder, or one that a path names, with pipes.

    All variables of this system are passed on, with paths as they are: ``/a`` is understood, as the
    programs start on Wine's drive for all of this system.
    """
    folder = work_folder()
    program, *arguments = sys.argv[1:] or ["python.exe"]
    own = folder / "python" / program
    extra = {"PYTHONPATH": windows_path(ROOT)}
    extra |= {name: value for name, value in os.environ.items() if name.startswith(OWN)}
    return prepared(folder).show(own if own.is_file() else program, *arguments, extra=extra)


def _pass_on(source: IO[bytes] | None, target: IO[bytes], without: bytes | None) -> None:
    """Write lines as soon as they are there, except those that have something in them."""
    for line in source or ():
        if without is None or without not in line:
            target.write(line)
            target.flush()


if __name__ == "__main__":
    raise SystemExit(main())
