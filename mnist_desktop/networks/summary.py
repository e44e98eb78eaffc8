"""A network as a table in text: its layers, their shapes, parameters and multiplications."""

from __future__ import annotations

from mnist_desktop.networks.blocks import totals_words
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.plan import NetworkPlan

HEADINGS = ("layer", "kind", "output", "parameters", "multiplications")


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
    layer   kind   output  parameters  multiplications
    dense   Dense     100      78,500         78,400
    scores  Dense      10       1,010          1,000
    79,510 parameters, 79,400 multiplications for each image
    """
    rows = [HEADINGS] + [
        (
            one.name,
            one.kind or "network",
            sides(one.output_shape),
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
    return "\n".join([*lines, ", ".join(totals_words(plan))])
