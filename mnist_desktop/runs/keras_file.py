"""Keras files that a user brings along, made into what this program reads digits with."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.network import INPUT_SHAPES
from mnist_desktop.training.conversion import KERAS_FILE, write_litert
from mnist_desktop.training.engine import load_keras


def convert_keras_file(path: Path, output: Path) -> None:
    """Convert a Keras file to LiteRT.

    Raises
    ------
    ModelFileError
        If it is no Keras file, or not a network that reads one 28×28 image into ten scores.
    """
    keras = load_keras()
    try:
        with tempfile.TemporaryDirectory() as folder:  # Keras reads no file of another name
            named = Path(folder) / KERAS_FILE
            shutil.copyfile(path, named)
            model = keras.saving.load_model(named, compile=False, safe_mode=True)
    except Exception as error:
        raise ModelFileError(
            f"{path.name} is no Keras model that can be opened "
            f"({str(error).strip().splitlines()[0][:160]})."
        ) from error
    if model.input_shape[1:] not in INPUT_SHAPES or model.output_shape[1:] != (10,):
        raise ModelFileError(
            f"{path.name} takes {model.input_shape[1:]} and gives {model.output_shape[1:]}; "
            "a network that takes 28×28 pixels and gives ten scores is needed."
        )
    write_litert(model, output)
