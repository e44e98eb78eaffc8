from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.path_reader import PathReader
from mnist_desktop.inference.predictor import NO_INK, SURE, Prediction, Predictor
from mnist_desktop.inference.reading import ReadingProgress, read_inks
from mnist_desktop.native import native_stderr_hushed
from mnist_desktop.paths import resource
from mnist_desktop.training.stroke_augmentation import distort
from tools.bundled.non_digits import SIGNS, drawn_sign

PROJECT = Path(__file__).parents[3]
BUNDLED = resource("models", "bundled.tflite")

ONE = Ink.from_points([[[100, 40], [98, 120], [97, 200]]])
SEVEN = Ink.from_points([[[60, 50], [120, 48], [150, 52], [130, 110], [105, 210]]])


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(BUNDLED)


# Reading


def test_the_bundled_reader_reads_the_samples_test_digits(
    predictor: Predictor, sample: Dataset
) -> None:
    read = predictor.scores(sample.test.images).argmax(axis=1)

    assert (read == sample.test.labels).mean() >= 0.98


def test_the_bundled_reader_reads_the_test_digits_at_hand(
    predictor: Predictor, dataset: Dataset
) -> None:
    read = predictor.scores(dataset.test.images).argmax(axis=1)

    assert (read == dataset.test.labels).mean() >= 0.98


@pytest.mark.parametrize("count", [0, 1, 2, 249, 250, 251, 501])
def test_many_images_are_read_as_each_alone(
    predictor: Predictor, sample: Dataset, count: int
) -> None:
    images = sample.test.images[:count]

    together = predictor.scores(images)
    alone = [predictor.scores(image[np.newaxis])[0] for image in images]

    assert together.shape == (count, 10)
    assert together.dtype == np.float64
    np.testing.assert_allclose(together, np.reshape(alone, (count, 10)), atol=1e-6)


def test_scores_add_up_to_1(predictor: Predictor, sample: Dataset) -> None:
    scores = predictor.scores(sample.test.images)

    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-9)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_reading_one_image_tells_the_best_of_its_scores(
    predictor: Predictor, sample: Dataset
) -> None:
    for image in sample.test.images[:50]:
        prediction = predictor.read(image)
        scores = predictor.scores(image[np.newaxis])[0]

        np.testing.assert_allclose(prediction.probabilities, scores, atol=1e-12)
        assert prediction.label == scores.argmax()
        assert prediction.accepted is bool(scores.max() >= SURE)


def test_a_clear_digit_is_accepted_and_written_as_itself(
    predictor: Predictor, sample: Dataset
) -> None:
    best = predictor.scores(sample.test.images).max(axis=1).argmax()

    prediction = predictor.read(sample.test.images[best])

    assert prediction.accepted
    assert prediction.text == str(sample.test.labels[best])
    assert prediction.reason == ""


