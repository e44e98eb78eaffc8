"""Searches in processes of their own: one that makes trials, and one that watches them.

Optuna, and what a search computes, would hold up the window on any of its threads. A process tells
what happens as JSON lines, which are read in small portions between two frames.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.files.child import child_command, child_environment
from mnist_desktop.files.held import read_bytes
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.control import FINISH, GO, HOLD, STOP
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.known import SearchRef, place_of
from mnist_desktop.search.messages import (
    CaughtUp,
    Failure,
    Importances,
    Message,
    Outline,
    Outlook,
    decode,
)
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.watching import memory_of

logger = logging.getLogger(__name__)

PORTION_SECONDS = 0.004  # of reading messages between two frames
TELL_SECONDS = 0.5  # within which trials are told of, while many are read
ENDED = (
    "The process that worked on the search has ended; no trial is lost, and Resume goes on with it."
)
NOT_WATCHED = "The search cannot be watched any more; choose it once more to try again."
ENDING_MS = 40_000  # a worker gives its trial back within seconds; its own workers have 30


class SearchFailedError(MnistDesktopError):
    """A process of a search has ended with an error."""


@dataclass(frozen=True)
class SearchOrder:
    """What a worker is to do.

    Attributes
    ----------
    search : SearchRef
        The search to begin, resume or join.
    minutes : float or None
        How long to make trials.
    workers : int
        How many processes.
    goal : Goal
        Of a new search.
    space : str
        A TOML file that says where a new search looks; the usual space if empty.
    digits : tuple of str
        Options that choose digits, such as ``--data=sample``.
    """

    search: SearchRef
    minutes: float | None = None
    workers: int = 1
    goal: Goal = field(default_factory=Goal)
    space: str = ""
    digits: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Command and options, as `search_command` reads them."""
        given = {
            "--storage": self.search.url or None,
            "--minutes": self.minutes,
            "--workers": self.workers,
        }
        if self.search.is_own:
            given |= {
                "--space": self.space or None,
                "--max-parameters": self.goal.max_parameters,
                "--max-seconds": self.goal.max_seconds,
                "--front": self.goal.front or None,
            }
        options = [f"{name}={value}" for name, value in given.items() if value is not None]
        action = "start" if self.search.is_own else "join"
        return ("search", action, "--controlled", *options, *self.digits, "--", self.search.name)


class Child(QObject):
    """A process of this program that tells messages and takes commands.

    Signals
    -------
    said(object)
        A list of messages, in order.
    ended(bool)
        It has ended, and all that it said was told; whether as it should.
    """

    said = Signal(object)
    ended = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._unread: list[bytes] = []
        self._rest = b""
        self._next = 0
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def is_running(self) -> bool:
        """Whether there is such a process, or something it said is still to be told."""
        return self._process is not None

    @property
    def has_unread(self) -> bool:
        """Whether it has said more than was told."""
        return bool(self._unread)

    def start(self, words: Sequence[str], known: bytes = b"") -> None:
        """Start one.

        Parameters
        ----------
        words : sequence of str
            The command and its options.
        known : bytes, optional
            Messages that are told before its own.
        """
        program, *arguments = child_command(*words)
        self._process = process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in child_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_process_ready)
        process.finished.connect(self._on_process_finished)
        process.errorOccurred.connect(self._on_process_error_occurred)
        self._take(known)
        process.start(program, arguments)

    def send(self, command: str) -> None:
        """Give it a command."""
        if self._process is not None:
            self._process.write(f"{command}\n".encode())

    def close(self, *, at_once: bool) -> None:
        """Have it end, wait until it has, and say nothing more about it.

        Parameters
        ----------
        at_once : bool
            Whether nothing is lost if it is in the middle of something.
        """
        process, self._process = self._process, None
        self._timer.stop()
        self._unread, self._rest, self._next = [], b"", 0
        if process is None:
            return
        process.blockSignals(True)
        if at_once:
            process.kill()
        process.closeWriteChannel()
        if process.state() != QProcess.ProcessState.NotRunning and not process.waitForFinished(
            ENDING_MS
        ):
            process.kill()
            process.waitForFinished()
        process.deleteLater()

    def _take(self, content: bytes) -> None:
        *lines, self._rest = (self._rest + content).split(b"\n")
        self._unread += lines
        if self._unread:
            self._timer.start()

    @Slot()
    def _on_process_ready(self) -> None:
        if self._process is not None:
            self._take(bytes(self._process.readAllStandardOutput().data()))

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Tell a portion of what was said; the rest after the next events."""
        ends = time.perf_counter() + PORTION_SECONDS
        found: list[Message] = []
        while self._next < len(self._unread) and time.perf_counter() < ends:
            message = decode(self._unread[self._next])
            self._next += 1
            if message is not None:
                found.append(message)
        is_over = self._next == len(self._unread)
        if is_over:
            self._unread, self._next = [], 0
        else:
            self._timer.start()
        if found:
            self.said.emit(found)
        process = self._process
        if is_over and process is not None and process.state() == QProcess.ProcessState.NotRunning:
            self._end(process)

    @Slot()
    def _on_process_finished(self) -> None:
        self._on_process_ready()
        self._timer.start()

    @Slot(QProcess.ProcessError)
    def _on_process_error_occurred(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._timer.start()

    def _end(self, process: QProcess) -> None:
        self._process = None
        is_right = (
            process.error() == QProcess.ProcessError.UnknownError
            and process.exitStatus() == QProcess.ExitStatus.NormalExit
            and process.exitCode() == 0
        )
        if not is_right:
            logger.warning("A process of a search has ended with %s", process.exitCode())
        process.deleteLater()
        self.ended.emit(is_right)


class SearchController(QObject):
    """Has trials made, of one search at a time.

    Attributes
    ----------
    search : SearchRef or None
        What is worked on.

    Signals
    -------
    started()
        A worker begins.
    progressed(object)
        An `Outlook`.
    succeeded(object), failed(object), cancelled()
        Exactly one of them: the `SearchRef` whose search has come to its end, a
        `MnistDesktopError`, or an end because it was stopped.
    finished()
        Always last.
    """

    started = Signal()
    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.search: SearchRef | None = None
        self._failure = ""
        self._is_stopping = False
        self._child = Child(self)
        self._child.said.connect(self._on_child_said)
        self._child.ended.connect(self._on_child_ended)

    @property
    def is_running(self) -> bool:
        """Whether a search is worked on."""
        return self._child.is_running

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop, and is about to."""
        return self.is_running and self._is_stopping

    def start(self, order: SearchOrder) -> None:
        """Begin, resume or join a search.

        Raises
        ------
        RuntimeError
            If one is worked on.
        """
        if self.is_running:
            raise RuntimeError("a search is already under way")
        self.search, self._failure, self._is_stopping = order.search, "", False
        self._child.start(order.words)
        self.started.emit()

    def hold(self) -> None:
        """Halt the work for a while."""
        self._child.send(HOLD)

    def go(self) -> None:
        """Go on with it."""
        self._child.send(GO)

    def finish(self) -> None:
        """Make no more trials; train the best settings again."""
        self._child.send(FINISH)

    def stop(self) -> None:
        """End the work; the trial that is running is given back."""
        self._is_stopping = True
        self._child.send(STOP)

    def close(self) -> None:
        """End the work, wait for it, and say nothing more about it."""
        self._child.close(at_once=False)

    @Slot(object)
    def _on_child_said(self, messages: Sequence[Message]) -> None:
        for one in messages:
            if isinstance(one, Outlook):
                self.progressed.emit(one)
            elif isinstance(one, Failure):
                self._failure = one.text

    @Slot(bool)
    def _on_child_ended(self, is_right: bool) -> None:
        if is_right and self._is_stopping:
            self.cancelled.emit()
        elif is_right:
            self.succeeded.emit(self.search)
        else:
            self.failed.emit(SearchFailedError(self._failure or ENDED))
        self.finished.emit()


