"""The data that the bundled networks learn from, and how they are trained."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE, Dataset, Digits, Images, Labels
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.training.stroke_augmentation import distort, pen_width
from tools.bundled.distortion import distort_batch
from tools.bundled.rare_forms import perhaps_rare
from tools.bundled.unipen import TEST_SITES, Character, read_characters

BATCH = 128
WEIGHT_DECAY = 0.02
PREDICT_BATCH = 500
VALIDATION_SHARE = 0.05  # of MNIST's training digits
VALIDATION_SEED = 2026
# Writers are held out as a whole, so that nobody's hand is in both training and test data.
TEST_WRITERS = frozenset({5, 10, 15, 20, 25, 30})
VALIDATION_WRITERS = frozenset({3, 8, 17, 22})


@dataclass(frozen=True)
class Phase:
    """A part of a training.

    Attributes
    ----------
    epochs : int
        How many.
    amount : float
        How much images are distorted, see `distort_batch`.
    learning_rate : float
        The peak; the learning rate then falls to 0 along a cosine.
    """

    epochs: int
    amount: float
    learning_rate: float


# Returns the images and labels of the next epoch.
Epoch = Callable[[Generator], tuple[Images, Labels]]


@dataclass(frozen=True)
class Material:
    """The training, validation and test data.

    Attributes
    ----------
    dataset : Dataset
        MNIST.
    learnt, held_out : Digits
        The two parts of MNIST's training digits.
    drawings, validation, test : tuple of Drawing
        Pen strokes of UCI's twenty, four and six writers; with the first two, those of UNIPEN's.
    sites : mapping of str to tuple of Drawing
        Digits of UNIPEN's sites that are held out, by site.
    characters : tuple of Character
        UNIPEN's letters and signs, all parts.
    """

    dataset: Dataset
    learnt: Digits
    held_out: Digits
    drawings: tuple[Drawing, ...]
    validation: tuple[Drawing, ...]
    test: tuple[Drawing, ...]
    sites: Mapping[str, tuple[Drawing, ...]]
    characters: tuple[Character, ...]


def gather(strokes: Path, unipen: Path | None, dataset: Dataset) -> Material:
    """Read the strokes, and the characters if there are any, and split all data."""
    drawings = [one for one in read_drawings(strokes) if one.label is not None]
    characters = [] if unipen is None else read_characters(unipen)
    learnt, held_out = dataset.train.split_indices(VALIDATION_SHARE, VALIDATION_SEED)
    judging = TEST_WRITERS | VALIDATION_WRITERS

    def digits(part: str, site: str = "") -> tuple[Drawing, ...]:
        return tuple(
            Drawing(one.ink, int(one.text))
            for one in characters
            if one.is_digit and one.part == part and site in ("", one.site)
        )

    return Material(
        dataset,
        dataset.train.take(learnt),
        dataset.train.take(held_out),
        (*(one for one in drawings if one.writer not in judging), *digits("learnt")),
        (*(one for one in drawings if one.writer in VALIDATION_WRITERS), *digits("validation")),
        tuple(one for one in drawings if one.writer in TEST_WRITERS),
        {site: digits("test", site) for site in sorted(TEST_SITES)},
        tuple(one for one in characters if not one.is_digit),
    )


def rendered(drawings: Sequence[Drawing]) -> Digits:
    """Render drawings to labelled images, as the program does for a network."""
    images = np.stack([render(one.ink) for one in drawings])
    return Digits(images, np.array([one.label for one in drawings], np.uint8))


def distorted_images(drawings: Sequence[Drawing], variants: int, seed: int) -> NDArray[np.uint8]:
    """Render each drawing in several variants, some in rarer forms; (n, variants, 28, 28)."""
    rng = np.random.default_rng(seed)
    images = np.empty((len(drawings), variants, SIDE, SIDE), np.uint8)
    for number, drawing in enumerate(drawings):
        for variant in range(variants):
            ink = distort(perhaps_rare(drawing, rng), rng)
            images[number, variant] = render(ink, pen_width=pen_width(rng))
    return images


def teach(
    network: Any, epoch: Epoch, validation: Mapping[str, Digits], *, phase: Phase, seed: int
) -> None:
    """Train a network on what `epoch` returns, newly distorted each time, and report progress.

    Parameters
    ----------
    network : keras.Model
        Takes pixels of shape (n, 28, 28, 1) and gives probabilities.
    epoch : callable
        Returns the digits of the next epoch, always the same number.
    validation : mapping of str to Digits
        Digits whose errors are reported after each epoch; nothing is chosen by them here.
    phase : Phase
        Epochs, distortion and learning rate.
    seed : int
        Seed of everything random.
    """
    rng = np.random.default_rng(seed)
    count = len(epoch(rng)[1])
    steps = -(-count // BATCH)
    _compile(network, phase, steps)
    network.fit(
        _distorted(epoch, rng, count, phase, seed),
        epochs=phase.epochs,
        steps_per_epoch=steps,
        callbacks=[_error_reporter(network, validation)],
        shuffle=False,
        verbose=0,
    )


def _distorted(epoch: Epoch, rng: np.random.Generator, count: int, phase: Phase, seed: int) -> Any:
    """Return the batches of all epochs as a TensorFlow dataset, with each digit newly distorted."""
    import tensorflow as tf

    def batches() -> Iterator[tuple[Images, Labels]]:
        for _ in range(phase.epochs):
            images, truth = epoch(rng)
            for start in range(0, count, BATCH):
                yield images[start : start + BATCH], truth[start : start + BATCH]

    def prepare(number: Any, batch: Any) -> Any:
        images, truth = batch
        pixels = tf.cast(images, tf.float32)[..., tf.newaxis] / 255.0
        seeds = tf.stack([tf.cast(number, tf.int32), seed])
        return distort_batch(pixels, seeds, phase.amount), truth

    signature = (tf.TensorSpec((None, SIDE, SIDE), tf.uint8), tf.TensorSpec((None,), tf.uint8))
    data = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return data.enumerate().map(prepare, num_parallel_calls=2).prefetch(4)


def _compile(network: Any, phase: Phase, steps: int) -> None:
    """Compile with a learning rate that rises for one epoch of `steps` and falls along a cosine."""
    import keras

    rate = keras.optimizers.schedules.CosineDecay(
        phase.learning_rate / 10,
        steps * (phase.epochs - 1),
        warmup_target=phase.learning_rate,
        warmup_steps=steps,
    )
    network.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY),
        loss="sparse_categorical_crossentropy",
        jit_compile=False,
    )


def _error_reporter(network: Any, validation: Mapping[str, Digits]) -> Any:
    """Make a callback that reports the errors on each split after each epoch."""
    import keras

    began = time.perf_counter()

    def report(number: int, logs: Any) -> None:
        wrong = {name: errors(network, digits) for name, digits in validation.items()}
        seconds = time.perf_counter() - began
        say(f"epoch {number + 1}: loss {logs['loss']:.4f}, errors {wrong}, {seconds:.0f} s")

    return keras.callbacks.LambdaCallback(on_epoch_end=report)


def probabilities(network: Any, images: Images) -> NDArray[np.float64]:
    """A network's outputs for images, shape (n, classes)."""
    parts = [images[at : at + PREDICT_BATCH] for at in range(0, len(images), PREDICT_BATCH)]
    pixels = (part[..., np.newaxis] / np.float32(255) for part in parts)
    found = np.concatenate([network.predict_on_batch(part) for part in pixels])
    return found.astype(np.float64)


def errors(network: Any, digits: Digits) -> str:
    """Say how many digits are misread, out of how many."""
    read = best_labels(probabilities(network, digits.images))
    return f"{int((read != digits.labels).sum())} of {len(digits):,}"


def say(text: str) -> None:
    """Print a progress message to the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
