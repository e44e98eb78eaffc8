"""What the documents say of layers and of Python is so."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mnist_desktop import networks
from mnist_desktop.networks.card_kinds import CARD_KINDS
from mnist_desktop.networks.layer_check import plan_text
from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.training.engine import load_keras

DOCS = Path(__file__).parents[3] / "docs"


def test_the_examples_for_python_print_what_they_are_said_to() -> None:
    load_keras()
    text = (DOCS / "PYTHON.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    assert len(examples) == text.count("```python")
    names: dict[str, Any] = {}
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)  # noqa: S102 - it is our own
        assert printed.getvalue() == expected


def test_the_table_of_layers_has_each_kind_and_what_can_be_set() -> None:
    text = (DOCS / "LAYERS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?`) \| .*? \| (.*?)\|$", text, re.MULTILINE)
    shown = {
        parse_layers(example)[0].kind: (example, settings)
        for examples, settings in rows
        for example in re.findall("`(.*?)`", examples)
    }
    assert set(shown) == set(CARD_KINDS)
    for kind, (example, settings) in shown.items():
        assert example == CARD_KINDS[kind].example
        named = set(re.findall(r"`(\w+)=", settings))
        assert named == {one.name for one in CARD_KINDS[kind].settings if not one.has_place}
    (first,) = re.findall(r"```\n(conv.*?)```", text, re.DOTALL)
    assert plan_text(first).parameters > 0


def test_importing_the_names_loads_nothing_that_is_not_needed() -> None:
    program = (
        "import sys; from mnist_desktop.networks import plan_text, summarize, build_network; "
        "summarize(plan_text('dense 5')); "
        "assert not {'keras', 'tensorflow', 'PySide6'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_name_that_is_offered_is_there() -> None:
    for name in networks.__all__:
        assert getattr(networks, name).__name__ == name
