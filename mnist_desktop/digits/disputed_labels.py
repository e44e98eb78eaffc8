"""The test digits of MNIST whose label people dispute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES, Labels
from mnist_desktop.formats import a_digit, percent
from mnist_desktop.paths import resource

SOURCE = "Northcutt et al., 2021"
EXPLANATION = (
    "Five people were shown each of these digits, and fewer than three confirmed its label "
    "(C. Northcutt, A. Athalye, J. Mueller, “Pervasive Label Errors in Test Sets Destabilize "
    "Machine Learning Benchmarks”, 2021)."
)
MNIST_TEST = 10_000
ASKED = 5  # people were shown each digit
CONFIRMED = 3  # of them make a label undisputed


@dataclass(frozen=True)
class DisputedLabel:
    """A digit whose label fewer than three of the five people who were asked confirmed [1]_.

    Attributes
    ----------
    label : int
        What the dataset says that it is, 0 to 9.
    other : int
        What else was suggested, 0 to 9.
    saw_label, saw_other, saw_neither : int
        How many people saw which; five in all.

    Raises
    ------
    ValueError
        If these are no two digits, or not the votes of five people that dispute a label.

    References
    ----------
    .. [1] C. Northcutt, A. Athalye, J. Mueller, "Pervasive Label Errors in Test Sets Destabilize
       Machine Learning Benchmarks", NeurIPS Datasets and Benchmarks, 2021.
    """

    label: int
    other: int
    saw_label: int
    saw_other: int
    saw_neither: int

    def __post_init__(self) -> None:
        """Check the digits and the votes."""
        if self.label == self.other or not {self.label, self.other} <= set(range(CLASSES)):
            raise ValueError(f"two digits are needed, not {self.label} and {self.other}")
        votes = (self.saw_label, self.saw_other, self.saw_neither)
        if min(votes) < 0 or sum(votes) != ASKED or self.saw_label >= CONFIRMED:
            raise ValueError(f"these votes of five people do not dispute a label: {votes}")

    @property
    def words(self) -> str:
        """What people saw, such as ``"3 of 5 people saw a 4, 2 a 9"``."""
        seen = ((self.saw_other, self.other), (self.saw_label, self.label))
        votes = [(count, a_digit(digit)) for count, digit in seen if count]
        if self.saw_neither:
            votes.append((self.saw_neither, f"neither {self.other} nor {self.label}"))
        (most, first), *others = votes
        people = f"all {ASKED}" if most == ASKED else f"{most} of {ASKED}"
        rest = "".join(f", {count} {what}" for count, what in others)
        return f"{people} people saw {first}{rest}"


def find_disputed(name: str, test_labels: Labels) -> Mapping[int, DisputedLabel]:
    """Find the disputed labels of test digits: those of MNIST, and of no other digits.

    Parameters
    ----------
    name : {"mnist", "sample", "custom"}
        As `mnist_desktop.digits.dataset.Dataset` has it.
    test_labels : ndarray of uint8, shape (n,)
        The labels of all test digits: a record from elsewhere may call other digits MNIST.

    Returns
    -------
    mapping of int to DisputedLabel
        By the digits' indices among the test digits, in ascending order; mostly empty.
    """
    if name != "mnist" or len(test_labels) != MNIST_TEST:
        return {}
    found = disputed_labels()
    is_mnist = all(test_labels[index] == one.label for index, one in found.items())
    return found if is_mnist else {}


def describe_accuracy(accuracy: float, count: int) -> str:
    """Say which accuracy there is without the disputed labels.

    Parameters
    ----------
    accuracy : float
        Of the other digits, 0 to 1.
    count : int
        How many labels are disputed.
    """
    digits = formats.count(count, "digit")
    return f"{percent(accuracy)} without the {digits} whose label people dispute ({SOURCE})"


@cache
def disputed_labels() -> Mapping[int, DisputedLabel]:
    """Read the disputed labels of MNIST's test digits, by index, in ascending order."""
    listed = json.loads(resource("digits", "disputed-labels.json").read_text(encoding="utf-8"))
    return {one.pop("index"): DisputedLabel(**one) for one in listed["digits"]}
