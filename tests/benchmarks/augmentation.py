"""What augmentation does to digits, and what it costs: ``python augmentation.py [read|time]``.

``read``: how many of 3,000 validation digits the bundled reader still reads, by the amount of each
change. It has learnt from these digits as they are, so that what it no longer reads was changed too
far; it was also taught to read bent and slanted drawings, but nothing with noise or holes.
The figures are those of `mnist_desktop.training.augmentation_limits`.

``time``: seconds of an epoch on 20,000 digits with each change, in turns with one without any.
Shift, rotation and scale are one resampling, which ``standard`` has; shear joins it.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Mapping

import numpy as np
from references import full_mnist

from mnist_desktop.digits.dataset import Dataset, Digits, Images
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.formats import percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.augmentation import (
    OFF,
    STANDARD,
    Augmentation,
    parse_augmentation,
)
from mnist_desktop.training.augmented_batch import augment_batch
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import train

AMOUNTS: Mapping[str, tuple[float, ...]] = {
    "shift": (2, 3, 4, 5, 5.5, 6, 7, 8, 10, 12, 14),
    "rotate": (8, 15, 30, 45, 50, 60, 90, 120, 180),
    "scale": (0.08, 0.2, 0.3, 0.4, 0.5),
    "shear": (10, 20, 30, 40, 50, 60),
    "elastic": (1, 2, 3, 3.5, 4, 5, 6, 8),
    "stroke": (0.2, 0.5, 0.8, 0.9, 1),
    "noise": (0.05, 0.1, 0.12, 0.15, 0.2, 0.3, 0.4, 0.5),
    "erase": (4, 6, 8, 9, 10, 12, 16, 20),
}
TOGETHER = (
    "standard",
    "shift=2 rotate=12 scale=0.1 shear=12 elastic=1.5 stroke=0.3 noise=0.05 erase=6",
    "shift=3 rotate=15 scale=0.15 shear=15 elastic=2 stroke=0.4 noise=0.1 erase=8",
)
TIMED = ("shear", "elastic", "stroke", "noise", "erase")
TIMED_DIGITS = 20_000
TURNS = 3
BATCH = 500


def changed(images: Images, augmentation: Augmentation) -> Images:
    """Change images once, as a training would."""
    import tensorflow as tf

    parts = []
    for at in range(0, len(images), BATCH):
        pixels = tf.constant(images[at : at + BATCH, :, :, np.newaxis], tf.float32) / 255
        after = augment_batch(pixels, tf.constant([at, 1]), augmentation)
        parts.append(np.rint(np.asarray(after)[..., 0] * 255).clip(0, 255).astype(np.uint8))
    return np.concatenate(parts)


def print_readings(digits: Digits) -> None:
    """Print how many digits are read by the amount of each change."""
    reader = open_model(BUNDLED, RunStore(AppPaths.from_environment().runs))

    def read(augmentation: Augmentation) -> str:
        scores = reader.scores(changed(digits.images, augmentation))
        return percent(float((scores.argmax(axis=1) == digits.labels).mean()), 1)

    print(f"{len(digits):,} validation digits as they are: {read(OFF)}")
    for name, amounts in AMOUNTS.items():
        found = [f"{one:g}: {read(Augmentation(**{name: one}))}" for one in amounts]
        print(f"{name:8} {', '.join(found)}", flush=True)
    for text in TOGETHER:
        print(f"{text}: {read(parse_augmentation(text))}", flush=True)


def settings() -> Iterator[tuple[str, Augmentation]]:
    """Each change alone, at an amount that one would choose, and all of them."""
    yield "standard", STANDARD
    for name in TIMED:
        yield name, Augmentation(**{name: AMOUNTS[name][1]})
    yield "all", Augmentation(**{name: amounts[1] for name, amounts in AMOUNTS.items()})


def print_costs(dataset: Dataset) -> None:
    """Print how much longer an epoch takes with each change."""
    few = dataset.train.take(np.arange(TIMED_DIGITS))
    dataset = Dataset(few, dataset.test, "custom", "some of MNIST")
    for name in ("dense-100", "cnn-accurate"):
        recipe = architecture(name).recipe.changed(
            schedule="constant", epochs=2, validation_share=0.0
        )
        print(f"{name}, batches of {recipe.batch_size}")
        for words, augmentation in settings():
            pairs = [
                [epoch_seconds(recipe.changed(augment=one), dataset) for one in (OFF, augmentation)]
                for _ in range(TURNS)
            ]
            without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
            more = statistics.median(after - before for before, after in pairs)
            print(f"  {words:8} {without:6.2f} s → {with_it:6.2f} s, {more:+.2f} s", flush=True)


def epoch_seconds(config: TrainingConfig, dataset: Dataset) -> float:
    """Train two epochs; return how long the second took: the first one compiles."""
    result = train(config, dataset, on_progress=lambda _: None, should_stop=lambda: False)
    return result.history[1].seconds


def main() -> None:
    """Print what was asked for, or both."""
    dataset, wanted = full_mnist(), sys.argv[1:] or ["read", "time"]
    load_keras()
    if "read" in wanted:
        _, held_out = split_training_digits(dataset.train, 0.05)
        print_readings(dataset.train.take(held_out))
    if "time" in wanted:
        print_costs(dataset)


if __name__ == "__main__":
    main()
