"""Plain networks in ONNX files, as exporters write them, read as their own runtime reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.errors import ModelFileError
from mnist_desktop.foreign import onnx_graph
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference.pixel_scale import ZERO_TO_ONE
from mnist_desktop.inference.scores import as_scores
from tests.made_networks import ONNX_KINDS, Graph, as_pytorch_writes


@pytest.mark.parametrize("make", ONNX_KINDS)
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


def with_a_wide_border(graph: Graph) -> None:
    graph.nodes[1].op_type = "Neg"  # after a rectifier, a border of zeros would do
    graph.nodes[2].attribute.append(helper.make_attribute("pads", [1, 1, 1, 1]))


def rounded_twice(graph: Graph) -> None:
    """Round to 8 bits, and go on with other steps."""
    steps = [numpy_helper.from_array(np.float32(one), f"s{one}") for one in (1, 2)]
    graph.weights += steps
    graph.nodes[1] = helper.make_node("QuantizeLinear", [graph.nodes[0].output[0], "s1"], ["q"])
    graph.nodes.insert(2, helper.make_node("DequantizeLinear", ["q", "s2"], ["t1"]))


def rectified_as_integers(graph: Graph) -> None:
    """Round to 8 bits and apply an operator to them: to ONNX, to the integers."""
    graph.weights.append(numpy_helper.from_array(np.float32(1), "s"))
    graph.weights.append(numpy_helper.from_array(np.int8(-20), "z"))
    nodes = [
        helper.make_node("QuantizeLinear", [graph.nodes[0].output[0], "s", "z"], ["q"]),
        helper.make_node("Relu", ["q"], ["r"]),
        helper.make_node("DequantizeLinear", ["r", "s", "z"], ["t1"]),
    ]
    graph.nodes[1:2] = nodes


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
        (with_a_wide_border, r"'MaxPool' with a window of \(2, 2\) and a border"),
        (rounded_twice, "not rounded with the same steps"),
        (rectified_as_integers, "'Relu' on integers of 8 bits"),
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
