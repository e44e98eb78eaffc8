"""Settings of layers of each kind, drawn at random."""

from __future__ import annotations

from typing import Any

from numpy.random import Generator

from mnist_desktop.networks.plan import InnerLayer

PADDINGS = ["valid", "same"]
RECURRENT = ("GRU", "LSTM", "SimpleRNN")
ON_ROWS = (
    "AveragePooling1D", "Bidirectional", "Conv1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D",
    "MaxPooling1D", "SpatialDropout1D", *RECURRENT,
)  # fmt: skip
WINDOWED = ("AveragePooling2D", "Conv2D", "DepthwiseConv2D", "MaxPooling2D", "SeparableConv2D")


def random_settings(kind: str, rng: Generator) -> dict[str, Any]:
    """Settings of a layer on images, some left as they are in Keras."""
    window = tuple(int(side) for side in rng.integers(1, 4, 2))
    settings: dict[str, Any] = {}
    if kind in WINDOWED:
        settings = {"pool_size" if "Pooling" in kind else "kernel_size": window}
        stride = int(rng.integers(1, 3))
        settings |= {"strides": (stride, stride), "padding": str(rng.choice(["valid", "same"]))}
    if "Conv2D" in kind:
        settings["use_bias"] = bool(rng.integers(2))
    if kind in ("Conv2D", "SeparableConv2D"):
        settings["filters"] = int(rng.integers(1, 5))
    if kind == "Conv2D" and settings["strides"] == (1, 1):
        settings["dilation_rate"] = (1, 2)
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        settings["depth_multiplier"] = int(rng.integers(1, 3))
    if kind in ("BatchNormalization", "LayerNormalization"):
        settings = {"center": bool(rng.integers(2)), "scale": bool(rng.integers(2))}
    if kind in ("AveragePooling1D", "Conv1D", "MaxPooling1D"):
        settings = {"pool_size" if "Pooling" in kind else "kernel_size": int(rng.integers(1, 4))}
        settings |= {"strides": int(rng.integers(1, 3)), "padding": str(rng.choice(PADDINGS))}
    if kind in RECURRENT:
        settings = {"return_sequences": bool(rng.integers(2)), "use_bias": bool(rng.integers(2))}
    if kind == "GRU":
        settings["reset_after"] = bool(rng.integers(2))
    if kind == "Bidirectional":
        inner = str(rng.choice(RECURRENT))
        settings = {"layer": InnerLayer(inner, random_settings(inner, rng))}
        settings["merge_mode"] = str(rng.choice(["concat", "sum"]))
    return settings | FIXED.get(kind, {})


FIXED: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "tanh"},
    "AlphaDropout": {"rate": 0.1},
    "Conv1D": {"filters": 3},
    "Cropping2D": {"cropping": ((1, 0), (0, 2))},
    "Dense": {"units": 3},
    "Dropout": {"rate": 0.1},
    "GRU": {"units": 3},
    "GaussianDropout": {"rate": 0.1},
    "GaussianNoise": {"stddev": 0.1},
    "GlobalAveragePooling2D": {"keepdims": True},
    "GlobalMaxPooling2D": {"keepdims": True},
    "GroupNormalization": {"groups": 2},
    "LSTM": {"units": 3},
    "PReLU": {"shared_axes": [1]},
    "Permute": {"dims": (2, 3, 1)},
    "Rescaling": {"scale": 2.0},
    "Resizing": {"height": 20, "width": 30},
    "SimpleRNN": {"units": 3},
    "SpatialDropout1D": {"rate": 0.1},
    "SpatialDropout2D": {"rate": 0.1},
    "TimeDistributed": {"layer": InnerLayer("Conv1D", {"filters": 3, "kernel_size": 2})},
    "ZeroPadding2D": {"padding": ((1, 2), (0, 1))},
}
