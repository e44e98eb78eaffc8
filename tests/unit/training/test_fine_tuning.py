from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.stroke_file import Drawing, as_lines, read_drawings
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.teaching_job import (
    ReadRight,
    Teaching,
    TeachingResult,
    own_digits,
    split,
)
from mnist_desktop.runs.training_job import TrainingContext
from mnist_desktop.training import fine_tuning
from mnist_desktop.training.fine_tuning import fine_tune
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.training.stroke_augmentation import distort
from mnist_desktop.training.trainer import TRAIN_DIGITS_EVALUATED, spread
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
        before, after = result.before, result.after
        assert (before.held_out, after.held_out) == (0, 2)
        assert (result.learnt_read, before.learnt) == (8, 0)
        assert after.learnt >= 7
        assert after.test_accuracy >= before.test_accuracy - 0.01
        assert result.run.record.test_accuracy == after.test_accuracy
        assert result.digits == "MNIST sample 4,000/1,000"
        assert bool(result.run.record.caveat) == (base == "bundled")  # which learnt its test digits
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


def different(count: int, label: int) -> list[Drawing]:
    """As many drawings, each with strokes of its own."""
    return [Drawing(Ink.from_points([[[0, label], [number, 1]]]), label) for number in range(count)]


def test_a_quarter_of_the_drawings_of_a_digit_is_held_out() -> None:
    some = [*different(5, 1), *different(3, 2)]

    learnt, held_out = split(some)

    assert [one.label for one in held_out] == [1]
    assert len(learnt) == 7


def test_of_many_drawings_enough_are_held_out_and_all_others_are_learnt() -> None:
    learnt, held_out = split(iter([*different(2000, 1), *different(8, 2)]))

    assert [drawing.label for drawing in held_out] == [1] * 100 + [2] * 2
    assert len(learnt) == 1906


def test_what_is_held_out_stays_so_whatever_is_removed_or_read_again(
    tmp_path: Path,
) -> None:
    some = different(40, 1)
    (removed, *_), before = split(some)
    (tmp_path / "mine.jsonl").write_text(
        "".join(as_lines(one for one in some if one is not removed))
    )
    again = list(read_drawings(tmp_path / "mine.jsonl"))

    _, after = split(reversed(again))

    points = [sorted(one.ink.strokes[0][1, 0] for one in found) for found in (before, after)]
    assert set(points[1]) <= set(points[0])
    assert len(points[1]) >= len(points[0]) - 1


def test_what_a_network_has_learnt_before_is_not_held_out() -> None:
    some = different(40, 1)
    learnt, held_out = split(some)
    relabelled = [Drawing(one.ink, 2) for one in some[:20]]

    assert split(some, learnt) == (learnt, held_out)
    assert split(relabelled + some[20:], some) == (relabelled + some[20:], [])


def test_a_drawing_kept_twice_is_on_one_side() -> None:
    some = different(42, 3)  # a quarter of twice as many is odd

    learnt, held_out = split([*some, *some])

    assert held_out
    assert not {one.ink.strokes[0].tobytes() for one in learnt} & {
        one.ink.strokes[0].tobytes() for one in held_out
    }


def test_a_lesson_is_told_by_what_was_held_out_first(kept: Run) -> None:
    right = ReadRight(held_out=1, learnt=150, test_accuracy=0.9), ReadRight(5, 200, 0.9)
    result = TeachingResult(kept, "MNIST", 300, 5, 200, *right)

    assert own_digits(result) == (
        "of 5 digits held out, before 1, now 5; of the latest 200 it has learnt, before 150, "
        "now 200"
    )
    assert own_digits(replace(result, held_out=0, learnt=200)) == (
        "of the 200 it has learnt, before 150, now 200; none could be held out"
    )


def test_the_digits_of_a_training_are_measured_from_the_first_to_the_last() -> None:
    few = spread(np.arange(500))
    many = spread(np.arange(60_000))
    assert few.tolist() == list(range(500))
    assert (len(many), many[0], many[-1]) == (TRAIN_DIGITS_EVALUATED, 0, 59_999)


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
