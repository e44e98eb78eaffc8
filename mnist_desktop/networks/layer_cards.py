"""Layer cards: what a network of one's own is put together from, one card after the other.

A card is a layer in the words of a learner: ``conv`` with 16 filters of 5×5. It becomes a layer of
the catalogue (`mnist_desktop.networks.layers`), except for ``residual``, which becomes several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.card_kinds import (
    ACTIVATIONS,
    CARD_KINDS,
    NO_ACTIVATION,
    CardKind,
    Setting,
)
from mnist_desktop.networks.layers import LEAKY_LAYER_SLOPE
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan
from mnist_desktop.networks.plan_builder import Layer, PlanBuilder

RESIDUAL = "residual"
SHORTEST_BLOCK, LONGEST_BLOCK = 5, 9  # layers of a residual block, without activations and with all


@dataclass(frozen=True)
class LayerCard:
    """One layer of a network of one's own.

    Attributes
    ----------
    kind : str
        A key of `CARD_KINDS`.
    settings : mapping
        By name; those that are left out are filled in with the kind's defaults.
    is_on : bool
        Whether it is part of the network; a card that is off is only kept.

    Raises
    ------
    InvalidSettingError
        If there is no such kind or setting, or a value is out of its range.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_on: bool = True

    def __post_init__(self) -> None:
        """Check it, and fill in what was left out."""
        if self.kind not in CARD_KINDS:
            raise InvalidSettingError(
                f"A layer must be one of {', '.join(CARD_KINDS)}, not {self.kind!r:.40}."
            )
        known = {one.name: one for one in CARD_KINDS[self.kind].settings}
        for name, value in self.settings.items():
            if name not in known:
                raise InvalidSettingError(f"{self.kind} has no setting {name!r:.40}.")
            known[name].check(value)
        filled = {name: self.settings.get(name, one.default) for name, one in known.items()}
        object.__setattr__(self, "settings", filled)

    @property
    def about(self) -> CardKind:
        """Its kind, with its title, its sentence and its settings."""
        return CARD_KINDS[self.kind]

    def changed(self, **settings: Any) -> LayerCard:
        """Return a card of the same kind with some settings replaced."""
        return LayerCard(self.kind, {**self.settings, **settings}, self.is_on)

    def layer(self) -> Layer:
        """Return the layer that it stands for, of any kind but a block.

        Arguments that have Keras's defaults are left out.
        """
        about = self.about
        made = {
            one.argument: _argument(one, self.settings[one.name])
            for one in about.settings
            if one.is_explicit or one.is_required or self.settings[one.name] != _keras_default(one)
        }
        return Layer(about.layer, {**about.fixed, **made})


def add_card(builder: PlanBuilder, card: LayerCard) -> None:
    """Add the layers that a card stands for to a plan.

    Raises
    ------
    InvalidSettingError
        If it cannot be applied to the output of the layer before.
    """
    if card.kind == RESIDUAL:
        _add_residual(builder, card)
    else:
        builder.add(card.layer())


def _add_residual(builder: PlanBuilder, card: LayerCard) -> None:
    """Add the basic block of K. He and others, Deep Residual Learning, 2016 (figure 2, option B).

    Where the block changes the image's size or channels, what is added passes a 1×1 convolution.
    """
    filters, kernel, stride = (card.settings[name] for name in ("filters", "kernel", "stride"))
    activation = card.settings["activation"]
    curve = [] if activation == NO_ACTIVATION else [LayerCard(activation).layer()]
    normalised = LayerCard("batchnorm", {"momentum": card.settings["momentum"]}).layer()

    def conv(sides: tuple[int, int], step: int) -> list[Layer]:
        settings = {
            "filters": filters, "kernel": sides, "stride": (step, step), "padding": "same",
            "bias": False,
        }  # fmt: skip
        return [LayerCard("conv", settings).layer(), normalised]

    given = builder.count
    for one in (*conv(kernel, stride), *curve, *conv(kernel, 1)):
        main = builder.add(one)
    shortcut = given
    if builder.shape_of(given) != builder.shape_of(main):
        for number, one in enumerate(conv((1, 1), stride)):
            shortcut = builder.add(one, given if number == 0 else shortcut)
    builder.add(Layer("Add", {}), main, shortcut)
    for one in curve:
        builder.add(one)


def cards_of(plan: NetworkPlan) -> tuple[LayerCard, ...]:
    """Return the cards that a network is made of, without its ten outputs.

    Parameters
    ----------
    plan : NetworkPlan
        One of this program's own, or one that consists of the same layers.

    Raises
    ------
    InvalidSettingError
        If it has a layer that no card stands for, or does not end with ten outputs of a dense
        layer.
    """
    last = plan.layers[-1]
    if (last.kind, last.output_shape, plan.output) != ("Dense", (CLASSES,), len(plan.layers)):
        raise InvalidSettingError(
            f"The network {plan.name} does not end with a dense layer of ten outputs; only such "
            "networks can be written as layers."
        )
    plan = _in_built_order(plan)
    cards: list[LayerCard] = []
    number = 0
    while number < len(plan.layers) - 1:
        card, count = _residual_at(plan, number) or (_single_at(plan, number), 1)
        if card is None:
            one = plan.layers[number]
            raise InvalidSettingError(
                f"The layer {one.name} ({one.kind or 'a network'}) cannot be written as text; only "
                "networks of the layers that can be typed can be edited."
            )
        cards.append(card)
        number += count
    return tuple(cards)


