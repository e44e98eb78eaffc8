"""Labels are checked on a thread, and only the last request counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled
from mnist_desktop.runs.label_check_job import CheckedLabels, LabelCheckRequest
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest, read_split
from mnist_desktop.runs.run import Run
from mnist_desktop.workers import label_checks as module
from mnist_desktop.workers.label_checks import LabelCheckController


@pytest.fixture
def controller() -> Iterator[LabelCheckController]:
    made = LabelCheckController()
    yield made
    made.close()
    assert not any(thread.isRunning() for thread in made.findChildren(QThread))


def request(run: Run, dataset: Dataset) -> LabelCheckRequest:
    read = read_split(
        SplitRequest(run, dataset, "test"), on_progress=lambda _: None, should_stop=lambda: False
    )
    return LabelCheckRequest(read, dataset, ())


def test_labels_are_checked_on_another_thread(
    qtbot: QtBot, controller: LabelCheckController, kept: Run, sample: Dataset
) -> None:
    wanted = request(kept, sample)
    with qtbot.waitSignal(controller.checked) as caught:
        controller.check(wanted)
        assert controller.is_busy
    found = caught.args[0]
    assert isinstance(found, CheckedLabels)
    assert found.readings is wanted.readings
    qtbot.waitUntil(lambda: not controller.is_busy)


def test_of_several_requests_only_the_last_one_is_answered(
    qtbot: QtBot,
    controller: LabelCheckController,
    kept: Run,
    sample: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = [request(kept, sample) for _ in range(3)]
    answered: list[SplitReadings] = []
    real = module.check_labels

    def check(
        asked: LabelCheckRequest, *, on_progress: object, should_stop: Callable[[], bool]
    ) -> CheckedLabels:
        if asked is not wanted[-1]:
            while not should_stop():
                threading.Event().wait(0.005)
            raise JobCancelled
        return real(asked, on_progress=lambda _: None, should_stop=should_stop)

    monkeypatch.setattr(module, "check_labels", check)
    controller.checked.connect(lambda one: answered.append(one.readings))
    for one in wanted:
        controller.check(one)
    qtbot.waitUntil(lambda: bool(answered))
    assert answered == [wanted[-1].readings]
    qtbot.waitUntil(lambda: not controller.is_busy)
