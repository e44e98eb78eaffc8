from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from mnist_desktop.evaluation.comparison import Comparison, format_p, format_share, mcnemar
from mnist_desktop.evaluation.readings import Readings

LABELS = [0, 1, 2, 3, 4, 4, 4, 7]
FIRST = [0, 1, 2, 8, 4, 9, 9, 7]
SECOND = [0, 7, 2, 3, 9, 9, 7, 7]


def readings(labels: list[int], predicted: list[int]) -> Readings:
    return Readings(np.array(labels, np.uint8), np.eye(10)[predicted])


@pytest.fixture
def comparison() -> Comparison:
    """Places 1 and 4 only the first reads right, 3 only the second, 5 and 6 neither."""
    return Comparison(readings(LABELS, FIRST), readings(LABELS, SECOND))


def compare(both: int, only_first: int, only_second: int, neither: int = 0) -> Comparison:
    """Two networks that read so many zeros right."""
    first = [0] * (both + only_first) + [1] * (only_second + neither)
    second = [0] * both + [1] * only_first + [0] * only_second + [1] * neither
    labels = [0] * len(first)
    return Comparison(readings(labels, first), readings(labels, second))


# The test itself


@pytest.mark.parametrize(
    ("only_first", "only_second"),
    [
        *[(first, second) for first in range(13) for second in range(13) if first + second],
        (30, 12), (12, 30), (55, 55), (101, 100), (150, 90), (400, 9), (1000, 1000), (3000, 2800),
        (2800, 3000), (5000, 4990), (9000, 1),
    ],
)  # fmt: skip
def test_the_test_is_scipys_binomial_one(only_first: int, only_second: int) -> None:
    fewer, tosses = min(only_first, only_second), only_first + only_second
    expected = stats.binomtest(fewer, tosses, 0.5).pvalue

    found = mcnemar(only_first, only_second)

    assert type(found) is float
    assert found == pytest.approx(expected, abs=1e-9)
    if expected > 1e-290:
        assert found == pytest.approx(expected, rel=1e-9)


def test_no_digits_read_differently_are_no_difference() -> None:
    assert mcnemar(0, 0) == 1


@pytest.mark.parametrize("count", [1, 2, 50, 4000])
def test_as_many_on_either_side_are_no_difference(count: int) -> None:
    assert mcnemar(count, count) == 1


@pytest.mark.parametrize("count", [1, 2, 10, 100])
def test_all_on_one_side_are_as_likely_as_that_many_heads_or_tails(count: int) -> None:
    assert mcnemar(count, 0) == mcnemar(0, count) == pytest.approx(2 / 2**count, rel=1e-12)


def test_no_chance_is_too_small_for_it() -> None:
    assert 0 <= mcnemar(10_000, 0) < 1e-300


# Two networks


def test_digits_are_found_by_who_reads_them_right(comparison: Comparison) -> None:
    assert comparison.only_first.tolist() == [1, 4]
    assert comparison.only_second.tolist() == [3]
    assert comparison.neither.tolist() == [5, 6]
    assert comparison.p_value == mcnemar(2, 1)


def test_a_cell_has_the_digits_that_only_one_of_the_two_has_there(comparison: Comparison) -> None:
    for true, read in np.ndindex(10, 10):
        expected = [
            place
            for place, label in enumerate(LABELS)
            if label == true and (FIRST[place] == read) != (SECOND[place] == read)
        ]
        assert comparison.find_cell(true, read).tolist() == expected
    assert comparison.find_cell(4, 9).tolist() == [4, 6]  # 5 both read as nine
    assert comparison.find_cell(0, 0).tolist() == []


@pytest.mark.parametrize("labels", [[0, 1, 2, 3, 4, 4, 4, 8], LABELS[:-1], []])
def test_networks_that_read_other_digits_are_refused(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="same digits"):
        Comparison(readings(LABELS, FIRST), readings(labels, FIRST[: len(labels)]))


# In words


def test_networks_that_read_the_same_digits_right_have_no_difference_to_judge() -> None:
    verdict = compare(10, 0, 0, neither=3).verdict("Anna", "Bert")

    assert verdict.startswith("Both read exactly the same digits right")
    assert "p =" not in verdict


@pytest.mark.parametrize(("only_first", "only_second"), [(5, 0), (5, 5), (30, 20)])
def test_a_difference_that_chance_makes_means_nothing_yet(
    only_first: int, only_second: int
) -> None:
    found = compare(10, only_first, only_second)

    verdict = found.verdict("Anna", "Bert")

    assert found.p_value > 0.05
    assert verdict.startswith("The difference means nothing yet")
    assert "Anna" not in verdict
    assert "Bert" not in verdict
    assert f"in {found.p_value * 100:.0f}% of all cases" in verdict
    assert f"(p = {found.p_value:.3g}, exact McNemar test)" in verdict


@pytest.mark.parametrize(("only_first", "only_second"), [(6, 0), (40, 18), (100, 20)])
def test_a_difference_that_chance_hardly_makes_has_a_winner(
    only_first: int, only_second: int
) -> None:
    for found, better in (
        (compare(10, only_first, only_second), "Anna"),
        (compare(10, only_second, only_first), "Bert"),
    ):
        verdict = found.verdict("Anna", "Bert")

        assert found.p_value < 0.05
        assert verdict.startswith(f"{better} is better, and hardly by luck")
        assert ("Bert" if better == "Anna" else "Anna") not in verdict
        assert f"p = {format_p(found.p_value)}" in verdict


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1, "1"),
        (0.0496, "0.0496"),
        (0.012345, "0.0123"),
        (0.001, "0.001"),
        (0.00099, "9.9·10⁻⁴"),
        (0.0009996, "1.0·10⁻³"),
        (9.96e-5, "1.0·10⁻⁴"),
        (1.234e-17, "1.2·10⁻¹⁷"),
        (5e-299, "5.0·10⁻²⁹⁹"),
        (1e-301, "10⁻³⁰⁰ or less"),
        (0, "10⁻³⁰⁰ or less"),
    ],
)
def test_a_chance_is_written_so_that_it_can_be_read(p_value: float, text: str) -> None:
    assert format_p(p_value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1, "100%"),
        (0.256, "26%"),
        (0.01, "1%"),
        (0.0099, "0.99%"),
        (0.0001, "0.01%"),
        (0.00009, "less than 0.01%"),
        (0, "less than 0.01%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing(share: float, text: str) -> None:
    assert format_share(share) == text


def test_small_chances_keep_their_size() -> None:
    rng = np.random.default_rng(0)
    chances: NDArray[np.float64] = 10 ** rng.uniform(-299, -3, 500)
    for chance in chances:
        digits, raised = format_p(chance).split("·10")
        exponent = raised.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        assert 1 <= float(digits) < 10
        assert math.isclose(float(f"{digits}e{exponent}"), chance, rel_tol=0.051)
