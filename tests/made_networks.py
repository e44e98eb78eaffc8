"""Files of networks as other programs write them: ONNX graphs, TensorFlow.js models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

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


def quantized(graph: Graph, step: float, zero: Any, *arrays: Any) -> str:
    """Round what flows, or an array, to 8 bits."""
    graph.add("QuantizeLinear", *arrays, np.float32(step), zero, takes=[""] if arrays else ())
    if arrays:
        del graph.nodes[-1].input[0]
    return graph.add("DequantizeLinear", np.float32(step), zero)


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
    graph.add("Relu")
    graph.add("MaxPool", kernel_shape=[2, 2], pads=[1, 1, 1, 1])
    graph.add("Flatten")
    graph.add("PRelu", RNG.uniform(0.1, 2, 96).astype(np.float32))
    graph.add("Gemm", random(10, 96), random(10), transB=1)
    return graph


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


ONNX_KINDS = [
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


Json = dict[str, Any]


def write_tfjs(model: Any, folder: Path, *, kind: str = "float32", files: int = 2) -> Path:
    """Write a model as ``tensorflowjs_converter`` does."""
    entries, content = [], b""
    for layer in model.layers:
        for weight in layer.weights:
            values = weight.numpy()
            entry: Json = {
                "name": f"{model.name}/{layer.name}/{getattr(weight, 'path', weight.name)}",
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
