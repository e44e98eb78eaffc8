from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics

from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.evaluation.metrics import (
    Evaluation,
    cross_entropy,
    describe_overfitting,
    evaluate_scores,
    per_class,
    wilson_interval,
)

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
        labels, read, labels=DIGITS, zero_division=np.nan
    )
    for digit, report in enumerate(result.per_class):
        assert report.digit == digit
        assert report.support == support[digit]
        expected = (precision[digit], recall[digit], f1[digit])
        if support[digit] == 0:  # scikit-learn has a precision where a digit is read without one
            expected = (np.nan,) * 3
        found = [
            np.nan if share is None else share
            for share in (report.precision, report.recall, report.f1)
        ]
        np.testing.assert_allclose(found, expected, atol=1e-9)
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
        kinds = {type(report.precision), type(report.recall), type(report.f1)}
        assert kinds <= {float, type(None)}


def test_what_could_not_be_measured_is_none_and_not_0() -> None:
    classes = per_class(confusion_matrix([1, 2, 3], [1, 9, 9]))
    told = [(one.precision, one.recall, one.f1, one.support) for one in classes]

    assert told[9] == told[0] == (None, None, None, 0)  # read as a 9, but there is none
    assert told[1] == (1, 1, 1, 1)
    assert told[2] == (None, 0, 0, 1)  # never read as a 2


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


# How far an accuracy can be trusted


@pytest.mark.parametrize(
    ("right", "count"),
    [
        (0, 1), (1, 1), (0, 10), (10, 10), (5, 10), (1, 3), (99, 100), (0, 10_000), (9876, 10_000),
        (10_000, 10_000), (59_999, 60_000),
    ],
)  # fmt: skip
def test_the_interval_of_a_share_is_scipys(right: int, count: int) -> None:
    expected = stats.binomtest(right, count).proportion_ci(method="wilson")

    low, high = wilson_interval(right, count)

    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= right / count <= high + 1e-12


def test_the_interval_of_an_evaluation_is_that_of_its_right_answers() -> None:
    scores, labels = random_scores(300)
    result = evaluate_scores(scores, labels)
    right = int((scores.argmax(axis=1) == labels).sum())

    assert result.count == 300
    assert result.interval == wilson_interval(right, 300)


# What the distance between training and test digits means


def evaluation(right: int, count: int) -> Evaluation:
    """A network that reads so many zeros right, and the others as ones."""
    matrix = confusion_matrix([0] * count, [0] * right + [1] * (count - right))
    return Evaluation(right / count, 0.1, matrix, per_class(matrix))


@pytest.mark.parametrize(
    ("train", "test", "begins", "says"),
    [
        ((9400, 10_000), (9390, 10_000), "Underfitting", "only 94.00% right"),
        ((9400, 10_000), (8000, 10_000), "Underfitting", "only 94.00% right"),
        ((9900, 10_000), (9895, 10_000), "No overfitting", "equally well"),
        ((9800, 10_000), (9900, 10_000), "No overfitting", "equally well"),
        ((10_000, 10_000), (10_000, 10_000), "No overfitting", "equally well"),
        ((100, 100), (98, 100), "No overfitting", "as far as so many digits can show"),
        ((9990, 10_000), (9920, 10_000), "A little overfitting", "0.7 percentage points"),
        ((9990, 10_000), (9700, 10_000), "Overfitting", "2.9 percentage points"),
    ],
)
def test_overfitting_is_told_in_words(
    train: tuple[int, int], test: tuple[int, int], begins: str, says: str
) -> None:
    words = describe_overfitting(evaluation(*train), evaluation(*test))

    assert words.startswith(begins)
    assert says in words


def test_a_distance_that_few_digits_make_by_chance_is_no_overfitting() -> None:
    few, many = (
        describe_overfitting(evaluation(count, count), evaluation(count * 97 // 100, count))
        for count in (100, 10_000)
    )

    assert few.startswith("No overfitting")
    assert many.startswith("Overfitting")
