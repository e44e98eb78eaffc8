"""The lock of a journal: one writes at a time, and whoever is gone is not waited for long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mnist_desktop.search import journal
from mnist_desktop.search.journal import JournalLock
from tests.made_windows import Windows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "x.journal"
    found.write_bytes(b"{}\n")
    return found


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long was waited, in no time."""
    found: list[float] = []
    monkeypatch.setattr(journal.time, "sleep", found.append)
    return found


def lock_file(path: Path) -> Path:
    return path.with_name("x.journal.lock")


def test_it_is_held_by_one_and_nothing_of_it_is_left(path: Path, waits: list[float]) -> None:
    lock = JournalLock(path)
    assert lock.acquire()
    assert lock_file(path).exists()
    lock.release()
    assert list(path.parent.iterdir()) == [path]
    assert waits == []


def test_a_holder_that_is_gone_is_waited_for_seconds_only(path: Path, waits: list[float]) -> None:
    lock_file(path).touch()  # its writer was killed
    lock = JournalLock(path)
    assert lock.acquire()
    assert journal.SILENT_SECONDS < sum(waits) < journal.SILENT_SECONDS + 2
    assert max(waits) <= 1
    lock.release()
    assert not lock_file(path).exists()


def test_others_that_take_turns_are_waited_for_longer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        lock_file(path).unlink()
        if sum(waits) < 3 * journal.SILENT_SECONDS:
            lock_file(path).touch()  # the next one has it
            moment = len(waits) * 10**9
            journal.os.utime(lock_file(path), ns=(moment, moment))

    lock_file(path).touch()
    monkeypatch.setattr(journal.time, "sleep", sleep)
    assert JournalLock(path).acquire()
    assert sum(waits) >= 3 * journal.SILENT_SECONDS


def test_a_file_server_that_does_not_answer_for_long_takes_it_from_nobody(
    path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(0, 10**6, 100))  # each look takes long
    monkeypatch.setattr(journal.time, "monotonic", lambda: float(next(moments)))
    lock_file(path).touch()
    assert JournalLock(path).acquire()
    assert sum(waits) > journal.SILENT_SECONDS


def test_a_holder_that_was_slow_leaves_the_lock_to_whoever_has_it_now(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = JournalLock(path)
    slow.acquire()
    later = time.monotonic() + journal.SILENT_SECONDS
    monkeypatch.setattr(journal.time, "monotonic", lambda: later)
    lock_file(path).unlink()
    other = JournalLock(path)
    other.acquire()
    slow.release()
    assert lock_file(path).exists()
    other.release()
    assert not lock_file(path).exists()


def test_a_lock_that_a_scanner_looks_at_is_given_back(path: Path, windows: Windows) -> None:
    lock = JournalLock(path)
    assert lock.acquire()
    windows.held_until = windows.now + 1.0
    lock.release()
    assert windows.refused > 1
    assert list(path.parent.iterdir()) == [path]
