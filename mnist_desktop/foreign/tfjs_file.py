"""Untrusted TensorFlow.js layers models (``model.json`` and its weight files), read as numbers.

The text describes the network as Keras does, and lists its weights one after the other, as they lie
in the files beside it [1]_. Nothing but these files is opened, and nothing of them is run.

References
----------
.. [1] TensorFlow.js, "Import a Keras model into TensorFlow.js": the layers format.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.files.reading import read_small
from mnist_desktop.foreign.keras_config import parse_json, plan_network
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.listed_weights import listed_weights
from mnist_desktop.foreign.refusal import refusing
from mnist_desktop.networks.plan import Array, NetworkPlan, Shape

MAX_TEXT = 2_000_000  # bytes
MAX_WEIGHTS = 140_000_000  # bytes of all files together
MAX_FILES = 100
MAX_ARRAYS = 1000
NUMBERS = {"float32": "<f4", "float16": "<f2", "uint8": "u1", "uint16": "<u2"}
NO_NETWORK = "is a JSON text that describes no TensorFlow.js layers model"
GRAPH_MODEL = (
    "is a TensorFlow.js graph model, which is a program and not a list of layers; convert the "
    "network that it was made from where it was made, with model.save('mine.keras')"
)


def read_tfjs_file(path: Path) -> tuple[NetworkPlan, list[Array]]:
    """Read the layers and weights of a TensorFlow.js model.

    Parameters
    ----------
    path : Path
        Its ``model.json``; the files of weights that it names lie in the same folder.

    Returns
    -------
    NetworkPlan
        A network that takes one image of 28×28 pixels and gives ten scores.
    list of ndarray of float32
        The weights of all layers, in order; all finite.

    Raises
    ------
    ModelFileError
        If a file is damaged, missing or too large, or it is not such a network of plain layers.
    """
    with refusing(path, PlanError):
        model = _object(parse_json(read_small(path, MAX_TEXT)), NO_NETWORK)
        if "node" in _object(model.get("modelTopology"), NO_NETWORK):
            raise PlanError(GRAPH_MODEL)
        topology = model["modelTopology"]
        weights = _read_weights(path.parent, _list(model.get("weightsManifest"), NO_NETWORK))
        kernel = next((one.shape for one in weights.values()), None)
        is_keras_2 = not str(topology.get("keras_version", "2.")).startswith("3.")
        description = topology.get("model_config", topology)
        plan, places = plan_network(description, kernel, is_keras_2=is_keras_2)
        layers = {place.layer for place in places}
        names: dict[str, list[str]] = {}
        for name in weights:
            names.setdefault(_layer_of(name, layers), []).append(name)

        def read(name: str, shape: Shape) -> Array:
            found = weights[name]
            if found.shape != shape:
                raise PlanError(f"has weights of shape {found.shape} where {shape} is needed")
            return found

        return plan, listed_weights(read, names, places)


def _layer_of(name: str, layers: set[str]) -> str:
    """Which layer an array belongs to: the part of its name that is a layer's."""
    parts = name.split("/")
    return next((part for part in parts if part in layers), parts[0])


def _read_weights(folder: Path, manifest: list[Any]) -> dict[str, Array]:
    """Read all arrays of a manifest by their names, in its order."""
    arrays: dict[str, Array] = {}
    files, room = 0, MAX_WEIGHTS
    for group in manifest:
        listed = _object(group, NO_NETWORK)
        content = bytearray()
        for file in _list(listed.get("paths"), NO_NETWORK):
            files += 1
            if files > MAX_FILES:
                raise PlanError(f"names more than {MAX_FILES} files of weights")
            part = _read_part(folder, file, room)
            content += part
            room -= len(part)
        place = 0
        for entry in _list(listed.get("weights"), NO_NETWORK):
            one = _object(entry, NO_NETWORK)
            if len(arrays) == MAX_ARRAYS or str(one.get("name")) in arrays:
                raise PlanError("lists weights twice, or more than a network for digits has")
            array, place = _array(content, place, one)
            arrays[str(one.get("name"))] = array
        if place != len(content):
            raise PlanError("describes other weights than its files hold")
    return arrays


def _read_part(folder: Path, name: object, room: int) -> bytes:
    """Read one file of weights, which lies in the folder itself."""
    is_plain = isinstance(name, str) and 0 < len(name) < 200 and name.isprintable()
    if not is_plain or set(str(name)) & set("/\\:") or str(name).startswith("."):
        raise PlanError("names weights that are not in its own folder")
    try:
        return read_small(folder / str(name), room)
    except FileNotFoundError:
        raise PlanError(
            f"needs the file {ascii(name)[1:-1][:60]} beside it, which is not there"
        ) from None


def _array(content: bytearray, place: int, entry: dict[str, Any]) -> tuple[Array, int]:
    """Take the array that begins at a place, and find the place behind it."""
    shape = tuple(_list(entry.get("shape"), NO_NETWORK))
    if len(shape) > 8 or not all(type(side) is int and 0 < side < 2**31 for side in shape):
        raise PlanError("has weights without a shape")
    quantized = entry.get("quantization")
    stored = entry if quantized is None else _object(quantized, NO_NETWORK)
    kind = NUMBERS.get(str(stored.get("dtype")))
    if kind is None or entry.get("dtype") not in ("float32", "float16"):
        raise PlanError("has weights that are not floating-point numbers")
    numbers = np.dtype(kind)
    count = math.prod(shape)
    if count * numbers.itemsize > len(content) - place:
        raise PlanError("announces weights that its files do not hold")
    values = np.frombuffer(content, numbers, count, place).astype(np.float32)
    if numbers.kind == "u":
        least, step = (_number(stored.get(name)) for name in ("min", "scale"))
        with np.errstate(over="ignore"):  # becomes infinite, and is refused
            values = values * np.float32(step) + np.float32(least)
    if not np.isfinite(values).all():
        raise PlanError("has weights that are not all finite numbers")
    return values.reshape(shape), place + count * numbers.itemsize


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e30:
        raise PlanError("has quantized weights without a scale")
    return float(value)


def _object(value: object, reason: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(reason)
    return value


def _list(value: object, reason: str) -> list[Any]:
    if not isinstance(value, list):
        raise PlanError(reason)
    return value
