"""Layers that weigh the rows of one input by those of another, as LiteRT's operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from mnist_desktop.networks.litert.graph import Flow
from mnist_desktop.networks.litert.layers import Task
from mnist_desktop.networks.plan import Array


def _attention(task: Task) -> Flow:
    """Each row of the query as a mean of the value's rows, weighed by products with the key's."""
    query, value, *rest = task.inputs
    return _means(task, query, rest[0] if rest else value, value)


def _means(task: Task, query: Flow, key: Flow, value: Flow) -> Flow:
    shape = (*query.shape[:-1], key.shape[-2])
    products = task.apply("BATCH_MATMUL", query, key, shape=shape, adjY=True)
    shares = task.apply("SOFTMAX", products, beta=1.0)
    shape = (*query.shape[:-1], value.shape[-1])
    return task.apply("BATCH_MATMUL", shares, value, shape=shape)


def _multi_head_attention(task: Task) -> Flow:
    """The same for several heads, each of which multiplies the rows by weights of its own."""
    query, value, *rest = task.inputs
    weights = iter(task.weights)
    heads = _in_heads(task, query, weights)
    key = _in_heads(task, rest[0] if rest else value, weights)
    values = _in_heads(task, value, weights)
    scaled = task.apply("MUL", heads, 1 / math.sqrt(heads.shape[-1]))
    means = _means(task, scaled, key, values)
    count, rows, width = means.shape
    turned = task.apply("TRANSPOSE", means, (0, 2, 1, 3), shape=(rows, count, width))
    flat = task.graph.reshape(turned, (rows, count * width))
    kernel = next(weights)
    return _products(task, flat, kernel.reshape(-1, kernel.shape[-1]), next(weights, None))


def _in_heads(task: Task, flow: Flow, weights: Iterator[Array]) -> Flow:
    """Multiply rows by the weights of each head, shape (heads, rows, units)."""
    kernel = next(weights)
    width, heads, units = kernel.shape
    bias = next(weights).reshape(-1) if task.settings.get("use_bias", True) else None
    rows = _products(task, flow, kernel.reshape(width, -1), bias)
    apart = task.graph.reshape(rows, (flow.shape[0], heads, units))
    return task.apply("TRANSPOSE", apart, (0, 2, 1, 3), shape=(heads, flow.shape[0], units))


def _products(task: Task, rows: Flow, kernel: Array, bias: Array | None) -> Flow:
    shape = (rows.shape[0], kernel.shape[1])
    return task.apply("FULLY_CONNECTED", rows, kernel.T, bias, shape=shape, keepNumDims=True)


ATTENTION: Mapping[str, Callable[[Task], Flow]] = {
    "Attention": _attention,
    "MultiHeadAttention": _multi_head_attention,
}
