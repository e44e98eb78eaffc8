"""Trains the bundled network that follows the pen (`mnist_desktop.inference.path_reader`).

People draw the same digit in different directions and orders. The network is trained on strokes in
any order, some of them backwards, so that it learns the path and not one person's habits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Labels
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.pen_path import FEATURES, POINTS, pen_path
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.training.stroke_augmentation import distort
from tools.bundled.material import say
from tools.bundled.rare_forms import perhaps_rare

VARIANTS = 20  # of each drawing; each epoch uses two
EPOCHS = 40
BATCH = 128
LEARNING_RATE = 0.002
WEIGHT_DECAY = 0.02
OTHER_ORDER = 0.4  # fraction of drawings whose strokes are reordered
BACKWARDS = 0.2  # fraction of strokes that are reversed


def path_network() -> Any:
    """Build four convolutions along the path and a hidden layer: 162,000 weights."""
    import keras
    from keras import layers

    def convolution(filters: int, size: int, stride: int = 1) -> list[Any]:
        return [
            layers.Conv1D(filters, size, strides=stride, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ]

    return keras.Sequential(
        [
            keras.Input((POINTS, FEATURES), name="path"),
            *convolution(40, 5),
            *convolution(64, 5, stride=2),
            layers.Dropout(0.2),
            *convolution(80, 5, stride=2),
            *convolution(80, 3),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(80, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax", name="scores"),
        ],
        name="path_reader",
    )


def teach_path_reader(drawings: Sequence[Drawing], seed: int, epochs: int = EPOCHS) -> Any:
    """Train the network on drawings with labels."""
    import keras

    rng = np.random.default_rng(seed)
    paths = np.stack([[drawn_otherwise(one, rng) for _ in range(VARIANTS)] for one in drawings])
    labels = np.array([one.label for one in drawings], np.uint8)
    say(f"{len(drawings):,} drawings followed in {VARIANTS} ways")
    network = path_network()
    steps = -(-2 * len(labels) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps)
    network.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY),
        loss="sparse_categorical_crossentropy",
        jit_compile=False,
    )
    for _ in range(epochs):
        chosen, truth = _epoch(paths, labels, rng)
        network.fit(chosen, truth, batch_size=BATCH, shuffle=False, verbose=0)
    return network


def drawn_otherwise(drawing: Drawing, rng: Generator) -> NDArray[np.float32]:
    """Return the path of a drawing, distorted and perhaps in another order or direction."""
    strokes = list(distort(perhaps_rare(drawing, rng), rng).strokes)
    if rng.random() < OTHER_ORDER:
        rng.shuffle(strokes)
    return pen_path(
        Ink(tuple(stroke[::-1] if rng.random() < BACKWARDS else stroke for stroke in strokes))
    )


def _epoch(
    paths: NDArray[np.float32], labels: Labels, rng: Generator
) -> tuple[NDArray[np.float32], Labels]:
    """Return two variants of each drawing, newly shuffled."""
    rows = np.arange(len(labels))
    chosen = [paths[rows, rng.integers(0, VARIANTS, len(labels))] for _ in range(2)]
    order = rng.permutation(2 * len(labels))
    return np.concatenate(chosen)[order], np.concatenate([labels, labels])[order]


def path_probabilities(network: Any, drawings: Sequence[Drawing]) -> NDArray[np.float64]:
    """The network's outputs for drawings, shape (n, 10)."""
    paths = np.stack([pen_path(one.ink) for one in drawings])
    found: NDArray[np.float64] = network.predict_on_batch(paths).astype(np.float64)
    return found
