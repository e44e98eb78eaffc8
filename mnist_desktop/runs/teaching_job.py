"""The whole job of learning the user's own digits: measure, teach, measure again, keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.evaluation.metrics import evaluate_scores
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.open_model import BUNDLED, open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.conversion import KERAS_FILE
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.fine_tuning import fine_tune
from mnist_desktop.training.learning_history import BatchMetrics, EpochScores
from mnist_desktop.training.progress import EpochMetrics
from mnist_desktop.training.trainer import TrainingResult, network_scores
from mnist_desktop.training.work_clock import WorkClock

HELD_OUT_EVERY = 4  # of each digit's drawings, one in so many is not learnt but judged by
HELD_OUT_MOST = 100  # of each digit: reading more would take longer than it tells more
TAUGHT_MOST = 2000  # of those learnt last are recalled when one is drawn again
SEED = 1


@dataclass(frozen=True)
class Lesson:
    """What is to be learnt by which network.

    Attributes
    ----------
    model : str
        ``"bundled"`` or a run's id.
    drawings : iterable of Drawing
        The user's, with labels; at least one. They may be read only when they are gone through.
    dataset : Dataset
        Digits that are replayed, and tested on.
    store : RunStore
        Where the taught network is kept, as a run of its own.
    """

    model: str
    drawings: Iterable[Drawing]
    dataset: Dataset
    store: RunStore


@dataclass(frozen=True)
class Marks:
    """How a network reads the user's drawings and MNIST's test digits, 0 to 1."""

    drawings: float
    test: float


@dataclass(frozen=True)
class LessonResult:
    """What came of a lesson.

    Attributes
    ----------
    run : Run
        The taught network.
    learnt, held_out : int
        Drawings that were learnt, and those that were only judged by; with too few drawings none
        are held out, and it is judged by those it learnt.
    before, after : Marks
        On the held-out drawings and on the test digits.
    """

    run: Run
    learnt: int
    held_out: int
    before: Marks
    after: Marks


def run_lesson(lesson: Lesson, *, on_progress: OnProgress, should_stop: ShouldStop) -> LessonResult:
    """Teach a network the user's drawings and keep it as a new run.

    Raises
    ------
    JobCancelled
        If it was stopped; nothing is kept then.
    ModelFileError, StorageError
        If the network cannot be opened, or the run cannot be written.
    """
    clock = WorkClock()
    on_progress(PhaseProgress("Loading TensorFlow"))
    load_keras()
    predictor = open_model(lesson.model, lesson.store)
    keras_file, config, name = _base(lesson)
    from mnist_desktop.foreign.keras_file import load_keras_file

    network = load_keras_file(keras_file)
    on_progress(PhaseProgress("Reading your drawings"))
    learnt, held_out = _split_some(lesson.drawings)
    judged = held_out or learnt
    on_progress(PhaseProgress("Measuring what the network reads before"))
    before = Marks(
        _share_read(predictor, judged, should_stop),
        _test_scores(network, lesson.dataset, config, should_stop)[0].accuracy,
    )
    on_progress(PhaseProgress("Learning your digits"))
    fit_started, digits = clock(), lesson.dataset.train
    history = fine_tune(
        network, learnt, digits, SEED, on_progress=on_progress, should_stop=should_stop
    )
    fit_seconds = clock() - fit_started
    on_progress(PhaseProgress("Measuring what it reads now, and keeping it"))
    result = _result(
        lesson,
        network,
        config,
        history,
        temperature=predictor.temperature,
        fit_seconds=fit_seconds,
        clock=clock,
        should_stop=should_stop,
    )
    run = lesson.store.keep(
        result, lesson.dataset, f"{name} + my digits", taught=learnt[-TAUGHT_MOST:]
    )
    taught = open_model(run.record.id, lesson.store)
    after = Marks(_share_read(taught, judged, lambda: False), result.test.accuracy)
    return LessonResult(run, len(learnt), len(held_out), before, after)


def _split_some(drawings: Iterable[Drawing]) -> tuple[list[Drawing], list[Drawing]]:
    learnt, held_out = split(drawings)
    if not learnt:
        raise InvalidInputError(
            "There is no drawing of yours to learn; keep some with the keys 0 to 9 first."
        )
    return learnt, held_out


def _result(
    lesson: Lesson,
    network: Any,
    config: TrainingConfig,
    history: tuple[EpochMetrics, ...],
    *,
    temperature: float,
    fit_seconds: float,
    clock: WorkClock,
    should_stop: ShouldStop,
) -> TrainingResult:
    """Evaluate a taught network like one that was trained."""
    test, test_scores = _test_scores(network, lesson.dataset, config, should_stop)
    shown = lesson.dataset.train.take(np.arange(min(10_000, len(lesson.dataset.train))))
    train_scores = network_scores(network, shown.images, config.output_activation, should_stop)
    return TrainingResult(
        config=config,
        model=network,
        parameters=network.count_params(),
        history=history,
        stopped=False,
        train_count=len(lesson.dataset.train),
        validation_count=0,
        train=evaluate_scores(train_scores, shown.labels),
        test=test,
        test_scores=test_scores,
        batches=BatchMetrics(),
        validation=EpochScores(),
        note="",
        state=None,
        temperature=temperature,
        fit_seconds=fit_seconds,
        total_seconds=clock(),
    )


def split(drawings: Iterable[Drawing]) -> tuple[list[Drawing], list[Drawing]]:
    """Part drawings into those to learn and those to judge by: every fourth of each digit.

    With more than 400 of a digit it is every fifth, and so on.
    """
    drawings = list(drawings)
    count = Counter(one.label for one in drawings)
    learnt: list[Drawing] = []
    held_out: list[Drawing] = []
    seen: dict[int | None, int] = {}
    for one in drawings:
        seen[one.label] = seen.get(one.label, 0) + 1
        every = max(HELD_OUT_EVERY, -(-count[one.label] // HELD_OUT_MOST))
        (held_out if seen[one.label] % every == 0 else learnt).append(one)
    return learnt, held_out


def _base(lesson: Lesson) -> tuple[Path, TrainingConfig, str]:
    """The Keras file of the network that is taught, its settings, and what it is called."""
    if lesson.model == BUNDLED:
        return resource("models", "bundled.keras"), READER.recipe, "Bundled reader"
    run = lesson.store.get(lesson.model)
    config = replace(run.record.config, augment=False)
    return run.folder / KERAS_FILE, config, run.record.name.removesuffix(" + my digits")


def _share_read(
    predictor: Predictor, drawings: Sequence[Drawing], should_stop: ShouldStop
) -> float:
    """Share of drawings that are read for sure, and right."""
    right = 0
    for one in drawings:
        if should_stop():
            raise JobCancelled
        read = predictor.read(render(one.ink), one.ink)
        right += read.accepted and read.label == one.label
    return right / len(drawings)


def _test_scores(
    network: Any, dataset: Dataset, config: TrainingConfig, should_stop: ShouldStop
) -> tuple[Any, Any]:
    digits: Digits = dataset.test
    scores = network_scores(network, digits.images, config.output_activation, should_stop)
    return evaluate_scores(scores, digits.labels), scores
