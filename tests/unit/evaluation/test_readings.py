from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from mnist_desktop.evaluation.readings import CONFIDENT, KINDS, ORDERS, Readings

DIGITS = range(10)


def make_readings(count: int = 500, kind: type[np.floating[Any]] = np.float64) -> Readings:
    """Right rather often, sure rather often."""
    rng = np.random.default_rng(count)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    logits = rng.normal(size=(count, 10)) * 2
    logits[np.arange(count), labels] += 2
    scores = np.exp(logits)
    return Readings(labels, (scores / scores.sum(axis=1, keepdims=True)).astype(kind))


def make_known() -> Readings:
    """Five digits: right, wrong, surely wrong, right, surely wrong; two pairs as sure as another.

    The highest scores are 0.5, 0.6, 0.9, 0.5 and 0.95.
    """
    scores = np.zeros((5, 10))
    scores[0, [3, 1]] = 0.5, 0.25  # the other quarter is far below
    scores[1, [5, 3]] = 0.6, 0.4
    scores[2, [8, 3]] = 0.9, 0.1
    scores[3, [7, 1]] = 0.5, 0.25
    scores[4, [8, 0]] = 0.95, 0.05
    scores[[0, 3], 9] = 0.25
    return Readings(np.array([3, 3, 3, 7, 0], np.uint8), scores)


# What follows from the scores


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 500])
def test_answers_and_how_sure_they_were_are_those_of_a_plain_loop(
    count: int, kind: type[np.floating[Any]]
) -> None:
    readings = make_readings(count, kind)

    assert len(readings) == count
    for place, row in enumerate(readings.scores.tolist()):
        best, second = sorted(row, reverse=True)[:2]
        assert readings.predicted[place] == row.index(best)
        assert readings.is_right[place] == (row.index(best) == readings.labels[place])
        assert readings.confidence[place] == best
        assert readings.margin[place] == pytest.approx(best - second, abs=1e-6)
    assert readings.predicted.dtype == np.uint8


def test_the_loss_of_each_digit_is_scikit_learns() -> None:
    readings = make_readings()

    for place in range(len(readings)):
        row = readings.scores[place : place + 1]
        expected = metrics.log_loss(readings.labels[place : place + 1], row, labels=DIGITS)
        assert readings.losses[place] == pytest.approx(expected, rel=1e-9)
    total = metrics.log_loss(readings.labels, readings.scores, labels=DIGITS, normalize=False)
    assert readings.losses.sum() == pytest.approx(total, rel=1e-9)


def test_the_matrix_is_scikit_learns() -> None:
    readings = make_readings()

    np.testing.assert_array_equal(
        readings.matrix,
        metrics.confusion_matrix(readings.labels, readings.scores.argmax(axis=1), labels=DIGITS),
    )


def test_two_digits_scored_alike_have_no_margin() -> None:
    scores = np.zeros((1, 10))
    scores[0, [2, 6]] = 0.5

    readings = Readings(np.array([6], np.uint8), scores)

    assert readings.margin.tolist() == [0]
    assert readings.predicted.tolist() == [2]


def test_no_digits_have_readings_all_the_same() -> None:
    readings = Readings(np.zeros(0, np.uint8), np.zeros((0, 10)))

    assert len(readings) == 0
    assert not readings.matrix.any()
    for values in (readings.predicted, readings.confidence, readings.margin, readings.losses):
        assert values.shape == (0,)
    for kind in KINDS:
        assert readings.find(kind=kind).tolist() == []
    for order in ORDERS:
        assert readings.sort(readings.find(), order).tolist() == []


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        (np.zeros(2, np.uint8), np.zeros((3, 10))),
        (np.zeros(3, np.uint8), np.zeros((2, 10))),
        (np.zeros(2, np.uint8), np.zeros((2, 9))),
        (np.zeros(10, np.uint8), np.zeros(10)),
        (np.zeros((2, 10), np.uint8), np.zeros((2, 10))),
        (np.zeros((2, 1), np.uint8), np.zeros((2, 10))),
    ],
)
def test_scores_that_do_not_fit_their_labels_are_refused(
    labels: NDArray[Any], scores: NDArray[Any]
) -> None:
    with pytest.raises(ValueError, match="ten scores a label"):
        Readings(labels, scores)


