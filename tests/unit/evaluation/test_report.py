from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.evaluation.report import cross_entropy, evaluate_scores, per_class

DIGITS = range(10)


def random_scores(count: int, classes: int = 10) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Scores that are right rather often, and their labels."""
    rng = np.random.default_rng(count)
    labels = rng.integers(0, classes, count).astype(np.uint8)
    logits = rng.normal(size=(count, 10))
    logits[np.arange(count), labels] += 1.5
    scores = np.exp(logits)
    return scores / scores.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("count", [1, 25, 2000])
@pytest.mark.parametrize("classes", [10, 6], ids=["all digits", "six digits"])
def test_the_figures_are_scikit_learns(count: int, classes: int) -> None:
    scores, labels = random_scores(count, classes)
    read = scores.argmax(axis=1)

    result = evaluate_scores(scores, labels)

    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, read, labels=DIGITS, zero_division=0
    )
    for digit, report in enumerate(result.per_class):
        assert report.digit == digit
        assert report.precision == pytest.approx(precision[digit], abs=1e-9)
        assert report.recall == pytest.approx(recall[digit], abs=1e-9)
        assert report.f1 == pytest.approx(f1[digit], abs=1e-9)
        assert report.support == support[digit]
    assert len(result.per_class) == 10
    assert result.accuracy == pytest.approx(metrics.accuracy_score(labels, read), abs=1e-9)
    assert result.loss == pytest.approx(metrics.log_loss(labels, scores, labels=DIGITS), abs=1e-9)
    np.testing.assert_array_equal(
        result.confusion, metrics.confusion_matrix(labels, read, labels=DIGITS)
    )


def test_figures_are_plain_numbers_that_json_can_hold() -> None:
    result = evaluate_scores(*random_scores(20))

    assert type(result.accuracy) is type(result.loss) is float
    for report in result.per_class:
        assert [type(report.digit), type(report.support)] == [int, int]
        assert {type(report.precision), type(report.recall), type(report.f1)} == {float}


def test_a_digit_that_never_occurs_and_is_never_read_has_zeros() -> None:
    nine = per_class(confusion_matrix([1, 2], [1, 2]))[9]

    assert (nine.precision, nine.recall, nine.f1, nine.support) == (0, 0, 0, 0)


def test_the_loss_of_each_digit_is_that_of_its_true_score() -> None:
    scores = np.full((2, 10), 0.05)
    scores[0, 3] = scores[1, 8] = 0.55

    losses = cross_entropy(scores, np.array([3, 3]))

    np.testing.assert_allclose(losses, [-np.log(0.55), -np.log(0.05)], rtol=1e-12)


def test_a_score_of_0_costs_as_much_as_kerass_smallest() -> None:
    scores = np.eye(10)[[2, 2]]

    np.testing.assert_allclose(
        cross_entropy(scores, np.array([2, 5])), [0, -np.log(1e-7)], rtol=1e-12
    )
    assert evaluate_scores(scores, np.array([2, 5])).accuracy == 0.5


@pytest.mark.parametrize(
    ("scores", "labels", "said"),
    [
        (np.zeros((0, 10)), np.zeros(0, int), "at least one label"),
        (np.full((2, 10), 0.1), np.zeros(3, int), "ten scores"),
        (np.full((2, 9), 1 / 9), np.zeros(2, int), "ten scores"),
        (np.full(10, 0.1), np.zeros(10, int), "ten scores"),
        (np.full((2, 10), 0.1), np.array([0, 10]), "from 0 to 9"),
        (np.full((2, 10), 0.1), np.array([0, -1]), "from 0 to 9"),
    ],
)
def test_scores_that_do_not_fit_their_labels_are_refused(
    scores: NDArray[Any], labels: NDArray[Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        evaluate_scores(scores, labels)
