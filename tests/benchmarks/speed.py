"""How fast the program is, beside what a user would otherwise run: ``make bench``.

Each figure is measured with its reference in the same run, in turns, on full MNIST; medians are
printed with their ratio and written to ``bench.json``. Seconds depend on the machine, ratios less.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.digits.sources import DatasetRequest, find_dataset
from mnist_desktop.paths import AppPaths
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import train

ROUNDS = 3
EPOCHS = 5

# Starts the window, draws a stroke once it is painted, and tells the seconds since its process
# began: to the first paint, and to the first prediction.
START = """
import os, sys, time
began = time.time() - time.process_time()
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from mnist_desktop.app import make_application, make_window
from mnist_desktop.demo import THREE, draw_stroke, wait_until
from mnist_desktop.paths import AppPaths
paths = AppPaths.from_environment()
paths.prepare_libraries()
app = make_application()
paths.check_writable()
window = make_window(app, paths)
window.show()
app.processEvents()
painted = time.time()
draw_stroke(window.draw_panel.pad, THREE)
wait_until(lambda: window.draw_panel.bars.prediction.label is not None, "the stroke is read")
print(painted - began, time.time() - began)
window.shut_down()
window.close()
"""


def main() -> int:
    """Measure everything, print the table, write ``bench.json``."""
    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    dataset = find_dataset(
        DatasetRequest(paths.digits), on_progress=lambda _: None, should_stop=lambda: False
    )
    if not dataset.verified:
        print("Full MNIST is needed; set MNIST_DESKTOP_DATA to it.", file=sys.stderr)
        return 2
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
    print("| figure | reference | program | ratio |\n|---|---|---|---|", flush=True)
    rows = [*start_up(), *dense_training(dataset)]
    Path("bench.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


def row(figure: str, reference: list[float], program: list[float]) -> dict[str, Any]:
    """Print and return one figure: medians in seconds, and how many times faster the program is."""
    theirs, ours = statistics.median(reference), statistics.median(program)
    print(f"| {figure} | {theirs:.2f} s | {ours:.2f} s | {theirs / ours:.1f} |", flush=True)
    return {"figure": figure, "reference_s": reference, "program_s": program}


def in_turns(*measures: Callable[[], Any]) -> list[list[Any]]:
    """Run the measures one after another, several times, so that all see the same machine."""
    results: list[list[Any]] = [[] for _ in measures]
    for _ in range(ROUNDS):
        for place, measure in enumerate(measures):
            results[place].append(measure())
    return results


def start_up() -> list[dict[str, Any]]:
    """Process start to painted window and to first prediction, beside importing TensorFlow."""

    def import_tensorflow() -> float:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import tensorflow"], check=True, stderr=subprocess.DEVNULL
        )
        return time.perf_counter() - began

    def start_window() -> tuple[float, float]:
        done = subprocess.run(
            [sys.executable, "-c", START], check=True, capture_output=True, text=True
        )
        painted, read = (float(word) for word in done.stdout.split())
        return painted, read

    imports, starts = in_turns(import_tensorflow, start_window)
    return [
        row("start to painted window, beside `import tensorflow`", imports, [s[0] for s in starts]),
        row("start to a drawn stroke read, beside the same", imports, [s[1] for s in starts]),
    ]


def dense_training(dataset: Dataset) -> list[dict[str, Any]]:
    """784 → 100 ReLU → 10 sigmoid, Adam, batches of 32, 5 epochs of all 60,000 digits."""
    pixels = as_network_input(dataset.train.images, (784,))
    labels = dataset.train.labels
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=EPOCHS, validation_share=0.0)
    keras = load_keras()

    def plain_keras() -> list[float]:
        keras.utils.set_random_seed(1)
        model = ARCHITECTURES["dense-100"].build(config)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        ends = [time.perf_counter()]
        note = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda *_: ends.append(time.perf_counter())
        )
        model.fit(pixels, labels, batch_size=32, epochs=EPOCHS, verbose=0, callbacks=[note])
        return np.diff(ends).tolist()

    def program() -> list[float]:
        result = train(config, dataset, on_progress=lambda _: None, should_stop=lambda: False)
        later = [epoch.seconds for epoch in result.history[1:]]
        return [result.fit_seconds - sum(later), *later]

    def scikit_learn() -> float:
        from sklearn.neural_network import MLPClassifier

        network = MLPClassifier((100,), batch_size=32, max_iter=EPOCHS, random_state=1)
        began = time.perf_counter()
        network.fit(pixels, labels)
        return time.perf_counter() - began

    import warnings

    warnings.simplefilter("ignore")  # scikit-learn's that five epochs are few
    plain, ours, sklearn = in_turns(plain_keras, program, scikit_learn)
    totals = [sum(epochs) for epochs in ours]
    return [
        row("`dense-100`, 5 epochs, beside plain Keras `fit`", [sum(e) for e in plain], totals),
        row(
            "the same, an epoch once compiled",
            [statistics.median(epochs[1:]) for epochs in plain],
            [statistics.median(epochs[1:]) for epochs in ours],
        ),
        row("the same 5 epochs, beside scikit-learn's `MLPClassifier`", sklearn, totals),
    ]


if __name__ == "__main__":
    sys.exit(main())