# Looking for digits


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("all", [0, 1, 2, 3, 4]),
        ("right", [0, 3]),
        ("wrong", [1, 2, 4]),
        ("confident-wrong", [2, 4]),
    ],
)
def test_digits_are_found_by_how_they_were_read(kind: str, places: list[int]) -> None:
    assert make_known().find(kind=kind).tolist() == places


def test_each_kind_has_a_name() -> None:
    assert list(KINDS) == ["all", "right", "wrong", "confident-wrong"]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_network_is_sure_from_nine_tenths_on(kind: type[np.floating[Any]]) -> None:
    scores = np.zeros((3, 10), kind)
    scores[:, 1] = [0.9, 0.89999, 0.90001]

    readings = Readings(np.full(3, 2, np.uint8), scores)

    assert CONFIDENT == 0.9
    assert readings.find(kind="confident-wrong").tolist() == [0, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_the_digits_of_some_cells_are_those_of_a_plain_loop(kind: str) -> None:
    readings = make_readings()
    cells = np.random.default_rng(1).random((10, 10)) < 0.4

    expected = []
    for place, (label, row) in enumerate(zip(readings.labels, readings.scores, strict=True)):
        answer = int(row.argmax())
        of_kind = {
            "all": True,
            "right": answer == label,
            "wrong": answer != label,
            "confident-wrong": answer != label and row.max() >= 0.9,
        }
        if cells[label, answer] and of_kind[kind]:
            expected.append(place)

    assert expected
    assert readings.find(cells, kind).tolist() == expected


def test_as_many_digits_are_found_in_a_cell_as_the_matrix_says() -> None:
    readings = make_readings()

    for cell in np.ndindex(10, 10):
        cells = np.zeros((10, 10), bool)
        cells[cell] = True
        places = readings.find(cells)
        assert len(places) == readings.matrix[cell]
        assert set(readings.labels[places].tolist()) <= {cell[0]}
        assert set(readings.predicted[places].tolist()) <= {cell[1]}


def test_no_cells_hold_no_digits() -> None:
    assert make_known().find(np.zeros((10, 10), bool)).tolist() == []


# Sorting them


@pytest.mark.parametrize(
    ("order", "upwards", "downwards"),
    [
        ("index", [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]),
        ("label", [4, 0, 1, 2, 3], [3, 0, 1, 2, 4]),
        ("loss", [0, 3, 1, 2, 4], [4, 2, 1, 0, 3]),
        ("confidence", [0, 3, 1, 2, 4], [4, 2, 1, 0, 3]),
        ("margin", [1, 0, 3, 2, 4], [4, 2, 0, 3, 1]),
    ],
)
def test_digits_are_sorted_both_ways_and_those_alike_stay_in_order(
    order: str, upwards: list[int], downwards: list[int]
) -> None:
    readings = make_known()

    assert readings.sort(readings.find(), order).tolist() == upwards
    assert readings.sort(readings.find(), order, descending=True).tolist() == downwards


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_sorting_is_pythons(order: str, descending: bool, kind: type[np.floating[Any]]) -> None:
    readings = make_readings(kind=kind)
    places = readings.find(kind="wrong")
    keys = {
        "index": np.arange(len(readings)),
        "label": readings.labels,
        "loss": readings.losses,
        "confidence": readings.confidence,
        "margin": readings.margin,
    }

    found = readings.sort(places, order, descending=descending)

    # `sorted` keeps equal ones in order as well, backwards too.
    assert found.tolist() == sorted(
        places.tolist(), key=lambda place: keys[order][place], reverse=descending
    )
    assert places.tolist() == readings.find(kind="wrong").tolist()  # not sorted in place


def test_the_accuracy_without_some_digits_counts_the_others() -> None:
    readings = make_known()  # of which the first and the fourth are read correctly

    assert readings.accuracy_without(()) == pytest.approx(2 / 5)
    assert readings.accuracy_without((1, 4)) == pytest.approx(2 / 3)
    assert readings.accuracy_without((0,)) == pytest.approx(1 / 4)
