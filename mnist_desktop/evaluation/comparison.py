"""Two networks on the same digits: where they differ, and whether that means anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent

SIGNIFICANT = 0.05


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided McNemar test [1]_.

    If two networks were equally good, each digit that only one of them reads right would be the
    first's or the second's by the toss of a coin.

    Parameters
    ----------
    only_first, only_second : int
        How many digits only the first, and only the second, reads right.

    Returns
    -------
    float
        The probability of a difference at least as large by chance, 0 to 1.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12, 1947.
    """
    tosses = only_first + only_second
    term = tail = 1  # ways to toss no head; integers, so nothing is rounded
    for heads in range(1, min(only_first, only_second) + 1):
        term = term * (tosses - heads + 1) // heads
        tail += term
    return float(min(1.0, 2 * tail / 2**tosses))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two networks' readings of the same digits.

    Attributes
    ----------
    first, second : Readings
        Of the same digits in the same order.

    Raises
    ------
    ValueError
        If the labels are not the same.
    """

    first: Readings
    second: Readings

    def __post_init__(self) -> None:
        """Check that both read the same digits."""
        if not np.array_equal(self.first.labels, self.second.labels):
            raise ValueError("two networks can be compared on the same digits only")

    @cached_property
    def only_first(self) -> NDArray[np.intp]:
        """Indices of the digits that only the first network reads correctly."""
        return np.flatnonzero(self.first.is_right & ~self.second.is_right)

    @cached_property
    def only_second(self) -> NDArray[np.intp]:
        """Indices of the digits that only the second network reads correctly."""
        return np.flatnonzero(self.second.is_right & ~self.first.is_right)

    @cached_property
    def neither(self) -> NDArray[np.intp]:
        """Indices of the digits that both networks misread."""
        return np.flatnonzero(~self.first.is_right & ~self.second.is_right)

    @cached_property
    def p_value(self) -> float:
        """Of the exact McNemar test."""
        return mcnemar(len(self.only_first), len(self.only_second))

    def find_cell(self, true: int, predicted: int) -> NDArray[np.intp]:
        """Indices of the digits that one network has in a cell of its matrix, and the other not."""
        in_cell = [
            (one.labels == true) & (one.predicted == predicted) for one in (self.first, self.second)
        ]
        return np.flatnonzero(in_cell[0] != in_cell[1])

    def verdict(self, first_name: str, second_name: str) -> str:
        """Say in words whether one network is better."""
        ahead, behind = len(self.only_first), len(self.only_second)
        if ahead == behind == 0:
            return "Both read exactly the same digits right: there is no difference to judge."
        chance = f"p = {format_p(self.p_value)}, exact McNemar test"
        better = first_name if ahead > behind else second_name
        if self.p_value < SIGNIFICANT:
            return (
                f"{better} is better, and hardly by luck: two equally good networks would differ "
                f"at least this much in {format_share(self.p_value)} of all cases ({chance})."
            )
        return (
            "The difference means nothing yet: two equally good networks would differ at least "
            f"this much in {format_share(self.p_value)} of all cases ({chance})."
        )


def format_p(p_value: float) -> str:
    """Write a probability with three digits, or with two and its power of ten."""
    if p_value >= 0.001:
        return f"{p_value:.3g}"
    if p_value < 1e-300:  # no chance is 0, though a number this small may be
        return f"10{raised(-300)} or less"
    digits, exponent = f"{p_value:.1e}".split("e")
    return f"{digits}·10{raised(int(exponent))}"


def raised(exponent: int) -> str:
    """Write an exponent in raised digits."""
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def format_share(share: float) -> str:
    """Write a fraction as a percentage that is not rounded to nothing."""
    if share < 0.0001:
        return "less than 0.01%"
    return percent(share) if share < 0.01 else percent(share, 0)
