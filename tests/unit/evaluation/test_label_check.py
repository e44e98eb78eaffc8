"""Labels that networks contradict come first, the more so the more networks agree."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.label_check import LabelCheck
from mnist_desktop.evaluation.readings import Readings
from tests.made_classes import NAMES

LABELS = np.array([7, 7, 7, 7], np.uint8)


def read(*scores: dict[int, float]) -> Readings:
    """Readings of sevens: the scores that are given, and the rest for the digit 0."""
    table = np.zeros((len(scores), 10))
    for row, given in zip(table, scores, strict=True):
        for digit, score in given.items():
            row[digit] = score
        row[0] += 1 - sum(given.values())
    return Readings(LABELS[: len(scores)], table)


def test_the_margin_of_the_mean_scores_tells_how_suspicious_a_label_is() -> None:
    one = read({1: 0.9, 7: 0.1}, {1: 0.9, 7: 0.1}, {7: 0.98, 1: 0.02}, {7: 0.6, 1: 0.4})
    other = read({1: 0.9, 7: 0.1}, {2: 0.9, 7: 0.1}, {7: 0.98, 1: 0.02}, {1: 0.6, 7: 0.4})
    check = LabelCheck((one, other))
    weight = (1 / 3) / (1 / 3 + 1 / 4)  # two and three are misread, and one is added
    np.testing.assert_allclose(check.weights, [weight, 1 - weight])
    np.testing.assert_allclose(
        check.suspicion,
        [
            0.8,
            weight * 0.9 - 0.1,
            -0.96,
            weight * 0.4 + (1 - weight) * 0.6 - (weight * 0.6 + (1 - weight) * 0.4),
        ],
    )
    assert check.likelier.tolist() == [1, 1, 1, 1]
    assert check.agreeing.tolist() == [2, 1, 0, 1]
    assert len(check) == 4


def test_the_most_suspicious_come_first_and_those_alike_stay_in_order() -> None:
    check = LabelCheck((read({7: 0.9}, {1: 0.8, 7: 0.2}, {7: 0.9}, {1: 0.95, 7: 0.05}),))
    every = np.arange(4)
    assert check.sort(every).tolist() == [3, 1, 0, 2]
    assert check.sort(every, descending=False).tolist() == [0, 2, 1, 3]
    assert check.sort(np.array([2, 1])).tolist() == [1, 2]
    assert every.tolist() == [0, 1, 2, 3]


def test_exchanged_labels_are_found_better_by_several_networks_than_by_one() -> None:
    """Networks that each err on digits of their own, and of which one is worse than the others."""
    rng, count = np.random.default_rng(3), 4000
    true = rng.integers(0, 10, count).astype(np.uint8)
    given = true.copy()
    exchanged = rng.choice(count, 40, replace=False)
    given[exchanged] = (true[exchanged] + rng.integers(1, 10, 40)) % 10

    def network(errors: float) -> Readings:
        logits = rng.normal(size=(count, 10))
        wrong = rng.random(count) < errors
        seen = np.where(wrong, (true + rng.integers(1, 10, count)) % 10, true)
        logits[np.arange(count), seen] += 6
        scores = np.exp(logits)
        return Readings(given, scores / scores.sum(axis=1, keepdims=True))

    def found(*networks: Readings) -> int:
        first = LabelCheck(networks).sort(np.arange(count))[:40]
        return len(np.intersect1d(first, exchanged))

    good = [network(0.02) for _ in range(3)]
    assert found(*good) >= 39 > max(found(one) for one in good)
    assert found(*good, network(0.5)) >= 39  # which has little weight


def test_what_networks_make_of_a_label_is_told_in_words() -> None:
    one = read({1: 0.9, 7: 0.1}, {7: 0.98})
    other = read({1: 0.7, 7: 0.3}, {1: 0.5, 7: 0.4})
    both = LabelCheck((one, other))
    assert both.words(0) == "2 of 2 networks read 1"
    assert both.words(1) == "label confirmed by 1 of 2 networks"
    alone = LabelCheck((one,))
    assert alone.words(0) == "the network reads 1"
    assert alone.words(1) == "the network confirms the label"
    assert (alone.figure(0), alone.figure(1)) == ("1? 90.0%", "fits")
    clothes = ClassNames(NAMES)
    assert clothes != DIGITS
    assert alone.words(0, clothes) == f"the network reads {NAMES[1]}"
    assert alone.figure(0, clothes) == f"{clothes.short(1)}? 90.0%"


def test_a_network_that_misreads_nothing_has_a_weight_too() -> None:
    check = LabelCheck((read({7: 0.9}), read({7: 0.8})))
    np.testing.assert_allclose(check.weights, [0.5, 0.5])


def test_labels_are_checked_by_networks_that_read_the_same_digits() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LabelCheck(())
    others = Readings(np.array([3, 3], np.uint8), np.full((2, 10), 0.1))
    with pytest.raises(ValueError, match="same digits"):
        LabelCheck((read({7: 0.9}, {7: 0.9}), others))
