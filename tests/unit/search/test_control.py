"""Commands hold, go on, finish and stop a worker and those it has started; progress is told."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from mnist_desktop.progress import PhaseProgress
from mnist_desktop.search import control as control_module
from mnist_desktop.search import hold as hold_module
from mnist_desktop.search.control import Control, Teller, lines_of
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.messages import Message, Outlook
from mnist_desktop.search.winners import SeedProgress
from mnist_desktop.training.progress import BatchProgress, TrainingControls

Clock = Callable[[float], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the time."""
    now = 0.0

    def set_now(seconds: float) -> None:
        nonlocal now
        now = seconds

    monkeypatch.setattr(hold_module.time, "monotonic", lambda: now)
    return set_now


def batch(share: float) -> BatchProgress:
    return BatchProgress(1, 1, round(100 * share), 100, 0.1, 0.9, None)


def test_the_time_that_a_worker_is_held_does_not_count(set_clock: Clock) -> None:
    hold = Hold()
    set_clock(10)
    hold.begin()
    set_clock(25)
    assert hold.clock() == 10
    hold.begin()  # again, which changes nothing
    hold.end()
    set_clock(26)
    assert hold.clock() == 11


def test_a_hold_pauses_a_training_and_lets_it_go_on() -> None:
    hold, controls = Hold(), TrainingControls()
    hold.begin()
    hold.apply_to(controls)
    assert controls.is_paused
    hold.end()
    hold.apply_to(controls)
    assert not controls.is_paused


def test_other_workers_obey_the_same_commands() -> None:
    control, other, later = Control(lambda: False), io.BytesIO(), io.BytesIO()
    control.add_other(other)
    control.obey("hold")
    control.add_other(later)
    assert control.hold.is_on
    control.obey("go")
    control.obey("dance")
    assert not control.hold.is_on
    assert not control.ends_trials()
    control.obey("finish")
    assert (control.ends_trials(), control.is_stopped()) == (True, False)
    assert other.getvalue() == b"hold\ngo\nstop\n"
    assert later.getvalue() == b"hold\ngo\nstop\n"
    control.obey("stop")
    assert control.is_stopped()


def test_a_process_that_hangs_does_not_outlive_its_window_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    control = Control(lambda: False)
    waits: list[float] = []
    ended = threading.Event()

    def end(_code: int) -> None:
        assert control.is_stopped()  # it was asked first
        ended.set()

    monkeypatch.setattr(control_module, "take_input", lambda: -1)
    monkeypatch.setattr(control_module, "lines_of", lambda _: iter(()))
    monkeypatch.setattr(control_module.time, "sleep", waits.append)
    monkeypatch.setattr(control_module.os, "_exit", end)
    control.listen()
    assert ended.wait(60)
    assert waits == [control_module.ORPHAN_SECONDS]


def test_another_worker_that_has_ended_is_no_problem() -> None:
    control, other = Control(lambda: False), io.BytesIO()
    control.add_other(other)
    other.close()
    control.obey("stop")
    assert control.is_stopped()


def test_the_system_can_ask_as_well() -> None:
    assert Control(lambda: True).is_stopped()


LISTENING = """
import os, threading
from mnist_desktop.search.control import lines_of, take_input

commands = take_input()
found = []
thread = threading.Thread(target=lambda: found.extend(lines_of(commands)))
thread.start()
nothing = os.read(0, 10)
import scipy.special
os.write(1, b"loaded\\n")
thread.join()
os.write(1, f"{nothing} {found}".encode())
"""


@pytest.mark.timeout(120)
def test_libraries_are_loaded_while_a_command_is_waited_for() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", LISTENING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"loaded"
        child.stdin.write(b"hold\n")
        child.stdin.close()
        assert child.stdout.read() == b"b'' ['hold']"


def test_lines_are_read_until_the_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hold\r\ngo\nsto")
    os.close(writing)
    assert list(lines_of(reading)) == ["hold", "go"]
    os.close(reading)


def test_progress_is_told_twice_a_second(set_clock: Clock) -> None:
    said: list[Message] = []
    teller = Teller(said.append, Hold(), minutes=1)
    teller.tell(PhaseProgress("Training"))
    teller.tell(batch(0.1))
    set_clock(30)
    teller.tell(batch(0.2))
    assert said == [Outlook("Training", False, 0, 60), Outlook("Training", False, 0.5, 30)]


def test_of_the_last_trainings_the_seeds_are_counted(set_clock: Clock) -> None:
    said: list[Message] = []
    teller = Teller(said.append, Hold(), minutes=1)
    teller.tell(SeedProgress("Again", 1, 4))
    teller.tell(PhaseProgress("Loading TensorFlow"))
    set_clock(1)
    teller.tell(batch(0.5))
    assert said == [Outlook("Again", True, 0.25), Outlook("Again", True, 0.375)]
