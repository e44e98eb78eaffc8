"""A trained network written as files: for Keras, and converted for LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"


def write_model(model: Any, folder: Path, *, eight_bits: bool = False) -> None:
    """Write a trained network twice, as ``model.keras`` and ``model.tflite``.

    The optimizer's state is left out: it triples the file and is of no use to a reader.

    Parameters
    ----------
    model : keras.Model
        The network.
    folder : Path
        Gets the two files.
    eight_bits : bool
        Whether the LiteRT file keeps weights as integers of 8 bits with a factor for each
        filter: a quarter as large, and nearly as exact.
    """
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(folder / KERAS_FILE)
    write_litert(bare, folder / LITERT_FILE, eight_bits=eight_bits)


def write_litert(model: Any, path: Path, *, eight_bits: bool = False) -> None:
    """Convert a Keras model to LiteRT, for batches of any size, and write it to a file.

    Raises
    ------
    OSError
        If it cannot be written, there or to the temporary folder.
    """
    import tensorflow as tf

    settings: dict[str, Any] = {}
    if eight_bits:
        settings = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    try:
        model.export(str(path), format="litert", verbose=False, **settings)
    except tf.errors.OpError as error:  # TensorFlow writes an intermediate file by itself
        raise OSError(None, str(error.message).strip().splitlines()[0][:160]) from error
