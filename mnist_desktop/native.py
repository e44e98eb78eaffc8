"""Loading native libraries: one at a time, and without their greetings on the terminal."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnist_desktop import win32

# Python's import holds the interpreter's lock while it waits for the system's loader. When one
# thread has the loader busy with a gigabyte of TensorFlow, another that imports the smallest
# library freezes the program, so threads that load libraries take turns.
one_at_a_time = threading.Lock()

CPU_INFORMATION = Path("/proc/cpuinfo")
AVX_INSTRUCTIONS_AVAILABLE = 39  # winnt.h
INHERITED = ("PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "DYLD_LIBRARY_PATH")


def import_library(name: str) -> Any:
    """Import a module that loads native libraries, when it is this thread's turn."""
    if name not in sys.modules:
        with one_at_a_time:
            importlib.import_module(name)
    return importlib.import_module(name)


def has_avx() -> bool:
    """Whether the processor has the instructions that TensorFlow's wheels are compiled for.

    On one without, TensorFlow ends the program the moment it is imported. True where that
    is unknown, and on processors that are not Intel's or AMD's kind.
    """
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return True
    if sys.platform == "win32":
        has_feature = win32.kernel("IsProcessorFeaturePresent", win32.BOOL, win32.DWORD)
        return bool(has_feature(AVX_INSTRUCTIONS_AVAILABLE))
    try:
        text = CPU_INFORMATION.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    flags = [line for line in text.splitlines() if line.startswith("flags")]
    return not flags or " avx " in f"{flags[0]} "


def restore_library_path() -> None:
    """Let programs that this one starts, such as a browser, find the system's libraries.

    A packaged program is started with ``LD_LIBRARY_PATH`` naming its own, and PyInstaller keeps
    what it was in ``LD_LIBRARY_PATH_ORIG``. Our own loader has read it already.
    """
    if not getattr(sys, "frozen", False):
        return
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before


@contextlib.contextmanager
def without_own_libraries() -> Iterator[None]:
    """Let a program that is started while a block runs, such as a browser, find its own libraries.

    PyInstaller and its hook for Qt name the folder of a packaged program in variables, and tell
    Windows to look for DLLs there: what is started would inherit all of it. What a thread of this
    program loads meanwhile would not be found, so while one has the loader busy, for seconds, only
    the variables are changed.
    """
    folder = getattr(sys, "_MEIPASS", None)
    if folder is None:  # it is not packaged
        yield
        return
    before = {name: os.environ[name] for name in INHERITED if name in os.environ}
    is_free = one_at_a_time.acquire(blocking=False)
    try:
        for name, value in before.items():
            others = [
                one for one in value.split(os.pathsep) if not Path(one).is_relative_to(folder)
            ]
            os.environ[name] = os.pathsep.join(others)
            if not others:
                del os.environ[name]
        hides_dlls = is_free and sys.platform == "win32"
        with win32.without_dll_folder(folder) if hides_dlls else contextlib.nullcontext():
            yield
    finally:
        os.environ.update(before)
        if is_free:
            one_at_a_time.release()


class _Hush:
    """Descriptor 2 redirected while any thread asks for it.

    A network is loaded for the pad while TensorFlow is imported: the first to enter redirects
    the descriptor and the last to leave restores it, or it would stay redirected.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._kept: int | None = None

    def enter(self) -> None:
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            self._kept = _copy_of_stderr()
            if self._kept is not None:
                with Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), 2)

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._kept is not None:
                os.dup2(self._kept, 2)
                os.close(self._kept)
                self._kept = None


_hush = _Hush()


@contextlib.contextmanager
def native_stderr_hushed() -> Iterator[None]:
    """Redirect file descriptor 2 for a moment.

    TensorFlow and LiteRT greet from C++ before any of their settings is read, so that only the
    descriptor itself can be redirected. ``TF_CPP_MIN_LOG_LEVEL`` below 3 lets them speak.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        yield
        return
    _hush.enter()
    try:
        yield
    finally:
        _hush.leave()


def _copy_of_stderr() -> int | None:
    try:
        return os.dup(2)
    except OSError:  # a program without a console has no descriptor 2
        return None
