"""Layers that read an image as a list of rows: their settings, checked.

Recurrent layers are planned unrolled, one step for each row: the work is then known before they are
built, and LiteRT has no operators for the loops that Keras would make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mnist_desktop.foreign.keras_settings import Json, LayerSettings, PlanError
from mnist_desktop.networks.layers import MAX_FILTERS, MAX_SIDE
from mnist_desktop.networks.plan import InnerLayer, Shape

MAX_UNITS = 1_024
MERGE_MODES = ("ave", "concat", "mul", "sum")


def _check_sequence(settings: LayerSettings, shape: Shape) -> None:
    if len(shape) != 2:
        raise PlanError(f"has {settings.layer} on {shape}, which is not a list of rows")


def _single(settings: LayerSettings, name: str, default: object = None) -> int:
    """Take a number that old files wrap in a list."""
    value = settings.take(name, default)
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    return LayerSettings({name: value}, settings.layer).whole(name, 1, 1_024)


def conv_1d(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``Conv1D``."""
    _check_sequence(settings, shape)
    made = {
        "filters": settings.whole("filters", 1, MAX_FILTERS),
        "kernel_size": _single(settings, "kernel_size"),
        "strides": _single(settings, "strides", 1),
        "padding": settings.one_of("padding", ("valid", "same", "causal"), "valid"),
        "dilation_rate": _single(settings, "dilation_rate", 1),
        "use_bias": settings.flag("use_bias", True),
        "activation": settings.activation(),
    }
    if made["strides"] > 1 and made["dilation_rate"] > 1:
        raise PlanError(f"has {settings.layer} with both strides and dilation")
    settings.channels_last()
    settings.one_of("groups", (1,), 1)
    settings.builtins("kernel", "bias")
    return made


def pool_1d(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of a pooling layer for rows."""
    _check_sequence(settings, shape)
    size = _single(settings, "pool_size", 2)
    padding = settings.one_of("padding", ("valid", "same"), "valid")
    settings.channels_last()
    strides = settings.take("strides")
    if strides is not None:
        strides = _single(LayerSettings({"strides": strides}, settings.layer), "strides")
    return {"pool_size": size, "strides": strides or size, "padding": padding}


def global_pool_1d(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of a layer that pools all rows."""
    _check_sequence(settings, shape)
    settings.channels_last()
    return {"keepdims": settings.flag("keepdims", False)}


def simple_rnn(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``SimpleRNN``."""
    if len(shape) != 2 or shape[0] > MAX_SIDE:
        raise PlanError(f"has {settings.layer} on {shape}, which is not a list of at most 64 rows")
    made = {
        "units": settings.whole("units", 1, MAX_UNITS),
        "activation": settings.activation(),
        "use_bias": settings.flag("use_bias", True),
        "return_sequences": settings.flag("return_sequences", False),
        "go_backwards": settings.flag("go_backwards", False),
        "unroll": True,
    }
    settings.builtins("kernel", "recurrent", "bias")
    for name in ("return_state", "stateful", "time_major"):
        settings.one_of(name, (False,), False)
    for name in (
        "unroll", "dropout", "recurrent_dropout", "implementation", "zero_output_for_mask", "seed",
        "use_cudnn",
    ):  # fmt: skip
        settings.take(name)
    return made


def lstm(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``LSTM``."""
    gates = settings.activation("recurrent_activation")
    settings.take("unit_forget_bias")
    return {**simple_rnn(settings, shape), "recurrent_activation": gates}


def gru(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``GRU``; Keras 2.2 does not know that the reset may come after."""
    gates = settings.activation("recurrent_activation")
    after = settings.flag("reset_after", False)
    return {**simple_rnn(settings, shape), "recurrent_activation": gates, "reset_after": after}


KINDS: Mapping[str, Callable[[LayerSettings, Shape], Json]] = {
    "GRU": gru,
    "LSTM": lstm,
    "SimpleRNN": simple_rnn,
}


def bidirectional(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``Bidirectional`` and of the layer that it applies twice."""
    inner = settings.take("layer")
    kind = inner.get("class_name") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(kind, str) or kind not in KINDS:
        raise settings.refuse("layer", kind)
    forward = LayerSettings(inner.get("config"), f"{kind} in {settings.layer}")
    forward.common()
    made = KINDS[kind](forward, shape)
    forward.finish()
    settings.take("backward_layer")  # the same, as far as weights tell
    return {
        "layer": InnerLayer(kind, made),
        "merge_mode": settings.one_of("merge_mode", MERGE_MODES, "concat"),
    }
