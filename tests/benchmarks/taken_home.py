"""Runs against the Keras scripts that are exported of them: ``python taken_home.py [SEEDS]``.

For five networks on full MNIST, prints the test accuracy of both, in means of so many seeds (3).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from references import full_mnist

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.exports.code import own_plan, write_script
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES, CUSTOM_LAYERS
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras

RESIDUAL = (
    "conv 16 3x3 padding=same bias=no; batchnorm; relu; residual 16; residual 32 stride=2; "
    "residual 64 stride=2; global-average; dropout 0.2"
)
NETWORKS = {
    **{name: ARCHITECTURES[name].recipe for name in ("dense-100", "mlp", "cnn-fast", "cnn")},
    "residual": CUSTOM_LAYERS.recipe.changed(layers=RESIDUAL),
}


def make_parser() -> argparse.ArgumentParser:
    """Take the number of seeds, and names of networks to leave the others out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", type=int, nargs="?", default=3)
    parser.add_argument("--only", choices=NETWORKS, action="append")
    return parser


def accuracies(config: TrainingConfig, dataset: Dataset, folder: Path) -> tuple[float, float]:
    """Train once here, and once with the script; return the test accuracy of both."""
    import matplotlib.pyplot as plt

    run = NewTraining(config).run(
        TrainingContext(dataset, RunStore(folder)),
        on_progress=lambda _: None,
        should_stop=lambda: False,
    )
    write_script(run.record, own_plan(run), folder / "script.py")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec((folder / "script.py").read_text(encoding="utf-8"), names)  # noqa: S102 - it is our own
    plt.close("all")
    return run.record.test_accuracy, float(names["accuracy"])


def main() -> None:
    """Print a line for each network."""
    options = make_parser().parse_args()
    dataset, keras = full_mnist(), load_keras()
    import matplotlib as mpl

    mpl.use("Agg")
    splits = [(split.images, split.labels) for split in (dataset.train, dataset.test)]
    keras.datasets.mnist.load_data = lambda: splits
    for name in options.only or NETWORKS:
        found = []
        for seed in range(1, options.seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                config = NETWORKS[name].changed(seed=seed)
                found.append(accuracies(config, dataset, Path(folder)))
        run, script = np.mean(found, axis=0) * 100
        print(f"{name}: {run:.2f}% here, {script:.2f}% with its script: {script - run:+.2f} points")


if __name__ == "__main__":
    main()
