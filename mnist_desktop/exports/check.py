"""Exported networks opened again, to see that they still read digits as the run's network does.

A file that was written without an error may still be wrong: a copy cut short, a layer written down
with its axes mixed up. So each is read the way its receiver will, and its scores of a hundred
digits are compared with another kept form of the same network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import edition, formats
from mnist_desktop.digits.dataset import CLASSES, Images, as_network_input
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.errors import EngineError, StorageError
from mnist_desktop.exports.web_page import read_network
from mnist_desktop.foreign.keras_file import load_keras_file, read_keras_file
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.networks.litert.network import litert_file
from mnist_desktop.networks.run_steps import run_steps
from mnist_desktop.runs.run import Run
from mnist_desktop.training.conversion import KERAS_FILE

Scores = NDArray[np.float32]
# Takes a written file and images of shape (n, 28, 28); gives what the network in it gives, (n, 10).
ReadFile = Callable[[Path, Images], Scores]

DIGITS = 100
# Float32 throughout; LiteRT's kernels add in another order and approximate the exponential.
EXACT, CONVERTED = 1e-4, 1e-3


def check_export(run: Run, file_format: str, path: Path) -> None:
    """Open an exported network again and compare its scores with those of the run's.

    The Keras file is the run's own and would always agree with itself, so it is compared with the
    run's LiteRT file; all others are compared with Keras. Without Keras, its file is converted by
    this program, and LiteRT computes what it gives.

    Parameters
    ----------
    run : Run
        The run it was written from.
    file_format : {"keras", "litert", "onnx", "html"}
        What was written.
    path : Path
        The file.

    Raises
    ------
    StorageError
        If it cannot be opened, or reads digits differently.
    """
    digits = check_digits()
    if file_format == "keras":
        expected, tolerance = litert_scores(run.checked_litert_file(), digits), CONVERTED
    else:
        expected = keras_scores(run.folder / KERAS_FILE, digits)
        is_exact = file_format != "litert" and edition.can_train()
        tolerance = EXACT if is_exact else CONVERTED
    try:
        found = READERS[file_format](path, digits)
    except (EngineError, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise StorageError(
            f"{path.name} could not be opened again after it was written ({reason}); "
            "nothing was written."
        ) from error
    compare_scores(path.name, found, expected, tolerance)


def compare_scores(name: str, found: Scores, expected: Scores, tolerance: float) -> None:
    """Refuse a file whose scores are not those of the network.

    Parameters
    ----------
    name : str
        Of the file.
    found, expected : ndarray of float32, shape (n, 10)
        What the file and the network give for the same digits.
    tolerance : float
        How much two scores may differ.

    Raises
    ------
    StorageError
        If their shapes differ, one is no number, or two differ by more than the tolerance.
    """
    if found.shape != expected.shape:
        raise StorageError(
            f"{name} gives {found.shape} scores where the network gives {expected.shape}; "
            "nothing was written."
        )
    difference = float(np.abs(found - expected).max())
    if not difference <= tolerance:  # so that it is also refused when it is no number
        raise StorageError(
            f"{name} differs from the network by {difference:.4f} in the scores of "
            f"{formats.count(len(found), 'digit')}; nothing was written."
        )


def check_digits() -> Images:
    """Ten of each digit, which are on every machine: the embedded sample is sorted by digit."""
    images = sample_dataset().test.images
    return images[:: len(images) // DIGITS][:DIGITS]


def keras_scores(path: Path, images: Images) -> Scores:
    """Read digits with a Keras file, by Keras where it is there.

    Parameters
    ----------
    path : Path
        The file.
    images : ndarray of uint8, shape (n, 28, 28)
        Digits, 0 paper to 255 ink.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The network's outputs.
    """
    if not edition.can_train():
        content = bytes(litert_file(*read_keras_file(path)))
        return LiteRTNetwork(path, CLASSES, content=content).outputs(images)
    model = load_keras_file(path)
    pixels = as_network_input(images, model.input_shape[1:])
    return np.asarray(model(pixels, training=False), np.float32)


def litert_scores(path: Path, images: Images) -> Scores:
    """Read digits with a LiteRT file.

    Parameters
    ----------
    path : Path
        The file.
    images : ndarray of uint8, shape (n, 28, 28)
        Digits, 0 paper to 255 ink.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The network's outputs.
    """
    return LiteRTNetwork(path, CLASSES).outputs(images)


def onnx_scores(path: Path, images: Images) -> Scores:
    """Read digits with an ONNX file, by ONNX's own definition of what each node does.

    Parameters
    ----------
    path : Path
        The file.
    images : ndarray of uint8, shape (n, 28, 28)
        Digits, 0 paper to 255 ink.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The network's outputs.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    shape = tuple(side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim[1:])
    (scores,) = ReferenceEvaluator(model).run(
        ["scores"], {"pixels": as_network_input(images, shape)}
    )
    return np.asarray(scores, np.float32)


def page_scores(path: Path, images: Images) -> Scores:
    """Read digits with the network that is written in a web page.

    Parameters
    ----------
    path : Path
        The file.
    images : ndarray of uint8, shape (n, 28, 28)
        Digits, 0 paper to 255 ink.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The network's outputs.
    """
    steps = read_network(path.read_text(encoding="utf-8"))
    return run_steps(steps, as_network_input(images, (*images.shape[1:], 1)))


READERS: Mapping[str, ReadFile] = {
    "keras": keras_scores,
    "litert": litert_scores,
    "onnx": onnx_scores,
    "html": page_scores,
}
