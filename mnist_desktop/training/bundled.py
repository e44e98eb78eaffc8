"""Make the network that ships with the program: ``python -m mnist_desktop.training.bundled``.

It is the ``cnn`` recipe, trained on MNIST's training digits with seed 1, and tested once on the
test digits. Give MNIST with ``MNIST_DESKTOP_DATA``; the files are written to
``resources/models/``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from mnist_desktop.digits.sources import DatasetRequest, find_dataset
from mnist_desktop.paths import AppPaths, resource
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.config import BatchProgress, Progress
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE, write_model
from mnist_desktop.training.trainer import train

SEED = 1


def main() -> int:
    """Train, write the files, and print what came of it."""
    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    dataset = find_dataset(
        DatasetRequest(paths.digits), on_progress=lambda _: None, should_stop=lambda: False
    )
    if not dataset.verified:
        sys.stderr.write("The bundled network is trained on MNIST; set MNIST_DESKTOP_DATA to it.\n")
        return 2

    def tell(progress: Progress) -> None:
        if not isinstance(progress, BatchProgress):
            sys.stderr.write(f"{progress}\n")

    config = architecture("cnn").recipe.changed(seed=SEED)
    result = train(config, dataset, on_progress=tell, should_stop=lambda: False)
    card = {
        "name": "Bundled reader",
        "config": config.as_json(),
        "data": "MNIST training digits (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)",
        "train": result.train_count,
        "validation": result.validation_count,
        "test": len(dataset.test),
        "test_accuracy": result.test.accuracy,
        "test_loss": result.test.loss,
        "parameters": result.parameters,
    }
    models = resource("models")
    with tempfile.TemporaryDirectory() as folder:
        write_model(result.model, Path(folder))
        for name, target in ((KERAS_FILE, "bundled.keras"), (LITERT_FILE, "bundled.tflite")):
            (models / target).write_bytes((Path(folder) / name).read_bytes())
    text = json.dumps(card, indent=1)
    (models / "bundled.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
