"""Models made elsewhere open and read the same; a file that would do anything else is refused."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

from mnist_desktop.digits.dataset import as_network_input
from mnist_desktop.errors import ModelFileError
from mnist_desktop.files import child
from mnist_desktop.foreign import keras_file, litert_operators, litert_probe
from mnist_desktop.foreign import open_foreign as foreign_model
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.foreign.keras_config import parse_json
from mnist_desktop.foreign.keras_file import load_keras_file, read_keras_file
from mnist_desktop.foreign.litert_operators import check_operators
from mnist_desktop.foreign.litert_probe import check_litert_file
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference import litert_file as litert_file_parts
from mnist_desktop.inference.litert_file import OperatorError
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.inference.scores import as_scores
from mnist_desktop.runs.model_ref import ModelRef, find_model
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import ARCHITECTURES, READER
from mnist_desktop.training.engine import load_keras
from tests.wine import IS_WINE

Parts = dict[str, Any]
ROOT = Path(__file__).parents[3]


def some_images(count: int = 20) -> Any:
    return np.random.default_rng(5).integers(0, 256, (count, 28, 28)).astype(np.uint8)


def randomize(model: Any) -> None:
    """Let every weight be its own, also running variances, which stay above zero."""
    rng = np.random.default_rng(3)
    old = model.get_weights()
    low = {True: -0.1, False: 0.01}
    model.set_weights([one * 0.5 + rng.uniform(low[one.ndim > 1], 0.1, one.shape) for one in old])


def assert_opens_as_keras_reads(model: Any, path: Path) -> None:
    randomize(model)
    model.save(path)
    images = some_images()
    expected = model.predict(as_network_input(images, model.input_shape[1:]), verbose=0)
    rebuilt = load_keras_file(path)
    assert [one.shape for one in rebuilt.get_weights()] == [
        one.shape for one in model.get_weights()
    ]
    predictor = open_model(ModelRef(file=path), RunStore(path.parent))
    expected = as_scores(expected, predictor.output_activation)
    assert np.ptp(expected, axis=1).min() > 0.005  # or any two networks would agree
    np.testing.assert_allclose(predictor.scores(images), expected, atol=1e-5)


@pytest.mark.parametrize("name", [*ARCHITECTURES, READER.id])
def test_every_network_of_this_program_opens(name: str, tmp_path: Path) -> None:
    load_keras().utils.set_random_seed(2)
    one = READER if name == READER.id else ARCHITECTURES[name]
    assert_opens_as_keras_reads(one.build(one.recipe), tmp_path / "network.keras")


def functional_cnn() -> Any:
    import keras
    from keras import layers

    pixels = keras.Input((28, 28), name="a name with spaces")
    flow = layers.Rescaling(2.0, offset=-1.0)(pixels)
    flow = layers.Reshape((28, 28, 1))(flow)
    flow = layers.ZeroPadding2D(1)(flow)
    flow = layers.Conv2D(4, 3, activation="gelu", kernel_regularizer="l2")(flow)
    flow = layers.BatchNormalization()(flow)
    flow = layers.LeakyReLU(negative_slope=0.2)(flow)
    flow = layers.SpatialDropout2D(0.1)(flow)
    flow = layers.SeparableConv2D(6, 3, depth_multiplier=2)(flow)
    flow = layers.DepthwiseConv2D(3, padding="same")(flow)
    flow = layers.LayerNormalization()(flow)
    flow = layers.AveragePooling2D(2)(flow)
    flow = layers.GaussianNoise(0.1)(flow)
    flow = layers.Conv2D(4, 1, activation=layers.LeakyReLU(negative_slope=0.2))(flow)
    flow = layers.GlobalAveragePooling2D()(flow)
    flow = layers.Activation("swish")(layers.ReLU()(layers.Dense(20)(flow)))
    flow = layers.ELU()(layers.PReLU()(layers.Dropout(0.2)(flow)))
    model = keras.Model(pixels, layers.Softmax()(layers.Dense(10)(flow)))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.train_on_batch(np.zeros((2, 28, 28)), np.zeros(2))  # so that Adam's state is saved too
    return model


def residual() -> Any:
    import keras
    from keras import layers

    pixels = keras.Input((28, 28, 1))
    first = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(pixels)
    second = layers.Conv2D(4, 3, padding="same")(first)
    flow = layers.Concatenate()([layers.Add()([first, second]), first])
    flow = layers.GlobalMaxPooling2D()(flow)
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(flow))


def built_by_its_first_batch() -> Any:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            layers.Flatten(),
            layers.Dense(16, activation="tanh", kernel_initializer="he_normal"),
            layers.Dense(10, activation="sigmoid"),
        ]
    )
    model(np.zeros((1, 28, 28), np.float32))
    return model


def augmented() -> Any:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.RandomRotation(0.1),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomZoom(0.1, seed=3),
            layers.Cropping2D(2),
            layers.Conv2D(4, 5, dilation_rate=2, use_bias=False),
            layers.BatchNormalization(scale=False),
            layers.MaxPooling2D(3, strides=2, padding="same"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def nested() -> Any:
    import keras
    from keras import layers

    pixels = keras.Input((28, 28, 1))
    bodies = [
        keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(2, 3),
                layers.Dropout(0.3),
                layers.Flatten(),
                layers.Dense(10, name="logits"),
            ]
        )(pixels)
        for _ in range(2)
    ]
    return keras.Model(pixels, layers.Softmax()(layers.Average()(bodies)))


def nested_twice_with_unfit_names() -> Any:
    import keras
    from keras import layers

    bodies = [
        keras.Sequential(
            [keras.Input((28, 28, 1)), layers.Conv2D(1, 3, padding="same")], name=f"block-{number}"
        )
        for number in (1, 2)
    ]
    ends = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *bodies, *ends])


@pytest.mark.parametrize(
    "make",
    [
        functional_cnn,
        residual,
        built_by_its_first_batch,
        augmented,
        nested,
        nested_twice_with_unfit_names,
    ],
)
def test_a_model_made_elsewhere_opens_and_reads_the_same(
    make: Callable[[], Any], tmp_path: Path
) -> None:
    load_keras().utils.set_random_seed(2)
    assert_opens_as_keras_reads(make(), tmp_path / "elsewhere.keras")


def ends_in_logits() -> Any:
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10)])


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_model_that_ends_in_logits_opens_and_its_scores_are_their_softmax(
    is_nested: bool, tmp_path: Path
) -> None:
    keras = load_keras()
    model = ends_in_logits()
    if is_nested:
        model = keras.Sequential([keras.Input((28, 28)), model])
    randomize(model)
    model.save(tmp_path / "logits.keras")
    images = some_images()
    powers = np.exp(model.predict(as_network_input(images, (28, 28)), verbose=0))
    assert powers.max() > 1.1
    found = open_model(ModelRef(file=tmp_path / "logits.keras"), RunStore(tmp_path)).scores(images)
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_scores_beyond_0_to_1_are_logits(tmp_path: Path) -> None:
    keras = load_keras()
    layers = [keras.Input((784,)), keras.layers.Dense(10), keras.layers.Rescaling(9.0)]
    model = keras.Sequential(layers)
    randomize(model)
    model.save(tmp_path / "mine.keras")
    images = some_images()
    powers = np.exp(model.predict(as_network_input(images, (784,)), verbose=0).astype(np.float64))
    found = open_model(ModelRef(file=tmp_path / "mine.keras"), RunStore(tmp_path)).scores(images)
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_network_that_keeps_much_reads_few_digits_at_once(
    base: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.keras"
    path.write_bytes(packed(base["config"], base["weights"]))
    expected = open_foreign(path).scores(some_images())
    monkeypatch.setattr(foreign_model, "MAX_BATCH_VALUES", 35)  # each digit needs ten
    at_once = []
    run = LiteRTNetwork.run
    monkeypatch.setattr(
        LiteRTNetwork, "run", lambda self, given: at_once.append(len(given)) or run(self, given)
    )
    np.testing.assert_allclose(open_foreign(path).scores(some_images()), expected, atol=1e-6)
    assert max(at_once) == 3


def test_whatever_keras_raises_is_told_in_words(
    base: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AttributeError("no such thing")

    path = tmp_path / "odd.keras"
    path.write_bytes(packed(base["config"], base["weights"]))
    monkeypatch.setattr(keras_file, "build_network", fail)
    with pytest.raises(ModelFileError, match=r"odd.keras .* do not fit together"):
        load_keras_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.keras")
    for read in (open_foreign, read_keras_file, check_litert_file):
        with pytest.raises(ModelFileError, match="no regular file"):
            read(tmp_path / "pipe.keras")


def test_a_model_as_keras_2_describes_it_opens(base: Parts, tmp_path: Path) -> None:
    config = json.loads(json.dumps(base["config"]))
    config["module"] = "keras.src.engine.sequential"
    start = config["config"]["layers"][0]["config"]
    start["batch_input_shape"] = start.pop("batch_shape")
    for one in config["config"]["layers"]:
        one["config"]["dtype"] = "float32"
    path = tmp_path / "old.keras"
    path.write_bytes(packed(config, moved_to_old_place(base["weights"])))
    _, weights = read_keras_file(path)
    assert [one.shape for one in weights] == [(784, 10), (10,)]


def moved_to_old_place(weights: bytes) -> bytes:
    content = io.BytesIO(weights)
    with h5py.File(content, "a") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    return content.getvalue()


def test_which_layers_learn_is_kept(tmp_path: Path) -> None:
    load_keras()
    model = augmented()
    model.layers[5].trainable = False
    model.save(tmp_path / "frozen.keras")
    found = [one.trainable for one in load_keras_file(tmp_path / "frozen.keras").layers]
    assert found == [one.trainable for one in model.layers]


# What is refused: each is made of a whole file of one dense layer.


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Parts of a file that opens: 784 pixels, ten scores."""
    keras = load_keras()
    model = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(10, activation="softmax", name="scores")]
    )
    path = tmp_path_factory.mktemp("base") / "base.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {
            "config": json.loads(archive.read("config.json")),
            "weights": archive.read("model.weights.h5"),
        }


