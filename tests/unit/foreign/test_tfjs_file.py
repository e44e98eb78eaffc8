"""TensorFlow.js layers models open and read the same; anything else in one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign.tfjs_file import read_tfjs_file
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.engine import load_keras
from tests.made_networks import write_tfjs


@pytest.fixture(scope="module")
def network() -> Any:
    keras = load_keras()
    keras.utils.set_random_seed(3)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )


def changed(path: Path, change: Any) -> None:
    text = json.loads(path.read_text(encoding="utf-8"))
    change(text)
    path.write_text(json.dumps(text), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("float32", 1e-5), ("float16", 1e-2), ("uint16", 1e-3), ("uint8", 0.1)],
)
def test_a_model_of_the_browser_reads_as_keras_does(
    kind: str, tolerance: float, network: Any, tmp_path: Path, sample: Dataset
) -> None:
    path = write_tfjs(network, tmp_path, kind=kind)
    images = sample.test.images[:40]

    predictor = open_model(ModelRef(file=path), RunStore(tmp_path / "runs"))

    found = predictor.scores(images)
    pixels = predictor.pixel_scale.inputs(images, (28, 28, 1))
    expected = network.predict_on_batch(pixels)
    assert np.abs(found - expected).max() < tolerance


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.update(modelTopology={"node": []}), "graph model"),
        (lambda text: text.pop("weightsManifest"), "describes no TensorFlow.js"),
        (lambda text: text["weightsManifest"][0].update(paths=["../up.bin"]), "own folder"),
        (lambda text: text["weightsManifest"][0].update(paths=["/etc/passwd"]), "own folder"),
        (lambda text: text["weightsManifest"][0].update(paths=["c:x"]), "own folder"),
        (lambda text: text["weightsManifest"][0].update(paths=["gone.bin"]), "gone.bin beside it"),
        (lambda text: text["weightsManifest"][0]["paths"].pop(), "do not hold"),
        (
            lambda text: text["weightsManifest"][0]["weights"][0].update(shape=[2**31 - 1] * 8),
            "do not hold",
        ),
        (
            lambda text: text["weightsManifest"][0]["weights"][0].update(dtype="string"),
            "not floating-point",
        ),
        (lambda text: text["weightsManifest"][0]["weights"].pop(), "other weights"),
        (
            lambda text: text["modelTopology"]["model_config"]["config"]["layers"][1].update(
                class_name="Lambda"
            ),
            "Lambda",
        ),
    ],
)  # fmt: skip
def test_what_is_no_plain_model_is_refused(
    change: Any, told: str, network: Any, tmp_path: Path
) -> None:
    path = write_tfjs(network, tmp_path)
    changed(path, change)

    with pytest.raises(ModelFileError, match=told) as caught:
        read_tfjs_file(path)

    assert "\n" not in str(caught.value)


def test_any_other_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"colour": "blue"}', encoding="utf-8")

    with pytest.raises(ModelFileError, match=r"JSON text that describes no TensorFlow\.js"):
        open_model(ModelRef(file=path), RunStore(tmp_path))
