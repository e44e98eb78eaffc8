"""A converted network: images in, numbers out; LiteRT, and never TensorFlow."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE, Images, as_network_input
from mnist_desktop.errors import ModelFileError
from mnist_desktop.native import import_library, native_stderr_hushed

BATCH = 50  # more leave the processor's cache
INPUT_SHAPES = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE, 1))


class LiteRTNetwork:
    """A network loaded from a LiteRT file; a digit costs it a twentieth of a millisecond.

    It may be used from several threads, one at a time.

    Parameters
    ----------
    path : Path
        A ``.tflite`` file that takes one array of decimal numbers.
    outputs : int
        How many numbers it gives for an input.
    threads : int
        How many of the processor's cores it may use; one digit is read fastest by one.
    input_shapes : tuple of tuple of int
        Shapes of one input that will do; those of an image otherwise.
    batch : int
        How many inputs it takes at once; fewer need less memory.
    content : bytes, optional
        What the file holds, where it has been read already; it is not read again.

    Attributes
    ----------
    input_shape : tuple of int
        Shape of one input as the network takes it.

    Raises
    ------
    ModelFileError
        If the file is missing or damaged, or takes or gives something else.
    """

    def __init__(
        self,
        path: Path,
        outputs: int,
        input_shapes: tuple[tuple[int, ...], ...] = INPUT_SHAPES,
        *,
        threads: int = 1,
        batch: int = BATCH,
        content: bytes | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._interpreter = _open_interpreter(path, threads, content)
        given = self._interpreter.get_input_details()
        gives = self._interpreter.get_output_details()
        shape = tuple(int(side) for side in given[0]["shape"][1:])
        if len(given) != 1 or shape not in input_shapes or given[0]["dtype"] is not np.float32:
            raise ModelFileError(
                f"{path.name} does not take 28×28 images of decimal numbers but {shape}; "
                "choose a network that reads MNIST digits."
            )
        if len(gives) != 1 or tuple(gives[0]["shape"][1:]) != (outputs,):
            raise ModelFileError(
                f"{path.name} does not give {outputs} scores; choose a network that reads digits."
            )
        self.input_shape = shape
        self._input, self._output = given[0]["index"], gives[0]["index"]
        self._batch = 0
        self._most = batch

    def outputs(self, images: Images) -> NDArray[np.float32]:
        """Run many images through the network.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink; n is at least 1.

        Returns
        -------
        ndarray of float32, shape (n, outputs)
        """
        parts = [
            self.run(as_network_input(images[start : start + self._most], self.input_shape))
            for start in range(0, len(images), self._most)
        ]
        return np.concatenate(parts)

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run inputs (n, *input_shape) through the network, all at once."""
        with self._lock:
            return self._invoke(inputs)

    def _invoke(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if len(pixels) != self._batch:
            self._interpreter.resize_tensor_input(self._input, (len(pixels), *self.input_shape))
            self._interpreter.allocate_tensors()
            self._batch = len(pixels)
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        outputs: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return outputs


def read_model(path: Path) -> bytes:
    """Read a LiteRT file.

    Raises
    ------
    ModelFileError
        If it cannot be read, or is empty.
    """
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


def _open_interpreter(path: Path, threads: int, known: bytes | None) -> Any:
    content = read_model(path) if known is None else known
    litert = import_library("ai_edge_litert.interpreter")
    try:
        # Content and not a path: LiteRT cannot open paths with letters outside the code page on
        # Windows, and the file may be replaced while it is in use.
        with native_stderr_hushed():
            interpreter = litert.Interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelFileError(
            f"{path.name} is not a complete LiteRT model ({reason}); choose another model."
        ) from error
    return interpreter