def packed(config: object, weights: bytes, more: dict[str, bytes] | None = None) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("model.weights.h5", weights)
        for name, inside in (more or {}).items():
            archive.writestr(name, inside)
    return content.getvalue()


def with_layer(kind: object, module: str = "keras.layers", **settings: object) -> Any:
    """Make a file with one more layer, before the last."""

    def make(base: Parts) -> bytes:
        config = json.loads(json.dumps(base["config"]))
        one = {"module": module, "class_name": kind, "config": {"name": "x", **settings}}
        config["config"]["layers"].insert(1, {**one, "registered_name": None})
        return packed(config, base["weights"])

    return make


def with_dense(**settings: object) -> Any:
    """Make a file whose dense layer has other settings."""

    def make(base: Parts) -> bytes:
        config = json.loads(json.dumps(base["config"]))
        config["config"]["layers"][1]["config"].update(settings)
        return packed(config, base["weights"])

    return make


def with_text(change: Callable[[str], str]) -> Any:
    return lambda base: packed(change(json.dumps(base["config"])), base["weights"])


def with_weights(change: Callable[[h5py.File], None]) -> Any:
    """Make a file whose HDF5 part was changed."""

    def make(base: Parts) -> bytes:
        content = io.BytesIO(base["weights"])
        with h5py.File(content, "a") as file:
            change(file)
        return packed(base["config"], content.getvalue())

    return make


