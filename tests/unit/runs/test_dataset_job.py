"""Digits that lie otherwise than MNIST's are found out, and the way that fits is offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits, Images
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.turns import TURNS, parse_turn
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.runs.dataset_job import bring_digits, looked_at, turn_as_offered


def never() -> bool:
    return False


def own(sample: Dataset, change: Callable[[Images], Images], labels: int = 0) -> Dataset:
    """The sample's digits as somebody else might bring them."""
    splits = (
        Digits(np.ascontiguousarray(change(one.images)), (one.labels + labels) % 10)
        for one in (sample.train.take(np.arange(0, 4000, 10)), sample.test)
    )
    return Dataset(*splits, "custom", "a friend")


def small(images: Images) -> Images:
    """A third of the size, in a corner, in light grey."""
    out = np.zeros_like(images)
    out[:, 2:16, 3:17] = images[:, ::2, ::2] // 3
    return out


WAYS: dict[tuple[str, ...], Callable[[Images], Images]] = {
    ("inverted",): lambda images: 255 - images,
    ("transposed",): lambda images: images.transpose(0, 2, 1),
    ("mirrored",): lambda images: images[:, :, ::-1],
    ("turned-right",): lambda images: np.rot90(images, 1, (1, 2)),
    ("inverted", "transposed"): lambda images: 255 - images.transpose(0, 2, 1),
    ("scaled",): small,
}


@pytest.mark.parametrize("turn", WAYS, ids="+".join)
def test_what_fits_much_better_is_told_offered_and_done(
    sample: Dataset, turn: tuple[str, ...]
) -> None:
    dataset = looked_at(own(sample, WAYS[turn]))

    assert dataset.offer == turn
    assert f"% {' and '.join(turn)}." in dataset.note
    fitting = turn_as_offered(dataset, on_progress=lambda _: None, should_stop=never)
    assert fitting.offer == ()
    assert "They are used" in fitting.note
    if turn != ("scaled",):
        np.testing.assert_array_equal(fitting.test.images, sample.test.images)
    assert looked_at(fitting) == fitting


def test_labels_that_count_from_1_are_found_out(sample: Dataset) -> None:
    dataset = looked_at(own(sample, lambda images: images, labels=1))

    assert dataset.offer == ("labels-minus-1",)
    fitting = turn_as_offered(dataset, on_progress=lambda _: None, should_stop=never)
    np.testing.assert_array_equal(fitting.test.labels, sample.test.labels)


def test_digits_that_are_read_well_as_they_are_get_no_word(sample: Dataset) -> None:
    dataset = own(sample, lambda images: images)

    assert looked_at(dataset) == dataset


def test_what_fits_in_no_way_is_told(sample: Dataset) -> None:
    rng = np.random.default_rng(1)
    noise = own(sample, lambda images: rng.integers(0, 256, images.shape, dtype=np.uint8))

    dataset = looked_at(noise)

    assert dataset.offer == ()
    assert "no other way fits better" in dataset.note


def test_a_turn_that_was_asked_for_is_done_before_the_look(tmp_path: Path, sample: Dataset) -> None:
    np.savez(tmp_path / "x.npz", x=255 - sample.test.images, y=sample.test.labels)
    request = DatasetRequest(tmp_path, str(tmp_path / "x.npz"), turn=parse_turn("inverted"))

    dataset = bring_digits(request, on_progress=lambda _: None, should_stop=never)

    assert dataset.offer == ()
    assert dataset.train.images[:, 0].max() == 0
    turning = replace(dataset, offer=("transposed",))
    with pytest.raises(JobCancelled):
        turn_as_offered(turning, on_progress=lambda _: None, should_stop=lambda: True)


def test_a_turn_is_written_in_words_joined_by_plus() -> None:
    assert parse_turn("") == ()
    assert parse_turn("Inverted + transposed") == ("inverted", "transposed")
    assert set(parse_turn("+".join(TURNS))) == set(TURNS)
    with pytest.raises(InvalidInputError, match="cannot be 'sideways'"):
        parse_turn("inverted+sideways")
