"""A network is opened by whatever it goes by, and reads the same digits either way."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import read_page
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.picture_reading import cut_apart, read_digits
from mnist_desktop.inference.reading import read_content
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef, find_model
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import network_scores
from tests.made_classes import NAMES, images_of


def test_the_converted_network_agrees_with_keras_on_1000_test_digits(
    kept: Run, dataset: Dataset
) -> None:
    keras = load_keras()
    images = dataset.test.images[:1000]
    model = keras.saving.load_model(kept.folder / "model.keras")
    expected = network_scores(model, images, "softmax")
    found = open_model(ModelRef(kept.record.id), RunStore(kept.folder.parent)).scores(images)
    assert np.abs(found - expected).max() < 1e-4


def test_the_bundled_pair_agrees_and_is_small(dataset: Dataset) -> None:
    from mnist_desktop.paths import resource

    keras = load_keras()
    images = dataset.test.images[:1000]
    litert = resource("models", "bundled.tflite")
    whole = resource("models", "bundled.keras")
    expected = network_scores(keras.saving.load_model(whole), images, "softmax")
    found = open_model(BUNDLED, RunStore(Path("nowhere"))).scores(images)
    # Its weights have 8 bits: no score is far off, and hardly a digit is read otherwise.
    assert np.abs(found - expected).max() < 0.05
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.999
    assert litert.stat().st_size < 1_000_000


def test_a_run_its_keras_file_and_its_litert_file_read_alike(kept: Run, sample: Dataset) -> None:
    store = RunStore(kept.folder.parent)
    names = (kept.record.id, str(kept.folder / "model.keras"), str(kept.folder / "model.tflite"))
    by_id, by_keras, by_litert = (
        open_model(find_model(name), store).scores(sample.test.images[:100]) for name in names
    )
    np.testing.assert_allclose(by_id, by_litert)
    np.testing.assert_allclose(by_id, by_keras, atol=1e-4)


def test_what_is_no_model_is_told_in_one_sentence(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    text = tmp_path / "text.keras"
    text.write_text("hello")
    empty_zip = tmp_path / "zip.keras"
    with zipfile.ZipFile(empty_zip, "w") as archive:
        archive.writestr("readme.txt", "hello")
    other = tmp_path / "model.h5"
    other.write_text("hello")
    for name in ("nope", str(text), str(empty_zip), str(other), str(tmp_path / "gone.keras")):
        with pytest.raises(ModelFileError) as caught:
            open_model(find_model(name), store)
        assert "\n" not in str(caught.value)


def test_a_network_of_another_shape_is_refused(tmp_path: Path) -> None:
    keras = load_keras()
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.save(tmp_path / "other.keras")
    with pytest.raises(ModelFileError, match=r"32×32 pixels with 3 channels.*28×28"):
        open_model(ModelRef(file=tmp_path / "other.keras"), RunStore(tmp_path))


def test_the_logits_of_a_litert_network_become_scores(tmp_path: Path, sample: Dataset) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    model.export(str(tmp_path / "logits.tflite"), format="litert", verbose=False)
    predictor = open_model(ModelRef(file=tmp_path / "logits.tflite"), RunStore(tmp_path))
    pixels = sample.test.images[:50].reshape(50, 784) / np.float32(255)
    logits = model.predict_on_batch(pixels)

    scores = predictor.scores(sample.test.images[:50])

    assert scores.sum(axis=1) == pytest.approx(1)
    assert (scores.argmax(axis=1) == logits.argmax(axis=1)).all()


def test_the_content_of_a_model_file_decides_and_not_its_name(
    kept: Run, tmp_path: Path, sample: Dataset
) -> None:
    for name, other in (("model.keras", "a.zip"), ("model.tflite", "b.litert")):
        (tmp_path / other).write_bytes((kept.folder / name).read_bytes())
        scores = open_model(ModelRef(file=tmp_path / other), RunStore(tmp_path)).scores(
            sample.test.images[:9]
        )
        assert scores.shape == (9, 10)


SCRIBBLE = ((0.2, 0.2), (0.8, 0.7), (0.3, 0.8), (0.6, 0.1), (0.1, 0.5), (0.9, 0.4), (0.4, 0.3))


def two_bars() -> Ink:
    """What would be two digits on the pad, and none of them one."""
    bars = [np.array([[x, 0.2], [x, 0.8]]) for x in (0.2, 0.8)]
    return Ink(tuple(bars))


def test_a_network_for_other_classes_asks_for_no_digit(clothes_run: Run, kept: Run) -> None:
    reader = open_model(ModelRef(clothes_run.record.id), RunStore(clothes_run.folder.parent))
    of_digits = open_model(ModelRef(kept.record.id), RunStore(kept.folder.parent))
    scribble = render(Ink((np.array(SCRIBBLE),)))

    assert not of_digits.read(scribble).is_digit
    assert reader.read(scribble).is_digit
    assert len(read_content(of_digits, two_bars()).predictions) == 2
    assert len(read_content(reader, two_bars()).predictions) == 1


def test_a_network_for_other_classes_tells_their_names(clothes_run: Run) -> None:
    reader = open_model(ModelRef(clothes_run.record.id), RunStore(clothes_run.folder.parent))
    labels = np.arange(10)
    found = reader.read_many(images_of(labels, seed=9), [None] * 10)

    sure = [one for one in found if one.accepted]
    assert len(sure) > 5
    assert all(one.text == NAMES[one.label or 0] for one in sure)
    blank = reader.read(np.zeros((28, 28), np.uint8))
    assert blank.text == "–"
    assert blank.classes.names == NAMES


def test_pictures_of_other_classes_are_not_doubted_or_cut(clothes_run: Run) -> None:
    reader = open_model(ModelRef(clothes_run.record.id), RunStore(clothes_run.folder.parent))
    page = np.full((200, 300), 255, np.uint8)
    page[40:160, 60:80] = page[40:160, 100:120] = page[90:110, 60:120] = 0
    doubted = replace(read_page(page), doubts=("It is no digit.",), hint="Crop it.")
    assert len(doubted.boxes) == 1

    assert cut_apart(reader, doubted) is doubted
    assert read_digits(reader, doubted)[0].reason in ("", "It could be one of several classes.")
