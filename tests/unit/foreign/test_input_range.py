"""A network reads with the pixels that it was trained on, and says which; whatever type they have.

Networks of the nearest mean of each digit stand for trained ones: they need no training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.cli import main
from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.foreign import input_range
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference.pixel_scale import PIXEL_SCALES, PixelScale
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.training.engine import load_keras


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return sample_dataset()


def nearest_mean(sample: Dataset, scale: PixelScale) -> Any:
    """Weights and offsets of a linear network that finds the digit whose mean is nearest."""
    pixels = scale.inputs(sample.train.images, (784,))
    means = np.stack([pixels[sample.train.labels == digit].mean(axis=0) for digit in range(10)])
    step = 0.1 / (scale.ink - scale.paper) ** 2
    return (2 * step * means.T).astype(np.float32), -step * (means**2).sum(axis=1)


def written(
    folder: Path, sample: Dataset, scale: PixelScale, kind: str = "", shape: Any = (28, 28)
) -> Path:
    """Write a LiteRT file of such a network that ends in logits, with 8 bits where `kind` is."""
    keras = load_keras()
    import tensorflow as tf

    model = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.set_weights(nearest_mean(sample, scale))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind:
        some = scale.inputs(sample.train.images[:100], shape)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([one[np.newaxis]] for one in some)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = getattr(tf, kind)
    path = folder / "mine.tflite"
    path.write_bytes(converter.convert())
    return path


def own_labels(path: Path, images: Any, scale: PixelScale) -> Any:
    """Labels as TensorFlow's documents read a file: one image after the other, rounded."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=path.read_bytes())
    interpreter.allocate_tensors()
    (given,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()
    labels = []
    for one in scale.inputs(images, tuple(given["shape"][1:])):
        numbers = one[np.newaxis]
        if given["dtype"] != np.float32:
            step, zero = given["quantization"]
            limits = np.iinfo(given["dtype"])
            numbers = np.clip(np.rint(numbers / step) + zero, limits.min, limits.max)
        interpreter.set_tensor(given["index"], numbers.astype(given["dtype"]))
        interpreter.invoke()
        labels.append(int(interpreter.get_tensor(gives["index"])[0].argmax()))
    return labels


@pytest.mark.parametrize("scale", PIXEL_SCALES, ids=lambda scale: scale.name)
def test_the_pixels_of_a_network_are_found_and_told(
    scale: PixelScale, sample: Dataset, tmp_path: Path
) -> None:
    path = written(tmp_path, sample, scale)
    reader = open_foreign(path)
    assert reader.pixel_scale == scale
    assert reader.note == ("" if scale == PIXEL_SCALES[0] else f"Its pixels are {scale.name}.")
    images = sample.test.images[:200]
    read = reader.scores(images).argmax(axis=1)
    assert read.tolist() == own_labels(path, images, scale)
    assert np.mean(read == sample.test.labels[:200]) > 0.7


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
@pytest.mark.parametrize("kind", ["uint8", "int8"])
@pytest.mark.parametrize("scale", PIXEL_SCALES[:4], ids=lambda scale: scale.name)
def test_whole_numbers_stand_for_pixels_by_their_scale_and_zero(
    kind: str, scale: PixelScale, sample: Dataset, tmp_path: Path
) -> None:
    path = written(tmp_path, sample, scale, kind)
    reader = open_foreign(path)
    assert reader.pixel_scale == scale
    images = sample.test.images[:100]
    assert reader.scores(images).argmax(axis=1).tolist() == own_labels(path, images, scale)


def test_images_with_their_one_channel_first_are_taken(sample: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, sample, PIXEL_SCALES[0], shape=(1, 28, 28))
    read = open_foreign(path).scores(sample.test.images[:100]).argmax(axis=1)
    assert read.tolist() == own_labels(path, sample.test.images[:100], PIXEL_SCALES[0])


def test_how_many_digits_are_tried_depends_on_the_network_alone(
    sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, sample, PIXEL_SCALES[2])
    reader = open_foreign(path)
    assert 7_840 < reader.work < 100_000  # one dense layer of 784 × 10, and moving its numbers
    monkeypatch.setattr(input_range, "WORK", int(reader.work * len(PIXEL_SCALES) * 120.5))
    read: list[int] = []
    scores = Predictor.scores

    def counting(self: Predictor, images: Any, scale: Any = None) -> Any:
        read.append(len(images))
        return scores(self, images, scale)

    monkeypatch.setattr(Predictor, "scores", counting)
    assert open_foreign(path).pixel_scale == PIXEL_SCALES[2]
    assert set(read) == {120}


class Drawn:
    """A reader whose scores are made up: how many digits it reads right with which pixels."""

    input_range, work = None, 1

    def __init__(self, right: dict[PixelScale, int]) -> None:
        self._right = right
        self.pixels: PixelScale | None = None

    def scores(self, images: Any, scale: PixelScale) -> Any:
        labels = input_range.known_digits().labels
        wrong = np.arange(len(images)) >= self._right.get(scale, 50)
        sure = np.where(wrong & (scale != PIXEL_SCALES[0]), 0.99, 0.8)[:, np.newaxis]
        return np.eye(10)[(labels + wrong) % 10] * sure + (1 - sure) / 10

    def use_pixels(self, scale: PixelScale, _note: str = "") -> None:
        self.pixels = scale


@pytest.mark.parametrize(("right", "place"), [(446, 0), (470, 4)])
def test_a_few_digits_more_are_chance_and_many_are_not(right: int, place: int) -> None:
    reader: Any = Drawn({PIXEL_SCALES[0]: 440, PIXEL_SCALES[4]: right})
    input_range.find_input_range(reader)
    assert reader.pixels == PIXEL_SCALES[place]


def of_one_image(images: Any) -> Any:
    """A network of exactly one image at a time, as converters of other programs write it."""
    import tensorflow as tf

    return tf.nn.softmax(tf.matmul(tf.reshape(images, (1, 784)), WEIGHTS))


def of_grey_values(images: Any) -> Any:
    """A network whose input has the type of grey values."""
    import tensorflow as tf

    flat = tf.reshape(tf.cast(images, tf.float32) / 255.0, (1, 784))
    return tf.nn.log_softmax(tf.matmul(flat, WEIGHTS))


WEIGHTS = np.random.default_rng(3).normal(0, 1, (784, 10)).astype(np.float32)


@pytest.mark.parametrize(("make", "kind"), [(of_one_image, "float32"), (of_grey_values, "uint8")])
def test_a_network_of_one_image_at_a_time_reads_many(
    make: Callable[[Any], Any], kind: str, sample: Dataset, tmp_path: Path
) -> None:
    load_keras()
    import tensorflow as tf

    takes = [tf.TensorSpec([1, 28, 28], getattr(tf, kind))]
    program = tf.function(make, input_signature=takes).get_concrete_function()
    path = tmp_path / "one.tflite"
    content = tf.lite.TFLiteConverter.from_concrete_functions([program], program).convert()
    path.write_bytes(content)
    reader = open_foreign(path)
    images = sample.test.images[:50]
    scale = PIXEL_SCALES[1 if kind == "uint8" else 0]
    logits = images.reshape(-1, 784).astype(np.float32) / 255 @ WEIGHTS
    np.testing.assert_array_equal(
        reader.scores(images, scale).argmax(axis=1), logits.argmax(axis=1)
    )


def test_a_network_that_reads_nothing_is_opened_with_a_warning(
    sample: Dataset, tmp_path: Path
) -> None:
    shuffled = replace(sample, train=Digits(sample.train.images, (sample.train.labels + 3) % 10))
    reader = open_foreign(written(tmp_path, shuffled, PIXEL_SCALES[1]))
    assert reader.pixel_scale == PIXEL_SCALES[0]
    assert "% of 500 known digits correctly" in reader.note
    assert len(reader.note) < 60  # it stands behind another sentence in the status bar
    assert all(scale.name in reader.full_note for scale in PIXEL_SCALES)


def test_the_command_line_tells_which_pixels_a_network_takes(
    sample: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, sample, PIXEL_SCALES[1])
    assert main(["evaluate", str(path), "--data", "sample"]) == 0
    assert "Its pixels are 0 to 255." in capsys.readouterr().out
