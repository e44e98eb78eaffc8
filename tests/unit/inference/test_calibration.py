from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.inference.calibration import at_temperature, fit_temperature


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


def test_a_temperature_of_1_changes_nothing() -> None:
    scores = softmax(np.random.default_rng(0).normal(size=(5, 10)))

    np.testing.assert_array_equal(at_temperature(scores, 1.0), scores)


@pytest.mark.parametrize("temperature", [0.3, 2.0, 7.0])
def test_logits_are_divided_by_the_temperature(temperature: float) -> None:
    logits = np.random.default_rng(0).normal(size=(50, 10))

    np.testing.assert_allclose(
        at_temperature(softmax(logits), temperature), softmax(logits / temperature), rtol=1e-9
    )


def test_a_score_of_0_stays_finite() -> None:
    scores = np.zeros((1, 10))
    scores[0, 3] = 1

    softened = at_temperature(scores, 20.0)

    assert np.isfinite(softened).all()
    assert softened.argmax() == 3


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_was_applied_is_found(temperature: float) -> None:
    logits, labels = made_up(20_000, 1)

    found = fit_temperature(softmax(logits * temperature), labels)

    assert found == pytest.approx(temperature, rel=0.05)
