"""The job that teaches a network the user's own digits: measure, fine-tune, measure, keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_scores
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import TrainingContext, TrainingRequest
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.conversion import KERAS_FILE
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.fine_tuning import fine_tune
from mnist_desktop.training.learning_history import BatchMetrics, EpochScores
from mnist_desktop.training.progress import EpochMetrics
from mnist_desktop.training.trainer import TrainingResult, network_scores, spread
from mnist_desktop.training.work_clock import WorkClock

HELD_OUT_EVERY = 4  # of each digit's drawings, one in so many is not learnt but judged by
HELD_OUT_MOST = 100  # of each digit: reading more would cost more time than it is worth
OWN_MOST = 200  # of all drawings, the latest, are read before and after, to tell what has changed
TAUGHT_MOST = 2000  # of those learnt last are recalled when one is drawn again
SEED = 1
SUFFIX = " + my digits"  # of the name of a taught network


@dataclass(frozen=True)
class Accuracies:
    """What is read correctly.

    Attributes
    ----------
    own : int
        How many of the user's drawings, learnt or held out.
    drawings : float
        What fraction of the drawings to judge by.
    test : float
        What fraction of MNIST's test digits.
    """

    own: int
    drawings: float
    test: float


@dataclass(frozen=True)
class TeachingResult:
    """The outcome of teaching.

    Attributes
    ----------
    run : Run
        The taught network.
    learnt, held_out : int
        Drawings that were learnt, and those that were only judged by; with too few drawings none
        are held out, and it is judged by those it learnt.
    own : int
        How many of the user's drawings were read before and after: the latest.
    before, after : Accuracies
        On the held-out drawings and on the test digits.
    """

    run: Run
    learnt: int
    held_out: int
    own: int
    before: Accuracies
    after: Accuracies


@dataclass(frozen=True, eq=False)
class Teaching(TrainingRequest):
    """A network is to be taught the user's drawings; that makes a run of its own.

    Attributes
    ----------
    model : ModelRef
        The bundled reader, or a run.
    drawings : iterable of Drawing
        The user's, with labels; at least one. They may be read only when they are gone through.
    """

    can_pause: ClassVar[bool] = False
    is_saved: ClassVar[bool] = False

    model: ModelRef
    drawings: Iterable[Drawing]

    def run(
        self, context: TrainingContext, *, on_progress: OnProgress, should_stop: ShouldStop
    ) -> TeachingResult:
        """Teach it and keep the run; nothing is kept if it is stopped."""
        clock = WorkClock()
        dataset = context.dataset
        on_progress(PhaseProgress("Loading TensorFlow"))
        load_keras()
        base = _Base.open(self.model, context.store)
        on_progress(PhaseProgress("Reading your drawings"))
        drawings = list(self.drawings)
        learnt, held_out = split(drawings)
        if not learnt:
            raise InvalidInputError(
                "There is no drawing of yours to learn; keep some with the keys 0 to 9 first."
            )
        judged, own = held_out or learnt, drawings[-OWN_MOST:]
        on_progress(PhaseProgress("Measuring what the network reads before"))
        before = Accuracies(
            _count_right(base.predictor, own, should_stop),
            _count_right(base.predictor, judged, should_stop) / len(judged),
            base.evaluate(dataset, should_stop)[0].accuracy,
        )
        on_progress(PhaseProgress("Learning your digits"))
        started = clock()
        history = fine_tune(
            base.network,
            learnt,
            dataset.train,
            SEED,
            on_progress=on_progress,
            should_stop=should_stop,
        )
        fit_seconds = clock() - started
        on_progress(PhaseProgress("Measuring what it reads now, and keeping it"))
        result = base.result(dataset, history, fit_seconds, clock, should_stop)
        name = f"{base.name}{SUFFIX}"
        run = context.store.keep(result, dataset, name, taught=learnt[-TAUGHT_MOST:])
        taught = open_model(ModelRef(run.record.id), context.store)
        after = Accuracies(
            _count_right(taught, own, lambda: False),
            _count_right(taught, judged, lambda: False) / len(judged),
            result.test.accuracy,
        )
        return TeachingResult(run, len(learnt), len(held_out), len(own), before, after)


@dataclass(frozen=True, eq=False)
class _Base:
    """The network that is taught: as it reads now, and as Keras has it."""

    predictor: Predictor
    network: Any
    config: TrainingConfig
    name: str

    @classmethod
    def open(cls, model: ModelRef, store: RunStore) -> _Base:
        from mnist_desktop.foreign.keras_file import load_keras_file  # nothing else needs it

        predictor = open_model(model, store)
        keras_file, config, name = _keras_file(model, store)
        return cls(predictor, load_keras_file(keras_file), config, name)

    def evaluate(self, dataset: Dataset, should_stop: ShouldStop) -> tuple[Evaluation, Any]:
        activation = self.config.output_activation
        scores = network_scores(self.network, dataset.test.images, activation, should_stop)
        return evaluate_scores(scores, dataset.test.labels), scores

    def result(
        self,
        dataset: Dataset,
        history: tuple[EpochMetrics, ...],
        fit_seconds: float,
        clock: WorkClock,
        should_stop: ShouldStop,
    ) -> TrainingResult:
        test, test_scores = self.evaluate(dataset, should_stop)
        shown = dataset.train.take(spread(np.arange(len(dataset.train))))
        activation = self.config.output_activation
        train_scores = network_scores(self.network, shown.images, activation, should_stop)
        return TrainingResult(
            config=self.config,
            model=self.network,
            parameters=self.network.count_params(),
            history=history,
            stopped=False,
            train_count=len(dataset.train),
            validation_count=0,
            train=evaluate_scores(train_scores, shown.labels),
            test=test,
            test_scores=test_scores,
            batches=BatchMetrics(),
            validation=EpochScores(),
            note="",
            state=None,
            temperature=self.predictor.temperature,
            fit_seconds=fit_seconds,
            total_seconds=clock(),
        )


def own_digits(result: TeachingResult) -> str:
    """Say what a lesson has changed for the user's own drawings."""
    words = formats.count(result.own, "digit")
    before, after = result.before.own, result.after.own
    return f"before {before} of {words} of yours, now {after} of {result.own}"


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


def _keras_file(model: ModelRef, store: RunStore) -> tuple[Path, TrainingConfig, str]:
    """The Keras file of the network that is taught, its settings, and what it is called."""
    if model.is_bundled:
        return resource("models", "bundled.keras"), READER.recipe, "Bundled reader"
    run = store.get(model.run_id)
    config = replace(run.record.config, augment=False)
    return run.folder / KERAS_FILE, config, run.record.name.partition(SUFFIX)[0]


def _count_right(predictor: Predictor, drawings: Sequence[Drawing], should_stop: ShouldStop) -> int:
    """Count the drawings that are read for sure, and correctly."""
    right = 0
    for one in drawings:
        if should_stop():
            raise JobCancelled
        read = predictor.read(render(one.ink), one.ink)
        right += read.accepted and read.label == one.label
    return right
