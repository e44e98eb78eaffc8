"""Writes a trained network to files, for Keras and for LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"


def write_model(model: Any, folder: Path, *, eight_bits: bool = False) -> None:
    """Write a trained network twice, as ``model.keras`` and ``model.tflite``.

    The optimizer's state is left out: it triples the file size and is not needed for reading.

    Parameters
    ----------
    model : keras.Model
        The network.
    folder : Path
        Where to write the two files.
    eight_bits : bool
        Whether the LiteRT file stores weights as 8-bit integers with a scale for each filter: a
        quarter of the size, and nearly as accurate.
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
        If the file, or an intermediate one in the temporary folder, cannot be written.
    """
    import tensorflow as tf

    settings: dict[str, Any] = {}
    if eight_bits:
        settings = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    try:
        model.export(str(path), format="litert", verbose=False, **settings)
    except tf.errors.OpError as error:  # from the intermediate file that TensorFlow writes
        raise OSError(None, str(error.message).strip().splitlines()[0][:160]) from error
