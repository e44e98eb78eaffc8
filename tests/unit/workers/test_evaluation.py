"""Splits are read one after the other, and what was read is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest, read_split
from mnist_desktop.runs.run import Run
from mnist_desktop.workers import evaluation as module
from mnist_desktop.workers.evaluation import EvaluationController, SplitFailure

Question = tuple[str, str, int | None]


@pytest.fixture
def controller() -> Iterator[EvaluationController]:
    made = EvaluationController()
    yield made
    made.close()
    assert not any(thread.isRunning() for thread in made.findChildren(QThread))


def note_reads(controller: EvaluationController) -> list[Question]:
    """Collect what is told: whose network, which split, after which epoch."""
    told: list[Question] = []
    controller.read.connect(lambda one: told.append((str(one.model), one.split_name, one.epoch)))
    return told


def read_when_open(gate: threading.Event) -> Callable[..., SplitReadings]:
    """Make a job that waits for a gate, or for being stopped."""

    def read(
        request: SplitRequest, *, on_progress: object, should_stop: Callable[[], bool]
    ) -> object:
        while not gate.wait(0.005):
            if should_stop():
                raise JobCancelled
        return read_split(request, on_progress=lambda _: None, should_stop=lambda: False)

    return read  # type: ignore[return-value]


def test_splits_are_told_in_the_order_in_which_they_were_wanted(
    qtbot: QtBot, controller: EvaluationController, kept: Run, sample: Dataset
) -> None:
    told = note_reads(controller)
    wishes: list[Question] = [
        ("run", "validation", 1), ("run", "test", None), ("bundled", "test", None),
        ("run", "validation", None),
    ]  # fmt: skip
    for model, name, epoch in wishes:
        controller.request(SplitRequest(kept if model == "run" else None, sample, name, epoch))
    controller.request(SplitRequest(kept, sample, "test"))  # it waits already
    qtbot.waitUntil(lambda: not controller.is_busy, timeout=60_000)
    ids = {"run": kept.record.id, "bundled": "bundled"}
    assert told == [(ids[model], name, epoch) for model, name, epoch in wishes]


def test_what_was_read_is_told_again_at_once_and_without_a_thread(
    qtbot: QtBot, controller: EvaluationController, kept: Run, sample: Dataset
) -> None:
    seen: list[SplitReadings] = []
    controller.read.connect(seen.append)
    with qtbot.waitSignal(controller.read):
        controller.request(SplitRequest(kept, sample, "test"))
    qtbot.waitUntil(lambda: not controller.is_busy)
    controller.request(SplitRequest(kept, sample, "test"))
    assert not controller.is_busy
    assert len(seen) == 2
    assert seen[0] is seen[1]


def test_readings_of_other_digits_are_not_taken_for_those_that_are_wanted(
    qtbot: QtBot, controller: EvaluationController, sample: Dataset
) -> None:
    """Even if the new digits lie where the old ones lay in memory."""
    seen: list[SplitReadings] = []
    controller.read.connect(seen.append)
    for number in range(20):
        images, labels = sample.test.images[:1].copy(), np.array([number % 10], np.uint8)
        dataset = Dataset(sample.train, Digits(images, labels), "custom", "here")
        controller.request(SplitRequest(None, dataset, "test"))
        qtbot.waitUntil(lambda: not controller.is_busy)
        del dataset
        assert len(seen) == number + 1
        assert seen[-1].readings.labels.tolist() == [number % 10]


def test_only_the_last_readings_are_kept(
    qtbot: QtBot,
    controller: EvaluationController,
    kept: Run,
    sample: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    told = note_reads(controller)
    for name in ("test", "validation", "test", "training"):  # validation is the oldest now
        controller.request(SplitRequest(kept, sample, name))
        qtbot.waitUntil(lambda: not controller.is_busy, timeout=60_000)
    controller.request(SplitRequest(kept, sample, "test"))
    assert not controller.is_busy
    controller.request(SplitRequest(kept, sample, "validation"))
    assert controller.is_busy
    qtbot.waitUntil(lambda: not controller.is_busy)
    assert [name for _, name, _ in told] == [
        "test", "validation", "test", "training", "test", "validation",
    ]  # fmt: skip


def test_wishes_for_a_network_that_nobody_looks_at_are_forgotten(
    qtbot: QtBot,
    controller: EvaluationController,
    kept: Run,
    sample: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(module, "read_split", read_when_open(gate))
    told = note_reads(controller)
    controller.request(SplitRequest(kept, sample, "training"))
    controller.request(SplitRequest(kept, sample, "validation"))
    controller.request(SplitRequest(None, sample, "test"))
    controller.withdraw(ModelRef(kept.record.id))
    assert told == []
    qtbot.waitUntil(lambda: controller._current is not None and controller._current.run is None)
    gate.set()
    qtbot.waitUntil(lambda: not controller.is_busy)
    assert told == [("bundled", "test", None)]
    controller.request(SplitRequest(kept, sample, "test"))  # it can be wanted again
    qtbot.waitUntil(lambda: not controller.is_busy)
    assert told[1:] == [(kept.record.id, "test", None)]


def test_a_failure_is_told_with_its_wish_and_the_next_wish_is_served(
    qtbot: QtBot, controller: EvaluationController, kept: Run, sample: Dataset
) -> None:
    request = SplitRequest(kept, sample, "validation", 7)
    with (
        qtbot.waitSignal(controller.failed) as caught,
        qtbot.waitSignal(controller.read) as read,
    ):
        controller.request(request)
        controller.request(SplitRequest(kept, sample, "test"))
    failure = caught.args[0]
    assert isinstance(failure, SplitFailure)
    assert failure.request is request
    assert isinstance(failure.error, InvalidInputError)
    assert "epoch 7" in str(failure.error)
    assert read.args[0].split_name == "test"
    qtbot.waitUntil(lambda: not controller.is_busy)


def test_close_ends_what_is_being_read_and_says_nothing_more(
    qtbot: QtBot, kept: Run, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = EvaluationController()
    monkeypatch.setattr(module, "read_split", read_when_open(threading.Event()))
    told = note_reads(controller)
    controller.request(SplitRequest(kept, sample, "training"))
    controller.request(SplitRequest(kept, sample, "test"))
    (thread,) = controller.findChildren(QThread)
    qtbot.waitUntil(thread.isRunning)
    controller.close()
    assert not thread.isRunning()
    assert not controller.is_busy
    assert told == []
