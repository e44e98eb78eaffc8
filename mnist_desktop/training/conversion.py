"""Writes a trained network to files, for Keras and for LiteRT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_desktop.files.held import when_released
from mnist_desktop.networks.keras_network import weights_of
from mnist_desktop.networks.plan import NetworkPlan

KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"


def write_model(model: Any, plan: NetworkPlan, folder: Path) -> None:
    """Write a trained network twice, as ``model.keras`` and ``model.tflite``.

    Parameters
    ----------
    model : keras.Model
        The network.
    plan : NetworkPlan
        What it was built from.
    folder : Path
        Where to write the two files.
    """
    from mnist_desktop.networks.litert.network import litert_file  # not at every start

    write_keras(model, folder / KERAS_FILE)
    (folder / LITERT_FILE).write_bytes(litert_file(plan, weights_of(plan, model)))


def write_keras(model: Any, path: Path) -> None:
    """Write a trained network for Keras.

    The optimizer's state is left out: it triples the file size and is not needed for reading.
    """
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    # Keras fails where a temporary folder, in which nothing is, cannot be removed at once.
    when_released(lambda: bare.save(path), path)
