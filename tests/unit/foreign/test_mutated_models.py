"""Model files damaged in thousands of ways are refused or read, and never end or hold up anything.

``MNIST_DESKTOP_MUTATIONS`` says how many of each kind (300 otherwise), ``MNIST_DESKTOP_SEED`` which
(1 otherwise); a failure names the number of its mutation.
"""

from __future__ import annotations

import copy
import io
import json
import os
import re
import subprocess
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np
import onnx
import pytest

from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign.h5_model_file import read_h5_model_file
from mnist_desktop.foreign.keras_file import read_keras_file
from mnist_desktop.foreign.litert_probe import check_litert_file
from mnist_desktop.foreign.onnx_network import read_onnx_file
from mnist_desktop.foreign.tfjs_file import read_tfjs_file
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.networks.litert.network import litert_file
from mnist_desktop.networks.plan import Array, NetworkPlan
from mnist_desktop.training.engine import load_keras
from tests.made_networks import ONNX_KINDS, write_tfjs

COUNT = int(os.environ.get("MNIST_DESKTOP_MUTATIONS", "300"))
SEED = int(os.environ.get("MNIST_DESKTOP_SEED", "1"))
SECONDS = 5.0  # of the processor that reading one file may take
BUILT_EVERY = 20  # of those that are read, so many are also built
ROOT = Path(__file__).parents[3]
SHARD = "group1-shard1of1.bin"
ONNX_FILES = [make().model().SerializeToString() for make in ONNX_KINDS]
NUMBERS = (0, 1, 2, 4, 8, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 3, 28, 1 << 31, 1 << 70, 1.5, 1e300, "", "x", "relu", "os", "a/b",
    "valid", "same", [], [[]], [1], [1, 2], [None, 784], [None, 28, 28], {}, {"class_name": "x"},
    {"module": "os", "class_name": "function", "config": "system", "registered_name": None},
)  # fmt: skip


