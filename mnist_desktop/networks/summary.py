"""A network as a table in text: its layers, their shapes, parameters and multiplications."""

from __future__ import annotations

from mnist_desktop import formats
from mnist_desktop.networks.layer_check import shape_words
from mnist_desktop.networks.plan import NetworkPlan

HEADINGS = ("layer", "kind", "output", "parameters", "multiply-adds")


def summarize(plan: NetworkPlan) -> str:
    """Describe a network layer by layer, and in all.

    Parameters
    ----------
    plan : NetworkPlan
        The network.

    Returns
    -------
    str
        A line for each layer, and one on what they come to; without a line break at its end.

    Examples
    --------
    >>> print(summarize(plan_text("dense 100 relu")))
    layer   kind   output  parameters  multiply-adds
    dense   Dense     100      78,500         78,400
    scores  Dense      10       1,010          1,000
    79,510 parameters, 79,400 multiply-adds for one digit
    """
    rows = [HEADINGS] + [
        (
            one.name,
            one.kind or "network",
            shape_words(one.output_shape),
            f"{one.parameters:,}",
            f"{one.cost:,}",
        )
        for one in plan.all_layers
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if place < 2 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    total = f"{formats.count(plan.parameters, 'parameter')}, {plan.cost:,} multiply-adds"
    return "\n".join([*lines, f"{total} for one digit"])
