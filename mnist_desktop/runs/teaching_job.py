"""The job that teaches a network the user's own digits: measure, fine-tune, measure, keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.stroke_file import Drawing, as_lines
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_scores
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.inference.reading import read_inks
from mnist_desktop.inference.taught import MOST as TAUGHT_MOST
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.model_ref import BUNDLED_NAME, ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.record import caveat
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import TrainingContext, TrainingRequest
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.augmentation import OFF
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
LEARNT_READ_MOST = 200  # of those it learns, the latest, are read before and after as well
SEED = 1
SUFFIX = " + my digits"  # of the name of a taught network


@dataclass(frozen=True)
class ReadRight:
    """What a network reads for sure, and correctly.

    Attributes
    ----------
    held_out : int
        How many of the drawings that were held out of the lesson.
    learnt : int
        How many of the latest drawings that it learnt, or is to learn.
    test_accuracy : float
        What fraction of the test digits, 0 to 1.
    """

    held_out: int
    learnt: int
    test_accuracy: float


@dataclass(frozen=True)
class TeachingResult:
    """The outcome of teaching.

    Attributes
    ----------
    run : Run
        The taught network.
    digits : str
        What the digits are called that it was tested on: a dataset's `Dataset.title`.
    learnt, held_out : int
        Drawings that were learnt, and those that were only judged by. Of a digit with fewer than
        four drawings none is held out, nor any that the network has learnt before.
    learnt_read : int
        How many of those it learnt were read before and after: the latest 200 at most.
    before, after : ReadRight
        What was read correctly before the lesson and after it.
    """

    run: Run
    digits: str
    learnt: int
    held_out: int
    learnt_read: int
    before: ReadRight
    after: ReadRight


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
        self._check_digits(context)
        on_progress(PhaseProgress("Loading TensorFlow"))
        load_keras()
        base = _Base.open(self.model, context.store)
        on_progress(PhaseProgress("Reading your drawings"))
        learnt, held_out = split(self.drawings, base.taught)
        if not learnt:
            raise InvalidInputError(
                "There is no drawing of yours to learn; keep some with the keys 0 to 9 first."
            )
        exam = _Exam(held_out, learnt[-LEARNT_READ_MOST:])
        on_progress(PhaseProgress("Measuring what the network reads before"))
        before = exam.count(
            base.predictor, base.evaluate(dataset, should_stop)[0].accuracy, should_stop
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
        run = base.keep(result, context, learnt)
        taught = open_model(ModelRef(run.record.id), context.store)
        after = exam.count(taught, result.test.accuracy, lambda: False)
        counts = len(learnt), len(held_out), len(exam.learnt)
        return TeachingResult(run, dataset.title, *counts, before, after)

    def _check_digits(self, context: TrainingContext) -> None:
        """Refuse to mix digits with other classes.

        Raises
        ------
        InvalidInputError
            If the network reads none, or the dataset in use, which it is to remember, has none.
        """
        run_id = self.model.run_id
        if run_id and not context.store.get(run_id).record.dataset.classes.are_digits:
            raise InvalidInputError(
                "This network does not read digits, so it cannot learn yours; choose the bundled "
                "reader or a network for digits at the top."
            )
        if not context.dataset.classes.are_digits:
            raise InvalidInputError(
                "Your digits are learnt together with others, and the dataset in use has none; "
                "choose MNIST on the page Data."
            )


@dataclass(frozen=True)
class _Exam:
    """The drawings that are read before and after a lesson."""

    held_out: list[Drawing]
    learnt: list[Drawing]

    def count(
        self, predictor: Predictor, test_accuracy: float, should_stop: ShouldStop
    ) -> ReadRight:
        """Read them all with a network, and count what it reads correctly."""
        drawings = [*self.held_out, *self.learnt]
        read = read_inks(
            predictor,
            [one.ink for one in drawings],
            on_progress=lambda _: None,
            should_stop=should_stop,
        )
        are_right = [
            found.accepted and found.label == one.label
            for found, one in zip(read, drawings, strict=True)
        ]
        held_out = len(self.held_out)
        return ReadRight(sum(are_right[:held_out]), sum(are_right[held_out:]), test_accuracy)


@dataclass(frozen=True, eq=False)
class _Base:
    """The network that is taught: as it reads now, as Keras has it, and what it was made from."""

    predictor: Predictor
    network: Any
    plan: NetworkPlan
    config: TrainingConfig
    name: str
    run: Run | None

    @classmethod
    def open(cls, model: ModelRef, store: RunStore) -> _Base:
        # Nothing else needs it.
        from mnist_desktop.foreign.keras_file import build_read, read_keras_file

        predictor = open_model(model, store)
        run = None if model.is_bundled else store.get(model.run_id)
        path = bundled_reader.keras_file() if run is None else run.folder / KERAS_FILE
        plan, weights = read_keras_file(path)
        network = build_read(path, plan, weights)
        if run is None:
            return cls(predictor, network, plan, READER.recipe, BUNDLED_NAME, None)
        config = replace(run.record.config, augment=OFF)
        return cls(predictor, network, plan, config, run.record.name.partition(SUFFIX)[0], run)

    @property
    def taught(self) -> list[Drawing]:
        """Drawings that it has learnt before."""
        return [] if self.run is None else self.run.taught()

    def keep(
        self, result: TrainingResult, context: TrainingContext, learnt: Sequence[Drawing]
    ) -> Run:
        """Keep what came of it as a run."""
        dataset, record = context.dataset, None if self.run is None else self.run.record
        return context.store.keep(
            result,
            dataset,
            f"{self.name}{SUFFIX}",
            taught=learnt[-TAUGHT_MOST:],
            base_saw_test=bool(caveat(record, dataset.name)),
        )

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
            plan=self.plan,
            parameters=self.network.count_params(),
            history=history,
            kept_epoch=0,
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
    """Say what a lesson has changed for the user's own drawings: first for those held out of it."""
    before, after, read = result.before, result.after, result.learnt_read
    those = f"{read:,}" if read == result.learnt else f"latest {read:,}"
    if not result.held_out:
        return (
            f"of the {those} it has learnt, before {before.learnt:,}, now {after.learnt:,}; none "
            "could be held out"
        )
    return (
        f"of {formats.count(result.held_out, 'digit')} held out, before {before.held_out:,}, now "
        f"{after.held_out:,}; of the {those} it has learnt, before {before.learnt:,}, now "
        f"{after.learnt:,}"
    )


