"""What a training took is what it has worked, whatever the machine did meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.training import trainer
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.progress import BatchProgress, TrainingControls
from mnist_desktop.training.trainer import train
from mnist_desktop.training.work_clock import WorkClock

AN_HOUR = 3600.0


@dataclass
class Machine:
    """Its clocks go as they are told to, from what they really say."""

    asleep: float = 0.0
    busy: float = 0.0

    def clock(self) -> WorkClock:
        return WorkClock(
            lambda: time.perf_counter() + self.asleep + self.busy,
            lambda: time.process_time() + self.busy,
        )


@pytest.mark.parametrize(
    ("gap", "work", "counted"),
    [
        (10.0, 0.0, 10.0),  # a slow disk
        (AN_HOUR, 0.0, 0.0),  # asleep
        (AN_HOUR, 2.0, 2.0),  # asleep after some work
        (AN_HOUR, AN_HOUR / 4, AN_HOUR),  # a quarter of a processor is all it got
        (AN_HOUR, AN_HOUR * 4, AN_HOUR),  # on four processors
    ],
)
def test_only_a_gap_that_no_work_explains_is_not_counted(
    gap: float, work: float, counted: float
) -> None:
    wall, worked = iter([100.0, 101.0, 101.0 + gap]), iter([5.0, 6.0, 6.0 + work])
    clock = WorkClock(lambda: next(wall), lambda: next(worked))
    assert clock() == pytest.approx(1)
    assert clock() == pytest.approx(1 + counted)


def test_it_stands_still_while_it_is_stopped() -> None:
    now = [0.0]
    clock = WorkClock(lambda: now[0], lambda: now[0])
    now[0] = 2
    with clock.stopped():
        now[0] = 10
    now[0] = 11
    assert clock() == pytest.approx(3)


@pytest.mark.parametrize("paused", [False, True], ids=["asleep", "paused"])
def test_neither_a_sleep_nor_a_pause_is_training_time(
    paused: bool, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, controls = Machine(), TrainingControls()
    left: list[float] = []

    def sleep_in_the_middle(progress: object) -> None:
        if not isinstance(progress, BatchProgress):
            return
        if progress.seconds_left is not None:
            left.append(progress.seconds_left)
        if progress.epoch == 1 and not machine.asleep and not machine.busy:
            if paused:
                controls.pause()
            else:
                machine.asleep = AN_HOUR

    def pause_for_an_hour(_self: TrainingControls, _should_stop: object) -> None:
        machine.busy = AN_HOUR  # the window, for example
        controls.go_on()

    monkeypatch.setattr(trainer, "WorkClock", machine.clock)
    monkeypatch.setattr(TrainingControls, "wait_while_paused", pause_for_an_hour)
    result = train(
        ARCHITECTURES["dense-10"].recipe.changed(epochs=2),
        sample,
        on_progress=sleep_in_the_middle,
        should_stop=lambda: False,
        controls=controls,
    )
    assert machine.asleep + machine.busy == AN_HOUR
    assert 0 < result.fit_seconds < AN_HOUR
    assert result.fit_seconds <= result.total_seconds < AN_HOUR
    assert sum(epoch.seconds for epoch in result.history) < AN_HOUR
    assert max(left, default=0) < AN_HOUR
