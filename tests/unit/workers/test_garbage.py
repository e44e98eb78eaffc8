"""Widgets and other Qt objects die in the main thread."""

from __future__ import annotations

import gc
import threading

from pytestqt.qtbot import QtBot

from mnist_desktop.workers.garbage import MainThreadGarbageCollector


class Cycle:
    """Garbage that only the collector can find, and that tells in which thread it died."""

    died_in: list[int] = []  # noqa: RUF012 - shared on purpose

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.died_in.append(threading.get_ident())


def make_garbage(count: int) -> None:
    for _ in range(count):
        Cycle()


def test_garbage_made_by_a_worker_is_collected_in_the_main_thread(
    qtbot: QtBot, garbage_collector: MainThreadGarbageCollector
) -> None:
    Cycle.died_in.clear()
    thread = threading.Thread(target=make_garbage, args=(20_000,))
    thread.start()
    thread.join()
    assert Cycle.died_in == []  # with automatic collection most of it would be gone by now
    qtbot.waitUntil(lambda: len(Cycle.died_in) == 20_000)
    assert set(Cycle.died_in) == {threading.get_ident()}
    assert not gc.isenabled()


def test_all_garbage_is_collected_a_little_later_and_not_at_once(
    qtbot: QtBot, garbage_collector: MainThreadGarbageCollector
) -> None:
    Cycle.died_in.clear()
    old = Cycle()
    gc.collect()  # which it survives, so that only a collection of everything finds it
    del old
    garbage_collector.collect_all()
    assert Cycle.died_in == []
    qtbot.waitUntil(lambda: len(Cycle.died_in) == 1)
