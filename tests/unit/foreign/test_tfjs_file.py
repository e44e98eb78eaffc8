"""TensorFlow.js layers models open and read the same; anything else in one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
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

Json = dict[str, Any]


def write_tfjs(model: Any, folder: Path, *, kind: str = "float32", files: int = 2) -> Path:
    """Write a model as ``tensorflowjs_converter`` does."""
    entries, content = [], b""
    for layer in model.layers:
        for weight in layer.weights:
            values = weight.numpy()
            entry: Json = {
                "name": f"{model.name}/{layer.name}/{weight.name}",
                "shape": list(values.shape),
                "dtype": "float32",
            }
            if kind in ("uint8", "uint16"):
                most = np.iinfo(kind).max
                least = float(values.min())
                scale = (float(values.max()) - least) / most or 1.0
                entry["quantization"] = {"dtype": kind, "min": least, "scale": scale}
                values = np.round((values - least) / scale)
            elif kind == "float16":
                entry["quantization"] = {"dtype": kind, "original_dtype": "float32"}
            entries.append(entry)
            content += values.astype(kind).tobytes()
    cut = [len(content) * number // files for number in range(files + 1)]
    paths = [f"group1-shard{number + 1}of{files}.bin" for number in range(files)]
    for name, start, end in zip(paths, cut[:-1], cut[1:], strict=True):
        (folder / name).write_bytes(content[start:end])
    description = {"class_name": type(model).__name__, "config": model.get_config()}
    text = {
        "format": "layers-model",
        "modelTopology": {"keras_version": "3.15.1", "model_config": description},
        "weightsManifest": [{"paths": paths, "weights": entries}],
    }
    path = folder / "model.json"
    path.write_text(json.dumps(text), encoding="utf-8")
    return path


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


def test_damaged_files_are_refused_or_read(network: Any, tmp_path: Path) -> None:
    path = write_tfjs(network, tmp_path)
    whole = path.read_bytes()
    rng = Random(4)  # noqa: S311
    refused = 0
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 2, 5))):
            at = rng.randrange(len(content))
            content[at : at + rng.choice((0, 1, 3))] = rng.choice(
                (b"1", b"-", b"[]", b"null", b"{}", b'"', b"9" * 30, b"\xff")
            )
        path.write_bytes(content)
        try:
            read_tfjs_file(path)
        except ModelFileError:
            refused += 1
    assert refused > 100