def split(
    drawings: Iterable[Drawing], taught: Iterable[Drawing] = ()
) -> tuple[list[Drawing], list[Drawing]]:
    """Part drawings into those to learn and those to judge by.

    Which are judged by is decided by a hash of their strokes, so that the same ones are held out of
    the next lesson, whatever is kept, removed or given another label meanwhile.

    Parameters
    ----------
    drawings : iterable of Drawing
        The user's.
    taught : iterable of Drawing, optional
        What the network has learnt before: nothing of it is held out.

    Returns
    -------
    learnt, held_out : list of Drawing
        In their order. A quarter of each digit's drawings is held out, and at most a hundred.
    """
    drawings = list(drawings)
    hashes = [_hash(one) for one in drawings]
    known = {_hash(one) for one in taught}
    held_out: set[int] = set()
    for label in {one.label for one in drawings}:
        copies: dict[bytes, list[int]] = {}  # a drawing may be kept more than once
        for place, one in enumerate(drawings):
            if one.label == label:
                copies.setdefault(hashes[place], []).append(place)
        left = min(sum(map(len, copies.values())) // HELD_OUT_EVERY, HELD_OUT_MOST)
        for unseen in sorted(copies.keys() - known):
            if len(copies[unseen]) <= left:
                held_out.update(copies[unseen])
                left -= len(copies[unseen])
    return (
        [one for place, one in enumerate(drawings) if place not in held_out],
        [one for place, one in enumerate(drawings) if place in held_out],
    )


def _hash(drawing: Drawing) -> bytes:
    """Hash the strokes as a file keeps them, whatever they are said to be."""
    (line,) = as_lines([Drawing(drawing.ink)])
    return hashlib.sha256(line.encode()).digest()
