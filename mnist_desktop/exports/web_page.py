"""A trained network as one web page with a drawing pad, for anyone with a browser."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.ink import (
    BOX,
    BRUSH,
    MAX_SPECKS,
    PEN_WIDTH,
    SPECK,
    SPECK_DISTANCE,
    STEP,
    SUPERSAMPLING,
)
from mnist_desktop.files.writing import write_text
from mnist_desktop.inference.predictor import SURE
from mnist_desktop.networks.steps import Step
from mnist_desktop.paths import resource
from mnist_desktop.printable import printable

DIGIT_TEXTS = {
    "look": "digits",
    "hint": "Draw a digit here",
    "draw": "Draw a digit",
    "kind": "digit",
    "sized": "the digits that the network learnt from",
    "known": "digits",
}
CLASS_TEXTS = {
    "look": "classes",
    "hint": "Draw here",
    "draw": "Draw",
    "kind": "class",
    "sized": "handwritten digits are",
    "known": "these ten classes",
}


def write_web_page(
    steps: Sequence[Step],
    title: str,
    facts: str,
    path: Path,
    *,
    temperature: float = 1.0,
    classes: ClassNames = DIGITS,
) -> None:
    """Write a page that holds everything: the pad, the ink's geometry, the network and its weights.

    Parameters
    ----------
    steps : sequence of Step
        The network.
    title, facts : str
        What it is called, and a sentence on what it reached; shown as text, whatever they hold.
    path : Path
        The file. It loads nothing from anywhere.
    temperature : float
        What its scores are calibrated with.
    classes : ClassNames, optional
        What its outputs stand for.
    """
    network = {
        "ink": _ink(temperature),
        "names": classes.names,
        "steps": [_step(step) for step in steps],
    }
    texts = {
        "title": html.escape(printable(title)),
        "facts": html.escape(printable(facts)),
        "network": json.dumps(network),
        **(DIGIT_TEXTS if classes.are_digits else CLASS_TEXTS),
    }
    page = resource("templates", "drawing-pad.html").read_text(encoding="utf-8")
    # In one go: a title that reads like a mark is a title.
    page = re.sub(r"\{\{([a-z]+)\}\}", lambda mark: texts[mark[1]], page)
    write_text(path, page)


def _ink(temperature: float) -> dict[str, Any]:
    """What the page needs to draw ink and judge scores as this program does."""
    return {
        "box": BOX,
        "brush": BRUSH,
        "pen": PEN_WIDTH,
        "supersampling": SUPERSAMPLING,
        "step": STEP,
        "speck": SPECK,
        "speckDistance": SPECK_DISTANCE,
        "maxSpecks": MAX_SPECKS,
        "tips": _pen_tips(),
        "sure": SURE,
        "temperature": temperature,
    }


def _pen_tips() -> dict[str, list[int]]:
    """The shapes of the pen's round tip: how many dots of each row are left out on either side.

    They are taken from what draws them here, because every program has its own idea of which dots
    make up a circle. The tip is 20.8 dots wide, from one dot to the 20th or the 21st after it.
    """
    reach = math.floor(PEN_WIDTH * SUPERSAMPLING)
    tips = {}
    for wide, high in product((reach, reach + 1), repeat=2):
        image = Image.new("1", (wide + 1, high + 1))
        ImageDraw.Draw(image).ellipse((0, 0, wide, high), fill=1)
        tips[f"{wide}x{high}"] = np.asarray(image).argmax(axis=1).tolist()
    return tips


def _step(step: Step) -> dict[str, Any]:
    """Write a step as JSON can hold it, its weights as little-endian float32 in Base64."""
    weights = [
        {
            "shape": weight.shape,
            "data": base64.b64encode(weight.astype("<f4").tobytes()).decode("ascii"),
        }
        for weight in step.weights
    ]
    return {
        "kind": step.kind,
        "inputs": step.inputs,
        "options": dict(step.options),
        "weights": weights,
    }


def read_network(page: str) -> list[Step]:
    """Take the network back out of a page, to check what was written."""
    text = page.split('<script type="application/json" id="network">')[1].split(
        "</script>", maxsplit=1
    )[0]
    return [
        Step(
            step["kind"],
            tuple(
                np.frombuffer(base64.b64decode(weight["data"]), "<f4").reshape(weight["shape"])
                for weight in step["weights"]
            ),
            step["options"],
            tuple(step["inputs"]),
        )
        for step in json.loads(text)["steps"]
    ]
