from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.labels import best_labels, rounded


def test_of_equal_scores_the_first_is_the_label_as_with_keras() -> None:
    scores = np.array([[0.1] * 10, [0, 0, 0, 0.5, 0.5, *[0] * 5]])

    np.testing.assert_array_equal(best_labels(scores), [0, 3])


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_scores_rounded_to_fewer_bits_keep_their_labels(kind: type) -> None:
    rng = np.random.default_rng(0)
    scores = 0.1 + rng.random((5000, 10)) * np.finfo(kind).eps * 0.1  # most become the same number

    coarse = rounded(scores, kind)

    assert coarse.dtype == kind
    assert (scores.astype(kind).argmax(axis=1) != scores.argmax(axis=1)).mean() > 0.3
    np.testing.assert_array_equal(best_labels(coarse), best_labels(scores))
    np.testing.assert_allclose(coarse, scores, rtol=2 * np.finfo(kind).eps)
