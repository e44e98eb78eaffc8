"""HDF5 model files of Keras 2 and 3 open and read the same; anything else in one is refused."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign.h5_model_file import read_h5_model_file
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.engine import load_keras

Json = dict[str, Any]
Weights = Mapping[str, Sequence[Any]]
FIXED = "S40"  # how h5py stores lists of bytes: strings of one length, as old files have them


def write_h5(path: Path, config: object, weights: Weights) -> Path:
    """Write a file as Keras 2 does; each layer has a group, and lists of names are attributes."""
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array(list(weights), FIXED)
        for layer, arrays in weights.items():
            names = [f"{layer}/array_{number}:0" for number in range(len(arrays))]
            inner = group.create_group(layer)
            inner.attrs["weight_names"] = np.array(names, FIXED) if names else []
            for name, array in zip(names, arrays, strict=True):
                inner[name] = array
    return path


def layer(kind: str, **settings: object) -> Json:
    """Describe a layer as Keras 2.2 does, without the module that it is from."""
    return {"class_name": kind, "config": {"name": kind.lower(), "trainable": True, **settings}}


def dense(units: int = 10, **settings: object) -> Json:
    zeros = {"class_name": "Zeros", "config": {"dtype": "float32"}}
    return layer(
        "Dense", units=units, activation="softmax", use_bias=True, bias_initializer=zeros,
        **settings,
    )  # fmt: skip


def kernel_and_bias(inputs: int = 784) -> list[Any]:
    rng = np.random.default_rng(4)
    return [rng.normal(0, 0.1, (inputs, 10)).astype("f4"), rng.normal(0, 1, 10).astype("f4")]


WEIGHTS = {"flatten": [], "dense": kernel_and_bias()}
OLD_FORMS: dict[str, tuple[object, tuple[int, ...]]] = {
    "a list of layers": ([dense(batch_input_shape=[None, 784], dtype="float32")], (784,)),
    "a first layer with a shape": (
        {"name": "s", "layers": [layer("Flatten", batch_input_shape=[None, 28, 28]), dense()]},
        (28, 28),
    ),
    "no shape, pixels": ({"name": "s", "layers": [dense()]}, (784,)),
    "no shape, images": ({"name": "s", "layers": [layer("Flatten"), dense()]}, (28, 28)),
}


@pytest.mark.parametrize("name", OLD_FORMS)
def test_networks_as_old_keras_describes_them_open(name: str, tmp_path: Path) -> None:
    config, shape = OLD_FORMS[name]
    description = {"class_name": "Sequential", "config": config}
    plan, weights = read_h5_model_file(write_h5(tmp_path / "old.model", description, WEIGHTS))
    assert plan.input_shape == shape
    for found, expected in zip(weights, WEIGHTS["dense"], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_first_kernel_tells_that_images_have_a_channel(tmp_path: Path) -> None:
    conv = layer("Conv2D", filters=2, kernel_size=[3, 3])
    description = {"class_name": "Sequential", "config": [conv, layer("Flatten"), dense()]}
    kernel = np.ones((3, 3, 1, 2), "f4")
    weights = {"conv2d": [kernel, np.ones(2, "f4")], "dense": kernel_and_bias(26 * 26 * 2)}
    plan, _ = read_h5_model_file(write_h5(tmp_path / "a.h5", description, weights))
    assert plan.input_shape == (28, 28, 1)


def test_a_graph_of_keras_2_with_plain_arithmetic_opens(tmp_path: Path) -> None:
    divided = layer("TFOpLambda", function="math.truediv") | {"name": "divided"}
    divided["inbound_nodes"] = [["pixels", 0, 0, {"y": 255.0, "name": None}]]
    pixels = layer("InputLayer", batch_input_shape=[None, 784]) | {"name": "pixels"}
    last = dense() | {"name": "dense", "inbound_nodes": [[["divided", 1, 0, {}]]]}
    graph = {
        "name": "model",
        "layers": [pixels | {"inbound_nodes": []}, divided, last],
        "input_layers": [["pixels", 0, 0]],
        "output_layers": [["dense", 0, 0]],
    }
    description = {"class_name": "Model", "config": graph}
    path = write_h5(tmp_path / "graph.h5", description, {"dense": kernel_and_bias()})
    plan, _ = read_h5_model_file(path)
    assert [one.kind for one in plan.layers] == ["Rescaling", "Dense"]
    assert plan.layers[0].settings["scale"] == pytest.approx(1 / 255)


@pytest.mark.parametrize(
    ("first", "shapes", "expected"),
    [
        (layer("BatchNormalization"), [(1,)] * 4, (28, 28, 1)),
        (layer("BatchNormalization"), [(28,)] * 4, (28, 28)),
        (layer("LSTM", units=2), [(28, 8), (2, 8), (8,)], (28, 28)),
        (layer("Conv1D", filters=2, kernel_size=[3]), [(3, 28, 2), (2,)], (28, 28)),
        (layer("Conv1D", filters=2, kernel_size=[3]), [(3, 1, 2), (2,)], (784, 1)),
    ],
)
def test_the_first_weights_tell_the_shape_of_the_input(
    first: Json, shapes: list[tuple[int, ...]], expected: tuple[int, ...], tmp_path: Path
) -> None:
    description = {"class_name": "Sequential", "config": [first, layer("Flatten"), dense()]}
    inputs = {"LSTM": 2, "Conv1D": 2 * (expected[0] - 2)}.get(first["class_name"], 784)
    name = first["config"]["name"]
    weights = {name: [np.ones(one, "f4") for one in shapes], "dense": kernel_and_bias(inputs)}
    plan, _ = read_h5_model_file(write_h5(tmp_path / "a.h5", description, weights))
    assert plan.input_shape == expected


@pytest.mark.parametrize("version", ["2.2.4", "3.9.0"])
def test_the_hard_sigmoid_is_the_one_of_the_version_that_wrote_the_file(
    version: str, tmp_path: Path
) -> None:
    gates = layer("LSTM", units=3, activation="tanh", recurrent_activation="hard_sigmoid")
    first = dense(4, batch_input_shape=[None, 28, 28]) | {}
    first["config"].update(activation="hard_sigmoid", name="first")
    description = {"class_name": "Sequential", "config": [first, gates, dense()]}
    rng = np.random.default_rng(6)
    shapes = {
        "first": [(28, 4), (4,)],
        "lstm": [(4, 12), (3, 12), (12,)],
        "dense": [(3, 10), (10,)],
    }
    weights = {
        name: [rng.normal(0, 1, shape).astype("f4") for shape in inner]
        for name, inner in shapes.items()
    }
    path = write_h5(tmp_path / "a.h5", description, weights)
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = version
    _, found = read_h5_model_file(path)
    factor = 1.2 if version.startswith("2") else 1.0
    np.testing.assert_allclose(found[0], weights["first"][0] * factor, rtol=1e-6)
    for array, stored in zip(found[2:5], weights["lstm"], strict=True):
        rest = [6, 7, 8]  # the new state, which no gate makes
        np.testing.assert_array_equal(array[..., rest], stored[..., rest])
        np.testing.assert_allclose(
            np.delete(array, rest, -1), np.delete(stored, rest, -1) * factor, rtol=1e-6
        )


def nested_and_frozen() -> Any:
    from keras import layers

    keras = load_keras()
    inner = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(2, 3, strides=2, trainable=False),
            layers.BatchNormalization(),
            layers.Conv2D(3, 3, strides=2),
            layers.BatchNormalization(),
        ]
    )
    ends = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), inner, *ends])
    model.set_weights([one + 0.1 * number for number, one in enumerate(model.get_weights(), 1)])
    return model


def in_both_directions() -> Any:
    from keras import layers

    keras = load_keras()
    known = layers.Normalization(axis=None)
    known.adapt(np.random.default_rng(1).random((50, 28, 28)))
    inner = [known, layers.Bidirectional(layers.GRU(3)), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28)), *inner])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("make", [nested_and_frozen, in_both_directions])
def test_a_file_of_keras_3_reads_as_keras_reads(make: Callable[[], Any], tmp_path: Path) -> None:
    model, rng = make(), np.random.default_rng(3)
    for one in model.trainable_variables:
        one.assign(one + rng.uniform(0.01, 0.2, one.shape))
    model.save(tmp_path / "network.h5")
    rebuilt = build_network(*read_h5_model_file(tmp_path / "network.h5"))
    images = rng.random((4, *model.input_shape[1:])).astype("f4")
    expected = model.predict(images, verbose=0)
    np.testing.assert_allclose(rebuilt.predict(images, verbose=0), expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_files_of_weights_alone_are_told_apart(tmp_path: Path) -> None:
    model = nested_and_frozen()
    model.save_weights(tmp_path / "new.weights.h5")
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["layer_names"] = np.array(["dense"], FIXED)
    with h5py.File(tmp_path / "digits.h5", "w") as file:
        file["x_train"] = np.zeros((10, 784))
    for name, told in (
        ("new.weights.h5", r"weights of a network without its layers.*model\.save\("),
        ("old.h5", r"weights of a network without its layers.*model\.save\("),
        ("digits.h5", "holds no Keras network"),
    ):
        with pytest.raises(ModelFileError, match=told):
            open_model(ModelRef(file=tmp_path / name), RunStore(tmp_path))


def test_weights_that_do_not_fit_the_layers_are_refused(tmp_path: Path) -> None:
    description = {"class_name": "Sequential", "config": [dense(batch_input_shape=[None, 784])]}
    for weights, told in (
        ({"dense": kernel_and_bias()[:1]}, "has 1 array of weights for the layer dense"),
        ({"dense": kernel_and_bias(), "more": kernel_and_bias()}, "weights more that no layer"),
        ({"dense": kernel_and_bias(700)}, r"of shape \(700, 10\)"),
        ({}, "has 0 arrays of weights for the layer dense"),
    ):
        with pytest.raises(ModelFileError, match=told):
            read_h5_model_file(write_h5(tmp_path / "a.h5", description, weights))


def test_attributes_are_read_as_the_hdf5_library_reads_them() -> None:
    content = io.BytesIO()
    words = ["", "a", "ä" * 300, "x" * 40_000]
    with h5py.File(content, "w") as file:
        group = file.create_group("group")
        group.attrs["variable"] = words
        group.attrs["fixed"] = np.array(["one", "seven"], "S5")
        group.attrs["single"] = "y" * 200_000
        group.attrs["none"] = []
        group.attrs["number"] = 3
    found = HDF5File(content.getvalue())
    assert found.texts("group", "variable") == words
    assert found.texts("group", "fixed") == ["one", "seven"]
    assert found.texts("group", "single") == ["y" * 200_000]
    assert found.texts("group", "none") == []
    assert found.texts("group", "missing") is None
    with pytest.raises(HDF5Error, match="attribute number that is not text"):
        found.texts("group", "number")


def with_text(**changes: Any) -> bytes:
    """Make a file with one attribute, whose heap says something else."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["a"] = "text"
    data = bytearray(content.getvalue())
    heap = data.index(b"GCOL")
    for place, value in changes.values():
        data[heap + place : heap + place + 8] = struct.pack("<Q", value)
    return bytes(data)


@pytest.mark.parametrize(
    ("place", "value"), [(8, 1 << 60), (8, 0), (24, 1 << 60), (24, (1 << 64) - 16), (24, 2)]
)
def test_a_damaged_heap_of_text_is_refused(place: int, value: int) -> None:
    assert HDF5File(with_text()).texts("", "a") == ["text"]
    with pytest.raises(HDF5Error, match="cut short or damaged"):
        HDF5File(with_text(size=(place, value))).texts("", "a")


def test_more_text_than_a_network_needs_is_refused() -> None:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["large"] = "x" * 2_000_000
        file.attrs.create("many", ["x"] * 3_500, dtype=h5py.string_dtype())
    for name in ("large", "many"):
        with pytest.raises(HDF5Error, match=f"more text in {name} than any network needs"):
            HDF5File(content.getvalue()).texts("", name)
