"""Loading native libraries: one at a time, and without their greetings on the terminal."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

# Python's import holds the interpreter's lock while it waits for the system's loader. When one
# thread has the loader busy with a gigabyte of TensorFlow, another that imports the smallest
# library stops the whole program, so threads that load libraries take turns.
one_at_a_time = threading.Lock()


class _Hush:
    """Descriptor 2 turned away while anyone asks for it, on whichever thread.

    A network is loaded for the pad while TensorFlow is imported: the first to come turns the
    descriptor away and the last to leave brings it back, or it would stay turned away.
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
    """Turn file descriptor 2 away for a moment.

    TensorFlow and LiteRT greet from C++ before any of their settings is read, so that only the
    descriptor itself can be turned away. ``TF_CPP_MIN_LOG_LEVEL`` below 3 lets them speak.
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
