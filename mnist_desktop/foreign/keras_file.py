"""Untrusted Keras files: checked, read as numbers, and rebuilt by this program.

Keras's own ``load_model`` imports modules and calls functions that a file names, and each way of
naming them has been exploited. This program never passes a file to it, and finds errors before
TensorFlow is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_desktop.files.reading import open_regular
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.foreign.keras_archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    ArchiveError,
    KerasArchive,
)
from mnist_desktop.foreign.keras_config import Place, parse_json, plan_network
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.refusal import refusal, refusing
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.plan import Array, NetworkPlan, Shape
from mnist_desktop.training.engine import load_keras

# Where Keras 2.13 stored what later versions store in "layers".
OLD_LAYERS = "_layer_checkpoint_dependencies"


def read_keras_file(path: Path) -> tuple[NetworkPlan, list[Array]]:
    """Read the layers and weights of a Keras file, without Keras or TensorFlow.

    Returns
    -------
    NetworkPlan
        A network that takes one image of 28×28 pixels and gives ten scores.
    list of ndarray of float32
        The weights of all layers, in order; all finite.

    Raises
    ------
    ModelFileError
        If the file is damaged, is not such a network of plain layers, or is larger than one needs
        to be.
    """
    with refusing(path, ArchiveError, PlanError, HDF5Error), open_regular(path) as file:
        archive = KerasArchive(file)
        plan, places = plan_network(
            parse_json(archive.read(CONFIG)), is_keras_2=_is_keras_2(archive)
        )
        return plan, _read_weights(archive.read(WEIGHTS), places)


def _is_keras_2(archive: KerasArchive) -> bool:
    if not archive.has(METADATA):
        return False
    found = parse_json(archive.read(METADATA))
    return isinstance(found, dict) and str(found.get("keras_version")).startswith("2.")


def _read_weights(content: bytearray, places: tuple[Place, ...]) -> list[Array]:
    file = HDF5File(content)
    is_old = not file.has_group("layers") and file.has_group(OLD_LAYERS)
    weights = []
    for place in places:
        group = place.group.replace("layers", OLD_LAYERS) if is_old else place.group
        count = len(place.shapes) // len(place.parts)
        arrays = []
        for number, part in enumerate(place.parts):
            shapes = place.shapes[count * number : count * (number + 1)]
            arrays += _read_group(file, f"{group}{part}/vars", shapes, place.skipped)
        weights += place.to_plan(arrays)
    return weights


def _read_group(file: HDF5File, group: str, shapes: tuple[Shape, ...], skipped: int) -> list[Array]:
    more = file.names(group) - {str(number) for number in range(len(shapes) + skipped)}
    if more:
        raise HDF5Error(f"has weights {group}/{ascii(min(more))[1:-1][:40]} that no layer needs")
    return [file.read(f"{group}/{number}", shape) for number, shape in enumerate(shapes)]


def load_keras_file(path: Path) -> Any:
    """Build the network of a Keras file, including one that this program wrote.

    Returns
    -------
    keras.Model
        With the file's weights; settings that matter only for training are not read.

    Raises
    ------
    ModelFileError
        If the file cannot be read, or the network cannot be built.
    """
    return build_read(path, *read_keras_file(path))


def build_read(path: Path, plan: NetworkPlan, weights: list[Array]) -> Any:
    """Build the network that was read from a Keras file.

    Raises
    ------
    ModelFileError
        If it cannot be built; the message names `path`, the file it came from.
    """
    load_keras()
    try:
        return build_network(plan, weights)
    except Exception as error:  # Keras and TensorFlow raise many kinds
        raise refusal(path, "describes layers that do not fit together") from error
