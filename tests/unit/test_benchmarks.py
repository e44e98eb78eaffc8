"""Each benchmark starts as its make target calls it, and with no other words."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "tests" / "benchmarks"
CALL = re.compile(r"tests/benchmarks/(\w+)\.py(.*)")
GIVEN = {
    "$(STROKES)": "strokes.jsonl",
    "$(DIST)": "dist",
    "$(COUNT)": "",
    "$(ONLY)": "",
    "$(PICTURES)": "",
}


def calls() -> list[tuple[str, tuple[str, ...]]]:
    """Benchmarks as the Makefile calls them, and those that call others with no words at all."""
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for name, value in GIVEN.items():
        text = text.replace(name, value)
    return [(name, tuple(shlex.split(words))) for name, words in CALL.findall(text)]


@pytest.mark.parametrize(("name", "words"), calls())
def test_a_benchmark_takes_what_its_make_target_gives(
    name: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(PROJECT / "tests" / "packaged"))
    module = importlib.import_module(name)
    if hasattr(module, "make_parser"):
        module.make_parser().parse_args(words)
    else:
        assert words == ()


def test_all_sections_are_measured_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    bench = importlib.import_module("bench")
    assert bench.make_parser().parse_args([]).sections == list(bench.SECTIONS)
    assert bench.make_parser().parse_args(["dense", "memory"]).sections == ["dense", "memory"]
    with pytest.raises(SystemExit):
        bench.make_parser().parse_args(["nonsense"])


def test_every_benchmark_with_words_of_its_own_has_a_parser() -> None:
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ("import argparse" in text) == ("def make_parser(" in text), path.name
