"""Attention between the rows of one or two inputs: the settings, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mnist_desktop.foreign.keras_settings import Json, LayerSettings, PlanError
from mnist_desktop.networks.plan import Shape

ATTENDED = ("query", "value", "key")  # what its inputs are called, in order
MAX_HEADS, MAX_WIDTH = 64, 1_024


def _check_rows(settings: LayerSettings, shapes: Sequence[Shape]) -> None:
    if not 2 <= len(shapes) <= 3 or any(len(one) != 2 for one in shapes):
        raise PlanError(f"has {settings.layer} on {list(shapes)[:3]}, which are not lists of rows")
    if len({one[0] for one in shapes[1:]}) > 1:
        raise PlanError(f"has {settings.layer} whose inputs do not fit together")


def attention(settings: LayerSettings, shapes: Sequence[Shape]) -> Json:
    """Take the settings of ``Attention``, which has no weights unless it scales."""
    _check_rows(settings, shapes)
    if any(one[1] != shapes[0][1] for one in shapes):
        raise PlanError(f"has {settings.layer} whose inputs do not fit together")
    settings.one_of("use_scale", (False,), False)
    settings.one_of("score_mode", ("dot",), "dot")
    settings.take("dropout")  # only in training
    settings.take("seed")
    return {}


def multi_head_attention(settings: LayerSettings, shapes: Sequence[Shape]) -> Json:
    """Take the settings of ``MultiHeadAttention``, which attends along the rows."""
    _check_rows(settings, shapes)
    width = settings.whole("key_dim", 1, MAX_WIDTH)
    made = {
        "num_heads": settings.whole("num_heads", 1, MAX_HEADS),
        "key_dim": width,
        "value_dim": settings.whole("value_dim", 1, MAX_WIDTH, width),
        "use_bias": settings.flag("use_bias", True),
    }
    settings.one_of("attention_axes", (None, [1], 1), None)
    settings.one_of("output_shape", (None,), None)
    settings.one_of("use_gate", (False,), False)
    settings.one_of("sliding_window", (None,), None)
    settings.builtins("kernel", "bias")
    for name in ("dropout", "seed", "flash_attention", "query_shape", "key_shape", "value_shape"):
        settings.take(name)
    return made


ATTENTION_LAYERS: Mapping[str, Callable[[LayerSettings, Sequence[Shape]], Json]] = {
    "Attention": attention,
    "MultiHeadAttention": multi_head_attention,
}