def _in_built_order(plan: NetworkPlan) -> NetworkPlan:
    """Put the layers of a network in the order in which they were added.

    Keras keeps them by their depth: the convolution that a shortcut passes stands between those of
    the other path.
    """
    places = {0: 0}  # of each output before, by its number then

    def visit(number: int) -> None:
        if number not in places:
            for given in plan.layers[number - 1].inputs:
                visit(given)
            places[number] = len(places)

    visit(plan.output)
    numbers = [number for number in places if number]
    layers = [plan.layers[number - 1] for number in numbers]
    moved = (replace(one, inputs=tuple(places[given] for given in one.inputs)) for one in layers)
    return replace(plan, layers=tuple(moved), output=len(layers))


def _single_at(plan: NetworkPlan, number: int) -> LayerCard | None:
    one = plan.layers[number]
    return card_of(Layer(one.kind, one.settings)) if one.inputs == (number,) else None


def _residual_at(plan: NetworkPlan, number: int) -> tuple[LayerCard, int] | None:
    """Recognise a residual block by building one like it; return how many layers it has, too."""
    found = plan.layers[number : number + LONGEST_BLOCK]
    if len(found) < SHORTEST_BLOCK or not any(one.kind == "Add" for one in found):
        return None
    first, normalised, curve = (card_of(Layer(one.kind, one.settings)) for one in found[:3])
    if not (first and normalised and curve and first.kind == "conv"):
        return None
    rows, columns = first.settings["stride"]
    if normalised.kind != "batchnorm" or rows != columns:
        return None
    card = LayerCard(
        RESIDUAL,
        {
            "filters": first.settings["filters"],
            "kernel": first.settings["kernel"],
            "stride": rows,
            "activation": curve.kind if curve.kind in ACTIVATIONS else NO_ACTIVATION,
            "momentum": normalised.settings["momentum"],
        },
    )
    before = plan.layers[number - 1].output_shape if number else plan.input_shape
    builder = PlanBuilder(before)
    _add_residual(builder, card)
    like = builder.plan("").layers
    same = len(like) <= len(found) and all(map(partial(_alike, number), like, found))
    return (card, len(like)) if same else None


def _alike(number: int, own: LayerPlan, other: LayerPlan) -> bool:
    """Whether a layer is one that was built from the layer of that number on."""
    inputs = tuple(index + number for index in own.inputs)
    shapes = (own.kind, inputs, own.weights, own.output_shape)
    cards = (card_of(Layer(one.kind, one.settings)) for one in (own, other))
    return shapes == (other.kind, other.inputs, other.weights, other.output_shape) and (
        next(cards) == next(cards)
    )


def card_of(layer: Layer) -> LayerCard | None:
    """Return the card that stands for a layer, None where no card does."""
    for about in CARD_KINDS.values():
        if about.layer and about.layer == layer.kind:
            card = _as_kind(about, layer.settings)
            if card is not None:
                return card
    return None


def _as_kind(about: CardKind, given: Mapping[str, Any]) -> LayerCard | None:
    """Read a layer's arguments as settings of a kind; None where it is of another kind."""
    own = {one.argument for one in about.settings}
    left = {
        name: value
        for name, value in given.items()
        if name in own or _IGNORED.get(name, _NONE) != value
    }
    if any(left.pop(name, None) != value for name, value in about.fixed.items()):
        return None
    settings = {}
    for one in about.settings:
        keras = left.pop(one.argument, _OTHER_DEFAULTS.get(one.argument, _NONE))
        if keras is not _NONE:
            settings[one.name] = _setting(one, keras)
    if left:
        return None
    try:
        card = LayerCard(about.word, settings)
    except InvalidSettingError:
        return None
    moves_by_its_size = "size" in card.settings and card.settings["stride"] == card.settings["size"]
    return card.changed(stride=None) if moves_by_its_size else card


_NONE = object()
# Keras's defaults of arguments that no card sets; they change nothing.
_IGNORED: Mapping[str, Any] = {
    "center": True,
    "dilation_rate": (1, 1),
    "keepdims": False,
    "max_value": None,
    "negative_slope": 0,
    "scale": True,
    "threshold": 0,
}
# Keras's defaults where a card has another one.
_OTHER_DEFAULTS: Mapping[str, Any] = {"momentum": 0.99, "negative_slope": LEAKY_LAYER_SLOPE}


def _keras_default(setting: Setting) -> Any:
    return _setting(setting, _OTHER_DEFAULTS.get(setting.argument, setting.default))


def _argument(setting: Setting, value: Any) -> Any:
    is_even = setting.argument == "strides" and setting.kind == "whole"
    return (value, value) if is_even else setting.to_keras(value)


def _setting(setting: Setting, value: Any) -> Any:
    is_even = setting.argument == "strides" and setting.kind == "whole"
    if is_even and isinstance(value, tuple) and value[0] == value[1]:
        return value[0]
    return setting.from_keras(value)
