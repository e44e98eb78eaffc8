"""What each recipe reaches on MNIST's test digits: ``make bench-accuracy``.

Trains every recipe of the table with its default settings and three seeds, and prints mean,
spread and time beside what is expected. Full MNIST is needed (``MNIST_DESKTOP_DATA`` or the
program's cache). Recipes can be named as arguments; ``--seeds 1,2,3`` chooses others.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from references import full_mnist

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import TrainingResult, train

# Expected test accuracy in percent, and how far the mean may be below or off it.
EXPECTED = {
    "dense-10": (92.5, 0.4),
    "dense-100": (97.5, 0.4),
    "flatten-dense-100": (97.7, 0.4),
    "dense-50-50": (97.0, 0.5),
    "mlp": (97.5, None),
    "cnn-fast": (99.0, None),
    "cnn": (99.0, None),
    "cnn-accurate": (99.6, None),
    "cnn-best": (99.7, None),
    "cnn-small": (99.4, None),
    "cnn-compact": (99.55, None),
}


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="*", default=list(EXPECTED))
    parser.add_argument("--seeds", default="1,2,3")
    return parser


def main() -> int:
    """Train all recipes and print the table; the exit code is 1 if one is not as expected."""
    options = make_parser().parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    dataset = full_mnist()
    print(f"{dataset.title}, seeds {seeds}, default settings of each recipe\n")
    print("| recipe | epochs | test accuracy, mean ± spread | training accuracy | fit | expected |")
    print("|---|---|---|---|---|---|")
    rows = [report(name, seeds, dataset) for name in options.recipes]
    return 0 if all(rows) else 1


def report(name: str, seeds: list[int], dataset: Dataset) -> bool:
    """Train one recipe with each seed, print its row, and tell whether it is as expected."""
    results = [train_once(name, seed, dataset) for seed in seeds]
    tested = [result.test.accuracy * 100 for result in results]
    learnt = [result.train.accuracy * 100 for result in results]
    seconds = statistics.median(result.fit_seconds for result in results)
    mean = statistics.mean(tested)
    expected, tolerance = EXPECTED.get(name, (0.0, None))
    if tolerance is None:
        wanted, is_fine = f"at least {expected}%", mean >= expected
    else:
        wanted, is_fine = f"{expected} ± {tolerance}%", abs(mean - expected) <= tolerance
    print(
        f"| `{name}` | {ARCHITECTURES[name].recipe.epochs} "
        f"| {mean:.2f}% ± {(max(tested) - min(tested)) / 2:.2f} "
        f"| {statistics.mean(learnt):.2f}% | {seconds:.0f} s | {wanted}"
        f"{'' if is_fine else ' (MISSED)'} |",
        flush=True,
    )
    return is_fine


def train_once(name: str, seed: int, dataset: Dataset) -> TrainingResult:
    """Train one recipe with one seed."""
    return train(
        ARCHITECTURES[name].recipe.changed(seed=seed),
        dataset,
        on_progress=lambda _: None,
        should_stop=lambda: False,
    )


if __name__ == "__main__":
    sys.exit(main())
