"""How well pictures are read: ``make bench-pictures STROKES=FILE [PICTURES=FOLDER]``.

Twenty pictures of each condition of `tests.made_pictures`, made from the strokes of writers by whom
nothing was chosen, and real pictures, if there are some: a folder with ``labels.tsv``, whose lines
hold a file, its digits (rows parted by ``|``, letters for what is no digit) and its kind.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.errors import ImageFileError
from mnist_desktop.inference.picture_reading import open_picture, read_digits
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import find_model
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from tests.made_pictures import CONDITIONS, Rng, Strokes

CHOSEN_BY = 15  # writers up to this one were looked at while the rules were made
EACH = 20
CLEARLY = 0.98  # what is drawn must be read at once when it is drawn cleanly
SEED = 11


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("strokes", type=Path, help="pen strokes with writers")
    parser.add_argument("pictures", type=Path, nargs="?", help="a folder with labels.tsv")
    parser.add_argument("--model", default="bundled", help="bundled, a run, or a model file")
    return parser


def row(*cells: str) -> None:
    """Print a row of the table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def outcome(predictor: Predictor, source: Path | bytes, label: str) -> str:
    """Read a picture: right, turned away (?), or wrong and accepted."""
    try:
        picture = open_picture(predictor, source)
    except ImageFileError:
        return "?"
    read = read_digits(predictor, picture)
    accepted = "".join(one.text for one in read if one.accepted)
    if accepted == label and all(one.accepted for one in read):
        return "right"
    rest = iter(label if label.isdigit() else "")
    return "?" if all(digit in rest for digit in accepted) else "wrong"


def clear_drawings(reader: Predictor, strokes: Path, rng: Rng) -> dict[int, list[Drawing]]:
    """Up to forty drawings of each digit that are read clearly when they are drawn cleanly."""
    drawings = [one for one in read_drawings(strokes) if (one.writer or 0) > CHOSEN_BY]
    found: dict[int, list[Drawing]] = {digit: [] for digit in range(10)}
    for place in rng.permutation(len(drawings)).tolist():
        one = drawings[place]
        if one.label is None or len(found[one.label]) == 40:
            continue
        read = reader.read(render(one.ink))
        if read.accepted and read.label == one.label and max(read.probabilities) > CLEARLY:
            found[one.label].append(one)
    return found


def measure_made(predictor: Predictor, drawings: dict[int, list[Drawing]]) -> None:
    row("condition", "right / ? / wrong and accepted", "milliseconds each")
    total: Counter[str] = Counter()
    for number, (name, make) in enumerate(CONDITIONS.items()):
        rng = np.random.default_rng([SEED, number])

        def draw(digit: int, rng: Rng = rng) -> Strokes:
            some = drawings[digit]
            return [line.tolist() for line in some[rng.integers(len(some))].ink.strokes]

        counts: Counter[str] = Counter()
        began = time.perf_counter()
        for place in range(EACH):
            made = make(draw, place % 10, rng)
            counts[outcome(predictor, made.content, made.digits)] += 1
        seconds = time.perf_counter() - began
        total += counts
        row(name, told(counts), f"{1000 * seconds / EACH:.0f}")
    row("all", told(total), "")


def told(counts: Counter[str]) -> str:
    return f"{counts['right']} / {counts['?']} / {counts['wrong']}"


def measure_real(predictor: Predictor, folder: Path) -> None:
    counts: dict[str, Counter[str]] = {"digits": Counter(), "letters": Counter()}
    with (folder / "labels.tsv").open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines, delimiter="\t"):
            label = line["label"].replace("|", "")
            kind = "digits" if label.isdigit() else "letters"
            counts[kind][outcome(predictor, folder / line["file"], label)] += 1
    for kind, found in counts.items():
        row(f"real pictures of {kind}", told(found), "")


def main(words: Sequence[str] | None = None) -> None:
    options = make_parser().parse_args(words)
    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    predictor = open_model(find_model(options.model), RunStore(paths.runs))
    reader = open_model(find_model("bundled"), RunStore(paths.runs))
    measure_made(predictor, clear_drawings(reader, options.strokes, np.random.default_rng(SEED)))
    if options.pictures is not None:
        measure_real(predictor, options.pictures)


if __name__ == "__main__":
    main()
