"""How much memory trainings take beside what the program foresees: ``python memory.py``.

Each is done in a process of its own, so that its highest point can be told (Linux only).
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from references import full_mnist

from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES, count_parameters
from mnist_desktop.training.config import parse_hidden_units
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.memory import memory_needed

DIGITS = 12_000
TRAININGS = (
    ("dense-100", "", 32),
    ("mlp", "4096", 10_000),
    ("mlp", "4096, 4096", 128),
    ("mlp", "4096, 4096, 4096, 4096", 128),
    ("cnn-fast", "", 10_000),
    ("cnn", "", 128),
    ("cnn", "", 1_000),
    ("cnn", "", 10_000),
    ("cnn-accurate", "", 1_000),
    ("cnn-accurate", "", 10_000),
)


def highest_point() -> float:
    """Bytes of memory this process has had at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM"))


def measure(name: str, hidden: str, batch_size: int) -> None:
    """Train for two epochs, keep the run, and print a row of the table."""
    dataset = full_mnist()
    dataset = dataclasses.replace(
        dataset,
        train=dataset.train.take(np.arange(DIGITS)),
        test=dataset.test.take(np.arange(1_000)),
    )
    config = ARCHITECTURES[name].recipe.changed(epochs=2, batch_size=batch_size)
    if hidden:
        config = config.changed(hidden_units=parse_hidden_units(hidden))
    load_keras()
    before = highest_point()
    with tempfile.TemporaryDirectory() as folder:
        context = TrainingContext(dataset, RunStore(Path(folder)))
        NewTraining(config).run(context, on_progress=lambda _: None, should_stop=lambda: False)
    taken, foreseen = highest_point() - before, memory_needed(config, count_parameters(config))
    print(
        f"| {name} {hidden} | {batch_size:,} | {taken / 1e6:,.0f} MB | {foreseen / 1e6:,.0f} MB |",
        flush=True,
    )


def main() -> None:
    """Print a table, each row from a process of its own."""
    print("| network | batch | taken | foreseen |", flush=True)
    for name, hidden, batch_size in TRAININGS:
        subprocess.run([sys.executable, __file__, name, hidden, str(batch_size)], check=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
