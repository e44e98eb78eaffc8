"""Plain networks in ONNX files, as exporters write them, read as their own runtime reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign import onnx_graph
from mnist_desktop.foreign.onnx_network import read_onnx_file
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference.pixel_scale import ZERO_TO_ONE
from mnist_desktop.inference.scores import as_scores

RNG = np.random.default_rng(0)


def random(*shape: int) -> Any:
    scale = np.sqrt(2 / max(1, np.prod(shape[1:])))
    return RNG.normal(0, scale, shape).astype(np.float32)


def whole(*numbers: int) -> Any:
    return np.array(numbers, np.int64)


def statistics(channels: int) -> tuple[Any, ...]:
    """Scale, offset, mean and variance of a normalization."""
    around = (RNG.uniform(0.5, 1.5, channels), *RNG.normal(0, 0.2, (2, channels)))
    return tuple(one.astype(np.float32) for one in (*around, RNG.uniform(0.5, 1.5, channels)))


class Graph:
    """A graph as it comes together; each operator takes what the one before gave."""

    def __init__(self, *shape: int, batch: int | str = "n") -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.shape = [batch, *shape]
        self.last = "pixels"

    def add(self, kind: str, *arrays: Any, takes: Sequence[str] = (), **settings: Any) -> str:
        names = [f"w{len(self.weights) + place}" for place in range(len(arrays))]
        self.weights += map(numpy_helper.from_array, map(np.asarray, arrays), names)
        inputs = [*(takes or [self.last]), *names]
        self.last = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [self.last], **settings))
        return self.last

    def model(self, *, checks: bool = True) -> Any:
        self.nodes[-1].output[0] = "scores"
        given = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, self.shape)
        gives = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [self.shape[0], 10])
        graph = helper.make_graph(self.nodes, "g", [given], [gives], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if checks:
            onnx.checker.check_model(model)
        return model


def as_pytorch_writes() -> Graph:
    graph = Graph(1, 28, 28)
    graph.add("Conv", random(8, 1, 3, 3), random(8))
    graph.add("Relu")
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Conv", random(16, 8, 3, 3), random(16), pads=[1, 1, 1, 1])
    graph.add("BatchNormalization", *statistics(16))
    graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    graph.add("Flatten")
    graph.add("Gemm", random(32, 16 * 49), random(32), transB=1)
    graph.add("Dropout")
    graph.add("Gemm", random(10, 32), random(10), transB=1)
    graph.add("LogSoftmax", axis=1)
    return graph


def with_a_view_of_its_size() -> Graph:
    graph = Graph(1, 28, 28)
    graph.add("Conv", random(4, 1, 5, 5), strides=[2, 2], pads=[2, 2, 2, 2])
    flow = graph.add("LeakyRelu", alpha=0.1)
    graph.add("Shape")
    graph.add("Gather", np.array(0), axis=0)
    count = graph.add("Unsqueeze", whole(0))
    rest = graph.add("Constant", takes=[""], value=numpy_helper.from_array(whole(-1)))
    graph.nodes[-1].input.pop()
    shape = graph.add("Concat", takes=[count, rest], axis=0)
    graph.add("Reshape", takes=[flow, shape])
    graph.add("MatMul", random(10, 784).T.copy())
    graph.add("Add", random(10))
    return graph


def as_tf2onnx_writes() -> Graph:
    graph = Graph(28, 28, 1)
    graph.add("Transpose", perm=[0, 3, 1, 2])
    graph.add("Conv", random(6, 1, 3, 3), random(6), auto_pad="SAME_UPPER", strides=[2, 2])
    graph.add("Relu")
    graph.add("Conv", random(6, 1, 3, 3), group=6)
    graph.add("Clip", np.float32(0), np.float32(6))
    graph.add("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("Reshape", whole(-1, 216))
    graph.add("MatMul", random(10, 216).T.copy())
    graph.add("Softmax")
    return graph


def flat_and_normalized() -> Graph:
    graph = Graph(784, batch=1)
    graph.add("Sub", np.float32(0.1307))
    graph.add("Div", np.float32(0.3081))
    graph.add("MatMul", random(64, 784).T.copy())
    graph.add("Add", random(1, 64))
    graph.add("BatchNormalization", *statistics(64))
    graph.add("Tanh")
    graph.add("Gemm", random(64, 10), random(1, 10), alpha=0.5, beta=2.0)
    return graph


def with_branches() -> Graph:
    graph = Graph(28, 28)
    graph.add("Unsqueeze", whole(1))
    graph.add("Conv", random(8, 1, 3, 3))
    graph.add("Add", random(8, 1, 1))
    first = graph.add("Sigmoid")
    second = graph.add("Conv", random(8, 8, 3, 3), pads=[1, 1, 1, 1])
    first = graph.add("Add", takes=[second, first])
    second = graph.add("Conv", random(4, 8, 1, 1), takes=[first])
    graph.add("Concat", takes=[first, second], axis=1)
    graph.add("GlobalAveragePool")
    graph.add("Squeeze", whole(2, 3))
    graph.add("Gemm", random(10, 12), random(10), transB=1)
    graph.add("Softmax")
    return graph


def without_dense_layers() -> Graph:
    graph = Graph(28, 28, 1)
    graph.add("Transpose", perm=[0, 3, 1, 2])
    first = graph.add("Conv", random(10, 1, 3, 3), random(10), strides=[3, 3])
    second = graph.add("Tanh")
    graph.add("Sum", takes=[first, second])
    graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("ReduceMean", axes=[1, 2], keepdims=0)
    graph.add("Mul", np.float32(5))
    graph.add("Reshape", whole(0, 10, 1, 1))
    graph.add("Softmax", axis=1)
    graph.add("Flatten")
    return graph


def pooled_with_borders() -> Graph:
    graph = Graph(1, 28, 28)
    graph.add("Conv", random(8, 1, 7, 7), strides=[2, 2], pads=[3, 3, 3, 3])
    graph.add("PRelu", RNG.uniform(0.1, 2, (8, 1, 1)).astype(np.float32))
    graph.add("Neg")  # what is below 0 stays below the border
    graph.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    graph.add("MaxPool", kernel_shape=[5, 3], strides=[1, 2], pads=[1, 0, 2, 1])
    graph.add("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    graph.add("Flatten")
    graph.add("PRelu", RNG.uniform(0.1, 2, 48).astype(np.float32))
    graph.add("Gemm", random(10, 48), random(10), transB=1)
    return graph


def gelu_written_out(graph: Graph, *, first_half: bool) -> None:
    """As PyTorch writes it, or with the half first."""
    flow = graph.last
    half = graph.add("Mul", np.float32(0.5), takes=[flow]) if first_half else ""
    if first_half:
        graph.add("Mul", np.float32(0.70710678), takes=[flow])
    else:
        graph.add("Div", np.float32(1.41421354))
    graph.add("Erf")
    one = graph.add("Add", np.float32(1))
    graph.add("Mul", takes=[half or flow, one])
    if not first_half:
        graph.add("Mul", np.float32(0.5))


def with_gelus() -> Graph:
    graph = Graph(784)
    graph.add("MatMul", random(64, 784).T.copy())
    gelu_written_out(graph, first_half=False)
    graph.add("LayerNormalization", *statistics(64)[:2], axis=-1)
    graph.add("MatMul", random(64, 64).T.copy())
    gelu_written_out(graph, first_half=True)
    graph.add("HardSigmoid", alpha=0.3, beta=0.4)
    graph.add("Pow", np.float32(3))
    graph.add("HardSwish")
    graph.add("MatMul", random(10, 64).T.copy())
    return graph


def quantized(graph: Graph, step: float, zero: Any, *arrays: Any) -> str:
    """Round what flows, or an array, to 8 bits."""
    graph.add("QuantizeLinear", *arrays, np.float32(step), zero, takes=[""] if arrays else ())
    if arrays:
        del graph.nodes[-1].input[0]
    return graph.add("DequantizeLinear", np.float32(step), zero)


def of_eight_bits() -> Graph:
    graph = Graph(1, 28, 28)
    pixels = quantized(graph, 1 / 255, np.uint8(0))
    kernel, steps = random(8, 1, 3, 3), RNG.uniform(0.004, 0.006, 8).astype(np.float32)
    whole_kernel = np.clip(np.rint(kernel / steps[:, None, None, None]), -127, 127).astype(np.int8)
    zeros = np.zeros(8, np.int8)
    kernel_name = graph.add("DequantizeLinear", whole_kernel, steps, zeros, takes=[""], axis=0)
    del graph.nodes[-1].input[0]
    graph.add("Conv", takes=[pixels, kernel_name], strides=[2, 2])
    graph.add("Relu")
    quantized(graph, 0.01, np.int8(-100))
    flat = graph.add("Flatten")
    weights = quantized(graph, 0.003, np.int8(3), random(10, 8 * 169))
    graph.add("Gemm", takes=[flat, weights], transB=1)
    return graph


KINDS = [
    pooled_with_borders,
    with_gelus,
    of_eight_bits,
    without_dense_layers,
    as_pytorch_writes,
    with_a_view_of_its_size,
    as_tf2onnx_writes,
    flat_and_normalized,
    with_branches,
]


@pytest.mark.parametrize("make", KINDS)
def test_a_plain_network_reads_as_its_own_runtime_reads(
    make: Callable[[], Graph], tmp_path: Path
) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(make().model().SerializeToString())
    images = sample_dataset().test.images[:200]
    options = onnxruntime.SessionOptions()  # as the operators are defined, not as whole numbers
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options)
    given = session.get_inputs()[0]
    pixels = ZERO_TO_ONE.inputs(images, tuple(given.shape[1:]))
    outputs = np.stack([session.run(None, {given.name: one[np.newaxis]})[0][0] for one in pixels])
    ends_in_softmax = outputs.min() > 0 and abs(outputs.sum() - len(outputs)) < 0.01
    expected = as_scores(outputs, "softmax" if ends_in_softmax else "logits")
    assert np.ptp(expected, axis=0).max() > 0.001  # or any two networks would agree
    found = open_foreign(path).scores(images, ZERO_TO_ONE)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def external(graph: Graph) -> None:
    graph.weights[0].data_location = TensorProto.EXTERNAL
    graph.weights[0].external_data.add(key="location", value="/etc/passwd")


def looping(graph: Graph) -> None:
    body = helper.make_graph([], "body", [], [])
    graph.nodes.insert(1, helper.make_node("Loop", [graph.nodes[0].output[0]], ["x"], body=body))


def of_another_domain(graph: Graph) -> None:
    graph.nodes[1].domain = "com.somebody"


def of_many_numbers(graph: Graph) -> None:
    graph.weights[0].dims[0] = 1 << 40


def of_no_number(graph: Graph) -> None:
    graph.weights[1].raw_data = np.full(8, np.nan, np.float32).tobytes()


def shorter(graph: Graph) -> None:
    graph.weights[1].raw_data = graph.weights[1].raw_data[:-4]


def many_nodes(graph: Graph) -> None:
    graph.nodes[:0] = [helper.make_node("", [], [])] * onnx_graph.MAX_PARTS


def of_color(graph: Graph) -> None:
    graph.shape[1] = 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (external, r"keeps its weights in another file.*external_data=False"),
        (looping, "'Loop' with a graph of its own"),
        (of_another_domain, "operators of 'com.somebody'"),
        (of_many_numbers, "parameters that are accepted"),
        (of_no_number, "not all finite"),
        (shorter, "another size"),
        (many_nodes, "more than any network for digits needs"),
        (of_color, r"takes \(3, 28, 28\), and a network that takes 28×28"),
    ],
)
def test_what_is_no_plain_network_is_refused(
    change: Callable[[Graph], None], told: str, tmp_path: Path
) -> None:
    graph = as_pytorch_writes()
    change(graph)
    path = tmp_path / "mine.onnx"
    path.write_bytes(graph.model(checks=False).SerializeToString())
    with pytest.raises(ModelFileError, match=f"mine.onnx cannot be opened: it .*{told}"):
        open_foreign(path)


def test_damaged_files_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    rng = Random(1)  # noqa: S311
    files = [make().model().SerializeToString() for make in KINDS]
    refused = []
    for _ in range(300):
        content = bytearray(rng.choice(files))
        for _ in range(rng.choice((1, 3, 10))):
            content[rng.choice((rng.randrange(len(content)), rng.randrange(500)))] = rng.randrange(
                256
            )
        path.write_bytes(content[: rng.choice((len(content), rng.randrange(len(content))))])
        try:
            read_onnx_file(path)
        except ModelFileError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert all("\n" not in told and told.endswith(".") for told in refused)


def damage_structure(model: onnx.ModelProto, rng: Random) -> None:
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


def test_graphs_that_make_no_sense_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    rng = Random(2)  # noqa: S311
    files = [make().model().SerializeToString() for make in KINDS]
    refused = []
    for _ in range(600):
        model = onnx.ModelProto.FromString(rng.choice(files))
        damage_structure(model, rng)
        path.write_bytes(model.SerializeToString())
        try:
            read_onnx_file(path)
        except ModelFileError as error:
            refused.append(str(error))
    assert len(refused) > 200
    assert all("\n" not in told and told.endswith(".") for told in refused)
