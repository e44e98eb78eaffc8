"""Requests of the system to end: what they are on each system, and that they are only noted."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from mnist_desktop import win32
from mnist_desktop.signals import on_ending

CLOSED, CTRL_C = 2, 0  # wincon.h


class Console:
    """Windows' console, and the handlers that it calls."""

    def __init__(self) -> None:
        self.kept: list[weakref.ref[ctypes._CFuncPtr]] = []  # Windows holds no object of Python's

    def kernel(self, name: str, *_kinds: object) -> object:
        assert name == "SetConsoleCtrlHandler"

        def set_handler(handler: ctypes._CFuncPtr, is_added: bool) -> int:
            one = weakref.ref(handler)
            (self.kept.append if is_added else self.kept.remove)(one)
            return 1

        return set_handler

    def tell(self, event: int) -> bool:
        """Tell the handlers something, on a thread of its own as Windows does."""
        answers: list[int] = []
        handlers = [one() for one in self.kept]
        assert None not in handlers
        thread = threading.Thread(target=lambda: answers.extend(one(event) for one in handlers))
        thread.start()
        while thread.is_alive():
            thread.join(0.01)  # Python answers signals in between
        return any(answers)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    found = Console()
    # A shell has what it starts in the background ignore this one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGINT, raising=False)
    monkeypatch.setattr(win32, "kernel", found.kernel)
    yield found
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="Windows has the signal itself")
def test_ctrl_break_is_a_request_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    before = signal.getsignal(signal.SIGUSR1)
    heard: list[str] = []
    undo = on_ending(lambda: heard.append("end"))
    signal.raise_signal(signal.SIGUSR1)
    undo()
    assert heard == ["end"]
    assert signal.getsignal(signal.SIGUSR1) == before


def test_a_console_that_is_closed_is_one_and_leaves_time_to_end(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    waits: list[tuple[float, bool]] = []
    sleep = time.sleep

    def wait(seconds: float) -> None:
        while not heard:  # the main thread is at it meanwhile
            sleep(0.001)
        waits.append((seconds, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(win32.time, "sleep", wait)
    undo = on_ending(lambda: heard.append(threading.current_thread().name))
    assert console.tell(CLOSED)
    assert heard == [threading.main_thread().name]
    assert waits == [(win32.CONSOLE_SECONDS, False)]
    assert not console.tell(CTRL_C)  # for whoever else listens
    undo()
    assert console.kept == []


def test_whoever_listens_need_not_keep_the_handler(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    before = [(one, signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)]
    monkeypatch.setattr(win32, "_handlers", [])
    monkeypatch.setattr(win32.time, "sleep", lambda _: None)
    on_ending(lambda: heard.append("end"))  # what would undo it is forgotten, as by the window
    gc.collect()
    assert console.tell(CLOSED)
    assert heard == ["end"]
    for one, handler in before:
        signal.signal(one, handler)
