"""Untrusted HDF5 model files (``.h5``) of Keras 2 and 3: checked and read as numbers.

An attribute of the file describes the network in JSON. A group holds the weights; its attributes
list the names of the layers, and those of each layer its weights. Keras's loader and the HDF5
library are never given the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.files.reading import read_small
from mnist_desktop.foreign.hdf5_file import HDF5Error, HDF5File
from mnist_desktop.foreign.keras_config import Place, parse_json, plan_network
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.refusal import refusal
from mnist_desktop.formats import count
from mnist_desktop.networks.plan import Array, NetworkPlan, Shape

MAX_FILE = 140_000_000  # bytes: ten million parameters with the state of Adam, three of each
WEIGHTS = "model_weights"
MAX_CHUNKS = 100  # attributes over which Keras distributes a long list of names
ONLY_WEIGHTS = (
    "holds the weights of a network without its layers; where it was made, build the network, load "
    "these weights into it and save it whole with model.save('digits.keras')"
)
NO_NETWORK = "is an HDF5 file that holds no Keras network"


@dataclass(frozen=True)
class _Wanted:
    """An array that a layer needs: which one of which place, and its shape; None to skip it."""

    is_fixed: bool
    place: int
    index: int
    shape: Shape | None


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
    try:
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
        return plan, _read_weights(file, names, places)
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    except (PlanError, HDF5Error) as error:
        raise refusal(path, error) from error


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


def _read_weights(
    file: HDF5File, names: dict[str, list[str]], places: tuple[Place, ...]
) -> list[Array]:
    """Read the weights of each layer of the plan.

    A network within the network is one layer to the file. It lists what the network learns first,
    and after that all that is fixed.
    """
    wanted: dict[str, list[_Wanted]] = {}
    for number, place in enumerate(places):
        fixed = [*(not one for one in place.learned), *[True] * place.skipped]
        shapes = [*place.shapes, *[None] * place.skipped]
        wanted.setdefault(place.layer, []).extend(
            _Wanted(is_fixed, number, index, shape)
            for index, (is_fixed, shape) in enumerate(zip(fixed, shapes, strict=True))
        )
    more = [name for name, paths in names.items() if paths and name not in wanted]
    if more:
        raise HDF5Error(f"has weights {ascii(min(more))[1:-1][:40]} that no layer needs")
    arrays: list[list[Array]] = [[] for _ in places]
    for layer, needed in wanted.items():
        paths = names.get(layer, [])
        if len(paths) != len(needed):
            raise HDF5Error(
                f"has {count(len(paths), 'array')} of weights for the layer "
                f"{ascii(layer)[1:-1][:40]}, which needs {len(needed)}"
            )
        needed.sort(key=lambda one: (one.is_fixed, one.place, one.index))
        found = {
            (one.place, one.index): file.read(path, one.shape)
            for path, one in zip(paths, needed, strict=True)
            if one.shape is not None
        }
        for number, index in sorted(found):
            arrays[number].append(found[number, index])
    return [one for place, own in zip(places, arrays, strict=True) for one in place.to_plan(own)]
