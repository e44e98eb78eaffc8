"""One job, one thread, signals in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from mnist_desktop.errors import InvalidInputError, JobCancelled, MnistDesktopError
from mnist_desktop.workers.base import JobController

OnProgress = Callable[[object], None]
ShouldStop = Callable[[], bool]


def count(config: int, *, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    for number in range(config):
        on_progress(number)
    return "counted"


def wait_for_stop(config: object, *, on_progress: OnProgress, should_stop: ShouldStop) -> None:
    on_progress("waiting")
    pause = threading.Event()
    while not should_stop():
        pause.wait(0.005)
    raise JobCancelled


def refuse(config: object, *, on_progress: OnProgress, should_stop: ShouldStop) -> None:
    raise InvalidInputError("That cannot be used.")


def break_down(config: object, *, on_progress: OnProgress, should_stop: ShouldStop) -> None:
    raise ZeroDivisionError("a bug")


@pytest.fixture
def jobs() -> Iterator[JobController]:
    controller = JobController()
    yield controller
    controller.close()


class Receiver(QObject):
    """Notes in which thread its slot runs."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[QThread] = []

    @Slot(object)
    def on_jobs_progressed(self, _progress: object) -> None:
        self.threads.append(QThread.currentThread())


def test_a_job_that_succeeds(qtbot: QtBot, jobs: JobController) -> None:
    seen: list[Any] = []
    jobs.progressed.connect(seen.append)
    signals = [jobs.started, jobs.progressed, jobs.progressed, jobs.succeeded, jobs.finished]
    with qtbot.waitSignals(signals, order="strict"), qtbot.assertNotEmitted(jobs.failed):
        jobs.start(count, 2)
    assert seen == [0, 1]
    assert not jobs.is_running


def test_a_job_that_refuses_its_input(qtbot: QtBot, jobs: JobController) -> None:
    with (
        qtbot.waitSignals([jobs.started, jobs.failed, jobs.finished], order="strict"),
        qtbot.waitSignal(jobs.failed) as caught,
        qtbot.assertNotEmitted(jobs.succeeded),
    ):
        jobs.start(refuse, None)
    assert isinstance(caught.args[0], InvalidInputError)


def test_a_bug_in_a_job_becomes_an_error_in_words_and_is_logged(
    qtbot: QtBot, jobs: JobController, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(jobs.failed) as caught, qtbot.waitSignal(jobs.finished):
        jobs.start(break_down, None)
    error = caught.args[0]
    assert isinstance(error, MnistDesktopError)
    assert "ZeroDivisionError: a bug" in str(error)
    assert "Traceback" in caplog.text


def test_a_stopped_job(qtbot: QtBot, jobs: JobController) -> None:
    jobs.progressed.connect(jobs.stop)
    with (
        qtbot.waitSignals([jobs.started, jobs.cancelled, jobs.finished], order="strict"),
        qtbot.assertNotEmitted(jobs.succeeded),
        qtbot.assertNotEmitted(jobs.failed),
    ):
        jobs.start(wait_for_stop, None)


def test_slots_run_in_the_main_thread(qtbot: QtBot, jobs: JobController) -> None:
    receiver = Receiver()
    jobs.progressed.connect(receiver.on_jobs_progressed)
    with qtbot.waitSignal(jobs.finished):
        jobs.start(count, 3)
    assert receiver.threads == [QThread.currentThread()] * 3


def test_one_job_after_another(qtbot: QtBot, jobs: JobController) -> None:
    for _ in range(3):
        with qtbot.waitSignal(jobs.succeeded), qtbot.waitSignal(jobs.finished):
            jobs.start(count, 1)


def test_a_second_job_at_the_same_time_is_refused(qtbot: QtBot, jobs: JobController) -> None:
    with qtbot.waitSignal(jobs.finished):
        jobs.start(wait_for_stop, None)
        with pytest.raises(RuntimeError, match="already running"):
            jobs.start(count, 1)
        jobs.stop()


def test_close_ends_the_thread_of_a_running_job(qtbot: QtBot, jobs: JobController) -> None:
    with qtbot.waitSignal(jobs.progressed):
        jobs.start(wait_for_stop, None)
    jobs.close()
    assert not jobs.is_running
