"""A trained network as one web page with a drawing pad, to send to anybody with a browser."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

import numpy as np

from mnist_desktop.digits.ink import (
    BOX,
    MAX_SPECKS,
    PEN_WIDTH,
    SPECK,
    SPECK_DISTANCE,
    SUPERSAMPLING,
)
from mnist_desktop.inference.predictor import SURE
from mnist_desktop.paths import resource
from mnist_desktop.runs.network_steps import Step


def write_web_page(steps: list[Step], title: str, facts: str, path: Path) -> None:
    """Write a page that holds everything: the pad, the ink's geometry, the network and its weights.

    Parameters
    ----------
    steps : list of Step
        The network.
    title, facts : str
        What it is called, and a sentence on what it reached; shown as text, whatever they hold.
    path : Path
        The file. It loads nothing from anywhere.
    """
    network = {
        "ink": {
            "box": BOX,
            "pen": PEN_WIDTH,
            "supersampling": SUPERSAMPLING,
            "speck": SPECK,
            "speckDistance": SPECK_DISTANCE,
            "maxSpecks": MAX_SPECKS,
            "sure": SURE,
        },
        "steps": [
            {
                "kind": step.kind,
                "weights": [
                    {
                        "shape": weight.shape,
                        "data": base64.b64encode(weight.astype("<f4").tobytes()).decode("ascii"),
                    }
                    for weight in step.weights
                ],
            }
            for step in steps
        ],
    }
    page = resource("templates", "drawing-pad.html").read_text(encoding="utf-8")
    for mark, text in (
        ("{{title}}", html.escape(title)),
        ("{{facts}}", html.escape(facts)),
        ("{{network}}", json.dumps(network)),
    ):
        page = page.replace(mark, text)
    path.write_text(page, encoding="utf-8")


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
        )
        for step in json.loads(text)["steps"]
    ]
