from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.evaluation.reliability import BINS, expected_calibration_error, reliability


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def made_up(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Logits whose softmax is exactly how likely each label is."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (count, 10))
    chances = softmax(logits).cumsum(axis=1)
    labels = (rng.random((count, 1)) > chances).sum(axis=1)
    return logits, np.minimum(labels, 9).astype(np.uint8)


def sure_of(digit: int, *confidence: float) -> NDArray[np.float64]:
    """Scores that have a digit highest; the rest is shared by the others."""
    highest = np.array(confidence)[:, np.newaxis]
    scores = np.repeat((1 - highest) / 9, 10, axis=1)
    scores[:, digit] = confidence
    return scores


def test_a_calibrated_network_has_hardly_an_error_and_a_boastful_one_has() -> None:
    logits, labels = made_up(20_000, 2)

    assert expected_calibration_error(softmax(logits), labels) < 0.02
    assert expected_calibration_error(softmax(logits * 4), labels) > 0.1


def test_the_error_is_the_distance_weighted_by_how_many_there_are() -> None:
    scores = np.full((4, 10), 0.1 / 9)
    scores[:, 0] = 0.9
    labels = np.array([0, 0, 1, 1], np.uint8)

    assert expected_calibration_error(scores, labels) == pytest.approx(0.4)


def test_no_digits_have_no_error() -> None:
    assert expected_calibration_error(np.zeros((0, 10)), np.zeros(0, np.uint8)) == 0


@pytest.mark.parametrize("count", [1, 7, 3000])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_each_bin_is_what_a_plain_loop_finds(count: int, kind: type[np.floating[Any]]) -> None:
    logits, labels = made_up(count, 3)
    scores = softmax(logits * 2).astype(kind)

    found = reliability(scores, labels)

    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        sure = max(row)
        bins[min(int(sure * BINS), BINS - 1)].append((sure, row.index(sure) == label))
    error = 0.0
    for place, inside in enumerate(bins):
        assert found.counts[place] == len(inside)
        sure = sum(sure for sure, _ in inside) / max(len(inside), 1)
        right = sum(right for _, right in inside) / max(len(inside), 1)
        assert found.confidence[place] == pytest.approx(sure, abs=1e-12)
        assert found.accuracy[place] == pytest.approx(right, abs=1e-12)
        error += len(inside) / count * abs(sure - right)
    assert found.error == pytest.approx(error, abs=1e-12)
    assert expected_calibration_error(scores, labels) == found.error


def test_a_bin_with_a_single_digit_counts_as_one() -> None:
    found = reliability(sure_of(3, 0.95, 0.94, 0.5), np.array([3, 3, 7], np.uint8))

    assert found.counts.tolist() == [0] * 7 + [1] + [0] * 6 + [2]
    assert found.confidence[[7, 14]] == pytest.approx([0.5, 0.945])
    assert found.accuracy[[7, 14]].tolist() == [0, 1]
    assert found.error == pytest.approx((0.5 + 2 * 0.055) / 3)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_score_of_1_lies_in_the_last_bin(kind: type[np.floating[Any]]) -> None:
    found = reliability(np.eye(10, dtype=kind)[[4, 4]], np.array([4, 5], np.uint8))

    assert found.counts.tolist() == [0] * 14 + [2]
    assert (found.confidence[-1], found.accuracy[-1], found.error) == (1, 0.5, 0.5)


def test_a_score_that_rounding_made_more_than_1_lies_in_the_last_bin() -> None:
    scores = np.eye(10)[[4]] * (1 + 1e-7)

    assert reliability(scores, np.array([4], np.uint8)).counts[-1] == 1


def test_no_digits_leave_every_bin_empty() -> None:
    found = reliability(np.zeros((0, 10), np.float32), np.zeros(0, np.uint8))

    for values in (found.counts, found.confidence, found.accuracy):
        assert values.tolist() == [0] * BINS
    assert found.counts.dtype == np.int64
    assert found.error == 0
