"""What an epoch has changed in how the validation digits are read."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.training.validation_reading import MOST_SHOWN, compare_epochs


def test_changes_are_counted_and_shown_with_what_was_read_before_and_after() -> None:
    images = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    labels, before, after = (
        np.array(digits, np.uint8) for digits in ([4, 4, 9, 1], [9, 4, 9, 2], [4, 9, 9, 3])
    )
    reading = compare_epochs(2, images, labels, before, after)
    assert (reading.corrected, reading.spoiled) == (1, 1)
    assert [(one.label, one.before, one.after) for one in reading.changed] == [
        (4, 9, 4),
        (4, 4, 9),
        (1, 2, 3),
    ]
    assert [int(one.image[0, 0]) for one in reading.changed] == [0, 1, 3]
    assert reading.matrix[4, 9] == reading.matrix[1, 3] == 1


@pytest.mark.parametrize("count", [MOST_SHOWN - 1, MOST_SHOWN, 1000])
def test_no_more_are_shown_than_fit(count: int) -> None:
    images = np.zeros((count, 28, 28), np.uint8)
    wrong, right = np.ones(count, np.uint8), np.zeros(count, np.uint8)
    reading = compare_epochs(5, images, right, wrong, right)
    assert reading.corrected == count
    assert len(reading.changed) == min(count, MOST_SHOWN)
