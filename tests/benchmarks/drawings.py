"""How well drawings are read: ``make bench-drawings STROKES=FILE``.

MNIST's test digits, drawings by writers that nothing was learnt from or chosen by, drawn with mouse
events on the real pad, drawings that are no digit, and lessons. FILE holds pen strokes with
writers; `tools.bundled.material` names those that are held out. CHARACTERS=FILE adds the digits and
letters of UNIPEN's sites that are held out (`tools.bundled.unipen`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from program import close, open_window
from references import full_mnist

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.evaluation.reliability import expected_calibration_error
from mnist_desktop.inference.predictor import Prediction, Predictor
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.teaching_job import Teaching
from mnist_desktop.runs.training_job import TrainingContext
from mnist_desktop.training.stroke_augmentation import distort, resampled
from tools.bundled.material import TEST_WRITERS, Material, gather
from tools.bundled.non_digits import drawn_sign
from tools.bundled.teach_digit_check import judged, written

# Signs that are taught as digits: nothing reads them so before.
KINDS = (("psi", 4), ("hat", 1), ("omega", 0))
SEEDS = (1, 2, 3)
TAUGHT, NEW = 10, 50
Strokes = list[NDArray[np.float64]]


def row(figure: str, measured: str, goal: str) -> None:
    """Print a row of the table."""
    print(f"| {figure} | {measured} | {goal} |", flush=True)


def draw_all(drawings: Sequence[Drawing]) -> list[Prediction]:
    """Draw each on the pad of the real window with mouse events, and see what it shows."""
    from mnist_desktop.demo import draw_stroke, wait_until

    found: list[Prediction] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNIST_DESKTOP_HOME"] = home
        _, window = open_window()
        panel = window.draw_panel
        prediction = window._services.prediction
        for drawing in drawings:
            panel.pad.clear()
            wait_until(lambda: panel.prediction.label is None, "the pad is empty")
            for stroke in on_pad(drawing.ink):
                draw_stroke(panel.pad, stroke)
            wait_until(lambda: not prediction.is_busy, "all is read")
            found.append(panel.prediction)
        close(window)
    return found


def on_pad(ink: Ink) -> list[list[tuple[float, float]]]:
    """Lay a drawing into the middle three quarters of the pad."""
    points = np.concatenate(ink.strokes)
    low, size = points.min(axis=0), float(np.ptp(points, axis=0).max())
    middle = (points.max(axis=0) - low) / 2
    return [
        [(float(x), float(y)) for x, y in 0.5 + (stroke - low - middle) / size * 0.75]
        for stroke in ink.strokes
    ]


def of_strangers(material: Material, reader: Predictor) -> None:
    """Read what was written at UNIPEN's sites that are held out, as the pad would."""
    digits: list[float] = []
    for site, drawings in material.sites.items():
        found = [reader.read(render(one.ink), one.ink) for one in drawings]
        labels = np.array([one.label for one in drawings], np.uint8)
        right = np.array([one.label for one in found]) == labels
        accepted = np.array([one.accepted for one in found])
        error = expected_calibration_error(np.array([one.probabilities for one in found]), labels)
        digits += [one.is_digit for one in found]
        row(f"UNIPEN's {site}, {len(found)} digits: read right", f"{right.mean():.2%}", "99.3%")
        row("of these, accepted", f"{accepted.mean():.2%}", "98.5%")
        row("read wrong and accepted", f"{(accepted & ~right).mean():.2%}", "at most 0.2%")
        row("expected calibration error", f"{error:.2%}", "at most 0.5%")
        slashed = np.array([len(one.ink.strokes) == 2 for one in drawings]) & (labels == 0)
        if slashed.any():
            told = f"{slashed.sum()} zeros of two strokes: read right; accepted"
            row(told, f"{right[slashed].mean():.1%}; {accepted[slashed].mean():.1%}", "95%")
    for kind, images in written(material, "test", 0, 1).items():
        away = np.mean([not reader.read(image).accepted for image in images])
        told = f"{len(images):,} times a {kind} of these sites, turned away; of their digits"
        row(told, f"{away:.1%}; {1 - np.mean(digits):.2%}", "95% at 1%")


