from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from mnist_desktop.evaluation.confusion import confusion_matrix, row_shares

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
        ([1], [1.5], "whole numbers"),
        ([float("nan")], [1], "whole numbers"),
        (["7"], [7], "whole numbers"),
        ([True], [1], "whole numbers"),
        ([None], [1], "whole numbers"),
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
