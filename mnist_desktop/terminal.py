"""The terminal that commands print to: bars, interrupts, and pipes that break."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from mnist_desktop.digits.download import DownloadProgress
from mnist_desktop.errors import (
    JobCancelled,
)
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.signals import on_ending
from mnist_desktop.training.progress import TrainingControls


class ProgressBar:
    """A progress bar on standard error while that is a terminal; nothing otherwise."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        if sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )

    def __enter__(self) -> ProgressBar:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            with suppress(OSError):
                self._bar.stop()

    def show(self, progress: object) -> None:
        """Show a progress record of any job; a terminal that was closed does not end the job."""
        if self._bar is not None:
            with suppress(OSError):
                self._update(progress)

    def _update(self, progress: object) -> None:
        from mnist_desktop.inference.reading import ReadingProgress
        from mnist_desktop.progress import FileProgress, PhaseProgress
        from mnist_desktop.training.progress import BatchProgress

        if isinstance(progress, PhaseProgress):
            self._bar.update(self._task, description=progress.text, total=None)
        elif isinstance(progress, BatchProgress):
            self._bar.update(
                self._task,
                description=f"Epoch {progress.epoch} of {progress.epochs}, "
                f"loss {progress.loss:.4f}, accuracy {percent(progress.accuracy)}",
                total=1.0,
                completed=progress.share,
            )
        elif isinstance(progress, DownloadProgress):
            self._bar.update(
                self._task,
                description=f"Downloading {progress.file} from {progress.host}",
                total=progress.total or None,
                completed=progress.done,
            )
        elif isinstance(progress, FileProgress):
            self._bar.update(
                self._task,
                description=f"Reading {printable(progress.name)}",
                total=progress.total,
                completed=progress.done,
            )
        elif isinstance(progress, ReadingProgress):
            self._bar.update(
                self._task,
                description=f"Read {progress.done:,} of {progress.total:,}",
                total=progress.total,
                completed=progress.done,
            )


@contextmanager
def suspended_by_the_system(controls: TrainingControls) -> Iterator[None]:
    """Let a request to end the program leave the training as it is, to be resumed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    undo = on_ending(controls.suspend)
    try:
        yield
    except JobCancelled:
        if controls.is_suspended:
            raise JobCancelled(
                "The training was interrupted; 'mnist-desktop resume' continues it."
            ) from None
        raise
    finally:
        undo()


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl+C end the job with its work kept, and the second end the program."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop.is_set
        return

    def on_interrupt(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stopped_by_any_request() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl+C or request to end the program end the job, with its work kept."""
    asked = threading.Event()
    is_main = threading.current_thread() is threading.main_thread()
    undo = on_ending(asked.set) if is_main else lambda: None
    try:
        with stopped_by_ctrl_c() as interrupted:
            yield lambda: asked.is_set() or interrupted()
    finally:
        undo()


def use_utf8() -> None:
    """Write UTF-8 from now on, whatever the system's own encoding is; a terminal keeps its own.

    Windows has programs write its ANSI code page into pipes and files, where “数字” becomes “??”. A
    packaged program takes no notice of PYTHONUTF8, so it has to be said here.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _print(text: str) -> int:
    """Print on standard output, if there is one; the exit code is 1 if it takes no more."""
    try:
        _write(sys.stdout, text)
    except OSError as error:
        _give_up(sys.stdout)
        if not _is_broken_pipe(error):  # else whoever read it has seen enough
            say_error(f"Standard output cannot be written ({error.strerror}).")
            return 1
    return 0


def say_error(text: str) -> None:
    """Write one line to the standard error."""
    with suppress(OSError):
        _write(sys.stderr, " ".join(text.split()))


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # a windowed program has none
        return
    encoding = stream.encoding or "utf-8"
    text = printable(text, len(text), keep="\n")  # a name must not command the terminal
    stream.write(text.encode(encoding, errors="replace").decode(encoding) + "\n")
    stream.flush()


def _is_broken_pipe(error: OSError) -> bool:
    """Whether nobody reads a pipe any more, which Windows calls an invalid argument."""
    is_windows_pipe = sys.platform == "win32" and error.errno == errno.EINVAL
    return isinstance(error, BrokenPipeError) or is_windows_pipe


def _give_up(stream: TextIO) -> None:
    """Send the rest nowhere, or Python would try once more at its end and complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
