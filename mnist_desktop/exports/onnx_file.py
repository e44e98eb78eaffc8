"""A trained network as ONNX file, for the many programs that read that format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_desktop.networks.steps import Array, Step

if TYPE_CHECKING:
    import onnx

OPSET = 17
IR_VERSION = 8
# Channels first, as ONNX convolves, and back to channels last, as the weights expect it flattened.
CHANNELS_FIRST, CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def write_onnx(steps: list[Step], input_shape: tuple[int, ...], path: Path) -> None:
    """Write a network to an ONNX file.

    Parameters
    ----------
    steps : list of Step
        The network.
    input_shape : tuple of int
        Shape of one image, as Keras takes it.
    path : Path
        The file. Its input ``pixels`` takes float32 in [0, 1] of shape ``(n, *input_shape)``, its
        output ``scores`` gives float32 of shape ``(n, 10)``.
    """
    import onnx
    from onnx import helper

    graph = _Graph(is_image=len(input_shape) == 3)
    for step in steps:
        graph.add(step)
    nodes = graph.finish()
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "mnist",
            [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["n", *input_shape])],
            [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["n", 10])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="MNIST Desktop",
    )
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


class _Graph:
    """Nodes and weights as they come together; each node takes what the one before gave."""

    def __init__(self, *, is_image: bool) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._last = "pixels"
        self._is_image = is_image
        if is_image:
            self._node("Transpose", perm=CHANNELS_FIRST)

    def add(self, step: Step) -> None:
        """Add the nodes of a step."""
        if step.kind == "conv":
            kernel, bias = step.weights
            self._node("Conv", kernel.transpose(3, 2, 0, 1), bias)
        elif step.kind == "dense":
            self._node("Gemm", *step.weights)
        elif step.kind == "scale":
            shape = (-1, 1, 1) if self._is_image else (-1,)
            for operation, weight in zip(("Mul", "Add"), step.weights, strict=True):
                self._node(operation, weight.reshape(shape))
        elif step.kind == "pool":
            self._node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        elif step.kind == "flatten":
            if self._is_image:
                self._node("Transpose", perm=CHANNELS_LAST)
            self._is_image = False
            self._node("Flatten")
        else:
            self._node({"relu": "Relu", "sigmoid": "Sigmoid", "softmax": "Softmax"}[step.kind])

    def finish(self) -> list[onnx.NodeProto]:
        """Call what the last node gives ``scores``."""
        self.nodes[-1].output[0] = "scores"
        return self.nodes

    def _node(self, operation: str, *weights: Array, **attributes: Any) -> None:
        from onnx import helper, numpy_helper

        number = len(self.nodes)
        names = [f"weights_{number}_{place}" for place in range(len(weights))]
        for name, weight in zip(names, weights, strict=True):
            self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(weight), name))
        output = f"step_{number}"
        self.nodes.append(helper.make_node(operation, [self._last, *names], [output], **attributes))
        self._last = output
