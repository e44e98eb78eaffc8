"""Which labels people dispute: fifteen of MNIST's test digits, and of no other digits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.disputed_labels import (
    DisputedLabel,
    describe_accuracy,
    disputed_labels,
    find_disputed,
)
from mnist_desktop.digits.splits import make_split
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.paths import resource

# As published: C. Northcutt, A. Athalye, J. Mueller, 2021.
INDICES = [
    947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729,
]  # fmt: skip
LABELS = bundled_reader.readings_of_mnist().labels  # of MNIST's test digits, in their order


def test_the_list_has_the_fifteen_digits_with_the_labels_that_mnist_gives_them() -> None:
    found = disputed_labels()
    assert list(found) == INDICES
    assert [one.label for one in found.values()] == LABELS[INDICES].tolist()


def test_the_list_names_its_source_and_licence() -> None:
    listed = json.loads(resource("digits", "disputed-labels.json").read_text(encoding="utf-8"))
    assert "Northcutt" in listed["source"]
    assert "mturk/mnist_mturk.json" in listed["file"]
    assert "GNU General Public License" in listed["licence"]


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        ((8, 9, 0, 5, 0), "all 5 people saw a 9"),
        ((0, 6, 2, 3, 0), "3 of 5 people saw a 6, 2 a 0"),
        ((4, 8, 2, 2, 1), "2 of 5 people saw an 8, 2 a 4, 1 neither 8 nor 4"),
        ((2, 0, 0, 4, 1), "4 of 5 people saw a 0, 1 neither 0 nor 2"),
        ((6, 4, 2, 0, 3), "2 of 5 people saw a 6, 3 neither 4 nor 6"),
    ],
)
def test_what_people_saw_is_told_in_words(votes: tuple[int, ...], words: str) -> None:
    assert DisputedLabel(*votes).words == words


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        ((4, 4, 2, 2, 1), "two digits"),
        ((4, 10, 2, 2, 1), "two digits"),
        ((4, 9, 3, 2, 0), "votes"),  # whose label was confirmed
        ((4, 9, 2, 2, 0), "votes"),
        ((4, 9, -1, 5, 1), "votes"),
    ],
)
def test_what_does_not_dispute_a_label_is_refused(votes: tuple[int, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DisputedLabel(*votes)


def mnist_like(labels: np.ndarray, name: str) -> Dataset:
    digits = Digits(np.zeros((len(labels), 28, 28), np.uint8), labels)
    return Dataset(digits, digits, name, "here")


def test_they_are_known_of_mnists_test_digits_and_of_no_others(sample: Dataset) -> None:
    mnist = mnist_like(LABELS.copy(), "mnist")
    assert list(make_split(mnist, "test", 0.05).disputed) == INDICES
    for name in ("training", "validation"):
        assert not make_split(mnist, name, 0.05).disputed
    assert not make_split(mnist_like(LABELS.copy(), "custom"), "test", 0).disputed
    assert not make_split(sample, "test", 0).disputed


def test_digits_that_only_call_themselves_mnist_have_none() -> None:
    others = LABELS.copy()
    others[947] = 9
    assert not find_disputed("mnist", others)
    assert not find_disputed("mnist", LABELS[:9_730])
    assert len(find_disputed("mnist", LABELS)) == 15


def test_the_accuracy_without_them_names_the_source() -> None:
    without = "without the 15 digits whose label people dispute (Northcutt et al., 2021)"
    assert describe_accuracy(0.99719, 15) == f"99.72% {without}"
