from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.teaching_job import Teaching, split
from mnist_desktop.runs.training_job import TrainingContext
from mnist_desktop.training import fine_tuning
from mnist_desktop.training.fine_tuning import fine_tune
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.training.stroke_augmentation import distort
from tools.bundled.non_digits import drawn_sign


def never() -> bool:
    return False


def drawings(sign: str, label: int, count: int) -> tuple[Drawing, ...]:
    rng = np.random.default_rng(4)
    return tuple(Drawing(distort(drawn_sign(sign), rng, 0.5), label) for _ in range(count))


def share_read(model: ModelRef, store: RunStore, some: tuple[Drawing, ...]) -> float:
    predictor = open_model(model, store)
    read = [predictor.read(render(one.ink), one.ink) for one in some]
    right = [
        found.accepted and found.label == one.label for found, one in zip(read, some, strict=True)
    ]
    return sum(right) / len(some)


@pytest.mark.parametrize("base", ["bundled", "a run"])
def test_a_network_learns_a_users_digits_and_forgets_no_others(
    base: str, kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    store = RunStore(kept.folder.parent if base == "a run" else tmp_path)
    model = ModelRef(kept.record.id) if base == "a run" else BUNDLED
    every = drawings("psi", 4, 30)
    seen: list[object] = []

    result = Teaching(model, every[:10]).run(
        TrainingContext(sample, store), on_progress=seen.append, should_stop=never
    )

    try:
        assert (result.learnt, result.held_out) == (8, 2)
        assert share_read(model, store, every[10:]) < 0.2
        assert share_read(ModelRef(result.run.record.id), store, every[10:]) >= 0.9
        assert result.before.drawings == 0
        assert result.after.drawings == 1
        assert (result.own, result.before.own) == (10, 0)
        assert result.after.own >= 9
        assert result.after.test >= result.before.test - 0.01
        assert result.run.record.test_accuracy == result.after.test
        assert result.run.record.name.endswith(" + my digits")
        assert len([one for one in seen if isinstance(one, EpochMetrics)]) == 4
        assert len([one for one in seen if isinstance(one, BatchProgress)]) == 120
    finally:
        store.delete(result.run.record.id)


def test_a_stopped_lesson_leaves_nothing(sample: Dataset, tmp_path: Path) -> None:
    store, seen = RunStore(tmp_path), []

    with pytest.raises(JobCancelled):
        Teaching(BUNDLED, drawings("psi", 4, 2)).run(
            TrainingContext(sample, store),
            on_progress=seen.append,
            should_stop=lambda: any(isinstance(one, BatchProgress) for one in seen),
        )

    assert store.runs() == []


def test_every_fourth_drawing_of_a_digit_is_held_out() -> None:
    one = Ink.from_points([[[0, 0], [0, 1]]])
    some = [Drawing(one, label) for label in (1, 1, 2, 1, 1, 2, 1, 2)]

    learnt, held_out = split(some)

    assert held_out == [some[4]]
    assert len(learnt) == 7


def test_of_many_drawings_enough_are_held_out_and_all_others_are_learnt() -> None:
    one = Ink.from_points([[[0, 0], [0, 1]]])
    some = [Drawing(one, 1) for _ in range(2000)] + [Drawing(one, 2) for _ in range(8)]

    learnt, held_out = split(iter(some))

    assert [drawing.label for drawing in held_out] == [1] * 100 + [2] * 2
    assert len(learnt) == 1906


@pytest.mark.parametrize("count", [1000, 3000])
def test_each_drawing_is_learnt_however_many_there_are(
    count: int, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(fine_tuning, "distort", lambda ink, *_: ink)
    learnt: Counter[int] = Counter()

    def note(ink: Ink, **_: object) -> np.ndarray:
        learnt[id(ink)] += 1
        return np.zeros((28, 28), np.uint8)

    monkeypatch.setattr(fine_tuning, "render", note)
    network = keras.Sequential(
        [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    own = [Drawing(Ink.from_points([[[0, 0], [0, 1]]]), 1) for _ in range(count)]
    fine_tune(network, own, sample.train, 1, on_progress=lambda _: None, should_stop=never)
    assert len(learnt) == count
    assert max(learnt.values()) - min(learnt.values()) <= 1


def test_no_drawing_is_told(sample: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no drawing of yours"):
        Teaching(BUNDLED, iter(())).run(
            TrainingContext(sample, RunStore(tmp_path)),
            on_progress=lambda _: None,
            should_stop=never,
        )
