"""Networks as plans of layers, and the Keras models built from them.

From Python, a text becomes a plan, a plan a summary or a Keras model (`docs/PYTHON.md`). Names are
looked up when they are first used, so that importing this package loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnist_desktop.networks.keras_network import build_network, weights_of
    from mnist_desktop.networks.layer_cards import LayerCard, cards_of
    from mnist_desktop.networks.layer_check import check_layers, plan_layers, plan_text
    from mnist_desktop.networks.layer_text import LayerTextError, layers_text, parse_layers
    from mnist_desktop.networks.plan import LayerPlan, NetworkPlan
    from mnist_desktop.networks.presets import preset
    from mnist_desktop.networks.summary import summarize

__all__ = [
    "LayerCard",
    "LayerPlan",
    "LayerTextError",
    "NetworkPlan",
    "build_network",
    "cards_of",
    "check_layers",
    "layers_text",
    "parse_layers",
    "plan_layers",
    "plan_text",
    "preset",
    "summarize",
    "weights_of",
]

_MODULES = {
    "LayerCard": "layer_cards",
    "LayerPlan": "plan",
    "LayerTextError": "layer_text",
    "NetworkPlan": "plan",
    "build_network": "keras_network",
    "cards_of": "layer_cards",
    "check_layers": "layer_check",
    "layers_text": "layer_text",
    "parse_layers": "layer_text",
    "plan_layers": "layer_check",
    "plan_text": "layer_check",
    "preset": "presets",
    "summarize": "summary",
    "weights_of": "keras_network",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
