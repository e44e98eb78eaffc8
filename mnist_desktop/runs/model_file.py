"""Opening a network by what the user calls it: ``bundled``, a run's id, or a file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mnist_desktop.errors import ModelFileError, RunNotFoundError
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource
from mnist_desktop.runs.export import convert_keras_file
from mnist_desktop.runs.store import RunStore

BUNDLED = "bundled"


def bundled_litert_file() -> Path:
    """The reader that ships with the program."""
    return resource("models", "bundled.tflite")


def open_model(model: str, store: RunStore) -> Predictor:
    """Open a network for reading digits.

    Parameters
    ----------
    model : str
        ``"bundled"``, the id of a run, or the path of a ``.tflite`` or ``.keras`` file.
    store : RunStore
        Where runs are kept.

    Raises
    ------
    ModelFileError
        If there is no such network or its file cannot be used.
    """
    if model == BUNDLED:
        return Predictor(bundled_litert_file())
    path = Path(model).expanduser()
    if path.suffix == ".tflite" and path.is_file():
        return Predictor(path)
    if path.suffix == ".keras" and path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "model.tflite"
            convert_keras_file(path, converted)
            return Predictor(converted)
    if path.is_file():
        raise ModelFileError(f"{path} is neither a .keras nor a .tflite file; choose one of these.")
    try:
        return Predictor(store.get(model).litert_file)
    except RunNotFoundError:
        raise ModelFileError(
            f"There is no model {model!r}; give 'bundled', a run's id from 'mnist-desktop runs', "
            "or a .keras or .tflite file."
        ) from None
