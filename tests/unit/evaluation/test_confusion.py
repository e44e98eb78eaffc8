from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from mnist_desktop.evaluation.confusion import (
    ConfusedPair,
    column_shares,
    confusion_matrix,
    most_confused,
    row_shares,
    times,
)

DIGITS = range(10)


@pytest.mark.parametrize("count", [1, 10, 3000])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.int32, np.uint64])
def test_the_counts_are_scikit_learns(count: int, kind: type[np.integer[Any]]) -> None:
    rng = np.random.default_rng(count)
    true, read = rng.integers(0, 10, (2, count))

    matrix = confusion_matrix(true.astype(kind), read.astype(kind))

    np.testing.assert_array_equal(matrix, metrics.confusion_matrix(true, read, labels=DIGITS))
    assert matrix.shape == (10, 10)
    assert matrix.dtype == np.int64


def test_the_true_digit_is_the_row_and_the_predicted_one_the_column() -> None:
    matrix = confusion_matrix([7, 7, 7], [1, 1, 7])

    assert matrix[7, 1] == 2
    assert matrix[7, 7] == 1
    assert matrix.sum() == 3


def test_digits_of_different_types_are_compared() -> None:
    true = np.array([250, 3], np.uint8) % 10  # uint8, as labels are, against argmax's int64

    assert confusion_matrix(true, np.array([9, 3], np.int64))[0, 9] == 1


def test_nothing_gives_a_matrix_of_zeros() -> None:
    matrix = confusion_matrix([], [])

    assert matrix.shape == (10, 10)
    assert not matrix.any()


@pytest.mark.parametrize(
    ("labels", "predictions", "said"),
    [
        ([1, 2], [1], "one prediction a label"),
        ([1], [1, 2], "one prediction a label"),
        ([[1, 2]], [[1, 2]], "one prediction a label"),
        (3, 3, "one prediction a label"),
        ([], [1], "one prediction a label"),
        ([10], [1], "from 0 to 9"),
        ([1], [10], "from 0 to 9"),
        ([-1], [1], "from 0 to 9"),
        ([1], [-1], "from 0 to 9"),
        ([2**63], [1], "from 0 to 9"),
        ([1], [1.5], "integers"),
        ([float("nan")], [1], "integers"),
        (["7"], [7], "integers"),
        ([True], [1], "integers"),
        ([None], [1], "integers"),
    ],
)
def test_what_is_no_digit_or_has_no_partner_is_refused(
    labels: Any, predictions: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        confusion_matrix(labels, predictions)


def test_row_shares_add_up_to_1_or_are_0() -> None:
    rng = np.random.default_rng(1)
    true, read = rng.integers(0, 9, (2, 500))  # no nines

    matrix = confusion_matrix(true, read)
    shares = row_shares(matrix)

    np.testing.assert_allclose(shares.sum(axis=1), [1] * 9 + [0], atol=1e-12)
    np.testing.assert_allclose(
        shares[:9, :9], metrics.confusion_matrix(true, read, normalize="true"), atol=1e-12
    )
    assert row_shares(confusion_matrix([4, 4, 4, 4], [4, 4, 4, 9]))[4, 9] == 0.25


def test_column_shares_add_up_to_1_or_are_0() -> None:
    rng = np.random.default_rng(2)
    true, read = rng.integers(0, 9, (2, 500))  # nothing is read as nine

    matrix = confusion_matrix(true, read)
    shares = column_shares(matrix)

    np.testing.assert_allclose(shares.sum(axis=0), [1] * 9 + [0], atol=1e-12)
    np.testing.assert_allclose(
        shares[:9, :9], metrics.confusion_matrix(true, read, normalize="pred"), atol=1e-12
    )
    assert column_shares(confusion_matrix([4, 4, 4, 9], [9, 9, 9, 9]))[4, 9] == 0.75


# What is mistaken for what


def loop_over_mistakes(matrix: NDArray[np.int64]) -> list[ConfusedPair]:
    """All mistakes, the most frequent first, those alike in the order of the matrix."""
    pairs = [
        ConfusedPair(true, read, int(matrix[true, read]))
        for true in DIGITS
        for read in DIGITS
        if true != read and matrix[true, read]
    ]
    return sorted(pairs, key=lambda pair: -pair.count)


@pytest.mark.parametrize("count", [0, 1, 5, 100])
@pytest.mark.parametrize("most", [3, 1000], ids=["many alike", "hardly any alike"])
def test_the_most_confused_pairs_are_those_of_a_plain_loop(most: int, count: int) -> None:
    matrix = np.random.default_rng(most).integers(0, most, (10, 10))

    found = most_confused(matrix, count)

    assert list(found) == loop_over_mistakes(matrix)[:count]


def test_pairs_confused_as_often_stand_in_the_order_of_the_matrix() -> None:
    matrix = confusion_matrix([9, 4, 4, 7, 2, 2], [4, 9, 7, 7, 1, 1])

    assert [(pair.true, pair.predicted) for pair in most_confused(matrix, 4)] == [
        (2, 1),
        (4, 7),
        (4, 9),
        (9, 4),
    ]


def test_there_are_no_more_pairs_than_mistakes() -> None:
    matrix = confusion_matrix([1, 2, 3, 3], [1, 7, 5, 5])

    assert most_confused(matrix, 10) == (ConfusedPair(3, 5, 2), ConfusedPair(2, 7, 1))
    assert most_confused(np.diag([5] * 10), 10) == ()
    assert most_confused(np.zeros((10, 10), np.int64), 10) == ()
    assert matrix[1, 1] == 1  # the matrix itself stays as it was


@pytest.mark.parametrize(
    ("count", "words"), [(1, "once"), (2, "twice"), (3, "3 times"), (1234, "1,234 times")]
)
def test_how_often_is_said_in_words(count: int, words: str) -> None:
    assert times(count) == words
    assert ConfusedPair(4, 9, count).text == f"4 read as 9: {words}"