def change_bytes(content: bytes, rng: Random) -> bytes:
    """Flip bits, overwrite numbers, cut, repeat or move pieces."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        place = rng.randrange(len(data)) if data else 0
        kind = rng.randrange(7)
        if not data or kind == 0:
            data[place:place] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        elif kind == 1:
            data[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[place] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 3:
            width = rng.choice((2, 4, 8))
            data[place : place + width] = (rng.choice(NUMBERS) % (1 << 8 * width)).to_bytes(
                width, "little"
            )
        elif kind == 4 and rng.random() < 0.2:
            del data[place:]
        elif kind == 5:
            del data[place : place + rng.randrange(1, 40)]
        else:
            other, size = rng.randrange(len(data)), rng.randrange(1, 200)
            data[place : place + size] = data[other : other + size]
    return bytes(data)


def change_json(text: bytes, rng: Random) -> bytes:
    """Put another value somewhere in a description, or take it out."""
    whole = json.loads(text)
    for _ in range(rng.choice((1, 1, 2, 3))):
        holder, key = whole, None
        places: list[tuple[Any, Any]] = []
        queue = [holder]
        while queue:
            one = queue.pop()
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            places += [(one, key) for key in keys]
            queue += [one[key] for key in keys if isinstance(one[key], dict | list)]
        if not places:
            break
        holder, key = rng.choice(places)
        kind = rng.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            source, other = rng.choice(places)
            if other in source if isinstance(source, dict) else other < len(source):
                holder[key] = json.loads(json.dumps(source[other]))
        else:
            holder[key] = copy.deepcopy(rng.choice(NASTY))
    return json.dumps(whole).encode()


def packed(config: bytes, weights: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", b"{}")
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    return content.getvalue()


def mutated(parts: tuple[bytes, bytes], number: int) -> bytes:
    """Return one damaged Keras file; the same number gives the same file."""
    rng = Random(SEED * 1_000_003 + number)  # noqa: S311
    config, weights = parts
    kind = number % 5
    if kind == 0:
        whole = packed(config, weights)
        if rng.random() < 0.7:  # where the zip's own numbers are
            return whole[:200] + whole[200:-300] + change_bytes(whole[-300:], rng)
        return change_bytes(whole, rng)
    if kind == 1:
        return packed(change_bytes(config, rng), weights)
    if kind == 2:
        return packed(change_json(config, rng), weights)
    if kind == 3:
        return packed(config, change_bytes(weights, rng))
    return packed(change_json(config, rng), change_bytes(weights, rng))


def mutated_h5(content: bytes, number: int) -> bytes:
    """Return one damaged HDF5 model file; the same number gives the same file."""
    rng = Random(SEED * 1_000_003 + number)  # noqa: S311
    kind = number % 4
    if kind in (0, 1):
        stored = io.BytesIO(content)
        with h5py.File(stored, "a") as file:
            config = change_json(file.attrs["model_config"].encode(), rng)
            file.attrs["model_config"] = config.decode()
        if kind == 0:
            return stored.getvalue()
        content = stored.getvalue()
    if kind == 2:  # where the file says what is where; most of it are weights
        marks = [b"GCOL", b"HEAP", b"SNOD", b"TREE", b"layer_names", b"weight_names", b"model_con"]
        places = [at.start() for at in re.finditer(b"|".join(marks), content)]
        start = max(0, rng.choice(places) - 40)
        return (
            content[:start]
            + change_bytes(content[start : start + 400], rng)
            + content[start + 400 :]
        )
    return change_bytes(content, rng)


def change_graph(model: onnx.ModelProto, rng: Random) -> None:
    """Change one thing in a graph that a parser accepts, as changed bytes seldom do."""
    graph = model.graph
    node = rng.choice(graph.node)
    way = rng.randrange(5)
    if way == 0 and node.attribute:
        setting = rng.choice(node.attribute)
        setting.ints.append(rng.choice([0, -1, 3, -(2**63)]))
        setting.i = rng.choice([0, -1, 2**62])
    elif way == 1:
        node.op_type = rng.choice([one.op_type for one in graph.node] + ["Add", "Clip", "Reshape"])
    elif way == 2 and node.input:
        del node.input[rng.randrange(len(node.input))]
    elif way == 3 and graph.initializer:
        rng.choice(graph.initializer).dims.append(rng.choice([0, 1, 2**40]))
    elif node.attribute:
        del node.attribute[rng.randrange(len(node.attribute))]


def mutated_onnx(number: int) -> bytes:
    """Return one damaged ONNX file; the same number gives the same file."""
    rng = Random(SEED * 1_000_003 + number)  # noqa: S311
    content = ONNX_FILES[number % len(ONNX_FILES)]
    kind = number % 3
    if kind == 0:
        model = onnx.ModelProto.FromString(content)
        for _ in range(rng.choice((1, 1, 2, 5))):
            change_graph(model, rng)
        return model.SerializeToString()
    if kind == 1:  # where the graph is described, before its weights
        return change_bytes(content[:900], rng) + content[900:]
    return change_bytes(content, rng)


def mutated_tfjs(path: Path, text: bytes, weights: bytes, number: int) -> bytes:
    """Return one damaged text of a TensorFlow.js model, beside weights that may be damaged."""
    rng = Random(SEED * 1_000_003 + number)  # noqa: S311
    kind = number % 3
    path.with_name(SHARD).write_bytes(change_bytes(weights, rng) if kind == 0 else weights)
    if kind == 0 and rng.random() < 0.5:
        return text
    return change_bytes(text, rng) if kind == 1 else change_json(text, rng)


def assert_one_sentence(error: ModelFileError) -> None:
    assert str(error).endswith(".")
    assert "\n" not in str(error)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small network in files of all kinds."""
    keras = load_keras()
    layers = keras.layers
    pixels = keras.Input((28, 28, 1))
    flow = layers.Conv2D(2, 5, strides=3, activation="relu")(pixels)
    flow = layers.BatchNormalization()(layers.Dropout(0.1)(flow))
    flow = layers.Add()([flow, layers.LeakyReLU()(flow)])
    flow = layers.Flatten()(layers.MaxPooling2D(2)(flow))
    model = keras.Model(pixels, layers.Dense(10, activation="softmax")(flow))
    folder = tmp_path_factory.mktemp("small")
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    model.export(str(folder / "model.tflite"), format="litert", verbose=False)
    write_tfjs(model, folder, files=1)
    (folder / "bytes.tflite").write_bytes(of_eight_bits(model))
    return folder


def of_eight_bits(model: Any) -> bytes:
    """Convert a network to LiteRT with integers of 8 bits inside, for its input and its output."""
    import tensorflow as tf

    rng = np.random.default_rng(5)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [rng.random((1, 28, 28, 1), np.float32)] for _ in range(20)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Statistics for quantized inputs")
        content: bytes = converter.convert()
    return content


