"""Some of the seventy kinds of networks that ``make test-faults`` opens, and fewer digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from network_kinds import EIGHT_BITS, FEW, differences, kinds, set_weights, write

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference.litert_file import output_activation

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # of TensorFlow's converter


@pytest.mark.parametrize("name", FEW)
def test_an_opened_network_reads_as_keras_does(name: str, dataset: Dataset, tmp_path: Path) -> None:
    images = dataset.test.images[:: len(dataset.test) // 500][:500]
    model = kinds()[name]()
    set_weights(model)
    path = tmp_path / ("network.tflite" if name in EIGHT_BITS else "network.keras")
    write(name, model, path, images)
    assert differences(name, model, path, images)[0] == 0


@pytest.mark.parametrize(
    ("name", "activation"), [("8 bits, softmax", "softmax"), ("8 bits, sigmoid", "sigmoid")]
)
def test_the_last_operator_of_a_file_of_8_bits_tells_what_its_outputs_are(
    name: str, activation: str, dataset: Dataset, tmp_path: Path
) -> None:
    images = dataset.test.images[:200]
    model = kinds()[name]()
    set_weights(model)
    path = tmp_path / "network.tflite"
    write(name, model, path, images)
    predictor = open_foreign(path)
    assert predictor.output_activation == activation == output_activation(path.read_bytes())
    outputs = predictor._network.outputs(images).astype(np.float64)
    if activation == "softmax":
        assert np.abs(outputs.sum(axis=1) - 1).max() > 1e-3  # sums tell nothing
        expected = outputs / outputs.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(predictor.scores(images), expected, atol=2e-6)


@pytest.mark.parametrize("content", [b"", b"TFL3" * 9, bytes(100)])
def test_a_damaged_file_tells_nothing_of_its_outputs(content: bytes) -> None:
    assert output_activation(content) is None
