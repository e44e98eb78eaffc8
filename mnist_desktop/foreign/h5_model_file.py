"""Untrusted HDF5 model files (``.h5``) of Keras 2 and 3: checked and read as numbers.

An attribute of the file describes the network in JSON. A group holds the weights; its attributes
list the names of the layers, and those of each layer its weights. Keras's loader and the HDF5
library are never given the file.
"""

from __future__ import annotations

from pathlib import Path

from mnist_desktop.files.reading import read_small
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.foreign.keras_config import parse_json, plan_network
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.listed_weights import listed_weights
from mnist_desktop.foreign.refusal import refusing
from mnist_desktop.networks.plan import Array, NetworkPlan

MAX_FILE = 140_000_000  # bytes: ten million parameters with the state of Adam, three of each
WEIGHTS = "model_weights"
MAX_CHUNKS = 100  # attributes over which Keras distributes a long list of names
ONLY_WEIGHTS = (
    "holds the weights of a network without its layers; where it was made, build the network, load "
    "these weights into it and save it whole with model.save('digits.keras')"
)
NO_NETWORK = "is an HDF5 file that holds no Keras network"


def read_h5_model_file(path: Path) -> tuple[NetworkPlan, list[Array]]:
    """Read the layers and weights of an HDF5 model file, without Keras, TensorFlow or h5py.

    Returns
    -------
    NetworkPlan
        A network that takes one image of 28×28 pixels and gives ten scores.
    list of ndarray of float32
        The weights of all layers, in order; all finite.

    Raises
    ------
    ModelFileError
        If the file is damaged, holds weights alone, is not such a network of plain layers, or is
        larger than one needs to be.
    """
    with refusing(path, PlanError, HDF5Error):
        file = HDF5File(read_small(path, MAX_FILE))
        description = file.texts("", "model_config")
        if description is None:
            raise HDF5Error(ONLY_WEIGHTS if _is_weights(file) else NO_NETWORK)
        names = {name: _weights_of(file, name) for name in _listed(file, WEIGHTS, "layer_names")}
        first = next((paths[0] for paths in names.values() if paths), None)
        kernel = None if first is None else file.shape(first)
        version = "".join(file.texts("", "keras_version") or ())
        parsed = parse_json("".join(description).encode())
        plan, places = plan_network(parsed, kernel, is_keras_2=version.startswith("2."))
        return plan, listed_weights(file.read, names, places)


def _is_weights(file: HDF5File) -> bool:
    """Whether a file without a description was written by ``save_weights``."""
    names = ("layer_names", "layer_names0")
    old = any(file.texts("", name) is not None for name in names)
    return old or any(file.has_group(name) for name in ("layers", "_layer_checkpoint_dependencies"))


def _listed(file: HDF5File, group: str, name: str) -> list[str]:
    """Return a list of names, which Keras distributes over several attributes if it is long."""
    whole = file.texts(group, name)
    if whole is not None:
        return whole
    listed: list[str] = []
    for number in range(MAX_CHUNKS):
        chunk = file.texts(group, f"{name}{number}")
        if chunk is None:
            break
        listed += chunk
    return listed


def _weights_of(file: HDF5File, layer: str) -> list[str]:
    """Paths of the arrays that a layer has, in Keras's order."""
    group = f"{WEIGHTS}/{layer}"
    return [f"{group}/{name}" for name in _listed(file, group, "weight_names")]