@pytest.mark.timeout(3600)
def test_a_damaged_keras_file_is_refused_or_reads_digits(small: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(small / "model.keras") as archive:
        parts = archive.read("config.json"), archive.read("model.weights.h5")
    assert_harmless(
        tmp_path / "model.keras", lambda number: mutated(parts, number), read_keras_file
    )


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("small")  # TensorFlow is loaded before the clock runs
def test_a_damaged_onnx_file_is_refused_or_reads_digits(tmp_path: Path) -> None:
    assert_harmless(tmp_path / "model.onnx", mutated_onnx, read_onnx_file)


@pytest.mark.timeout(3600)
def test_a_damaged_model_of_the_browser_is_refused_or_reads_digits(
    small: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.json"
    text, weights = (small / "model.json").read_bytes(), (small / SHARD).read_bytes()
    assert_harmless(path, lambda number: mutated_tfjs(path, text, weights, number), read_tfjs_file)


@pytest.mark.timeout(3600)
def test_a_damaged_hdf5_model_file_is_refused_or_reads_digits(small: Path, tmp_path: Path) -> None:
    content = (small / "model.h5").read_bytes()
    assert_harmless(
        tmp_path / "model.h5", lambda number: mutated_h5(content, number), read_h5_model_file
    )


def assert_harmless(
    path: Path,
    damaged: Callable[[int], bytes],
    read: Callable[[Path], tuple[NetworkPlan, list[Array]]],
) -> None:
    """Read many damaged files; build some of those in which nothing wrong is found."""
    outcomes, longest = Counter[str](), 0.0
    for number in range(COUNT):
        path.write_bytes(damaged(number))
        found, began = None, time.process_time()
        try:
            found = read(path)
        except ModelFileError as error:
            assert_one_sentence(error)
            outcomes["refused"] += 1
        except Exception as error:
            raise AssertionError(f"mutation {number}: {error!r}") from error
        else:
            outcomes["read"] += 1
        seconds = time.process_time() - began
        longest = max(longest, seconds)
        assert seconds < SECONDS, number
        if found is not None and outcomes["read"] % BUILT_EVERY == 0:
            outcomes[built(path, *found)] += 1
    print(dict(outcomes), f"longest {longest:.2f} s")  # noqa: T201
    assert outcomes["refused"] > COUNT / 4
    assert outcomes["read"] > 0


def built(path: Path, plan: NetworkPlan, weights: list[Array]) -> str:
    """Go on to the end with a damaged file that was read."""
    try:
        predictor = Predictor(path, content=bytes(litert_file(plan, weights)))
        scores = predictor.scores(np.full((3, 28, 28), 90, np.uint8))
        assert np.isfinite(scores).all()
    except ModelFileError as error:
        assert_one_sentence(error)
        return "refused when built"
    return "reads"


# Forks for each damaged file: the child does what the program's own child does; where it finds
# nothing wrong, another opens the file as the program then does, and may not end.
PROBER = """
import json, os, signal, sys, time
from pathlib import Path
from random import Random
import numpy as np
import ai_edge_litert.interpreter
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.foreign import litert_probe

def in_child(work, path):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work(path)
            code = 0
        except ModelFileError:
            code = 2
        except MemoryError:
            code = 3
        finally:
            os._exit(code)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "reads", 2: "refused", 3: "no memory"}.get(ended, f"ended {ended}")

def read_all(path):
    predictor = Predictor(path)
    images = np.random.default_rng(7).integers(0, 256, (120, 28, 28)).astype(np.uint8)
    for count in (1, 50, 120, 1):
        predictor.scores(images[:count])

exec(sys.stdin.read())
base = Path(sys.argv[1]).read_bytes()
path, count, seed = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
outcomes, bad, longest = {}, [], 0.0
for number in range(count):
    path.write_bytes(change_bytes(base, Random(seed * 1_000_003 + number)))
    began = time.perf_counter()
    try:
        litert_probe.read_litert_file(path)
    except ModelFileError:
        found = "refused before"
    else:
        found = in_child(lambda path: litert_probe.try_out(path, path.read_bytes()), path)
        longest = max(longest, time.perf_counter() - began)
        if found == "reads":
            again = in_child(read_all, path)
            if again != "reads":
                bad.append([number, again])
    outcomes[found] = outcomes.get(found, 0) + 1
print(json.dumps({"outcomes": outcomes, "bad": bad, "longest": longest}))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of its own for each takes too long")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["model.tflite", "bytes.tflite"])
def test_a_damaged_litert_file_ends_no_process_but_its_child(
    name: str, small: Path, tmp_path: Path
) -> None:
    import inspect

    helpers = f"NUMBERS = {NUMBERS}\n{inspect.getsource(change_bytes)}"
    done = subprocess.run(
        [
            sys.executable, "-c", f"from __future__ import annotations\n{PROBER}",
            str(small / name), str(tmp_path / name), str(COUNT), str(SEED),
        ],
        input=helpers, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(found)  # noqa: T201
    assert found["bad"] == []
    assert found["longest"] < 3 * SECONDS  # the child has some seconds of the processor's own time
    assert set(found["outcomes"]) & {"refused", "refused before"}


@pytest.mark.parametrize("number", range(3))
def test_a_damaged_litert_file_is_told_in_words(number: int, small: Path, tmp_path: Path) -> None:
    """The whole way, with the program's own child."""
    path = tmp_path / "model.tflite"
    whole = (small / "model.tflite").read_bytes()
    path.write_bytes(change_bytes(whole, Random(SEED * 1_000_003 + number)))  # noqa: S311
    try:
        content = check_litert_file(path)
    except ModelFileError as error:
        assert_one_sentence(error)
    else:  # the damage is somewhere in the weights, perhaps
        scores = Predictor(path, content=content).scores(np.full((3, 28, 28), 90, np.uint8))
        assert scores.shape == (3, 10)
        np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_litert_file_that_is_cut_short_is_refused(
    share: float, small: Path, tmp_path: Path
) -> None:
    whole = (small / "model.tflite").read_bytes()
    path = tmp_path / "model.tflite"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelFileError) as caught:
        check_litert_file(path)
    assert_one_sentence(caught.value)
