"""Trains a network: one function for the window, the command line and the tests."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset, Digits, Images, as_network_input
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.errors import JobCancelled, TrainingError
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_scores
from mnist_desktop.inference.calibration import fit_temperature
from mnist_desktop.inference.scores import as_scores
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.training.architectures import count_parameters, plan_of
from mnist_desktop.training.checkpoint import TrainingLog, TrainingState
from mnist_desktop.training.chunked_fit import ChunkedFit, batches_per_chunk
from mnist_desktop.training.compiled_network import copy_state, make_network
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import forget_gradients, load_keras
from mnist_desktop.training.learning_history import BatchMetrics, EpochScores
from mnist_desktop.training.memory import check_memory
from mnist_desktop.training.progress import EpochMetrics, TrainingControls
from mnist_desktop.training.work_clock import WorkClock

if TYPE_CHECKING:
    from mnist_desktop.training.callbacks import KeepState, ProgressCallback, ReadImage

PREDICT_BATCH = 500
TRAIN_DIGITS_EVALUATED = 10_000
KEPT_TRAINEES = 8
# With fewer validation digits, a temperature would be a matter of luck.
MIN_CALIBRATION_DIGITS = 200


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training.

    Attributes
    ----------
    config : TrainingConfig
        The settings it was run with.
    model : keras.Model
        The trained network.
    plan : NetworkPlan
        What it was built from.
    parameters : int
        How many weights it has.
    history : tuple of EpochMetrics
        One for each epoch; the last may be incomplete.
    kept_epoch : int
        After which epoch the network was kept; 0 for the last one.
    stopped : bool
        Whether it ended before its last epoch was complete.
    train_count, validation_count : int
        How many digits were used for training, and how many were held out.
    train, test : Evaluation
        After training: on 10,000 of the training digits, and on all test digits.
    test_scores : ndarray of float64, shape (n, 10)
        The scores of each test digit; each row adds up to 1.
    batches : BatchMetrics
        Loss and accuracy of each batch.
    validation : EpochScores
        Scores of the validation digits after each epoch that was kept.
    note : str
        What the user should know about how it ended; usually empty.
    state : TrainingState or None
        The state from which the network can be trained for more epochs.
    temperature : float
        Calibrates its scores, fitted on the validation digits; 1 if there are too few of them.
    fit_seconds, total_seconds : float
        Time in Keras's fit, and in total with loading, building and evaluating.
    """

    config: TrainingConfig
    model: Any
    plan: NetworkPlan
    parameters: int
    history: tuple[EpochMetrics, ...]
    kept_epoch: int
    stopped: bool
    train_count: int
    validation_count: int
    train: Evaluation
    test: Evaluation
    test_scores: NDArray[np.float64]
    batches: BatchMetrics
    validation: EpochScores
    note: str
    state: TrainingState | None
    temperature: float
    fit_seconds: float
    total_seconds: float


def train(
    config: TrainingConfig,
    dataset: Dataset,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    controls: TrainingControls | None = None,
    keep_state: KeepState | None = None,
    state: TrainingState | None = None,
) -> TrainingResult:
    """Build a network, train it, and test it.

    Parameters
    ----------
    config : TrainingConfig
        What to train and how.
    dataset : Dataset
        Digits to train and to test on. Validation digits are taken from the training split; the
        test split is not used before the training is over.
    on_progress : callable
        Called with what `Progress` names, from this thread.
    should_stop : callable
        Once it returns True, the training ends within a second and keeps its weights.
    controls : TrainingControls, optional
        Can pause and suspend the training, and have an image read after each epoch.
    keep_state : callable, optional
        Called after each epoch, and every 30 seconds, with all that is needed to resume.
    state : TrainingState, optional
        Where to resume, as if the training had never stopped. Its settings may differ from
        ``config`` only in the number of epochs.

    Returns
    -------
    TrainingResult

    Raises
    ------
    JobCancelled
        If it was suspended, or stopped before the first batch, so that there is nothing to keep.
    TrainingError
        If the loss is no longer a number, or the state belongs to another training.
    LowMemoryError
        If the training takes more memory than is free.
    """
    controls = controls or TrainingControls()
    job = _Job(on_progress, should_stop, controls, keep_state, state, WorkClock())
    return _train(config, dataset, job)


@dataclass(frozen=True)
class _Job:
    """Who receives the reports of a training, what may stop it, and where it resumes."""

    on_progress: OnProgress
    should_stop: ShouldStop
    controls: TrainingControls
    keep_state: KeepState | None
    state: TrainingState | None
    clock: WorkClock

    def end_if_asked(self) -> None:
        """End before the first batch if asked to; a resumed training that is stopped is kept.

        Raises
        ------
        JobCancelled
            If the training is to end.
        """
        if self.should_stop() and (self.state is None or self.controls.ends_at_once):
            raise JobCancelled

    def ends_at_once(self) -> bool:
        """Whether to end without even evaluating the network."""
        return self.controls.ends_at_once


