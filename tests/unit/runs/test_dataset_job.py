"""Digits that lie otherwise than MNIST's are found out, and the way that fits is offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits, Images
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.splits import make_split
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.digits.turns import TURNS, parse_turn
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.runs.dataset_job import (
    MNIST_AND_MINE,
    MY_DIGITS,
    bring_digits,
    looked_at,
    turn_as_offered,
)
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.teaching_job import split
from tests.made_classes import NAMES


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
    assert "whichever way they are turned" in dataset.note


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


def test_my_digits_are_a_dataset_alone_and_with_mnist(tmp_path: Path, sample: Dataset) -> None:
    drawings = [
        Drawing(Ink.from_points([[[10 + shift, 10], [20 + shift, 40 + label]]]), label)
        for label in range(10)
        for shift in range(8)
    ]
    mine = MyDigits(tmp_path / "my-digits.jsonl")
    mine.add(drawings)
    _, held_out = split(drawings)
    request = DatasetRequest(tmp_path, MY_DIGITS, download=False, my_digits=mine.path)

    alone = bring_digits(request, on_progress=lambda _: None, should_stop=never)
    joined = bring_digits(
        replace(request, chosen=MNIST_AND_MINE), on_progress=lambda _: None, should_stop=never
    )

    assert (len(alone.train), len(alone.test)) == (60, 20)
    rendered = np.stack([render(one.ink) for one in held_out])
    np.testing.assert_array_equal(alone.test.images, rendered)  # as a lesson holds them out
    assert "20 drawings of yours, held out" in alone.note
    assert len(joined.train) == len(sample.train) + 60
    np.testing.assert_array_equal(joined.test.images[-20:], alone.test.images)


def test_too_few_drawings_to_train_on_are_told(tmp_path: Path) -> None:
    request = DatasetRequest(tmp_path, MY_DIGITS, my_digits=tmp_path / "none.jsonl")

    with pytest.raises(InvalidInputError, match="there are 0"):
        bring_digits(request, on_progress=lambda _: None, should_stop=never)


def test_what_is_known_to_be_other_than_digits_gets_its_names(
    tmp_path: Path, sample: Dataset
) -> None:
    path = tmp_path / "fashion-mnist.npz"
    np.savez(path, x=sample.test.images[:, ::-1], y=sample.test.labels)

    dataset = bring_digits(
        DatasetRequest(tmp_path, str(path)), on_progress=lambda _: None, should_stop=never
    )

    assert "Classes of Fashion-MNIST: 0 T-shirt/top, 1 Trouser" in dataset.note
    assert dataset.offer == ()


def test_a_folder_as_that_of_fashion_mnist_has_classes_with_names(
    tmp_path: Path, clothes: Path
) -> None:
    dataset = bring_digits(
        DatasetRequest(tmp_path, str(clothes)), on_progress=lambda _: None, should_stop=never
    )

    assert dataset.classes.names == NAMES
    assert dataset.title == "Fashion-MNIST 1,000/200"
    assert "4 Coat" in dataset.note
    for name in ("test", "training", "validation"):
        assert make_split(dataset, name, 0.1).classes == dataset.classes
    assert make_split(dataset, "test", 0.1).count == "200 test images"


def test_digits_stay_digits_whatever_their_file_is_called(tmp_path: Path, sample: Dataset) -> None:
    path = tmp_path / "fashion-or-not.npz"
    np.savez(path, x=sample.test.images, y=sample.test.labels)

    dataset = bring_digits(
        DatasetRequest(tmp_path, str(path)), on_progress=lambda _: None, should_stop=never
    )

    assert dataset.classes.are_digits
    assert "Fashion" not in dataset.note
    assert dataset.title.startswith("Own digits")
