"""How the convolutional recipes were found: ``python search.py cnn-fast``.

Each candidate learns from 50,000 of MNIST's training digits and is judged on the 10,000 others; the
test digits are not looked at. Printed: mean and spread of the accuracy over seeds, and the median
processor seconds of a fit, which other work on the machine changes little. A difference below 0.1%
between means of two seeds is chance.

`cnn-best` and `cnn-compact` were not compared with others: they are wider forms of `cnn-accurate`
and `cnn-small`, and have much the same settings.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from references import full_mnist

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.splits import VALIDATION_SEED
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import (
    FLATTEN,
    IMAGE,
    dense,
    dropout,
    normalised_convolution,
    normalised_dense,
    pooled_block,
)
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import OFF
from mnist_desktop.training.chunked_fit import ChunkedFit, batches_per_chunk
from mnist_desktop.training.compiled_network import compile_network
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import network_scores

HELD_OUT = 10_000 / 60_000
# Layers up to the ten outputs, and what differs from the recipe.
Candidate = tuple[list[Layer], Mapping[str, Any]]


def fast(filters: tuple[int, int], units: int, **changes: Any) -> Candidate:
    """Two convolutions and a hidden layer."""
    first, second = filters
    pooled = [*pooled_block(first, 5, 0.8), *pooled_block(second, 3, 0.8)]
    return [*pooled, FLATTEN, *normalised_dense(units, 0.8)], changes


def accurate(*blocks: list[Layer], rate: float = 0.0, **changes: Any) -> Candidate:
    """Convolutions, and a hidden layer with dropout before and after."""
    drop = [dropout(rate)] if rate else []
    hidden = [FLATTEN, *drop, *normalised_dense(128, 0.9), *drop]
    return [*(layer for block in blocks for layer in block), *hidden], changes


def small(first: tuple[int, int], others: tuple[int, int, int], **changes: Any) -> Candidate:
    """Four convolutions without a hidden layer."""
    second, third, fourth = others
    return [
        *pooled_block(*first, 0.9),
        *normalised_convolution(second, 3, momentum=0.9),
        *pooled_block(third, 3, 0.9),
        *normalised_convolution(fourth, 3, momentum=0.9),
        FLATTEN,
    ], changes


FORMER_FAST = {
    "batch_size": 128, "learning_rate": 0.006, "schedule": "linear", "label_smoothing": 0.0,
}  # fmt: skip
THREE = (pooled_block(24, 5, 0.9), normalised_convolution(48, 3, momentum=0.9),
         pooled_block(64, 3, 0.9))  # fmt: skip
EARLY_POOLS = (pooled_block(24, 5, 0.9), pooled_block(64, 3, 0.9),
               normalised_convolution(64, 3, momentum=0.9))  # fmt: skip
NARROWER = (pooled_block(16, 5, 0.9), normalised_convolution(32, 3, momentum=0.9),
            pooled_block(64, 3, 0.9))  # fmt: skip
CANDIDATES: Mapping[str, Mapping[str, Candidate]] = {
    "cnn-fast": {
        "as it was": fast((16, 32), 256, **FORMER_FAST),
        "smoothed labels, one cycle, a higher rate": fast((16, 32), 256, batch_size=128),
        "16 filters": fast((16, 16), 256, batch_size=128),
        "16 filters, 128 units, batches of 200": fast((16, 16), 128, batch_size=200),
        "32 filters, 128 units, batches of 200": fast((16, 32), 128, batch_size=200),
        "16 filters, 128 units, batches of 100": fast((16, 16), 128),
    },
    "cnn-accurate": {
        "as it was, but for 4 epochs": accurate(
            *THREE, rate=0.4, epochs=4, learning_rate=0.003, schedule="cosine", label_smoothing=0.0
        ),
        "no dropout, 4 epochs": accurate(*THREE, epochs=4),
        "no dropout, 4 epochs, labels not smoothed": accurate(
            *THREE, epochs=4, label_smoothing=0.0
        ),
        "dropout 0.2": accurate(*THREE, rate=0.2),
        "pooled earlier": accurate(*EARLY_POOLS),
        "narrower": accurate(*NARROWER),
        "narrower, dropout 0.2": accurate(*NARROWER, rate=0.2),
    },
    "cnn-small": {
        "10 epochs, first 5x5": small((12, 5), (16, 16, 16), epochs=10),
        "10 epochs, first 5x5, without augmentation": small(
            (12, 5), (16, 16, 16), epochs=10, augment=OFF
        ),
        "10 epochs, growing": small((8, 3), (14, 16, 20), epochs=10),
        "the recipe": small((16, 3), (16, 16, 16)),
    },
}


def judge(
    recipe: str, candidate: Candidate, seed: int, digits: tuple[Digits, Digits]
) -> tuple[float, float]:
    """Train a candidate; accuracy on the held-out digits, and processor seconds."""
    import keras

    (layers, changes), (learnt, held_out) = candidate, digits
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed)
    config = ARCHITECTURES[recipe].recipe.changed(**changes)
    plan = plan_sequence("candidate", IMAGE, [*layers, dense(10, "softmax")])
    network = compile_network(build_network(plan), config, -(-len(learnt) // config.batch_size))
    chunk = batches_per_chunk(config, plan)
    feed = ChunkedFit(network, config, chunk, xla=False).feed(learnt, np.arange(len(learnt)), seed)
    began = time.process_time()
    network.fit(**feed, epochs=config.epochs, verbose=0, shuffle=False)
    seconds = time.process_time() - began
    scores = network_scores(network, held_out.images, "softmax")
    return float((scores.argmax(axis=1) == held_out.labels).mean()), seconds


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", choices=list(CANDIDATES))
    parser.add_argument("--seeds", default="1,2")
    return parser


def main() -> None:
    """Judge all candidates of one recipe."""
    options = make_parser().parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    digits = full_mnist().train.split(HELD_OUT, VALIDATION_SEED)
    load_keras()
    for name, candidate in CANDIDATES[options.recipe].items():
        found = [judge(options.recipe, candidate, seed, digits) for seed in seeds]
        accuracies = [accuracy * 100 for accuracy, _ in found]
        seconds = statistics.median(seconds for _, seconds in found)
        spread = (max(accuracies) - min(accuracies)) / 2
        mean = statistics.mean(accuracies)
        print(f"{mean:.2f}% ± {spread:.2f}  {seconds:5.1f} s  {name}", flush=True)


if __name__ == "__main__":
    main()
