"""Keeping the greetings of native libraries off the terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def native_stderr_hushed() -> Iterator[None]:
    """Turn file descriptor 2 away for a moment.

    TensorFlow and LiteRT greet from C++ before any of their settings is read, so that only the
    descriptor itself can be turned away. ``TF_CPP_MIN_LOG_LEVEL`` below 3 lets them speak.
    """
    kept = _copy_of_stderr() if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3") == "3" else None
    if kept is None:
        yield
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _copy_of_stderr() -> int | None:
    try:
        return os.dup(2)
    except OSError:  # a program without a console has no descriptor 2
        return None
