"""Opening a network by what the user calls it: ``bundled``, a run's id, or a file."""

from __future__ import annotations

import json
from pathlib import Path

from mnist_desktop.errors import ModelFileError, RunNotFoundError
from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.path_reader import PathReader
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.inference.taught import TaughtDigits
from mnist_desktop.paths import resource, user_path
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import READER

BUNDLED = "bundled"


def bundled_litert_file() -> Path:
    """The reader that ships with the program."""
    return resource("models", "bundled.tflite")


def bundled_test_accuracy() -> float:
    """What the bundled reader reached on MNIST's test digits when it was made, 0 to 1."""
    card = json.loads(resource("models", "bundled.json").read_text(encoding="utf-8"))
    return float(card["test_accuracy"])


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
        return Predictor(bundled_litert_file(), check=DigitCheck(), path_reader=PathReader())
    path = user_path(model)
    if _is_there(path):
        from mnist_desktop.foreign.open_foreign import open_foreign

        return open_foreign(path)  # with all its checks, which nobody else needs to load
    try:
        run = store.get(model)
    except RunNotFoundError:
        raise ModelFileError(
            f"There is no model {model!r}; give 'bundled', a run's id from 'mnist-desktop runs', "
            "or a .keras or .tflite file."
        ) from None
    taught = run.taught()
    return Predictor(
        run.litert_file,
        temperature=run.record.temperature,
        check=DigitCheck(),
        path_reader=PathReader() if run.record.config.architecture == READER.id else None,
        taught=TaughtDigits(taught) if taught else None,
    )


def _is_there(path: Path) -> bool:
    """Whether a user means this path: anything but a folder that holds no model."""
    try:
        return _holds_a_model(path) if path.is_dir() else path.exists()
    except OSError:  # a name that is too long for any file
        return False


def _holds_a_model(folder: Path) -> bool:
    names = ("saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb", "config.json")
    return any((folder / name).is_file() for name in names)