class WatchController(QObject):
    """Watches one search at a time.

    Parameters
    ----------
    paths : AppPaths
        Where what is known of searches is kept.

    Signals
    -------
    outlined(object)
        The `Outline` of the search.
    trials_changed(object)
        A list of `TrialSummary`: trials that are new or have changed.
    weighed(object)
        `Importances` of its settings.
    caught_up(int)
        All trials were told; their numbers are below this.
    failed(object)
        A `MnistDesktopError`: it is watched no longer.
    """

    outlined = Signal(object)
    trials_changed = Signal(object)
    weighed = Signal(object)
    caught_up = Signal(int)
    failed = Signal(object)

    def __init__(self, paths: AppPaths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths = paths
        self._failure = ""
        self._fresh: list[TrialSummary] = []
        self._told = 0.0
        self._child = Child(self)
        self._child.said.connect(self._on_child_said)
        self._child.ended.connect(self._on_child_ended)

    def watch(self, search: SearchRef) -> None:
        """Watch this search from now on, and no other."""
        self.close()
        self._failure, self._fresh, self._told = "", [], time.perf_counter()
        words = ["search", "watch", "--controlled"]
        if search.url:
            words.append(f"--storage={search.url}")
        known = _read(memory_of(self._paths, search.name, place_of(self._paths, search)))
        self._child.start([*words, "--", search.name], known)

    def close(self) -> None:
        """Watch nothing any more."""
        self._child.close(at_once=True)

    @Slot(object)
    def _on_child_said(self, messages: Sequence[Message]) -> None:
        self._fresh += [one for one in messages if isinstance(one, TrialSummary)]
        is_due = time.perf_counter() > self._told + TELL_SECONDS
        if self._fresh and (is_due or not self._child.has_unread):
            trials, self._fresh, self._told = self._fresh, [], time.perf_counter()
            self.trials_changed.emit(trials)
        for one in messages:
            if isinstance(one, Outline):
                self.outlined.emit(one)
            elif isinstance(one, Importances):
                self.weighed.emit(one)
            elif isinstance(one, CaughtUp):
                self.caught_up.emit(one.count)
            elif isinstance(one, Failure):
                self._failure = one.text

    @Slot(bool)
    def _on_child_ended(self, _is_right: bool) -> None:
        self.failed.emit(SearchFailedError(self._failure or NOT_WATCHED))


def _read(path: Path) -> bytes:
    """Read what is known of a search; nothing if that cannot be read."""
    with suppress(OSError):
        return read_bytes(path)
    return b""