def replaced(name: str, **how: Any) -> Any:
    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, **how)

    return with_weights(change)


def linked(name: str, link: object) -> Any:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = link

    return with_weights(change)


def virtual(file: h5py.File) -> None:
    del file[KERNEL]
    layout = h5py.VirtualLayout((784, 10), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (784, 10))
    file.create_virtual_dataset(KERNEL, layout)


def with_members(more: dict[str, bytes]) -> Any:
    return lambda base: packed(base["config"], base["weights"], more)


def zip_of(members: dict[str, bytes]) -> Any:
    def make(_base: Parts) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, inside in members.items():
                archive.writestr(name, inside)
        return content.getvalue()

    return make


def with_layers(*layers: tuple[str, dict[str, object]]) -> Any:
    """Make a file of these layers on 28×28 pixels, which is refused before its weights are read."""
    described = [("InputLayer", {"batch_shape": [None, 28, 28, 1]}), *layers]
    listed = [
        {"module": "keras.layers", "class_name": kind, "config": settings}
        for kind, settings in described
    ]
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": listed}}
    return lambda base: packed(config, base["weights"])


def many_empty_tables(base: Parts) -> bytes:
    """Make a file whose group is listed in a tree of 60,000 tables, all of them empty."""
    count, table = 60_000, b"SNOD\1\0\0\0"
    heap, tree, first = 512, 1024, 1064
    content = bytearray(heap) + b"HEAP\0\0\0\0" + struct.pack("<QQQ", 16, 0, 600)
    content[:8], content[13:15] = b"\x89HDF\r\n\x1a\n", b"\x08\x08"
    struct.pack_into("<Q", content, 64, 256)
    struct.pack_into("<BBHIIIHHIQQ", content, 256, 1, 0, 1, 1, 24, 0, 0x11, 16, 0, tree, heap)
    content += bytes(tree - len(content)) + b"TREE\0\0" + struct.pack("<HQQQ", count, 0, 0, 0)
    for number in range(count):  # each lies where the tree has room for a key
        content += struct.pack("<Q", first + 16 * number) + table
    return packed(base["config"], bytes(content))


def zip_bomb(base: Parts) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(base["config"]))
        archive.writestr("model.weights.h5", bytes(120_000_000))
    return content.getvalue()


def lying_zip(base: Parts) -> bytes:
    """Make an archive that says in its list of contents that all is small."""
    content = zip_bomb(base)
    return content.replace((120_000_000).to_bytes(4, "little"), (100_000).to_bytes(4, "little"))


def twice(base: Parts) -> bytes:
    content = packed(base["config"], base["weights"], {"config.jsoN": b"{}"})
    return content.replace(b"config.jsoN", b"config.json")


def legacy_h5(_base: Parts) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Lambda"})
    return content.getvalue()


class Shout:
    def __reduce__(self) -> Any:
        return exec, ("open('pickled','w').write('x')",)


KERNEL = "layers/dense/vars/0"
CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAA==", "defaults": None}}
FUNCTION = {"class_name": "function", "registered_name": "function"}
PICKLE = pickle.dumps(Shout(), protocol=4)

