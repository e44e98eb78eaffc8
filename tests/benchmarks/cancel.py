"""How long a stop or a cancel takes, in each phase of a training: ``python cancel.py``.

The longest time from the wish to the end of the job, over a dense and a convolutional network.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from references import full_mnist

from mnist_desktop.errors import JobCancelled
from mnist_desktop.paths import AppPaths
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.progress import BatchProgress, TrainingControls

PHASES = (
    "Building",
    "Training",
    "first batch",
    "in an epoch",
    "last batch",
    "Testing",
    "Converting",
)


def is_in(phase: str, progress: Any) -> bool:
    """Whether a progress record says that a phase has begun."""
    if isinstance(progress, PhaseProgress):
        return progress.text.startswith(phase)
    if isinstance(progress, BatchProgress):
        return {
            "first batch": progress.epoch == 1,
            "in an epoch": progress.epoch == 2 and progress.batch < progress.batches,
            "last batch": progress.batch == progress.batches,
        }.get(phase, False)
    return False


def measure(name: str, phase: str, how: str, dataset: Any, root: Path) -> float:
    """Seconds from the wish, made by another thread, to the end of the job."""
    config = ARCHITECTURES[name].recipe.changed(epochs=2)
    controls, stop, begun = TrainingControls(), threading.Event(), threading.Event()
    wished = [0.0]

    def on_progress(progress: Any) -> None:
        if is_in(phase, progress):
            begun.set()

    def wish() -> None:
        begun.wait()
        time.sleep(0.02)
        wished[0] = time.perf_counter()
        if how == "cancel":
            controls.cancel()
        stop.set()

    thread = threading.Thread(target=wish)
    thread.start()
    context = TrainingContext(dataset, RunStore(root), controls)
    with contextlib.suppress(JobCancelled):
        NewTraining(config).run(context, on_progress=on_progress, should_stop=stop.is_set)
    ended = time.perf_counter()
    begun.set()
    thread.join()
    return ended - wished[0]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNIST_DESKTOP_HOME"] = home
        AppPaths.from_environment().prepare_libraries()
        dataset = full_mnist()
        print(
            "| phase | " + " | ".join(f"{n}, {h}" for n in ("dense-100", "cnn") for h in HOW) + " |"
        )
        for phase in PHASES:
            taken = [
                measure(name, phase, how, dataset, Path(home) / "runs")
                for name in ("dense-100", "cnn")
                for how in HOW
            ]
            print(f"| {phase} | " + " | ".join(f"{one:.2f} s" for one in taken) + " |", flush=True)


HOW = ("stop", "cancel")

if __name__ == "__main__":
    main()
