"""Reading digits with a converted network: LiteRT, and never TensorFlow.

A prediction takes a twentieth of a millisecond, so drawing neither waits for TensorFlow nor
disturbs a training.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES, SIDE, Images, as_network_input
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference.scores import as_scores
from mnist_desktop.native import import_library, native_stderr_hushed

BATCH = 250
INPUT_SHAPES = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1))
# Below this score for the best digit the answer is "not sure": it is more often wrong than right.
SURE = 0.5


@dataclass(frozen=True)
class Prediction:
    """What one image was read as.

    Attributes
    ----------
    label : int or None
        The digit with the highest score; None when there is no ink.
    accepted : bool
        Whether the network is sure enough to say so.
    probabilities : tuple of float
        Ten scores that add up to 1; all 0 when there is no ink.
    reason : str
        Why it is not accepted, in words; empty when it is.
    """

    label: int | None
    accepted: bool
    probabilities: tuple[float, ...]
    reason: str = ""

    @property
    def text(self) -> str:
        """The digit, ``?`` when not sure, ``–`` when there is no ink."""
        if self.label is None:
            return "–"
        return str(self.label) if self.accepted else "?"


NO_INK = Prediction(None, False, (0.0,) * CLASSES, "There is no ink.")


class Predictor:
    """A network that reads 28×28 images, loaded from a LiteRT file.

    It may be used from several threads, one at a time.

    Parameters
    ----------
    path : Path
        A ``.tflite`` file that takes one image of 784, 28×28 or 28×28×1 pixels and gives ten
        outputs.

    Attributes
    ----------
    input_shape : tuple of int
        Shape of one image as the network takes it.
    output_activation : {"sigmoid", "softmax"}
        Whether its outputs add up to 1 on their own.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, or reads no digits.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._interpreter = _open_interpreter(path)
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        shape = tuple(int(side) for side in inputs[0]["shape"][1:])
        if len(inputs) != 1 or shape not in INPUT_SHAPES or inputs[0]["dtype"] is not np.float32:
            raise ModelFileError(
                f"{path.name} does not take 28×28 images of decimal numbers but {shape}; "
                "choose a network that reads MNIST digits."
            )
        if len(outputs) != 1 or tuple(outputs[0]["shape"][1:]) != (CLASSES,):
            raise ModelFileError(
                f"{path.name} does not give ten scores; choose a network that reads digits."
            )
        self.input_shape = shape
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]
        self._batch = 0
        self.output_activation = self._find_output_activation(path.name)

    def scores(self, images: Images) -> NDArray[np.float64]:
        """Read many images.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink.

        Returns
        -------
        ndarray of float64, shape (n, 10)
            Each row adds up to 1.
        """
        if len(images) == 0:
            return np.zeros((0, CLASSES))
        return as_scores(self._outputs(images), self.output_activation)

    def read(self, image: NDArray[np.uint8]) -> Prediction:
        """Read one image of shape (28, 28)."""
        if not image.any():
            return NO_INK
        scores = self.scores(image[np.newaxis])[0]
        label = int(scores.argmax())
        accepted = bool(scores[label] >= SURE)
        reason = "" if accepted else "No digit reaches half of the score."
        return Prediction(label, accepted, tuple(scores.tolist()), reason)

    def _outputs(self, images: Images) -> NDArray[np.float32]:
        with self._lock:
            parts = [
                self._invoke(as_network_input(images[start : start + BATCH], self.input_shape))
                for start in range(0, len(images), BATCH)
            ]
        return np.concatenate(parts)

    def _invoke(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if len(pixels) != self._batch:
            self._interpreter.resize_tensor_input(self._input, (len(pixels), *self.input_shape))
            self._interpreter.allocate_tensors()
            self._batch = len(pixels)
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        outputs: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return outputs

    def _find_output_activation(self, name: str) -> str:
        """Tell softmax from sigmoid by whether the outputs of some probes add up to 1."""
        rng = np.random.default_rng(0)
        probes = rng.integers(0, 256, (4, SIDE, SIDE)).astype(np.uint8)
        probes[0] = 0
        outputs = self._outputs(probes)
        if not np.isfinite(outputs).all() or outputs.min() < -0.001 or outputs.max() > 1.001:
            raise ModelFileError(
                f"{name} gives numbers beyond 0 to 1, logits perhaps; choose a network that ends "
                "in softmax or sigmoid."
            )
        sums = outputs.sum(axis=1)
        return "softmax" if np.allclose(sums, 1, atol=1e-3) else "sigmoid"


def _read_model(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelFileError(f"There is no model file {path}; choose another model.") from None
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be read ({error.strerror}); choose a LiteRT model."
        ) from error
    if not content:
        raise ModelFileError(f"{path} is empty; choose another model.")
    return content


def _open_interpreter(path: Path) -> Any:
    content = _read_model(path)
    litert = import_library("ai_edge_litert.interpreter")
    try:
        # Content and not a path: LiteRT cannot open paths with letters outside the code page on
        # Windows, and the file may be replaced while it is in use.
        with native_stderr_hushed():
            interpreter = litert.Interpreter(model_content=content, num_threads=1)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelFileError(
            f"{path.name} is no whole LiteRT model ({reason}); choose another model."
        ) from error
    return interpreter
