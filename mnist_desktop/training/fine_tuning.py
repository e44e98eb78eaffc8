"""Fine-tuning: training a network on the user's own digits without it forgetting all others.

Each batch holds some of the user's drawings, newly distorted, and three times as many of MNIST's
digits, so that the network keeps reading those. Batch normalisation keeps its running statistics,
which a few hundred digits would distort.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Digits, Labels, as_network_input
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import JobCancelled
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.training.stroke_augmentation import distort, pen_width
from mnist_desktop.training.work_clock import WorkClock

OWN, REPLAYED = 24, 72  # digits in a batch
EPOCHS = 4
LEAST_STEPS = 30  # in an epoch; more if that is needed to use each drawing at least once
LEARNING_RATE = 0.0003
AMOUNT = 0.6  # of distortion: one person's hand varies less than all people's
PEN_AMOUNT = 0.5


def fine_tune(
    network: Any,
    own: Sequence[Drawing],
    replay: Digits,
    seed: int,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> tuple[EpochMetrics, ...]:
    """Train a network further on some drawings; it is changed in place.

    Parameters
    ----------
    network : keras.Model
        A network that reads digits.
    own : sequence of Drawing
        The user's drawings, with labels; at least one.
    replay : Digits
        Digits that the network must not forget.
    seed : int
        Seed of everything random.
    on_progress : callable
        Called with `BatchProgress` and `EpochMetrics`.
    should_stop : callable
        Once it returns True, training ends and the network is to be discarded.

    Returns
    -------
    tuple of EpochMetrics
        Four epochs of thirty batches, or more batches with more than 2,880 drawings.

    Raises
    ------
    JobCancelled
        If it was stopped.
    """
    steps = _prepare(network, len(own))
    clock, history = WorkClock(), []
    batches = _batches(own, replay, network.input_shape[1:], np.random.default_rng(seed))
    for epoch in range(1, EPOCHS + 1):
        began, logs = clock(), {}
        network.reset_metrics()
        for step, batch in enumerate(islice(batches, steps), start=1):
            if should_stop():
                raise JobCancelled
            logs = network.train_on_batch(*batch, return_dict=True)
            on_progress(_progress(epoch, step, steps, logs))
        history.append(_metrics(epoch, logs, clock() - began))
        on_progress(history[-1])
    return tuple(history)


def _prepare(network: Any, drawings: int) -> int:
    """Compile a network with a learning rate that falls to zero; return the steps per epoch."""
    import keras

    _freeze_normalisation(network)
    steps = max(LEAST_STEPS, -(-drawings // (EPOCHS * OWN)))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * steps)
    network.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return steps


def _metrics(epoch: int, logs: dict[str, float], seconds: float) -> EpochMetrics:
    return EpochMetrics(
        epoch=epoch,
        loss=float(logs["loss"]),
        accuracy=float(logs["accuracy"]),
        val_loss=None,
        val_accuracy=None,
        seconds=seconds,
    )


def _progress(epoch: int, step: int, steps: int, logs: dict[str, float]) -> BatchProgress:
    return BatchProgress(
        epoch=epoch,
        epochs=EPOCHS,
        batch=step,
        batches=steps,
        loss=float(logs["loss"]),
        accuracy=float(logs["accuracy"]),
        seconds_left=None,
    )


def _freeze_normalisation(network: Any) -> None:
    """Freeze the statistics of batch normalisation, including those in nested networks."""
    for layer in network.layers:
        if hasattr(layer, "layers"):
            _freeze_normalisation(layer)
        elif type(layer).__name__ == "BatchNormalization":
            layer.trainable = False


def _batches(
    own: Sequence[Drawing], replay: Digits, input_shape: tuple[int, ...], rng: Generator
) -> Iterator[tuple[NDArray[np.float32], Labels]]:
    """Yield batches endlessly: each drawing equally often, each digit replayed equally often."""
    replay_of = [np.flatnonzero(replay.labels == label) for label in range(10)]
    replayable = [indices for indices in replay_of if len(indices)]
    own_indices = cycle(range(len(own)))
    while True:
        chosen = [own[index] for index in islice(own_indices, OWN)]
        drawn = np.stack([_drawn_again(one, rng) for one in chosen])
        labels = np.array([one.label for one in chosen], np.uint8)
        indices: NDArray[np.intp] = np.array(
            [rng.choice(replayable[number % len(replayable)]) for number in range(REPLAYED)]
        )
        images = np.concatenate([drawn, replay.images[indices]])
        yield (
            as_network_input(images, input_shape),
            np.concatenate([labels, replay.labels[indices]]),
        )


def _drawn_again(drawing: Drawing, rng: Generator) -> NDArray[np.uint8]:
    return render(distort(drawing.ink, rng, AMOUNT), pen_width=pen_width(rng, PEN_AMOUNT))
