"""How the recipes ``cnn-fast`` and ``cnn-accurate`` were found: ``python search.py cnn-fast``.

Each candidate learns from 55,000 of MNIST's training digits and is judged on the 5,000 others; the
test digits are not looked at. Printed: mean and spread of the accuracy over seeds, and the median
seconds of a fit. The quickest whose accuracy is as high as that of slower ones became the recipe.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from typing import Any

import numpy as np
from references import full_mnist

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.splits import VALIDATION_SEED
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.chunked_fit import ChunkedFit, batches_per_chunk
from mnist_desktop.training.compiled_network import make_optimizer
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import network_scores

HELD_OUT = 5000 / 60_000

# What is varied, one after another; the first of each are the recipe.
FAST = {
    "filters": [(16, 32), (24, 32), (32, 32), (16, 48), (12, 32), (12, 24), (8, 32)],
    "kernels": [(5, 3), (3, 3), (5, 5)],
    "units": [256, 128, 512],
    "normalised": [True, False],
    "batch_size": [128, 64, 96, 256],
    "learning_rate": [0.006, 0.002, 0.003, 0.004, 0.01, 0.013],
    "betas": [(0.7, 0.9), (0.8, 0.95), (0.9, 0.99), (0.9, 0.999)],
}
ACCURATE = {
    "filters": [(24, 48, 64), (16, 32, 48), (24, 32, 48)],
    "dropout": [0.25, 0.4],
    "epochs": [6, 4, 10],
    "learning_rate": [0.003, 0.002, 0.005],
}


def fast_network(
    filters: tuple[int, int], kernels: tuple[int, int], units: int, normalised: bool
) -> Any:
    """Two convolutions and a hidden layer."""
    import keras
    from keras import layers

    def normalise() -> list[Any]:
        return [layers.BatchNormalization(momentum=0.8)] if normalised else []

    blocks = [
        [
            layers.Conv2D(count, size, use_bias=not normalised),
            layers.MaxPooling2D(),
            *normalise(),
            layers.ReLU(),
        ]
        for count, size in zip(filters, kernels, strict=True)
    ]
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *itertools.chain(*blocks),
            layers.Flatten(),
            layers.Dense(units, use_bias=not normalised),
            *normalise(),
            layers.ReLU(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def accurate_network(filters: tuple[int, int, int], dropout: float) -> Any:
    """Three convolutions with batch normalisation, a hidden layer, and dropout."""
    import keras
    from keras import layers

    first, second, third = filters
    after = [layers.BatchNormalization, layers.ReLU]
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *(layers.Conv2D(first, 5, use_bias=False), layers.MaxPooling2D()),
            *(make() for make in after),
            layers.Conv2D(second, 3, use_bias=False),
            *(make() for make in after),
            *(layers.Conv2D(third, 3, use_bias=False), layers.MaxPooling2D()),
            *(make() for make in after),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(128, use_bias=False),
            *(make() for make in after),
            layers.Dropout(dropout),
            layers.Dense(10, activation="softmax"),
        ]
    )


def candidates(space: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The first value of everything, and each other value alone."""
    first = {name: values[0] for name, values in space.items()}
    others = [{**first, name: value} for name, values in space.items() for value in values[1:]]
    return [first, *others]


def judge(
    recipe: str, choice: dict[str, Any], seed: int, digits: tuple[Digits, Digits]
) -> tuple[float, float]:
    """Train one candidate with one seed; accuracy on the held-out digits, and seconds."""
    import keras

    learnt, held_out = digits
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(seed)
    choice = dict(choice)
    if recipe == "cnn-fast":
        network = fast_network(
            *(choice.pop(name) for name in ("filters", "kernels", "units", "normalised"))
        )
        beta_1, beta_2 = choice.pop("betas")
        config = TrainingConfig(
            recipe, epochs=1, schedule="linear", beta_1=beta_1, beta_2=beta_2, **choice
        )
    else:
        network = accurate_network(choice.pop("filters"), choice.pop("dropout"))
        config = ARCHITECTURES[recipe].recipe.changed(**choice)
    network.compile(
        make_optimizer(config, -(-len(learnt) // config.batch_size)),
        keras.losses.SparseCategoricalCrossentropy(),
        jit_compile=False,
    )
    network.optimizer.build(network.trainable_variables)
    chunk = batches_per_chunk(config, plan_of(config))
    digits_in_chunks = ChunkedFit(network, config, chunk, xla=False).feed(
        learnt, np.arange(len(learnt)), seed
    )
    began = time.perf_counter()
    network.fit(**digits_in_chunks, epochs=config.epochs, verbose=0, shuffle=False)
    seconds = time.perf_counter() - began
    scores = network_scores(network, held_out.images, "softmax")
    return float((scores.argmax(axis=1) == held_out.labels).mean()), seconds


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", choices=["cnn-fast", "cnn-accurate"])
    parser.add_argument("--seeds", default="1,2,3")
    return parser


def main() -> None:
    """Judge all candidates of one recipe."""
    options = make_parser().parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    digits = full_mnist().train.split(HELD_OUT, VALIDATION_SEED)
    load_keras()
    for choice in candidates(FAST if options.recipe == "cnn-fast" else ACCURATE):
        found = [judge(options.recipe, choice, seed, digits) for seed in seeds]
        accuracies = [accuracy * 100 for accuracy, _ in found]
        seconds = statistics.median(seconds for _, seconds in found)
        spread = (max(accuracies) - min(accuracies)) / 2
        mean = statistics.mean(accuracies)
        print(f"{mean:.2f}% ± {spread:.2f}  {seconds:5.1f} s  {choice}", flush=True)


if __name__ == "__main__":
    main()
