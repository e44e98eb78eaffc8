"""Checks a network of one's own as it is put together: shapes, weights, cost, what cannot be.

Keras is not needed; everything comes from the catalogue (`mnist_desktop.networks.layers`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.layer_cards import RESIDUAL, LayerCard, add_card
from mnist_desktop.networks.layer_text import (
    LayerReading,
    LayerTextError,
    TextProblem,
    problem_at,
    read_layers,
)
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.layers import ON_IMAGES
from mnist_desktop.networks.limits import Spending
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan, Shape
from mnist_desktop.networks.plan_builder import PlanBuilder
from mnist_desktop.networks.presets import FLAT, IMAGE, PICTURE, dense
from mnist_desktop.networks.repairs import (
    FLAT_NEEDED,
    IMAGE_NEEDED,
    SCALED,
    SINGLE,
    TOO_LARGE,
    TOO_MUCH,
    Repair,
    possible_repairs,
    removals,
)


@dataclass(frozen=True)
class LayerProblem:
    """Why a network cannot be built.

    Attributes
    ----------
    index : int
        At which card; their number where it is at the ten outputs.
    rule : str
        A constant of `mnist_desktop.networks.repairs`.
    sentence : str
        The reason, for people.
    repairs : tuple of Repair
        Single changes after which this card fits, those first after which all others fit as well.
    """

    index: int
    rule: str
    sentence: str
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class CheckedLayer:
    """A card in its network.

    Attributes
    ----------
    input_shape, output_shape : tuple of int or None
        Shapes for one image; None where a card before it, or it, cannot be built.
    layers : tuple of LayerPlan
        What it becomes: none where it is off or cannot be built, several for a block.
    """

    input_shape: Shape | None
    output_shape: Shape | None
    layers: tuple[LayerPlan, ...] = ()

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return sum(one.parameters for one in self.layers)

    @property
    def cost(self) -> int:
        """Multiplications for one image."""
        return sum(one.cost for one in self.layers)


@dataclass(frozen=True)
class CheckedNetwork:
    """What became of the cards of a network.

    Attributes
    ----------
    layers : tuple of CheckedLayer
        One for each card, and a last one for the ten outputs.
    outcome : NetworkPlan or LayerProblem
        What is to be built, or why it cannot be.
    """

    layers: tuple[CheckedLayer, ...]
    outcome: NetworkPlan | LayerProblem

    @property
    def plan(self) -> NetworkPlan | None:
        """What is to be built; None where it cannot be."""
        return None if isinstance(self.outcome, LayerProblem) else self.outcome

    @property
    def problem(self) -> LayerProblem | None:
        """Why it cannot be built; None where it can."""
        return self.outcome if isinstance(self.outcome, LayerProblem) else None

    @property
    def parameters(self) -> int:
        """How many weights it has, as far as it can be built."""
        return sum(one.parameters for one in self.layers)

    @property
    def cost(self) -> int:
        """Multiplications for one image, as far as it can be built."""
        return sum(one.cost for one in self.layers)


def check_layers(cards: Sequence[LayerCard], output_activation: str = "softmax") -> CheckedNetwork:
    """Put cards together, as far as they fit.

    Parameters
    ----------
    cards : sequence of LayerCard
        The layers up to the ten outputs, which are added.
    output_activation : {"sigmoid", "softmax"}
        The activation of the ten outputs.

    Returns
    -------
    CheckedNetwork
        With the first problem, and its repairs.
    """
    found = _put_together(cards, output_activation)
    if isinstance(found.outcome, NetworkPlan):
        return found
    return replace(found, outcome=_with_repairs(cards, found, found.outcome))


def plan_layers(cards: Sequence[LayerCard], output_activation: str = "softmax") -> NetworkPlan:
    """Plan the network of some cards.

    Raises
    ------
    InvalidSettingError
        If it cannot be built; the reason names the card by its number.
    """
    outcome = _put_together(cards, output_activation).outcome
    if isinstance(outcome, LayerProblem):
        raise InvalidSettingError(f"Layer {outcome.index + 1}: {outcome.sentence}")
    return outcome


def plan_text(text: str, output_activation: str = "softmax") -> NetworkPlan:
    """Plan the network that a text describes.

    Parameters
    ----------
    text : str
        Layers as `mnist_desktop.networks.layer_text` describes them.
    output_activation : {"sigmoid", "softmax"}
        The activation of the ten outputs.

    Raises
    ------
    LayerTextError
        If it cannot be read or built; it says where and why, and what to change.

    Examples
    --------
    >>> plan_text("conv 16 5x5 relu; pool; flatten").parameters
    23466
    """
    reading = read_layers(text)
    checked = check_layers(reading.cards, output_activation)
    problem = text_problem(text, reading, checked)
    if problem is not None:
        raise LayerTextError(problem)
    assert checked.plan is not None  # noqa: S101 - nothing is wrong with it
    return checked.plan


def text_problem(text: str, reading: LayerReading, checked: CheckedNetwork) -> TextProblem | None:
    """Say what is wrong with a text of layers first, and where.

    Parameters
    ----------
    text : str
        The text.
    reading : LayerReading
        What was read of it.
    checked : CheckedNetwork
        What becomes of the layers that were read.

    Returns
    -------
    TextProblem or None
        A word that cannot be read or, if all can be, the layer that does not fit; None if a network
        can be built.
    """
    if reading.problems:
        return reading.problems[0]
    return None if checked.problem is None else _in_text(text, reading, checked.problem)


def _in_text(text: str, reading: LayerReading, problem: LayerProblem) -> TextProblem:
    """Say where in a text the layer stands that does not fit, and what helps."""
    start, end = [*reading.places, (len(text), len(text))][problem.index]
    reason = problem.sentence[:1].lower() + problem.sentence[1:-1]
    if problem.index < len(reading.cards):
        reason = f"does not fit: {reason}"
    helps = [one.sentence for one in problem.repairs[:1]]
    return problem_at(text, start, end, "; ".join([reason, *helps]))


def input_shape_of(cards: Sequence[LayerCard]) -> Shape:
    """Return how a network takes an image: as its first layer that is not indifferent needs it.

    Parameters
    ----------
    cards : sequence of LayerCard
        Those that are off do not count.

    Returns
    -------
    tuple of int
        784 pixels in a row for ``dense`` and for no layers at all, 28×28 for ``flatten``, and an
        image with one channel for all others.
    """
    for card in cards:
        if card.is_on and card.kind in ("dense", "flatten"):
            return FLAT if card.kind == "dense" else PICTURE
        if card.is_on and needs_image(card):
            return IMAGE
    return FLAT


def needs_image(card: LayerCard) -> bool:
    """Whether a card can only be applied to rows and columns of pixels with channels."""
    return card.kind == RESIDUAL or card.about.layer in ON_IMAGES


@dataclass
class _Growing:
    """A network while it is put together."""

    builder: PlanBuilder
    spending: Spending = field(default_factory=Spending)
    layers: list[CheckedLayer] = field(default_factory=list)

    @property
    def shape(self) -> Shape:
        return self.builder.shape_of(self.builder.count)

    def spend(self, before: int) -> str:
        """Count the cost of the layers from that number on; say what is too much."""
        for found in self.builder.found[before:]:
            words = self.spending.add(found, "this layer")
            if words:
                return words
        return ""


def _put_together(cards: Sequence[LayerCard], output_activation: str) -> CheckedNetwork:
    growing = _Growing(PlanBuilder(input_shape_of(cards)))
    for index, card in enumerate(cards):
        wrong = _add(growing, card)
        if wrong:
            return _broken(growing, len(cards), LayerProblem(index, *wrong))
    wrong = _add_outputs(growing, output_activation)
    if wrong:
        return _broken(growing, len(cards), LayerProblem(len(cards), *wrong))
    plan = growing.builder.plan("custom", "pixels")
    return CheckedNetwork(tuple(growing.layers), plan)


def _broken(growing: _Growing, cards: int, problem: LayerProblem) -> CheckedNetwork:
    built = len(growing.layers)
    # Not the builder's shape: what was too much for the limits has been added to it already.
    given = growing.layers[-1].output_shape if built else growing.builder.shape_of(0)
    here = CheckedLayer(given, None)
    unknown = [CheckedLayer(None, None)] * (cards - built)
    return CheckedNetwork((*growing.layers, here, *unknown), problem)


def _add(growing: _Growing, card: LayerCard) -> tuple[str, str] | None:
    """Add a card; return the rule that is broken and a sentence if it does not fit."""
    shape, before = growing.shape, growing.builder.count
    if card.is_on:
        wrong = _misfit(card, shape)
        if wrong:
            return wrong
        add_card(growing.builder, card)
    return _counted(growing, before, shape)


def _add_outputs(growing: _Growing, activation: str) -> tuple[str, str] | None:
    shape, before = growing.shape, growing.builder.count
    if len(shape) != 1:
        return FLAT_NEEDED, (f"The ten outputs need a row of values, and are given {sides(shape)}.")
    growing.builder.add(dense(CLASSES, activation, name="scores"))
    return _counted(growing, before, shape)


def _counted(growing: _Growing, before: int, shape: Shape) -> tuple[str, str] | None:
    words = growing.spend(before)
    if words:
        return TOO_MUCH, f"With this layer, the network {words}."
    layers = growing.builder.layers[before:]
    growing.layers.append(CheckedLayer(shape, growing.shape, tuple(layers)))
    return None


def _misfit(card: LayerCard, shape: Shape) -> tuple[str, str] | None:
    title = card.about.title
    if card.kind == "dense" and len(shape) != 1:
        return FLAT_NEEDED, f"{title} needs a row of values, and is given {sides(shape)}."
    if needs_image(card) and len(shape) != 3:
        return IMAGE_NEEDED, (
            f"{title} needs an image, and is given a row of {sides(shape)} values."
        )
    window = card.settings.get("kernel") or card.settings.get("size") or (1, 1)
    is_inside = card.settings.get("padding") == "valid"
    if is_inside and (window[0] > shape[0] or window[1] > shape[1]):
        return TOO_LARGE, (f"{title}: {sides(window)} does not fit into {sides(shape[:2])}.")
    return _scaled(card, shape) or _single(card, shape)


def _scaled(card: LayerCard, shape: Shape) -> tuple[str, str] | None:
    """Refuse 1×1 convolutions from one channel to one.

    TensorFlow's oneDNN has no way to compute some of them ("could not create a primitive
    descriptor for the reorder primitive"), which of them depends on what was computed before.
    """
    settings = card.settings
    if settings.get("filters") != 1 or shape[-1] * settings.get("multiplier", 1) != 1:
        return None
    is_single = settings["kernel"] == (1, 1)
    is_shortcut = card.kind == RESIDUAL and settings["stride"] != 1
    if not (is_single or is_shortcut or card.kind == "separable"):
        return None
    return SCALED, (
        f"{card.about.title}: a 1×1 convolution from one channel to one only multiplies the image "
        "by a number, which TensorFlow cannot compute on every processor."
    )


def _single(card: LayerCard, shape: Shape) -> tuple[str, str] | None:
    """Refuse what compares the channels of each place where there is only one."""
    settings, title = card.settings, card.about.title
    if card.kind in ("layernorm", "softmax") and shape[-1] == 1:
        always = 0 if card.kind == "layernorm" else 1
        return SINGLE, f"{title} of a single value is always {always}."
    channels = settings.get("units") or settings.get("filters")
    if card.kind == "depthwise":
        channels = shape[-1] * settings["multiplier"]
    if channels == 1 and settings.get("activation") == "softmax":
        return SINGLE, f"{title}: the softmax of a single output is always 1."
    return None


def _with_repairs(
    cards: Sequence[LayerCard], found: CheckedNetwork, problem: LayerProblem
) -> LayerProblem:
    """Try the changes that may help, and keep those that do."""
    whole: list[Repair] = []
    partly: list[Repair] = []
    done: set[str] = set()
    shape = found.layers[problem.index].input_shape or ()
    for repair in possible_repairs(cards, problem.index, problem.rule, shape):
        if repair.group in done:
            continue
        changed = repair.apply(cards)
        after = _put_together(changed, "softmax").problem
        moved = len(changed) - len(cards)
        if after is None or after.index - moved > problem.index:
            (whole if after is None else partly).append(repair)
            done.add(repair.group)
    others = () if whole else removals(cards, problem.index)
    another = (one for one in others if _put_together(one.apply(cards), "softmax").problem is None)
    return replace(problem, repairs=(*whole, *itertools.islice(another, 1), *partly))