def otherwise(drawings: Sequence[Drawing], reader: Predictor) -> None:
    """Draw the validation writers' digits in ways that no tablet recorded."""
    rng = np.random.default_rng(0)

    def unit(ink: Ink) -> Strokes:
        points = np.concatenate(ink.strokes)
        size = max(float(np.ptp(points, axis=0).max()), 1e-9)
        return [(stroke.astype(np.float64) - points.min(axis=0)) / size for stroke in ink.strokes]

    def dots(strokes: Strokes) -> Strokes:
        spread = [resampled(stroke, 0.1) for stroke in strokes]
        return [stroke[at : at + 1] for stroke in spread for at in range(len(stroke))]

    ways: dict[str, Callable[[Strokes], Strokes]] = {
        "as it was drawn": lambda strokes: strokes,
        "few points": lambda strokes: [resampled(stroke, 0.3) for stroke in strokes],
        "shaky": lambda strokes: [one + rng.normal(0, 0.015, one.shape) for one in strokes],
        "backwards": lambda strokes: [stroke[::-1] for stroke in strokes][::-1],
        "slanted": lambda strokes: [one @ np.array([[1, 0], [-0.4, 1]]) for one in strokes],
        "slanted back": lambda strokes: [one @ np.array([[1, 0], [0.4, 1]]) for one in strokes],
        "half as wide": lambda strokes: [stroke * [0.5, 1] for stroke in strokes],
        "with a slip beside it": lambda strokes: [*strokes, np.array([[1.1, 0.9]])],
        "with a slip far away": lambda strokes: [*strokes, np.array([[1.6, 1.5]])],
        "in dots": dots,
        "each point three times": lambda strokes: [np.repeat(one, 3, axis=0) for one in strokes],
    }
    for name, draw in ways.items():
        inks = [Ink.from_points([s.tolist() for s in draw(unit(one.ink))]) for one in drawings]
        read = [reader.read(render(ink), ink) for ink in inks]
        right = [found.label == one.label for found, one in zip(read, drawings, strict=True)]
        away = 1 - np.mean([found.accepted for found in read])
        measured = f"{np.mean(right):.1%}, turned away {away:.1%}"
        row(f"validation writers, {name}: read right", measured, "–")


def lessons(dataset: Dataset) -> None:
    """Teach ten drawings of a kind that was misread, and read fifty new ones."""
    for (sign, label), seed in itertools.product(KINDS, SEEDS):
        rng = np.random.default_rng(seed)
        drawn = [distort(drawn_sign(sign), rng, 0.6) for _ in range(TAUGHT + NEW)]
        new = drawn[TAUGHT:]

        def share(predictor: Predictor, new: list[Ink] = new, label: int = label) -> float:
            read = [predictor.read(render(ink), ink) for ink in new]
            return sum(one.accepted and one.label == label for one in read) / len(read)

        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(Path(folder))
            taught = tuple(Drawing(ink, label) for ink in drawn[:TAUGHT])
            result = Teaching(BUNDLED, taught).run(
                TrainingContext(dataset, store),
                on_progress=lambda _: None,
                should_stop=lambda: False,
            )
            after = open_model(ModelRef(result.run.record.id), store)
            row(
                f"“{sign}” taught as {label}, ten drawings, seed {seed}: fifty new ones",
                f"{share(open_model(BUNDLED, store)):.0%} before, {share(after):.0%} after; MNIST "
                f"test {result.before.test_accuracy:.2%} and "
                f"{result.after.test_accuracy:.2%}",
                "90%, at most 0.1 points less",
            )


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strokes", type=Path)
    parser.add_argument("characters", type=Path, nargs="?")
    return parser


def main() -> None:
    """Measure and print the table."""
    options = make_parser().parse_args()
    dataset = full_mnist()
    material = gather(options.strokes, options.characters, dataset)
    reader = open_model(BUNDLED, RunStore(Path("nowhere")))
    print("| figure | measured | goal |\n|---|---|---|")
    scores = reader.scores(dataset.test.images)
    right = (scores.argmax(axis=1) == dataset.test.labels).mean()
    row("bundled reader, MNIST test digits", f"{right:.2%}", "99.7%")

    found = draw_all(material.test)
    labels = np.array([one.label for one in material.test], np.uint8)
    read = np.array([one.label for one in found])
    writers = f"writers {sorted(TEST_WRITERS)}, {len(found):,} drawings with the mouse"
    row(f"{writers}: read right", f"{(read == labels).mean():.2%}", "99.3%")
    accepted = np.array([one.accepted for one in found])
    row("of these, turned away", f"{1 - accepted.mean():.2%}", "about 1%")
    row("of those accepted, read right", f"{(read == labels)[accepted].mean():.2%}", "–")
    error = expected_calibration_error(np.array([one.probabilities for one in found]), labels)
    row("expected calibration error on them", f"{error:.2%}", "at most 1%")

    _, others = judged(material, "test", 1, reader.scores)
    shares = {
        kind: np.mean([not reader.read(image).accepted for image in images])
        for kind, images in others.items()
    }
    told = ", ".join(f"{kind} {share:.1%}" for kind, share in shares.items())
    row(
        f"non-digits turned away ({told})",
        f"{np.mean(list(shares.values())):.1%}",
        "90%",
    )
    if options.characters is not None:
        of_strangers(material, reader)
    otherwise([one for one in material.validation if one.writer is not None], reader)
    lessons(dataset)
    card = json.loads(
        Path(__file__).parents[2].joinpath("resources/models/digit-check.json").read_text("utf-8")
    )
    for way, share in card["turned away where one digit in a hundred is"].items():
        told = f"{share['test']['all']:.1%}, with {share['test']['drawings']:.1%} of drawn digits"
        row(f"told apart by: {way} (test part)", told, "–")


if __name__ == "__main__":
    main()