def _train(config: TrainingConfig, dataset: Dataset, job: _Job) -> TrainingResult:
    job.on_progress(PhaseProgress("Loading TensorFlow"))
    load_keras()
    job.end_if_asked()
    check_memory(config, count_parameters(config))

    job.on_progress(PhaseProgress("Building the network"))
    setup = _prepare(config, dataset, job.state)
    job.end_if_asked()

    job.on_progress(PhaseProgress("Training"))
    progress, log = _fit(setup, job), setup.log
    note = _recover(log, progress)
    last_state = log.state(len(log.history), 0, progress.seconds)
    kept_epoch = 0 if note else _choose(log, job.controls)
    if kept_epoch:
        note = f"The network after epoch {kept_epoch} was kept: it read the validation digits best."

    job.on_progress(
        PhaseProgress(f"Testing on {formats.count(len(dataset.test), 'digit')} it has not seen")
    )
    ending = _Ending(kept_epoch, note, last_state)
    return _result(setup, dataset, progress, job, ending)


@dataclass(frozen=True, eq=False)
class _Setup:
    """A network that is ready for training, the indices of its digits, and those held out."""

    model: Any
    trainee: _Trainee
    log: TrainingLog
    digits: Digits
    indices: NDArray[np.intp]
    held_out: Digits

    @property
    def batches(self) -> int:
        """Weight updates in an epoch."""
        return -(-len(self.indices) // self.log.config.batch_size)


def _prepare(config: TrainingConfig, dataset: Dataset, state: TrainingState | None) -> _Setup:
    """Build the network with the config's seed, and split the digits."""
    import keras

    # Do not collect garbage here: the main thread does (workers/garbage.py).
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(config.seed)
    learnt, held_out = split_training_digits(dataset.train, config.validation_share)
    batches = -(-len(learnt) // config.batch_size)
    model = make_network(config, batches)
    trainee = _trainee(_compiled_parts(config), 0 if config.schedule == "constant" else batches)
    copy_state(model, trainee.network)
    log = TrainingLog(config, dataset.fingerprint, trainee.network, len(learnt))
    if state is not None:
        log.restore(state)
    return _Setup(model, trainee, log, dataset.train, learnt, dataset.train.take(held_out))


@dataclass(frozen=True, eq=False)
class _Ending:
    """After which epoch a network was kept (0: the last), what to know of it, and how to go on."""

    kept_epoch: int
    note: str
    state: TrainingState


def _fit(setup: _Setup, job: _Job) -> ProgressCallback:
    """Have Keras train the network, from the beginning or from a state."""
    config, trainee, state = setup.log.config, setup.trainee, job.state
    epochs_done = state.epochs_done if state else 0
    chunks_done = state.chunks_done if state else 0
    progress = _progress_callback(setup, job, chunks_done)
    if epochs_done >= config.epochs:
        return progress
    feed = trainee.fit.feed(
        setup.digits,
        setup.indices,
        config.seed,
        epochs_done=epochs_done,
        chunks_done=chunks_done,
        metrics_before=state.metrics if state else (),
    )
    try:
        # The chunks are already shuffled.
        trainee.network.fit(
            **feed, epochs=config.epochs, callbacks=[progress], shuffle=False, verbose=0
        )
    finally:
        forget_gradients()
    return progress


def _progress_callback(setup: _Setup, job: _Job, chunks_done: int) -> ProgressCallback:
    """Make the callback that Keras calls after each chunk and epoch."""
    from mnist_desktop.training.callbacks import Plan, ProgressCallback, Validation

    config, trainee, held_out = setup.log.config, setup.trainee, setup.held_out
    validation = Validation(
        lambda model: network_scores(
            model, held_out.images, config.output_activation, job.ends_at_once
        ),
        held_out,
    )
    return ProgressCallback(
        Plan(config.epochs, setup.batches, trainee.chunk, chunks_done),
        setup.log,
        job.controls,
        on_progress=job.on_progress,
        should_stop=job.should_stop,
        running_means=lambda: trainee.fit.running_means,
        read_image=_image_reader(config),
        clock=job.clock,
        validation=validation if len(held_out) else None,
        keep_state=job.keep_state,
    )


def _result(
    setup: _Setup,
    dataset: Dataset,
    progress: ProgressCallback,
    job: _Job,
    ending: _Ending,
) -> TrainingResult:
    """Test the network, and collect the results of the training."""
    log, network = setup.log, setup.trainee.network
    config, history = log.config, tuple(log.history)
    shown = dataset.train.take(spread(setup.indices))
    train_scores, test_scores = (
        network_scores(network, images, config.output_activation, job.ends_at_once)
        for images in (shown.images, dataset.test.images)
    )
    copy_state(network, setup.model)
    was_cut = progress.stopped and progress.batches_done < setup.batches * config.epochs
    return TrainingResult(
        config=config,
        model=setup.model,
        plan=plan_of(config),
        parameters=setup.model.count_params(),
        history=history,
        kept_epoch=ending.kept_epoch,
        stopped=len(history) < config.epochs or was_cut,
        note=ending.note,
        state=ending.state,
        train_count=len(setup.indices),
        validation_count=len(setup.held_out),
        train=evaluate_scores(train_scores, shown.labels),
        test=evaluate_scores(test_scores, dataset.test.labels),
        test_scores=test_scores,
        batches=log.batches.metrics,
        validation=log.epochs.scores,
        temperature=_temperature(network, setup.held_out, config),
        fit_seconds=ending.state.seconds,
        total_seconds=job.clock(),
    )


def _recover(log: TrainingLog, progress: ProgressCallback) -> str:
    """Restore the last finite weights if the training has diverged; return a note on it.

    Raises
    ------
    JobCancelled
        If it was stopped before the first epoch was recorded.
    TrainingError
        If there are no finite weights.
    """
    if not progress.diverged:
        if not log.history:
            raise JobCancelled
        return ""
    epoch = len(log.history) + 1
    what = f"The loss was no longer a number in epoch {epoch}: the training has diverged"
    if not log.return_to_last():
        raise TrainingError(f"{what}; try a learning rate ten times smaller.")
    return (
        f"{what}, and the network after epoch {epoch - 1} was kept; try a learning rate ten "
        "times smaller."
    )


def _choose(log: TrainingLog, controls: TrainingControls) -> int:
    """Restore the weights of the best epoch if requested; return its number, 0 for the last one."""
    if not controls.keeps_best or log.best_epoch in (0, len(log.history)):
        return 0
    log.return_to_best()
    return log.best_epoch


@dataclass(frozen=True)
class _Trainee:
    """A network with its compiled steps, reused by all trainings of its kind."""

    network: Any
    fit: ChunkedFit
    chunk: int


@functools.lru_cache(maxsize=KEPT_TRAINEES)
def _trainee(config: TrainingConfig, batches: int) -> _Trainee:
    """Make the network that does the work of a training, once for each kind.

    TensorFlow never frees what XLA has compiled. If each training compiled a new network, the
    program would grow by megabytes each time, and the training would start half a second later.
    """
    network = make_network(config, batches)
    plan = plan_of(config)
    chunk = batches_per_chunk(config, plan)
    xla = not plan.is_convolutional
    return _Trainee(network, ChunkedFit(network, config, chunk, xla=xla), chunk)


def _compiled_parts(config: TrainingConfig) -> TrainingConfig:
    """Reduce a config to what is compiled; the rest is state, or is passed to each fit."""
    if config.schedule == "constant":
        config = config.changed(epochs=1, learning_rate=0.001)
    return config.changed(seed=0, validation_share=0.0)


def network_scores(
    model: Any,
    images: Images,
    output_activation: str,
    should_stop: ShouldStop = lambda: False,
) -> NDArray[np.float64]:
    """Run a Keras model over many images.

    Parameters
    ----------
    model : keras.Model
        A network that reads digits.
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values.
    output_activation : {"sigmoid", "softmax"}
        The activation of its outputs.
    should_stop : callable, optional
        Called before each 500 images.

    Returns
    -------
    ndarray of float64, shape (n, 10)
        Each row adds up to 1.

    Raises
    ------
    JobCancelled
        If it was stopped.
    """
    # In parts: the interpreter's lock is held while pixels are prepared and passed on.
    shape = model.input_shape[1:]
    outputs = []
    for at in range(0, len(images), PREDICT_BATCH):
        if should_stop():
            raise JobCancelled
        pixels = as_network_input(images[at : at + PREDICT_BATCH], shape)
        outputs.append(model.predict_on_batch(pixels))
    return as_scores(np.concatenate(outputs), output_activation)


def _image_reader(config: TrainingConfig) -> ReadImage:
    """Return a function that reads one image with the current weights of a network."""

    def read(network: Any, image: NDArray[np.uint8]) -> tuple[float, ...]:
        pixels = as_network_input(image[np.newaxis], network.input_shape[1:])
        outputs = network(pixels, training=False).numpy()
        return tuple(as_scores(outputs, config.output_activation)[0].tolist())

    return read


def _temperature(network: Any, held_out: Digits, config: TrainingConfig) -> float:
    if len(held_out) < MIN_CALIBRATION_DIGITS:
        return 1.0
    scores = network_scores(network, held_out.images, config.output_activation)
    return fit_temperature(scores, held_out.labels)


def spread(indices: NDArray[np.intp]) -> NDArray[np.intp]:
    """Choose the training digits that a network is evaluated on, of all that it learnt from.

    Parameters
    ----------
    indices : ndarray of int, shape (n,)
        Of the digits it learnt from.

    Returns
    -------
    ndarray of int, shape (m,)
        At most 10,000 of them, evenly spaced: MNIST's first thousands are easier than the rest.
    """
    if len(indices) <= TRAIN_DIGITS_EVALUATED:
        return indices
    places = np.linspace(0, len(indices) - 1, TRAIN_DIGITS_EVALUATED)
    return indices[places.astype(np.intp)]
