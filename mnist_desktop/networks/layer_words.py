"""What layers are called, and what is said of them, in words that a learner reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mnist_desktop import formats
from mnist_desktop.networks.layers import FAKE_QUANTIZATION
from mnist_desktop.networks.plan import InnerLayer, LayerPlan, Shape

# Kinds whose names do not follow from that of their class.
NAMES: Mapping[str, str] = {
    "Conv1D": "Convolution",
    "Conv2D": "Convolution",
    "DepthwiseConv2D": "Depthwise convolution",
    FAKE_QUANTIZATION: "Rounding",
    "MultiHeadAttention": "Multi-head attention",
    "Permute": "Swapped axes",
    "SeparableConv2D": "Separable convolution",
    "SimpleRNN": "Simple RNN",
    "TimeDistributed": "For each row",
    "UpSampling2D": "Upsampling",
}
# Of activations, whether a setting or a layer; others are called as Keras has them.
ACTIVATIONS: Mapping[str, str] = {
    "elu": "ELU",
    "gelu": "GELU",
    "hard_silu": "hard SiLU",
    "hard_swish": "hard SiLU",
    "leaky_relu": "leaky ReLU",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "selu": "SELU",
    "silu": "SiLU",
    "swish": "SiLU",
}
ACTIVATION_KINDS: Mapping[str, str] = {
    "ELU": "ELU", "LeakyReLU": "leaky ReLU", "PReLU": "PReLU", "ReLU": "ReLU", "Softmax": "softmax",
}  # fmt: skip
# Kinds whose activation is said to come after them; that of a recurrent layer is inside it.
ACTIVATED = ("Conv1D", "Conv2D", "Dense", "DepthwiseConv2D", "SeparableConv2D")
POOLINGS = ("AveragePooling1D", "AveragePooling2D", "MaxPooling1D", "MaxPooling2D")
AMOUNTS = ("rate", "stddev")


def layer_name(layer: LayerPlan | InnerLayer) -> str:
    """What a layer is called, such as ``"Max pooling"``, ``"Dropout"`` or ``"ReLU"``."""
    kind = layer.kind
    if kind == "Activation":
        return activation_name(layer.settings["activation"])
    if kind in ACTIVATION_KINDS:
        return ACTIVATION_KINDS[kind]
    if kind in NAMES:
        return NAMES[kind]
    bare = re.sub(r"[12]D$", "", kind).replace("Normalization", "Norm")
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", bare)
    first, *rest = words
    return " ".join([first, *(word if word.isupper() else word.lower() for word in rest)])


def activation_name(activation: str | InnerLayer) -> str:
    """What an activation is called, such as ``"ReLU"`` or ``"softmax"``."""
    if isinstance(activation, InnerLayer):
        return layer_name(activation)
    return ACTIVATIONS.get(activation, activation.replace("_", " "))


def activation_of(layer: LayerPlan) -> str:
    """What a layer's own activation is called; empty where it has none to speak of."""
    activation = layer.settings.get("activation", "linear")
    return (
        "" if layer.kind not in ACTIVATED or activation == "linear" else activation_name(activation)
    )


def layer_details(layer: LayerPlan) -> str:
    """Say with which settings a layer works, in few words, such as ``"5×5, stride 2, padded"``.

    What its shape tells anyway is left out.
    """
    settings = layer.settings
    inner = settings.get("layer")
    found = [layer_name(inner)] if isinstance(inner, InnerLayer) else []
    window = window_of(layer)
    if window is not None:
        found.append(sides(window))
    # Pooling usually moves its window by as much as that is large.
    usual = (window,) if layer.kind in POOLINGS else (1, (1, 1))
    strides: int | Shape | None = settings.get("strides")
    if strides is not None and strides not in usual:
        found.append(f"stride {_one_or_both(strides)}")
    if settings.get("padding") in ("same", "causal"):
        found.append("padded")
    gaps = settings.get("dilation_rate", 1)
    if gaps not in (1, (1, 1)):
        found.append(f"dilated {_one_or_both(gaps)}")
    if "size" in settings:
        found.append(sides(settings["size"]))
    if "num_heads" in settings:
        found.append(formats.count(settings["num_heads"], "head"))
    found += [f"{settings[name]:g}" for name in AMOUNTS if name in settings]
    return ", ".join(found)


def window_of(layer: LayerPlan) -> int | Shape | None:
    """Size of the window that a layer slides over its input; None if it has none."""
    usual: int | Shape | None = None
    if layer.kind in POOLINGS:
        usual = (2, 2) if layer.kind.endswith("2D") else 2  # as Keras has it
    found = layer.settings.get("kernel_size", layer.settings.get("pool_size", usual))
    return usual if found is None else found


def sides(shape: int | Shape) -> str:
    """Write a shape, such as ``"24×24×16"`` or ``"1,024"``."""
    return "×".join(f"{side:,}" for side in ((shape,) if isinstance(shape, int) else shape))


def _one_or_both(steps: int | Shape) -> str:
    both = (steps,) if isinstance(steps, int) else steps
    return sides(both[:1] if len(set(both)) == 1 else both)
