"""A process of the search as the window controls it: commands come in, messages go out.

Commands are lines on the standard input, and its end is one, too: so a process also ends when the
window was killed, on every system, and none needs to know another's number.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Protocol

from mnist_desktop import win32
from mnist_desktop.errors import as_reported
from mnist_desktop.progress import PhaseProgress, ShouldStop
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.messages import Failure, Message, Outlook, encode
from mnist_desktop.search.winners import SeedProgress
from mnist_desktop.training.progress import BatchProgress

HOLD, GO, STOP, FINISH = "hold", "go", "stop", "finish"
NICE = 10  # of 19: whatever the user does comes first
TELL_SECONDS = 0.5
ORPHAN_SECONDS = 60.0  # a worker gives its trial back within seconds; its own workers have 30

Say = Callable[[Message], None]


class Input(Protocol):
    """Where commands are written to."""

    def write(self, data: bytes, /) -> object:
        """Write."""

    def flush(self) -> object:
        """Send."""


class Control:
    """What has a worker, and those it has started, hold, go on, finish or stop.

    Parameters
    ----------
    is_asked : callable
        Whether the system, or whoever sits at the terminal, wants the worker to stop.

    Attributes
    ----------
    hold : Hold
        Halts this worker.
    """

    def __init__(self, is_asked: ShouldStop) -> None:
        self.hold = Hold()
        self._is_asked = is_asked
        self._stop, self._finish = threading.Event(), threading.Event()
        self._others: list[Input] = []

    def is_stopped(self) -> bool:
        """Whether nothing more is to be done."""
        return self._stop.is_set() or self._is_asked()

    def ends_trials(self) -> bool:
        """Whether no more trials are to be made."""
        return self._finish.is_set() or self.is_stopped()

    def obey(self, command: str) -> None:
        """Carry out a command, and have the others do so, too; one that is unknown is none."""
        if command == HOLD:
            self.hold.begin()
        elif command == GO:
            self.hold.end()
        elif command == FINISH:
            self._finish.set()
        elif command == STOP:
            self._stop.set()
        else:
            return
        # Their trials end with those of this worker; the rest is for this one alone.
        for one in self._others:
            _tell(one, STOP if command == FINISH else command)

    def add_other(self, commands: Input) -> None:
        """Have another worker obey as well."""
        self._others.append(commands)
        if self.hold.is_on:
            _tell(commands, HOLD)

    def listen(self) -> None:
        """Obey what comes on the standard input from now on, and stop at its end.

        A process that hangs and cannot stop is ended some time after that: nobody else does it
        once the window was killed.
        """
        commands = take_input()

        def obey_all() -> None:
            for command in lines_of(commands):
                self.obey(command)
            self.obey(STOP)
            time.sleep(ORPHAN_SECONDS)
            os._exit(1)

        threading.Thread(target=obey_all, name="search-commands", daemon=True).start()


def _tell(worker: Input, command: str) -> None:
    with suppress(OSError, ValueError):  # it has ended
        worker.write(f"{command}\n".encode())
        worker.flush()


def take_input() -> int:
    """Keep the standard input for commands; whatever else looks at it from now on finds nothing.

    While a thread waits for a pipe, Windows lets every other call wait that is about the same one,
    and some libraries ask for the three standard streams when they are loaded: SciPy's Fortran
    library does. The import would hang until the next command.

    Returns
    -------
    int
        The number of the open file that commands come in.
    """
    commands = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        win32.set_standard_input(msvcrt.get_osfhandle(0))
    return commands


def lines_of(number: int) -> Iterator[str]:
    """Read the lines of an open file until its end.

    Not by Python's file object: while a thread waits in one, the interpreter cannot end.

    Parameters
    ----------
    number : int
        Of the file, as the system counts it.
    """
    rest = b""
    while True:
        try:
            read = os.read(number, 4096)
        except OSError:
            return
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace").strip()


@contextmanager
def speaking() -> Iterator[Say]:
    """Write messages to the standard output while a block runs, at last why it failed, if so."""
    lock = threading.Lock()
    # Whatever the interpreter has made of it: a program without a console may have no sys.stdout.
    with os.fdopen(os.dup(1), "wb") as output:

        def say(message: Message) -> None:
            with lock, suppress(OSError):  # nobody listens any more
                _write(output, message)

        try:
            yield say
        except Exception as error:
            say(Failure(str(as_reported(error))))
            raise


def _write(output: IO[bytes], message: Message) -> None:
    output.write(encode(message))
    output.flush()


def give_way() -> None:
    """Have this process work only while no other one on this machine wants to."""
    if sys.platform == "win32":
        win32.give_way()
        return
    least = max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, least)


class Teller:
    """Makes messages of a worker's progress, not more than two a second.

    Parameters
    ----------
    say : callable
        Takes a message.
    hold : Hold
        Of the worker; its clock tells how long it has worked.
    minutes : float or None
        How long it makes trials.
    """

    def __init__(self, say: Say, hold: Hold, minutes: float | None) -> None:
        self._say = say
        self._clock = hold.clock
        self._seconds = 60 * minutes if minutes else None
        self._began = self._told = self._clock()
        self._text = ""
        self._seed: SeedProgress | None = None

    def tell(self, progress: object) -> None:
        """Take a progress record of any training."""
        if isinstance(progress, SeedProgress):
            self._seed = progress
        elif isinstance(progress, PhaseProgress) and self._seed is None:
            self._text = progress.text
        elif not isinstance(progress, BatchProgress) or self._clock() < self._told + TELL_SECONDS:
            return
        self._told = self._clock()
        self._say(self._outlook(progress))

    def _outlook(self, progress: object) -> Outlook:
        if self._seed is not None:
            share = progress.share if isinstance(progress, BatchProgress) else 0.0
            done = (self._seed.index + share) / self._seed.count
            return Outlook(self._seed.text, is_keeping=True, share=done)
        if self._seconds is None:
            return Outlook(self._text)
        worked = min(self._told - self._began, self._seconds)
        return Outlook(
            self._text, share=worked / self._seconds, seconds_left=self._seconds - worked
        )
