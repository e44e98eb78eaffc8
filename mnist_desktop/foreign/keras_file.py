"""Keras files from anyone: checked, read as numbers, and built anew by this program.

Keras's own ``load_model`` imports modules and calls functions that a file names, and has had a
hole for each way of naming them. Here a file is never given to it. What is wrong is found before
TensorFlow is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_desktop.files.reading import open_regular
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.foreign.keras_archive import CONFIG, WEIGHTS, ArchiveError, KerasArchive
from mnist_desktop.foreign.keras_config import Place, parse_json, plan_network
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.refusal import refusal
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.plan import Array, NetworkPlan
from mnist_desktop.training.conversion import write_litert
from mnist_desktop.training.engine import load_keras

# Where Keras 2.13 put what later ones put into "layers".
OLD_LAYERS = "_layer_checkpoint_dependencies"


def read_keras_file(path: Path) -> tuple[NetworkPlan, list[Array]]:
    """Read what a Keras file says of its layers, and their weights; neither Keras nor TensorFlow.

    Returns
    -------
    NetworkPlan
        A network that takes one image of 28×28 pixels and gives ten scores.
    list of ndarray of float32
        The weights of all its layers, one after another; finite numbers.

    Raises
    ------
    ModelFileError
        If the file is damaged, holds anything but such a network of plain layers, or more than
        one needs.
    """
    try:
        with open_regular(path) as file:
            archive = KerasArchive(file)
            plan, places = plan_network(parse_json(archive.read(CONFIG)))
            return plan, _read_weights(archive.read(WEIGHTS), places)
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    except (ArchiveError, PlanError, HDF5Error) as error:
        raise refusal(path, error) from error


def _read_weights(content: bytearray, places: tuple[Place, ...]) -> list[Array]:
    file = HDF5File(content)
    is_old = not file.has_group("layers") and file.has_group(OLD_LAYERS)
    weights = []
    for place in places:
        group = f"{place.group}/vars"
        if is_old:
            group = group.replace("layers", OLD_LAYERS)
        expected = [str(number) for number in range(len(place.shapes))]
        more = file.names(group) - set(expected)
        if more:
            raise HDF5Error(
                f"has weights {group}/{ascii(min(more))[1:-1][:40]} that no layer needs"
            )
        weights += [
            file.read(f"{group}/{name}", shape)
            for name, shape in zip(expected, place.shapes, strict=True)
        ]
    return weights


def load_keras_file(path: Path) -> Any:
    """Build the network of a Keras file, also of one that this program has kept.

    Returns
    -------
    keras.Model
        With the file's weights; what it would need to be taught as it was is not read.

    Raises
    ------
    ModelFileError
        If it cannot be read, or not be built.
    """
    return build_read(path, *read_keras_file(path))


def build_read(path: Path, plan: NetworkPlan, weights: list[Array]) -> Any:
    """Build the network that was read from a Keras file.

    Raises
    ------
    ModelFileError
        If it cannot be built; `path` is the file that it came from.
    """
    load_keras()
    try:
        return build_network(plan, weights)
    except Exception as error:  # Keras and TensorFlow raise many kinds
        raise refusal(path, "describes layers that do not fit together") from error


def convert_network(network: Any, path: Path, output: Path) -> None:
    """Convert the network of a Keras file to LiteRT.

    Raises
    ------
    ModelFileError
        If it cannot be converted; `path` is the file that it came from.
    """
    try:
        write_litert(network, output)
    except Exception as error:  # TensorFlow's converter raises many kinds
        raise refusal(path, "has layers that cannot be converted for reading") from error
