"""How many wrong labels are found: ``make bench-mislabelled``.

Fifteen of MNIST's 10,000 test digits have a label that fewer than three of five people confirmed
(`mnist_desktop.digits.disputed_labels`). This trains quick recipes on the training digits, and
prints how many of the fifteen are among the first 50 "probably mislabelled", as the page Digits
sorts them: for the bundled reader, for each of the networks, and for several of them together.
Then, of the validation digits that were held out, 15 are given the likeliest other label, again and
again, and sorted in several ways: by that the order was chosen. Full MNIST is needed
(``MNIST_DESKTOP_DATA`` or the program's cache).
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from references import full_mnist

from mnist_desktop.digits.dataset import Labels
from mnist_desktop.digits.disputed_labels import disputed_labels
from mnist_desktop.digits.splits import make_split
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.label_check import LabelCheck
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import train

# Recipe, epochs, seed: half a minute for all of them on two cores.
QUICK = (
    ("cnn-fast", 2, 1),
    ("cnn-fast", 2, 2),
    ("cnn-accurate", 2, 1),
    ("cnn", 2, 1),
    ("mlp", 4, 1),
)
TIMES = 200


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=50, help="how many are looked through")
    return parser


def main() -> None:
    """Train the networks and print how many wrong labels each of them finds, and together."""
    first = make_parser().parse_args().first
    dataset = full_mnist()
    print(f"| networks | accuracy | of {len(disputed_labels())} among the first {first} | not |")
    print("|---|---|---|---|")
    bundled = bundled_reader.readings_of_mnist()
    report("bundled reader", [bundled], first)
    tested, held_out = [], []
    for recipe, epochs, seed in QUICK:
        config = ARCHITECTURES[recipe].recipe.changed(epochs=epochs, seed=seed)
        result = train(config, dataset, on_progress=lambda _: None, should_stop=lambda: False)
        tested.append(Readings(dataset.test.labels, result.test_scores))
        held_out.append(result.validation.scores[-1].astype(np.float64))
        report(f"`{recipe}`, {epochs} epochs, seed {seed}", tested[-1:], first)
    report("the first three of these together", tested[:3], first)
    report("all five together", tested, first)
    report("all five and the bundled reader", [bundled, *tested], first)
    labels = dataset.train.labels[
        make_split(dataset, "validation", config.validation_share).indices
    ]
    report_exchanged(labels, held_out, first)


def report(name: str, readings: list[Readings], first: int) -> None:
    """Print a row: how many are found, and which are not."""
    check = LabelCheck(tuple(readings))
    found = check.sort(np.arange(len(check)))[:first]
    missed = sorted(set(disputed_labels()) - set(found.tolist()))
    accuracy = check.scores.argmax(axis=1) == check.labels
    print(
        f"| {name} | {accuracy.mean() * 100:.2f}% | {len(disputed_labels()) - len(missed)} "
        f"| {', '.join(map(str, missed))} |",
        flush=True,
    )


def report_exchanged(labels: Labels, scores: list[NDArray[np.float64]], first: int) -> None:
    """Print how many of 15 exchanged labels are among the first, in the mean of many times.

    Digits are chosen the rather, the likelier another label of theirs is; that is what they get.
    """
    rng, places = np.random.default_rng(1), np.arange(len(labels))
    others = np.mean(scores, axis=0)
    others[places, labels] = -1
    chance = np.sqrt(others.max(axis=1))
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for _ in range(TIMES):
        exchanged = rng.choice(places, 15, replace=False, p=chance / chance.sum())
        given = labels.copy()
        given[exchanged] = others[exchanged].argmax(axis=1)
        readings = [Readings(given, one) for one in scores]
        mean = Readings(given, np.mean(scores, axis=0))
        for name, order in (
            ("the program's order", LabelCheck(tuple(readings)).suspicion),
            ("one without weights", LabelCheck((mean,)).suspicion),
            ("the order of mean loss", np.mean([one.losses for one in readings], axis=0)),
        ):
            counts[name].append(len(np.intersect1d(np.argsort(-order)[:first], exchanged)))
    print(
        f"\nOf 15 labels exchanged among {len(labels):,} validation digits, in the first {first}:"
    )
    for name, found in counts.items():
        print(f"  {name}: {np.mean(found):.2f} ({TIMES} times)")


if __name__ == "__main__":
    main()
