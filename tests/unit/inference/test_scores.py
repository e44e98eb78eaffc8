from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.inference.scores import as_scores


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logits))


@pytest.fixture
def logits() -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, 3, (500, 10))


def test_sigmoid_outputs_become_the_softmax_of_their_logits(logits: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(
        as_scores(sigmoid(logits), "sigmoid"), softmax(logits), rtol=1e-6, atol=1e-9
    )


def test_sigmoid_outputs_of_float32_do_too(logits: NDArray[np.float64]) -> None:
    outputs = sigmoid(logits).astype(np.float32)

    np.testing.assert_allclose(as_scores(outputs, "sigmoid"), softmax(logits), atol=1e-3)


def test_softmax_outputs_stay_as_they_are(logits: NDArray[np.float64]) -> None:
    probabilities = softmax(logits)

    np.testing.assert_allclose(as_scores(probabilities, "softmax"), probabilities, atol=2e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(
    "outputs",
    [np.zeros(10), np.ones(10), np.eye(10)[3], np.full(10, 0.1), np.full(10, 1e-30)],
    ids=["all 0", "all 1", "one 1", "even", "tiny"],
)
def test_scores_add_up_to_1_even_where_outputs_are_saturated(
    activation: str, kind: type[np.floating], outputs: NDArray[np.float64]
) -> None:
    scores = as_scores(outputs[np.newaxis].astype(kind), activation)

    assert scores.dtype == np.float64
    assert scores.shape == (1, 10)
    assert scores.sum() == pytest.approx(1, abs=1e-12)
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_the_best_digit_stays_the_best(logits: NDArray[np.float64], activation: str) -> None:
    outputs = sigmoid(logits) if activation == "sigmoid" else softmax(logits)

    scores = as_scores(outputs, activation)

    np.testing.assert_array_equal(scores.argmax(axis=1), outputs.argmax(axis=1))


def test_each_digit_is_normalised_on_its_own(logits: NDArray[np.float64]) -> None:
    outputs = sigmoid(logits)

    together = as_scores(outputs, "sigmoid")

    for row, output in zip(together, outputs, strict=True):
        np.testing.assert_array_equal(as_scores(output[np.newaxis], "sigmoid")[0], row)


def test_no_outputs_give_no_scores() -> None:
    assert as_scores(np.zeros((0, 10)), "softmax").shape == (0, 10)


@pytest.mark.parametrize("shift", [-90, -60, -20, -9, 9, 14])
def test_outputs_that_are_all_tiny_or_all_near_1_keep_their_label(
    shift: float, logits: NDArray[np.float64]
) -> None:
    outputs = sigmoid(logits + shift).astype(np.float32)

    scores = as_scores(outputs, "sigmoid")

    np.testing.assert_array_equal(scores.argmax(axis=1), outputs.argmax(axis=1))
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    if shift < 0:
        np.testing.assert_allclose(scores, softmax(logits), atol=1e-3)


@pytest.mark.parametrize("output", [0.0, 1.0])
def test_outputs_that_were_rounded_to_the_same_number_have_the_same_score(output: float) -> None:
    outputs = np.full((1, 10), output, np.float32)
    np.testing.assert_allclose(as_scores(outputs, "sigmoid"), 0.1)
    outputs[0, 4] = np.nextafter(np.float32(output), np.float32(0.5))
    scores = as_scores(outputs, "sigmoid")
    assert scores.argmax() == outputs.argmax() == (4 if output == 0 else 0)
