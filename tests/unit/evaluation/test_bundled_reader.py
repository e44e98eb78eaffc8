"""The bundled reader's test results ship with it, and are those that it has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import ModelFileError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.metrics import evaluate_scores
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource
from mnist_desktop.runs import reading_job
from mnist_desktop.runs.reading_job import SplitRequest, read_split


def test_they_say_what_the_readers_card_says() -> None:
    readings = bundled_reader.readings_of_mnist()
    evaluation = evaluate_scores(readings.scores, readings.labels)
    card = json.loads(resource("models", "bundled.json").read_text(encoding="utf-8"))
    assert evaluation.accuracy == bundled_reader.accuracy_on_mnist() == card["test_accuracy"]
    assert evaluation.loss == pytest.approx(card["test_loss"], abs=2e-5)
    assert len(readings) == 10_000
    assert bundled_reader.scores_file().stat().st_size < 100_000


def test_they_are_what_the_reader_reads(dataset: Dataset) -> None:
    if not dataset.verified:
        pytest.skip("needs MNIST itself")
    readings = bundled_reader.readings_of_mnist()
    np.testing.assert_array_equal(readings.labels, dataset.test.labels)
    scores = Predictor(bundled_reader.litert_file()).scores(dataset.test.images[:500])
    np.testing.assert_array_equal(best_labels(scores), readings.predicted[:500])
    np.testing.assert_allclose(scores, readings.scores[:500], atol=1e-4)


def test_mnists_test_digits_are_not_read_again(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dataset.verified:
        pytest.skip("needs MNIST itself")
    monkeypatch.setattr(reading_job, "Predictor", None)
    found = read_split(
        SplitRequest(None, dataset, "test"), on_progress=lambda _: None, should_stop=lambda: False
    )
    assert found.readings.matrix.trace() == round(bundled_reader.accuracy_on_mnist() * 10_000)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"{}", b"[1]"])
def test_files_that_are_missing_or_damaged_are_told_in_words(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged"
    if content is not None:
        damaged.write_bytes(content)
    for name in ("scores_file", "card_file"):
        monkeypatch.setattr(bundled_reader, name, lambda: damaged)
    bundled_reader.readings_of_mnist.cache_clear()
    for read in (bundled_reader.readings_of_mnist, bundled_reader.accuracy_on_mnist):
        with pytest.raises(ModelFileError, match=r"missing or damaged; install the program again"):
            read()