# Name: what makes the file, and what its refusal says.
HOLES: dict[str, tuple[Callable[[Parts], bytes], str]] = {
    # CVE-2024-3660: a Lambda layer is marshalled code.
    "lambda": (with_layer("Lambda", function=CODE), "Lambda.*program code"),
    # CVE-2025-1550: any module is imported, any of its functions called.
    "module-import": (
        with_layer("function", module="os", config="system"),
        "'function' from 'os'.*program code",
    ),
    "module-import-in-activation": (
        with_dense(activation={**FUNCTION, "module": "os", "config": "system"}),
        "activation names 'function' 'system' in the module 'os'",
    ),
    "module-import-in-initializer": (
        with_dense(kernel_initializer={**FUNCTION, "module": "subprocess", "config": "call"}),
        "kernel_initializer comes from 'subprocess'",
    ),
    "module-import-in-dtype": (
        with_dense(dtype={"module": "os", "class_name": "system", "config": {"name": "x"}}),
        "computes with .*system",
    ),
    # CVE-2025-8747: keras.utils.get_file, which safe mode let pass, downloads and writes.
    "get-file": (
        with_dense(activation={**FUNCTION, "module": "keras.utils", "config": "get_file"}),
        "'get_file' in the module 'keras.utils'",
    ),
    # CVE-2025-9906: the file turns safe mode off.
    "safe-mode-override": (
        with_layer("function", module="keras.config", config="enable_unsafe_deserialization"),
        "'function' from 'keras.config'",
    ),
    # CVE-2025-9905: safe mode means nothing for .h5.
    "h5": (legacy_h5, r"Lambda.*program code"),
    # CVE-2025-12058: a vocabulary is read from any file or address.
    "string-lookup": (
        with_layer("StringLookup", vocabulary="http://localhost/x"),
        "StringLookup layer, which reads files",
    ),
    # CVE-2025-49655: pickled PyTorch code.
    "torch-wrapper": (
        with_layer("TorchModuleWrapper", module_={"class_name": "__bytes__"}),
        "TorchModuleWrapper layer, which unpickles",
    ),
    "tfsm-layer": (with_layer("TFSMLayer", filepath="/x"), "TFSMLayer layer, which runs"),
    "custom-layer": (with_layer("Mine", module="mine"), "'Mine' from 'mine'.*program code"),
    "no-class": (with_layer(["Dense"]), "without a class"),
    "unknown-layer": (with_layer("EinsumDense", units=3), "'EinsumDense', and only plain layers"),
    "unknown-setting": (with_dense(quantization_config={"x": 1}), "quantization_config"),
    "unknown-key": (with_dense(call="x"), "unknown setting 'call'"),
    "quarter-precision": (with_dense(dtype="float8"), "computes with 'float8'"),
    # Weights that lie elsewhere, or are less than they say.
    "external-link": (
        linked(KERNEL, h5py.ExternalLink("/etc/passwd", "/x")), "an external link"
    ),
    "external-link-unused": (
        with_weights(lambda file: file.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/x"))),
        "an external link",
    ),
    "soft-link": (linked(KERNEL, h5py.SoftLink("/layers/dense/vars/1")), "soft link"),
    "external-storage": (
        replaced(KERNEL, shape=(784, 10), dtype="f4", external=[("/etc/passwd", 0, 31360)]),
        "external files",
    ),
    "virtual-array": (with_weights(virtual), "virtual arrays"),
    "shape-bomb-in-weights": (
        replaced(KERNEL, shape=(1 << 20, 1 << 16), dtype="f4", chunks=(1024, 64), fillvalue=1),
        r"shape \(1048576, 65536\)",
    ),
    "packed-weights": (
        replaced(KERNEL, shape=(784, 10), dtype="f4", compression="gzip"), "compressed weights"
    ),
    "announced-weights": (
        replaced(KERNEL, shape=(784, 10), dtype="f4"), "announces weights"
    ),
    "weights-of-another-type": (
        replaced(KERNEL, data=np.zeros((784, 10), "i4")), "not floating-point numbers"
    ),
    "weights-that-are-objects": (
        replaced(KERNEL, shape=(784, 10), dtype=h5py.string_dtype()),
        "not floating-point numbers",
    ),
    "weights-that-are-no-numbers": (
        replaced(KERNEL, data=np.full((784, 10), np.nan, "f4")), "not all finite numbers"
    ),
    "no-weights": (with_weights(lambda file: file.__delitem__(KERNEL)), "has no weights"),
    "more-weights": (
        with_weights(lambda file: file.__setitem__("layers/dense/vars/2", np.zeros(3, "f4"))),
        "that no layer needs",
    ),
    "same-group-twice": (
        with_weights(lambda file: file.__setitem__("layers/again", file["layers"])),
        "contain one another",
    ),
    # Too much, before it is built.
    "shape-bomb": (with_dense(units=1 << 31), "units is 2147483648"),
    "parameter-bomb": (with_dense(units=60_000), "parameters"),
    "padding-bomb": (
        with_layer("ZeroPadding2D", padding=[[99999, 0], [0, 0]]), "on \\(784,\\), which is not an"
    ),
    "layer-bomb": (
        with_text(lambda text: text.replace('"layers": [', '"layers": [' + "{}," * 300)),
        "more than 200",
    ),
    "nested-json": (
        with_text(lambda text: text.replace("784", "[" * 100_000 + "]" * 100_000, 1)),
        "nested too deeply",
    ),
    "quotation-marks": (with_text(lambda text: text + '"\\' * 400_000), "damaged JSON"),
    "twice-in-json": (
        with_text(lambda text: text.replace('"units": 10', '"units": 10, "units": 9')),
        "describes something twice",
    ),
    "no-number": (with_text(lambda text: text.replace('"units": 10', '"units": NaN')), "NaN"),
    "endless-number": (
        with_text(lambda text: text.replace('"units": 10', '"units": 1' + "0" * 9000)),
        "damaged JSON",
    ),
    "not-json": (with_text(lambda _text: "\0" * 50), "damaged JSON"),
    "a-list": (with_text(lambda _text: "[]"), "not described"),
    "second-input": (
        with_layers(("InputLayer", {"batch_shape": [None, 28, 28, 1]})), "more than one input"
    ),
    "pooling-bomb": (
        with_layers(
            *[("ZeroPadding2D", {"padding": [[64, 64], [64, 64]]})] * 4,
            ("MaxPooling2D", {"pool_size": [64, 64], "strides": [1, 1], "padding": "same"}),
        ),
        "computes more in a layer 'MaxPooling2D'",
    ),
    "values-bomb": (
        with_layers(
            ("ZeroPadding2D", {"padding": [[64, 64], [64, 64]]}),
            *[("Conv2D", {"filters": 20, "kernel_size": 1})] * 20,
        ),
        "computes more in a layer 'Conv2D'",
    ),
    "values-bomb-within-a-layer": (
        with_layers(
            ("ZeroPadding2D", {"padding": [[64, 64], [64, 64]]}),
            ("SeparableConv2D", {"filters": 1, "kernel_size": 1, "depth_multiplier": 64}),
        ),
        "computes more in a layer 'SeparableConv2D'",
    ),
    "many-empty-tables": (many_empty_tables, "more groups than any network needs"),
    # Archives.
    "zip-bomb": (zip_bomb, "120.0 MB, packed into 0.1"),
    "lying-zip": (lying_zip, "damaged|cut short"),
    "traversal": (with_members({"../../evil": b"x"}), "leads out of the archive"),
    "absolute-name": (with_members({"/evil": b"x"}), "leads out of the archive"),
    "windows-name": (with_members({"C:\\evil": b"x"}), "leads out of the archive"),
    "traversal-in-assets": (with_members({"assets/../../evil": b"x"}), "leads out of"),
    "assets": (with_members({"assets/layers/x/vocabulary.txt": b"x"}), "vocabulary"),
    "another-member": (with_members({"evil.py": b"x"}), "'evil.py', which is not part"),
    "many-members": (with_members({f"assets/{n}": b"" for n in range(500)}), "more parts"),
    "member-twice": (twice, "holds config.json twice"),
    "something-behind": (lambda base: packed(base["config"], base["weights"]) + b"x", "behind it"),
    "cut-short": (lambda base: packed(base["config"], base["weights"])[:-100], "cut short"),
    # Other kinds of files.
    "pickle": (lambda _base: PICKLE, "Python pickle"),
    "pytorch": (zip_of({"archive/data.pkl": PICKLE}), "PyTorch"),
    "saved-model": (lambda _base: b"\x08\x01\x12\x04\x0a\x02ab", "SavedModel"),
    "saved-model-zip": (zip_of({"model/saved_model.pb": b"\x08\x01"}), "SavedModel"),
    "npz": (zip_of({"a.npy": b"x"}), "NumPy archive"),
    "onnx": (lambda _base: b"\x08\x08\x12\x07pytorch", "ONNX file that is damaged"),
    "old-torch": (lambda _base: b"\x80\x02\x8a\x0al\xfc\x9cF\xf9", r"torch\.onnx\.export"),
    "packed-pickle": (lambda _base: b"\x78\x9c" + bytes(20), r"joblib.*skl2onnx"),
    "tensorflow-js": (lambda _base: b'{"format": "layers-model"}', r"describes no TensorFlow\.js"),
    "safetensors": (lambda _base: b"\x40\x02" + bytes(6) + b"{}", "describes no layers"),
    "text": (lambda _base: b"hello", "neither a Keras .* nor a LiteRT"),
}  # fmt: skip

# Opens each file named on its command line, and tells what came of it.
OPENER = """
import json, sys, time
from pathlib import Path
import mnist_desktop.foreign.open_foreign  # loaded before anybody listens
import mnist_desktop.runs.open_model as model_file
from mnist_desktop.runs.model_ref import find_model
from mnist_desktop.errors import ModelFileError
from mnist_desktop.runs.store import RunStore

heard = []
WATCHED = ("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.fork", "os.mkdir",
           "os.rename", "os.remove", "os.symlink", "os.link", "shutil.", "tempfile.", "pickle.",
           "ctypes.", "urllib.", "exec")

def listen(event, details):
    if event == "open" and (details[1] or "r").strip("btU") != "r":
        heard.append(f"open {details[:2]}")
    elif event == "import" and details[0].split(".")[0] in ("keras", "tensorflow", "torch", "h5py"):
        heard.append(f"import {details[0]}")
    elif event.startswith(WATCHED):
        heard.append(event)

def megabytes(name):
    text = Path("/proc/self/status").read_text()
    return int(text.partition(name)[2].split()[0]) / 1024

def from_now_on():
    # Lets the system count the highest memory use from what it is now.
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return megabytes("VmRSS:")
    except OSError:
        return 0.0

store = RunStore(Path("nowhere"))
for name in ("no-such-model", sys.argv[1]):
    try:
        model_file.open_model(find_model(name), store)
    except ModelFileError:
        pass  # all that is imported late has been
sys.addaudithook(listen)
found = {}
for name in sys.argv[1:]:
    before = from_now_on()
    heard.clear()
    began, told = time.perf_counter(), None
    try:
        model_file.open_model(find_model(name), store)
    except ModelFileError as error:
        told = str(error)
    found[Path(name).name] = [time.perf_counter() - began, 0.0, told, list(heard)]
    if before:
        found[Path(name).name][1] = megabytes("VmHWM:") - before
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def refused(base: Parts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """For each hole: seconds, megabytes (on Linux), what was told, and what else was done."""
    folder, empty = tmp_path_factory.mktemp("holes"), tmp_path_factory.mktemp("empty")
    for name, (make, _) in HOLES.items():
        (folder / name).write_bytes(make(base))
    done = subprocess.run(
        [sys.executable, "-B", "-c", OPENER, *(str(folder / name) for name in HOLES)],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "HOME": str(empty),
            "MNIST_DESKTOP_HOME": str(empty),
            "TMPDIR": str(empty),
            "PYTHONPATH": str(ROOT),
        },
    )
    assert done.returncode == 0, done.stderr
    assert list(empty.iterdir()) == []
    assert {one.name for one in folder.iterdir()} == set(HOLES)
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_is_refused_with_its_reason_and_nothing_is_done(
    name: str, refused: dict[str, list[Any]]
) -> None:
    seconds, megabytes, told, heard = refused[name]
    assert told is not None
    assert re.search(HOLES[name][1], told), told
    assert told.startswith(f"{name} cannot be opened: it ")
    assert told.endswith(".")
    assert "\n" not in told
    assert len(told) < 400
    assert seconds < 2
    assert megabytes < 200
    assert heard == []


def test_the_file_that_the_holes_are_made_of_opens(base: Parts, tmp_path: Path) -> None:
    path = tmp_path / "whole.keras"
    path.write_bytes(packed(base["config"], base["weights"]))
    assert open_model(ModelRef(file=path), RunStore(tmp_path)).scores(some_images(3)).shape == (
        3,
        10,
    )


def test_folders_that_hold_models_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"x")
    with pytest.raises(ModelFileError, match="SavedModel"):
        open_model(ModelRef(file=tmp_path / "saved"), RunStore(tmp_path))
    (tmp_path / "plain").mkdir()
    with pytest.raises(ModelFileError, match="There is no model"):
        open_model(find_model(str(tmp_path / "plain")), RunStore(tmp_path))


@pytest.mark.parametrize(
    ("shape", "units", "told"),
    [
        ((32, 32, 3), 10, "32×32 pixels with 3 channels"),
        ((32, 32), 10, "takes pictures of 32×32 pixels"),
        ((28, 28, 3), 10, "28×28 pixels with 3 channels"),
        ((784,), 11, "gives 11 scores"),
    ],
)
def test_another_shape_is_refused_in_words(
    shape: tuple[int, ...], units: int, told: str, tmp_path: Path
) -> None:
    keras = load_keras()
    layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(units)]
    keras.Sequential(layers).save(tmp_path / "other.keras")
    with pytest.raises(ModelFileError, match=f"{told}.*28×28.*ten scores"):
        open_model(ModelRef(file=tmp_path / "other.keras"), RunStore(tmp_path))


def test_arrays_are_read_as_the_hdf5_library_reads_them() -> None:
    content, rng = io.BytesIO(), np.random.default_rng(1)
    with h5py.File(content, "w") as file:
        for number in range(60):  # enough for a list of several levels
            file[f"group/number{number}/vars/0"] = rng.random((number, 3)).astype("f4")
    found = HDF5File(content.getvalue())
    with h5py.File(content) as file:
        for number in range(1, 60):
            path = f"group/number{number}/vars/0"
            np.testing.assert_array_equal(found.read(path, (number, 3)), file[path][()])
    with pytest.raises(HDF5Error, match="no weights"):
        found.read("group/number1/vars/1", (1,))


def test_json_is_read_as_it_is_written() -> None:
    text = b'{"a": ["]]]", "\\"[[[", 1.5, null, true], "b": {}}'
    assert parse_json(text) == json.loads(text)


def converted(compute: Callable[[Any], Any]) -> bytes:
    """Make a LiteRT file of a program that takes images and gives ten scores."""
    load_keras()
    import tensorflow as tf

    takes = [tf.TensorSpec([None, 28, 28], tf.float32)]
    program = tf.function(compute, input_signature=takes).get_concrete_function()
    content: bytes = tf.lite.TFLiteConverter.from_concrete_functions([program], program).convert()
    return content


def scores_and(images: Any, number: Any) -> Any:
    import tensorflow as tf

    return tf.nn.softmax(tf.reduce_mean(images, axis=1)[:, :10] + number * 1e-9)


def loops_while_it_is_dark(images: Any) -> Any:
    import tensorflow as tf

    start = tf.reduce_mean(images)
    (end,) = tf.while_loop(lambda n: n > 0.1, lambda n: [n * 1.0], [start])
    return scores_and(images, end)


def grows_while_it_is_dark(images: Any) -> Any:
    import tensorflow as tf

    size = tf.where(tf.reduce_mean(images) > 0.9, 2_000_000, 1)
    padded = tf.pad(images, [[0, 0], [0, size], [0, 0]])
    return scores_and(images, tf.reduce_max(padded))


def grows_for_seven_digits(images: Any) -> Any:
    import tensorflow as tf

    size = tf.maximum(0, 1 - (tf.shape(images)[0] - 7) ** 2) * 2_000_000
    padded = tf.pad(images, [[0, 0], [0, size], [0, 0]])
    return scores_and(images, tf.reduce_max(padded))


def grows_with_counts(images: Any) -> Any:
    import tensorflow as tf

    size = tf.reduce_sum(tf.cast(images, tf.int32))
    padded = tf.pad(images, [[0, 0], [0, size], [0, 0]])
    return scores_and(images, tf.reduce_max(padded))


def picks_for_seven_digits(images: Any) -> Any:
    import tensorflow as tf

    size = tf.gather(tf.constant([1] * 7 + [2_000_000] + [1] * 50), tf.shape(images)[0])
    padded = tf.pad(images, [[0, 0], [0, size], [0, 0]])
    return scores_and(images, tf.reduce_max(padded))


@pytest.mark.parametrize(
    ("compute", "told"),
    [
        (loops_while_it_is_dark, "uses the operator WHILE"),
        (grows_while_it_is_dark, "shapes depend on what is read"),
        (grows_for_seven_digits, "shapes depend on what is read"),
        (picks_for_seven_digits, "shapes depend on what is read"),
        (grows_with_counts, "shapes depend on what is read"),
    ],
)
def test_a_litert_file_that_may_never_end_is_refused_before_it_is_tried(
    compute: Callable[[Any], Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "endless.tflite"
    path.write_bytes(converted(compute))
    monkeypatch.setattr(child, "child_command", lambda *_: pytest.fail("it is tried"))
    with pytest.raises(ModelFileError, match=f"endless.tflite cannot be opened: it .*{told}"):
        open_model(ModelRef(file=path), RunStore(tmp_path))


def takes_long(images: Any) -> Any:
    import tensorflow as tf

    kernels = np.random.default_rng(1).normal(0, 0.05, (10, 3, 3, 64, 64)).astype(np.float32)
    flow = tf.tile(tf.pad(images, [[0, 0], [64, 64], [64, 64]])[..., None], [1, 1, 1, 64])
    for kernel in (*kernels,) * 10:  # seconds for one image, on any machine
        flow = tf.nn.relu(tf.nn.conv2d(flow, kernel, 1, "SAME"))
    return tf.nn.softmax(tf.reduce_mean(flow, axis=(1, 2))[:, :10])


@pytest.mark.skipif(IS_WINE, reason="it limits no process")
def test_a_litert_file_that_computes_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litert_probe, "PATIENCE", 60.0)  # not that, but the processor's time
    monkeypatch.setattr(litert_operators, "ACCEPTED", litert_operators.ACCEPTED | {"TILE"})
    path = tmp_path / "slow.tflite"
    path.write_bytes(converted(takes_long))
    with pytest.raises(ModelFileError, match=r"slow.tflite .* takes too long"):
        open_foreign(path)


def with_other_operators(code: int) -> bytes:
    """Make a LiteRT file whose operators are all of another kind, by their one-byte numbers."""
    from ai_edge_litert.schema_py_generated import Model

    content = bytearray(litert_file())
    model = Model.GetRootAs(content, 0)
    for number in range(model.OperatorCodesLength()):
        table = model.OperatorCodes(number)._tab
        if place := table.Offset(4):
            content[table.Pos + place] = code
    return bytes(content)


@pytest.mark.parametrize(("code", "told"), [(32, "CUSTOM"), (118, "IF"), (86, "LOGICAL_AND")])
def test_operators_that_no_classifier_needs_are_refused(code: int, told: str) -> None:
    with pytest.raises(OperatorError, match=f"uses the operator {told}, and only"):
        check_operators(with_other_operators(code))


@pytest.mark.parametrize("make", [functional_cnn, residual, augmented, nested])
def test_operators_of_usual_networks_are_accepted(make: Callable[[], Any], tmp_path: Path) -> None:
    load_keras()
    make().save(tmp_path / "usual.keras")
    network = load_keras_file(tmp_path / "usual.keras")
    network.export(str(tmp_path / "usual.tflite"), format="litert", verbose=False)
    check_operators((tmp_path / "usual.tflite").read_bytes())


def test_operators_of_a_network_of_whole_numbers_are_accepted() -> None:
    load_keras()
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(residual())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    digits = np.random.default_rng(1).random((3, 1, 28, 28, 1)).astype("f4")
    converter.representative_dataset = lambda: ([digit] for digit in digits)
    with warnings.catch_warnings(action="ignore"):
        check_operators(converter.convert())


@pytest.mark.parametrize(
    ("module", "limit"), [(litert_file_parts, "MAX_LISTED"), (litert_operators, "MAX_CONNECTIONS")]
)
def test_long_lists_are_refused_before_they_are_gone_through(
    module: ModuleType, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 10)
    with pytest.raises(OperatorError, match="lists more than any network"):
        check_operators(litert_file())


def test_a_file_cut_short_anywhere_is_no_whole_litert_model() -> None:
    whole = litert_file()
    for size in range(0, 8000, 7):
        with pytest.raises(OperatorError, match="not a complete LiteRT model"):
            check_operators(whole[:size])


def litert_file() -> bytes:
    return (ROOT / "resources" / "models" / "bundled.tflite").read_bytes()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda whole: whole[:8], "not a complete LiteRT model"),
        (lambda whole: whole[:5000], "not a complete LiteRT model"),
        (lambda whole: b"\xff" * 4 + whole[4:], "not a complete LiteRT model"),
        (lambda whole: whole[:8] + b"\xff" * (len(whole) - 8), "not a complete LiteRT model"),
        (lambda whole: whole[:400] + bytes(4000) + whole[4400:], "LiteRT|cannot be opened"),
    ],
)
def test_a_damaged_litert_file_is_refused(
    change: Callable[[bytes], bytes], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(change(litert_file()))
    with pytest.raises(ModelFileError, match=told) as caught:
        open_model(ModelRef(file=path), RunStore(tmp_path))
    assert "\n" not in str(caught.value)


def test_the_litert_file_that_was_tried_is_the_one_that_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(litert_file())
    expected = open_foreign(path).scores(some_images())
    command = child.child_command

    def replaced_now(*words: str) -> list[str]:
        path.write_bytes(b"another file")
        return command(*words)

    monkeypatch.setattr(child, "child_command", replaced_now)
    np.testing.assert_array_equal(open_foreign(path).scores(some_images()), expected)
    assert path.read_bytes() == b"another file"


OUT_OF_TIME = (
    "import os; os._exit(1816)"  # ERROR_NOT_ENOUGH_QUOTA, of a job
    if sys.platform == "win32"
    else "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)"
)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import os; os.kill(os.getpid(), 11)", "stops when it reads it"),
        ("while True: pass", "takes too long"),
        (OUT_OF_TIME, "takes too long"),
        (
            "import sys; sys.exit('It is one\\nsentence.') if 0 else sys.exit(2)",
            "not a complete LiteRT",
        ),
    ],
)
def test_what_ends_or_holds_up_the_child_is_told_in_words(
    program: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(litert_file())
    monkeypatch.setattr(litert_probe, "PATIENCE", 0.5)
    monkeypatch.setattr(child, "child_command", lambda *_: [sys.executable, "-c", program])
    with pytest.raises(ModelFileError, match=told):
        open_model(ModelRef(file=path), RunStore(tmp_path))


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_name_in_any_script_comes_back_from_the_child_as_it_is(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)  # as Windows has programs write into pipes
    path = tmp_path / "Jürgen 数字.tflite"
    path.write_bytes((ROOT / "resources" / "models" / "bundled-path.tflite").read_bytes())
    with pytest.raises(ModelFileError, match=r"Jürgen 数字\.tflite does not take 28×28 images"):
        litert_probe.check_litert_file(path)


def test_the_command_that_tries_models_out_is_not_listed(capsys: pytest.CaptureFixture) -> None:
    from mnist_desktop.cli import main

    with pytest.raises(SystemExit):
        main(["--help"])
    listed = capsys.readouterr().out
    assert "probe" not in listed
    assert "parquet" not in listed
