"""The whole job: teach, test, convert, keep."""

from __future__ import annotations

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.progress import BatchProgress, Progress

CONFIG = ARCHITECTURES["dense-10"].recipe.changed(epochs=500)


def test_a_stopped_training_is_kept_as_a_run(sample: Dataset, store: RunStore) -> None:
    seen: list[Progress] = []
    run = NewTraining(CONFIG, "Half").run(
        TrainingContext(sample, store),
        on_progress=seen.append,
        should_stop=lambda: any(isinstance(p, BatchProgress) for p in seen),
    )
    assert run.record.stopped
    assert store.get(run.record.id).record.name == "Half"
    phases = [p.text for p in seen if isinstance(p, PhaseProgress)]
    assert phases[-1].startswith("Converting")


def test_a_training_stopped_before_it_began_leaves_no_run(sample: Dataset, store: RunStore) -> None:
    with pytest.raises(JobCancelled):
        NewTraining(CONFIG).run(
            TrainingContext(sample, store), on_progress=lambda _: None, should_stop=lambda: True
        )
    assert store.runs() == []