def test_what_lies_between_two_digits_is_not_sure(predictor: Predictor, sample: Dataset) -> None:
    # Two digits laid half and half: of some such pairs the network cannot be sure.
    images = sample.test.images.astype(np.uint16)
    mixed = ((images[:500] + images[500:]) // 2).astype(np.uint8)
    doubtful = mixed[predictor.scores(mixed).max(axis=1) < SURE]

    assert len(doubtful) > 0
    for image in doubtful:
        prediction = predictor.read(image)
        assert prediction.label is not None
        assert not prediction.accepted
        assert prediction.text == "?"
        assert prediction.reason.endswith(".")


def test_a_blank_image_gets_no_digit(predictor: Predictor) -> None:
    prediction = predictor.read(np.zeros((28, 28), np.uint8))

    assert prediction == NO_INK
    assert prediction.label is None
    assert not prediction.accepted
    assert prediction.probabilities == (0.0,) * 10
    assert prediction.text == "–"
    assert prediction.reason == "There is no ink."


def test_no_ink_gets_no_digit(predictor: Predictor) -> None:
    assert predictor.read(render(Ink())) == NO_INK


@pytest.mark.parametrize(("ink", "digit"), [(ONE, 1), (SEVEN, 7)], ids=["one", "seven"])
def test_a_drawing_is_read(predictor: Predictor, ink: Ink, digit: int) -> None:
    prediction = predictor.read(render(ink))

    assert prediction.text == str(digit)
    assert prediction == predictor.read(render(ink))


@pytest.mark.parametrize(
    ("prediction", "text"),
    [
        (Prediction(0, True, (1.0,) + (0.0,) * 9), "0"),
        (Prediction(0, False, (0.2,) + (0.8 / 9,) * 9), "?"),
        (Prediction(None, False, (0.0,) * 10), "–"),
    ],
)
def test_a_prediction_is_written_in_one_sign(prediction: Prediction, text: str) -> None:
    assert prediction.text == text


def test_the_bundled_reader_tells_its_shape_and_activation(predictor: Predictor) -> None:
    assert predictor.input_shape == (28, 28, 1)
    assert predictor.output_activation == "softmax"


# Several at once


def test_two_threads_read_the_same_as_one(predictor: Predictor, sample: Dataset) -> None:
    # Batches of different sizes: each makes the interpreter take its memory anew.
    batches = [sample.test.images[: 1 + 37 * number % 260] for number in range(40)]
    expected = [predictor.scores(batch) for batch in batches]
    together = threading.Barrier(4)

    def read_all(_: int) -> list[np.ndarray]:
        together.wait()
        return [predictor.scores(batch) for batch in batches]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(read_all, range(4)):
            for scores, wanted in zip(found, expected, strict=True):
                np.testing.assert_allclose(scores, wanted, atol=1e-6)


def is_hushed() -> bool:
    """Whether what is written to standard error goes nowhere; Windows numbers no devices."""
    found, nowhere = os.fstat(2), Path(os.devnull).stat()
    devices = [getattr(one, "st_rdev", 0) for one in (found, nowhere)]
    return stat.S_ISCHR(found.st_mode) and devices[0] == devices[1]


def test_readers_opened_on_two_threads_leave_stderr_as_it_was() -> None:
    before = os.fstat(2)
    inside, may_leave = threading.Event(), threading.Event()

    def hold() -> None:
        with native_stderr_hushed():
            inside.set()
            may_leave.wait(60)

    # As when TensorFlow is imported while a reader is opened: the first to come leaves first.
    first = threading.Thread(target=hold)
    first.start()
    inside.wait()
    with native_stderr_hushed():
        assert is_hushed()
        may_leave.set()
        first.join()
        Predictor(BUNDLED)
        assert is_hushed()

    after = os.fstat(2)
    assert (after.st_dev, after.st_ino) == (before.st_dev, before.st_ino)


def test_reading_needs_neither_tensorflow_nor_keras_and_prints_nothing() -> None:
    program = f"""
import sys
from pathlib import Path
import numpy as np
from mnist_desktop.inference.predictor import Predictor
predictor = Predictor(Path({str(BUNDLED)!r}))
predictor.scores(np.full((3, 28, 28), 7, np.uint8))
print([name for name in ("tensorflow", "keras", "PySide6", "matplotlib") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
    assert result.stderr == ""


def test_a_readers_file_may_be_replaced_and_have_any_name(tmp_path: Path, sample: Dataset) -> None:
    path = tmp_path / "número 数字.tflite"
    path.write_bytes(BUNDLED.read_bytes())
    predictor = Predictor(path)
    before = predictor.scores(sample.test.images[:20])

    path.unlink()

    np.testing.assert_array_equal(predictor.scores(sample.test.images[:20]), before)


# Files that are no readers


def whole() -> bytes:
    return BUNDLED.read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: b"", "is empty"),
        (lambda: b"no model at all, but a text", "not a complete LiteRT model"),
        (lambda: bytes(10_000), "not a complete LiteRT model"),
        (lambda: whole()[:4], "not a complete LiteRT model"),
        (lambda: whole()[:1000], "not a complete LiteRT model"),
        (lambda: whole()[: len(whole()) // 2], "not a complete LiteRT model"),
        (lambda: whole()[:-1], "not a complete LiteRT model"),
        (lambda: BUNDLED.with_suffix(".keras").read_bytes(), "not a complete LiteRT model"),
    ],
    ids=["empty", "text", "zeros", "4 bytes", "1000 bytes", "cut at half", "cut at end", "keras"],
)
def test_a_file_that_is_no_whole_model_is_refused(
    tmp_path: Path, content: Callable[[], bytes], said: str
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(content())

    with pytest.raises(ModelFileError, match=said) as caught:
        Predictor(path)

    text = str(caught.value)
    assert "model.tflite" in text
    assert "\n" not in text
    assert text.endswith(".")


@pytest.mark.parametrize(("name", "said"), [("nowhere", "There is no model file"), (".", "read")])
def test_a_model_that_is_missing_or_a_folder_is_refused(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(ModelFileError, match=said) as caught:
        Predictor(tmp_path / name)

    assert str(caught.value).endswith(".")


def test_drawings_read_together_are_read_as_each_alone() -> None:
    reader = Predictor(BUNDLED, check=DigitCheck(), path_reader=PathReader())
    rng = np.random.default_rng(2)
    inks = [
        *(distort(drawn_sign(name), rng, 0.3) for name in SIGNS),
        *(distort(ink, rng, 0.3) for ink in (ONE, SEVEN) for _ in range(120)),
    ]
    inks[3] = Ink()
    told: list[ReadingProgress] = []

    together = read_inks(reader, inks, on_progress=told.append, should_stop=lambda: False)

    for ink, found in zip(inks, together, strict=True):
        alone = reader.read(render(ink), ink)
        assert (found.label, found.accepted, found.reason) == (
            alone.label,
            alone.accepted,
            alone.reason,
        )
        np.testing.assert_allclose(found.probabilities, alone.probabilities, atol=1e-6)
    assert [one.done for one in told] == [200, len(inks)]
    assert read_inks(reader, [], on_progress=told.append, should_stop=lambda: False) == []
