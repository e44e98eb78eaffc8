"""Networks on the command line: the layers that are given, and the list of those offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_desktop.errors import InvalidInputError, reason
from mnist_desktop.files.reading import STANDARD_INPUT, read_given
from mnist_desktop.formats import count, percent
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_check import check_layers, plan_text
from mnist_desktop.networks.layer_text import card_text, layers_text, parse_layers
from mnist_desktop.networks.limits import MAX_TEXT
from mnist_desktop.networks.summary import summarize
from mnist_desktop.training.architectures import ARCHITECTURES, Architecture

FILE_MARK = "@"
MAX_BYTES = 4 * MAX_TEXT  # of a character, UTF-8 has four at most


def given_layers(option: str, output_activation: str = "softmax") -> str:
    """Read layers from the command line, and make sure that a network can be built from them.

    Parameters
    ----------
    option : str
        The layers as text, ``@`` and the name of a file of them, or ``-`` for the standard input.
    output_activation : {"sigmoid", "softmax"}
        The activation of the ten outputs.

    Returns
    -------
    str
        The layers in one line, in the form that each has only once.

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or the text describes no network.
    """
    text = _content(option)
    plan_text(text, output_activation)
    return layers_text(parse_layers(text))


def _content(option: str) -> str:
    is_file = option.startswith(FILE_MARK)
    if not (is_file or option == STANDARD_INPUT):
        return option
    path = Path(option.removeprefix(FILE_MARK))
    try:
        return read_given(path, MAX_BYTES).decode()
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read ({reason(error)}).") from error
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is no text in UTF-8; layers are text.") from None


def described_layers(layers: str) -> dict[str, Any]:
    """Describe a network of given layers, as JSON and as text."""
    cards = parse_layers(layers)
    found = check_layers(cards)
    assert found.plan is not None  # noqa: S101 - `given_layers` has seen to that
    rows = zip([*map(card_text, cards), "outputs"], found.layers, strict=True)
    return {
        "layers": layers,
        "parameters": found.parameters,
        "multiplications": found.cost,
        "shapes": [
            {
                "layer": text,
                "output": one.output_shape,
                "parameters": one.parameters,
                "multiplications": one.cost,
            }
            for text, one in rows
        ],
        "text": summarize(found.plan),
    }


def listed_networks() -> dict[str, Any]:
    """List the networks that can be trained by their names, as JSON and as text."""
    found = [_listed(one) for one in ARCHITECTURES.values()]
    return {"networks": found, "text": "\n\n".join(map(_as_text, found))}


def _listed(one: Architecture) -> dict[str, Any]:
    plan = one.plan(one.recipe)
    return {
        "architecture": one.id,
        "name": one.name,
        "description": one.description,
        "layers": layers_text(cards_of(plan)),
        "parameters": plan.parameters,
        "multiplications": plan.cost,
        "test_accuracy": dict(one.accuracy),
        "recipe": {
            name: value
            for name, value in one.recipe.as_json().items()
            if name not in ("architecture", "layers", "started_from")
        },
    }


def _as_text(one: dict[str, Any]) -> str:
    accuracies = one["test_accuracy"]
    return (
        f"{one['architecture']}: {one['name']}\n"
        f"  {one['layers'] or 'no layer before the ten outputs'}\n"
        f"  {count(one['parameters'], 'parameter')}, {percent(accuracies['mnist'])} of MNIST's "
        f"test digits read correctly, {percent(accuracies['sample'], 1)} of the sample's"
    )
