"""Exported files open elsewhere."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.errors import InvalidInputError, ModelFileError, StorageError
from mnist_desktop.exports.check import check_digits, compare_scores, onnx_scores
from mnist_desktop.exports.export import export_run
from mnist_desktop.exports.onnx_file import write_onnx
from mnist_desktop.exports.web_page import read_network, write_web_page
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.networks.keras_network import build_network, weights_of
from mnist_desktop.networks.layer_check import plan_layers
from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.networks.litert.network import litert_file
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.plan_builder import Layer, plan_sequence
from mnist_desktop.networks.presets import dense
from mnist_desktop.networks.run_steps import run_steps
from mnist_desktop.networks.steps import Step, network_steps
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.conversion import write_model
from mnist_desktop.training.engine import load_keras
from tests.made_layer_texts import random_network


@pytest.mark.parametrize(("file_format", "suffix"), [("keras", ".keras"), ("litert", ".tflite")])
def test_an_exported_network_reads_digits(
    file_format: str, suffix: str, kept: Run, tmp_path: Path, sample: Dataset
) -> None:
    output = export_run(kept, file_format, tmp_path / f"net{suffix}")
    scores = open_model(ModelRef(file=output), RunStore(tmp_path)).scores(sample.test.images)
    accuracy = (scores.argmax(axis=1) == sample.test.labels).mean()
    assert accuracy == pytest.approx(kept.record.test_accuracy, abs=0.002)


@pytest.mark.parametrize("file_format", ["keras", "litert", "onnx", "html"])
def test_a_network_that_was_written_wrong_is_not_kept(
    file_format: str, kept: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is another network: the same layers, and no error anywhere."""
    other = fresh_network("cnn-fast")
    write_model(other, plan_of(ARCHITECTURES["cnn-fast"].recipe), tmp_path)
    others = {"keras": tmp_path / "model.keras", "litert": tmp_path / "model.tflite"}
    copy = shutil.copyfile
    monkeypatch.setattr(
        "mnist_desktop.exports.export.shutil.copyfile",
        lambda _kept, output: copy(others[file_format], output),
    )
    monkeypatch.setattr(
        "mnist_desktop.exports.export.network_steps",
        lambda _plan, _weights: steps_of(other, "cnn-fast"),
    )
    output = tmp_path / "exports" / "net"
    output.parent.mkdir()
    with pytest.raises(StorageError, match=r"^net differs from the network by .*nothing was"):
        export_run(kept, file_format, output)
    assert list(output.parent.iterdir()) == []
    output.write_text("old")
    with pytest.raises(StorageError, match="differs"):
        export_run(kept, file_format, output)
    assert output.read_text() == "old"
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize(
    ("file_format", "writer"),
    [
        ("keras", "shutil.copyfile"),
        ("litert", "shutil.copyfile"),
        ("onnx", "write_onnx"),
        ("html", "write_web_page"),
    ],
)
def test_a_file_that_cannot_be_opened_again_is_not_kept(
    file_format: str, writer: str, kept: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_a_part(*arguments: Any, **_more: Any) -> None:
        (output,) = (one for one in arguments if isinstance(one, Path) and one.name == "net")
        output.write_bytes(b"a disk that lies")

    monkeypatch.setattr(f"mnist_desktop.exports.export.{writer}", write_a_part)
    with pytest.raises(StorageError, match=r"^net could not be opened again .*nothing was"):
        export_run(kept, file_format, tmp_path / "net")
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_checked_with_ten_of_each_digit(sample: Dataset) -> None:
    digits = zip(sample.test.images, sample.test.labels, strict=True)
    labels = {image.tobytes(): label for image, label in digits}
    found = [labels[image.tobytes()] for image in check_digits()]
    assert np.bincount(found, minlength=10).tolist() == [10] * 10


def test_scores_that_are_no_numbers_or_too_few_are_refused() -> None:
    scores = np.full((3, 10), 0.1, np.float32)
    compare_scores("net", scores + 5e-5, scores, 1e-4)
    for wrong in (scores + 2e-4, scores * np.nan, scores[:2], scores[:, :9]):
        with pytest.raises(StorageError, match="nothing was written"):
            compare_scores("net", wrong.astype(np.float32), scores, 1e-4)


def test_the_exported_table_is_the_confusion_matrix(kept: Run, tmp_path: Path) -> None:
    output = export_run(kept, "csv", tmp_path / "matrix.csv")
    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    found = [[int(cell) for cell in row[1:]] for row in rows[1:]]
    assert found == kept.record.confusion.tolist()


def test_the_exported_picture_opens(kept: Run, tmp_path: Path) -> None:
    output = export_run(kept, "png", tmp_path / "matrix.png")
    with Image.open(output) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 800


def test_an_existing_file_is_replaced_and_nothing_is_left_beside_it(
    kept: Run, tmp_path: Path
) -> None:
    output = tmp_path / "matrix.csv"
    output.write_text("old")
    export_run(kept, "csv", output)
    assert output.read_text().startswith("true digit")
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("file_format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_diagram_of_the_network_is_exported(
    file_format: str, start: bytes, kept: Run, tmp_path: Path
) -> None:
    output = export_run(kept, file_format, tmp_path / "net", figure="network")
    content = output.read_bytes()
    assert content.startswith(start)
    if file_format == "svg":
        text = content.decode()
        largest = max(one.parameters for one in plan_of(kept.record.config).layers)
        for words in (">Max pooling</text>", ">24×24×16</text>", f">{largest:,} parameters</text>"):
            assert words in text
    if file_format == "png":
        with Image.open(output) as picture:
            assert picture.width == 1500
            assert picture.height < 1000


def test_the_diagram_needs_the_networks_file(kept: Run, tmp_path: Path) -> None:
    folder = tmp_path / kept.record.id
    shutil.copytree(kept.folder, folder)
    (folder / "model.keras").write_bytes(b"damaged")
    with pytest.raises(ModelFileError, match=r"model\.keras cannot be opened"):
        export_run(Run(kept.record, folder), "png", tmp_path / "net.png", figure="network")
    assert not (tmp_path / "net.png").exists()


def test_an_unknown_figure_names_the_known_ones(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="one of matrix, network, not 'layers'"):
        export_run(kept, "png", tmp_path / "file", figure="layers")


def test_an_unknown_format_names_the_known_ones(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="keras, litert"):
        export_run(kept, "docx", tmp_path / "file")


def test_a_folder_that_is_not_there_is_told(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        export_run(kept, "csv", tmp_path / "nowhere" / "matrix.csv")


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_an_onnx_file_agrees_with_keras_for_every_architecture(
    name: str, tmp_path: Path, sample: Dataset
) -> None:
    model, images = fresh_network(name), sample.test.images[:100]
    write_onnx(steps_of(model, name), model.input_shape[1:], tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    pixels = as_network_input(images, model.input_shape[1:])
    (found,) = session.run(["scores"], {"pixels": pixels})
    np.testing.assert_allclose(found, model.predict(pixels, verbose=0), atol=1e-5)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_the_web_page_computes_what_keras_does_for_every_architecture(
    name: str, tmp_path: Path, sample: Dataset
) -> None:
    model, images = fresh_network(name), sample.test.images[:10]
    found = page_outputs(steps_of(model, name), images, tmp_path)
    expected = model.predict(as_network_input(images, model.input_shape[1:]), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def page_outputs(steps: list[Step], images: Any, folder: Path) -> Any:
    """What the page's program gives for images, in Node.js."""
    page = folder / "page.html"
    write_web_page(steps, "Net", "Facts", page)
    text = page.read_text(encoding="utf-8")
    (folder / "program.js").write_text(
        text.rsplit("<script>", 1)[1].split("</script>")[0]
        + """
        const network = JSON.parse(require("fs").readFileSync("network.json"));
        const steps = network.steps.map(s => ({ ...s, weights: s.weights.map(decode) }));
        const images = JSON.parse(require("fs").readFileSync("images.json"));
        console.log(JSON.stringify(images.map(i => Array.from(run(steps, Float32Array.from(i))))));
        """
    )
    network = text.split('id="network">')[1].split("</script>")[0]
    (folder / "network.json").write_text(network)
    pixels = as_network_input(images, (784,))
    (folder / "images.json").write_text(json.dumps(pixels.tolist()))
    done = subprocess.run(
        ["node", "program.js"], cwd=folder, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_web_page_holds_the_runs_network_and_loads_nothing(kept: Run, tmp_path: Path) -> None:
    output = export_run(kept, "html", tmp_path / "pad.html")
    text = output.read_text(encoding="utf-8")
    keras = load_keras()
    model = keras.saving.load_model(kept.folder / "model.keras")
    expected = steps_of(model, kept.record.config.architecture)
    for found, step in zip(read_network(text), expected, strict=True):
        assert found.kind == step.kind
        for one, other in zip(found.weights, step.weights, strict=True):
            np.testing.assert_array_equal(one, other)
    assert "http://" not in text
    assert "https://" not in text
    assert f"{kept.record.test_accuracy * 100:.2f}%" in text


def test_a_name_cannot_become_a_script_in_the_web_page(tmp_path: Path) -> None:
    write_web_page([], "<script>alert(1)</script>", "a & b", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "a &amp; b" in text


def test_a_layer_that_cannot_be_written_down_is_named() -> None:
    for layer in (Layer("ELU", {}), Layer("Dense", {"units": 5, "activation": "selu"})):
        plan = plan_sequence("net", (784,), [layer, dense(10)])
        weights = [np.zeros(shape, np.float32) for one in plan.layers for shape in one.weights]
        with pytest.raises(ModelFileError, match=rf"\({layer.kind}\) cannot be exported so"):
            network_steps(plan, weights)


# Together they have every kind of card, with every activation, border and stride.
TYPED = (
    "",
    "batchnorm; softmax; flatten; layernorm; gelu; dense 12 leaky-relu; leaky-relu; dense 9 silu",
    "conv 6 5x3 gelu stride=2x1 padding=same; depthwise 3x3 tanh multiplier=2 stride=2 padding=same"
    "; layernorm; softmax; separable 5 3x2 silu padding=same; tanh; global-average; dense 8 tanh",
    "noise 0.2; batchnorm; avgpool 3x2 padding=same stride=2; conv 4 2x2 bias=no; silu; pool 2x3; "
    "spatial-dropout 0.2; separable 6 2x2 stride=2; avgpool 1x2; sigmoid; flatten; gelu",
    "residual 4; pool 3x3 stride=2 padding=same; residual 6 5x5 leaky-relu stride=2; "
    "residual 6 none; flatten; dense 7 softmax; batchnorm; relu; dropout 0.2",
)


@pytest.mark.parametrize("number", range(len(TYPED) + 5))
def test_networks_of_ones_own_are_written_as_keras_computes_them(
    number: int, tmp_path: Path
) -> None:
    """As steps, for ONNX, for LiteRT and as a page: a few are typed, the others are random."""
    load_keras()
    cards = (
        parse_layers(TYPED[number])
        if number < len(TYPED)
        else random_network(np.random.default_rng(number), 9)
    )
    plan = plan_layers(cards)
    weights = random_weights(plan)
    model = build_network(plan, weights)
    for one, other in zip(weights, weights_of(plan, model), strict=True):
        np.testing.assert_array_equal(one, other)
    images = check_digits()[::10]
    pixels = as_network_input(images, plan.input_shape)
    expected = model.predict_on_batch(pixels)
    close = partial(np.testing.assert_allclose, desired=expected, rtol=0, atol=1e-4)
    steps = network_steps(plan, weights)
    close(run_steps(steps, as_network_input(images, (28, 28, 1))))
    write_onnx(steps, plan.input_shape, tmp_path / "net.onnx")
    (found,) = onnxruntime.InferenceSession(tmp_path / "net.onnx").run(None, {"pixels": pixels})
    close(found)
    close(onnx_scores(tmp_path / "net.onnx", images))
    litert = LiteRTNetwork(Path("x"), 10, content=bytes(litert_file(plan, weights)))
    close(litert.outputs(images))
    if shutil.which("node") is not None:
        close(page_outputs(steps, images, tmp_path))


def random_weights(plan: NetworkPlan) -> list[Any]:
    """Draw weights of either sign, except for variances, so that the scores differ."""
    rng = np.random.default_rng(7)
    weights: list[Any] = []
    for one in plan.layers:
        fan_in = max(1, int(np.prod(one.weights[0][:-1]))) if one.weights else 1
        spread = 1.5 / np.sqrt(fan_in)
        weights += [rng.normal(0, spread, shape).astype(np.float32) for shape in one.weights]
        if one.kind == "BatchNormalization":
            weights[-1] = np.abs(weights[-1]) + np.float32(0.5)
    return weights


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_steps_compute_what_keras_does_for_every_architecture(name: str) -> None:
    model, images = fresh_network(name), check_digits()
    found = run_steps(steps_of(model, name), as_network_input(images, (28, 28, 1)))
    expected = model.predict(as_network_input(images, model.input_shape[1:]), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_title_that_reads_like_a_mark_is_a_title(tmp_path: Path) -> None:
    write_web_page([], "{{network}}", "{{title}}", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>{{network}}</title>" in text
    assert "<p>{{title}}</p>" in text


def steps_of(model: Any, name: str) -> list[Step]:
    return network_steps(plan_of(ARCHITECTURES[name].recipe), model.get_weights())


def fresh_network(name: str) -> Any:
    """Build a network whose weights, also of its batch normalisation, are all set to something."""
    model = ARCHITECTURES[name].build(ARCHITECTURES[name].recipe)
    rng = np.random.default_rng(3)
    weights = model.get_weights()
    small = [rng.uniform(0.01, 0.1, weight.shape) for weight in weights]
    pairs = zip(weights, small, strict=True)
    model.set_weights([np.abs(one) + more if one.ndim == 1 else one for one, more in pairs])
    return model
