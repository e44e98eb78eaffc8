"""Which digits belong to a split, and how a kept network reads them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.splits import make_split, split_training_digits
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.reading_job import (
    PART,
    SplitReadings,
    SplitRequest,
    is_same_dataset,
    read_split,
)
from mnist_desktop.runs.run import Run
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.progress import Progress
from mnist_desktop.training.trainer import network_scores


def read(request: SplitRequest) -> SplitReadings:
    return read_split(request, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_training_and_validation_digits_are_the_training_file_divided_as_the_trainer_does(
    sample: Dataset, share: float
) -> None:
    training, validation, test = (
        make_split(sample, name, share) for name in ("training", "validation", "test")
    )
    both = np.concatenate([training.indices, validation.indices])
    np.testing.assert_array_equal(np.sort(both), np.arange(len(sample.train)))
    learnt, held_out = split_training_digits(sample.train, share)
    np.testing.assert_array_equal(training.indices, learnt)
    np.testing.assert_array_equal(validation.indices, held_out)
    assert len(validation) == pytest.approx(share * len(sample.train), abs=5)
    assert training.digits is validation.digits is sample.train
    assert test.digits is sample.test
    np.testing.assert_array_equal(test.indices, np.arange(len(sample.test)))


def test_splits_are_those_that_a_run_was_made_with(kept: Run, sample: Dataset) -> None:
    counts = [
        len(read(SplitRequest(kept, sample, name)).split)
        for name in ("training", "validation", "test")
    ]
    info = kept.record.dataset
    assert counts == [info.train, info.validation, info.test]


def test_test_digits_come_from_the_scores_that_were_kept(kept: Run, sample: Dataset) -> None:
    found = read(SplitRequest(kept, sample, "test"))
    scores, labels = kept.test_scores()
    np.testing.assert_array_equal(found.readings.scores, scores)
    np.testing.assert_array_equal(found.readings.labels, labels)
    assert (found.model, found.title) == (ModelRef(kept.record.id), "test digits")
    np.testing.assert_array_equal(found.evaluation.confusion, kept.record.confusion)


def test_training_digits_are_read_as_keras_reads_them(kept: Run, sample: Dataset) -> None:
    found = read(SplitRequest(kept, sample, "training"))
    model = load_keras().saving.load_model(kept.folder / "model.keras", compile=False)
    places = np.linspace(0, len(found.split) - 1, 100).astype(int)
    images = sample.train.images[found.split.indices[places]]
    expected = network_scores(model, images, kept.record.config.output_activation)
    np.testing.assert_allclose(found.readings.scores[places], expected, atol=1e-4)
    np.testing.assert_array_equal(found.readings.labels, sample.train.labels[found.split.indices])


def test_validation_digits_are_read_after_an_epoch_and_at_the_end(
    kept: Run, sample: Dataset
) -> None:
    after_first, finished = (read(SplitRequest(kept, sample, "validation", at)) for at in (1, None))
    assert after_first.title == "validation digits after epoch 1"
    accuracy = kept.record.history[0].val_accuracy
    assert after_first.evaluation.accuracy == pytest.approx(accuracy)
    np.testing.assert_allclose(
        after_first.readings.scores,
        finished.readings.scores,
        atol=2e-3,  # kept in two bytes
    )
    with pytest.raises(InvalidInputError, match="epoch 2"):
        read(SplitRequest(kept, sample, "validation", 2))


def test_the_bundled_reader_reads_test_digits(sample: Dataset) -> None:
    found = read(SplitRequest(None, sample, "test"))
    assert found.model == BUNDLED
    assert found.evaluation.accuracy > 0.98
    expected = Predictor(bundled_reader.litert_file()).scores(sample.test.images[-50:])
    np.testing.assert_allclose(found.readings.scores[-50:], expected, atol=1e-5)


def test_reading_tells_how_far_it_is_and_can_be_stopped(kept: Run, sample: Dataset) -> None:
    told: list[Progress] = []
    answers = itertools.chain([False] * 3, itertools.repeat(True))
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(next(answers))
        return asked[-1]

    with pytest.raises(JobCancelled):
        read_split(
            SplitRequest(kept, sample, "training"), on_progress=told.append, should_stop=should_stop
        )
    assert asked == [False, False, False, True]  # and 3 * PART digits were read
    assert kept.record.dataset.train > 3 * PART
    assert [one.text for one in told] == ["Reading 3,800 training digits: 0%"]


def test_a_run_without_validation_digits_has_none_to_read(kept: Run, sample: Dataset) -> None:
    info = replace(kept.record.dataset, train=4000, validation=0)
    run = Run(replace(kept.record, dataset=info), kept.folder)
    with pytest.raises(InvalidInputError, match="No digits were held out"):
        read(SplitRequest(run, sample, "validation"))
    assert len(read(SplitRequest(run, sample, "training")).split) == len(sample.train)


# Whether the digits at hand are those of a run


def changed(run: Run, **values: object) -> Run:
    info = replace(run.record.dataset, **values)  # type: ignore[arg-type]
    return Run(replace(run.record, dataset=info), run.folder)


def test_a_run_knows_its_digits_by_name_and_counts(kept: Run, sample: Dataset) -> None:
    assert is_same_dataset(kept, sample)
    assert is_same_dataset(changed(kept, source="moved elsewhere"), sample)
    assert is_same_dataset(changed(kept, train=3000, validation=1000), sample)
    for values in ({"name": "mnist"}, {"train": 3799}, {"validation": 0}):
        assert not is_same_dataset(changed(kept, **values), sample), values
    fewer = Dataset(sample.train, sample.test.take(np.arange(999)), sample.name, sample.source)
    assert not is_same_dataset(kept, fewer)


def test_a_run_on_mnist_knows_its_test_digits_without_the_training_digits(
    kept: Run, sample: Dataset
) -> None:
    some = Dataset(sample.train, sample.test, "mnist", "bundled with the program")
    run = changed(kept, name="mnist", train=54_000, validation=6_000)
    assert is_same_dataset(run, some, "test")
    assert not is_same_dataset(run, some)
    request = SplitRequest(run, some, "test")
    read = read_split(request, on_progress=lambda _: None, should_stop=lambda: False)
    assert np.array_equal(read.readings.scores, run.test_scores()[0])
    with pytest.raises(InvalidInputError, match="Most of MNIST's training data is left out of"):
        read_split(
            SplitRequest(run, some, "training"),
            on_progress=lambda _: None,
            should_stop=lambda: False,
        )


def test_own_digits_are_known_by_the_labels_of_their_test_digits(
    kept: Run, sample: Dataset
) -> None:
    run = changed(kept, name="custom")
    mine = Dataset(sample.train, sample.test, "custom", "mine.npz")
    labels = sample.test.labels.copy()
    labels[7] = (labels[7] + 1) % 10
    others = Dataset(sample.train, Digits(sample.test.images, labels), "custom", "others.npz")
    assert is_same_dataset(run, mine)
    assert not is_same_dataset(run, others)


@pytest.mark.parametrize("name", ["test", "training", "validation"])
def test_a_run_of_other_digits_is_refused_in_words(kept: Run, sample: Dataset, name: str) -> None:
    run = changed(kept, name="mnist", source="the internet")
    with pytest.raises(InvalidInputError) as caught:
        read(SplitRequest(run, sample, name))
    for words in ("“Shared”", "other digits (the internet)", "page Data"):
        assert words in str(caught.value)
