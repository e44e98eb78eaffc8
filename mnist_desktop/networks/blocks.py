"""A network as people draw it: layers with what is joined to them, and how they are connected.

A layer that leaves the shape as it is, such as an activation, batch normalisation or dropout, is
joined to the one before it. Networks within a network are taken apart; equal ones side by side,
whose outputs come together, are drawn once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnist_desktop import formats
from mnist_desktop.networks.layer_words import (
    activation_of,
    layer_details,
    layer_name,
    sides,
)
from mnist_desktop.networks.layers import FAKE_QUANTIZATION
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan, Shape

# Kinds that may be joined to the layer before.
JOINED = frozenset(
    {
        "Activation", "AlphaDropout", "BatchNormalization", "Dropout", "ELU", FAKE_QUANTIZATION,
        "GaussianDropout", "GaussianNoise", "GroupNormalization", "Identity", "LayerNormalization",
        "LeakyReLU", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax",
        "SpatialDropout1D", "SpatialDropout2D", "UnitNormalization",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """What is drawn as one: a layer with those that are joined to it, or the network's input.

    Attributes
    ----------
    layers : tuple of LayerPlan
        The layer that gives the block its name and those joined to it, in order; of the input only
        the joined ones.
    inputs : tuple of int
        The blocks whose outputs it takes, by their indices; none for the input, which is block 0.
    output_shape : tuple of int
        Shape of its output for one image.
    copies : int
        How many of it there are side by side.
    """

    layers: tuple[LayerPlan, ...]
    inputs: tuple[int, ...]
    output_shape: Shape
    copies: int = 1

    @property
    def is_input(self) -> bool:
        """Whether it is the network's input."""
        return not self.inputs

    @property
    def main(self) -> LayerPlan | None:
        """The layer that it is named after; None for the input."""
        return None if self.is_input else self.layers[0]

    @property
    def joined(self) -> tuple[LayerPlan, ...]:
        """The layers that are joined to it."""
        return self.layers if self.is_input else self.layers[1:]

    @property
    def learns(self) -> bool:
        """Whether its own layer has weights."""
        return self.main is not None and bool(self.main.weights)


@dataclass(frozen=True)
class _Step:
    """A layer in a network without any networks in it; `inputs` as a plan has them."""

    layer: LayerPlan
    inputs: tuple[int, ...]
    copies: int


def blocks_of(plan: NetworkPlan) -> tuple[Block, ...]:
    """Divide a network into what is drawn as one.

    Parameters
    ----------
    plan : NetworkPlan
        The network.

    Returns
    -------
    tuple of Block
        The input, then all others; each comes after those that it takes its inputs from.
    """
    steps: list[_Step] = []
    _unfold(plan, 0, 1, steps)
    taken = [source for step in steps for source in step.inputs]
    blocks = [Block((), (), plan.input_shape)]
    block_of = [0]  # by the number of a step
    for number, step in enumerate(steps, start=1):
        last = blocks[-1]
        is_joined = (
            step.layer.kind in JOINED
            and step.inputs == (number - 1,)
            and taken.count(number - 1) == 1
            and step.copies == last.copies
        )
        if is_joined:
            blocks[-1] = Block(
                (*last.layers, step.layer), last.inputs, step.layer.output_shape, last.copies
            )
        else:
            inputs = tuple(dict.fromkeys(block_of[source] for source in step.inputs))
            blocks.append(Block((step.layer,), inputs, step.layer.output_shape, step.copies))
        block_of.append(len(blocks) - 1)
    return tuple(blocks)


def _unfold(plan: NetworkPlan, given: int, copies: int, steps: list[_Step]) -> int:
    """Append a network's layers, whose input is a step's output; return the step of its output."""
    flow = [given]
    for place, one in enumerate(plan.layers):
        twins = [other for other, layer in enumerate(plan.layers) if _is_twin(one, layer)]
        inputs = tuple(flow[index] for index in one.inputs)
        if one.body is None:
            steps.append(_Step(one, inputs, copies))
            flow.append(len(steps))
        elif twins[0] < place:
            flow.append(flow[twins[0] + 1])
        else:
            flow.append(_unfold(one.body, inputs[0], copies * len(twins), steps))
    return flow[plan.output]


def _is_twin(one: LayerPlan, other: LayerPlan) -> bool:
    """Whether both are networks of the same layers with the same input."""
    if one.body is None or other.body is None or one.inputs != other.inputs:
        return False
    return _structure(one.body) == _structure(other.body)


def _structure(plan: NetworkPlan) -> object:
    """All of a plan but names."""
    return plan.output, [
        (
            one.kind, dict(one.settings), one.weights, one.inputs, one.output_shape,
            None if one.body is None else _structure(one.body),
        )
        for one in plan.layers
    ]  # fmt: skip


def joined_words(block: Block) -> Iterator[str]:
    """Say what is joined to a block's layer, one after the other, such as ``"Batch norm, 64"``.

    The number of weights stands at the end where there are any.
    """
    if block.main is not None and (activation := activation_of(block.main)):
        yield activation
    for one in block.joined:
        count = one.parameters
        words = " ".join(filter(None, [layer_name(one), layer_details(one)]))
        yield f"{words} ({count:,})" if count else words


def totals_words(plan: NetworkPlan) -> tuple[str, str]:
    """Say how many parameters a network has and how many multiplications an image takes."""
    return (
        formats.count(plan.parameters, "parameter"),
        f"{formats.count(plan.cost, 'multiplication')} for each image",
    )


def describe_blocks(plan: NetworkPlan, names: Sequence[str]) -> str:
    """Describe a network's diagram in words, for who cannot see it.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    names : sequence of str
        What its outputs stand for.
    """
    blocks = blocks_of(plan)
    sentences = [_sentence(place, blocks) for place in range(len(blocks))]
    outputs = f"The outputs stand for {', '.join(names)}."
    return " ".join([*sentences, outputs, f"{', '.join(totals_words(plan))}."])


def _sentence(place: int, blocks: Sequence[Block]) -> str:
    """Say what a block is, what it takes where that is not the one before, and what it gives."""
    block = blocks[place]
    name = block_name(block)
    if block.main is not None and (details := layer_details(block.main)):
        name += f" {details}"
    if block.copies > 1:
        name += f" ({block.copies} side by side)"
    if block.inputs not in ((), (place - 1,)):
        sources = [
            f"{block_name(blocks[one])} {sides(blocks[one].output_shape)}" for one in block.inputs
        ]
        name += f" of {' and '.join(sources)}"
    parts = [f"{name}: {sides(block.output_shape)}"]
    if block.main is not None and (count := block.main.parameters):
        parts.append(formats.count(count, "parameter"))
    parts += joined_words(block)
    return f"{', '.join(parts)}."


def block_name(block: Block) -> str:
    """What a block is called: as its layer."""
    return "Input" if block.main is None else layer_name(block.main)
