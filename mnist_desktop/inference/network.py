"""A converted network: images in, numbers out; LiteRT, and never TensorFlow."""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE, Images
from mnist_desktop.errors import ModelFileError
from mnist_desktop.files.held import read_bytes
from mnist_desktop.formats import count
from mnist_desktop.inference.litert_file import work
from mnist_desktop.inference.pixel_scale import ZERO_TO_ONE, PixelScale
from mnist_desktop.native import import_library, native_stderr_hushed

NUMBERS = (np.float32, np.uint8, np.int8)
BATCH = 50  # more leave the processor's cache
CHANNELS_FIRST = (1, SIDE, SIDE)  # as PyTorch's networks take images
INPUT_SHAPES = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE, 1), CHANNELS_FIRST)


@dataclass(frozen=True)
class _Port:
    """The input or output of a network: where it is, and what its numbers stand for.

    A whole number q stands for ``scale * (q - zero)``.
    """

    index: int
    shape: tuple[int, ...]  # of one
    at_once: int  # how many it takes, 0 for any number
    dtype: np.dtype[Any]
    scale: float
    zero: int

    def stored(self, numbers: NDArray[np.float32]) -> NDArray[Any]:
        """Store numbers as the network takes them."""
        if self.dtype == np.float32:
            return numbers
        kind = np.iinfo(self.dtype)
        whole = np.rint(numbers / np.float32(self.scale)) + self.zero
        stored: NDArray[Any] = np.clip(whole, kind.min, kind.max).astype(self.dtype)
        return stored

    @property
    def range(self) -> tuple[float, float] | None:
        """The least and the largest number that 8 bits hold; None for floating-point numbers."""
        if self.dtype == np.float32:
            return None
        kind = np.iinfo(self.dtype)
        return (kind.min - self.zero) * self.scale, (kind.max - self.zero) * self.scale

    def numbers(self, stored: NDArray[Any]) -> NDArray[np.float32]:
        """Numbers that the network gives."""
        if self.dtype == np.float32:
            return stored
        return (stored.astype(np.float32) - np.float32(self.zero)) * np.float32(self.scale)


class LiteRTNetwork:
    """A network loaded from a LiteRT file; a digit costs it a twentieth of a millisecond.

    It may be used from several threads, one at a time.

    Parameters
    ----------
    path : Path
        A ``.tflite`` file that takes one array of floating-point numbers, or of 8-bit integers
        that stand for such.
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
    input_range : tuple of float or None
        The least and the largest number that an 8-bit input can hold; None if it has no end.

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
        self._content = read_model(path) if content is None else content
        self._interpreter = _open_interpreter(path, threads, self._content)
        given = [_port(one) for one in self._interpreter.get_input_details()]
        gives = [_port(one) for one in self._interpreter.get_output_details()]
        if len(given) != 1 or given[0].shape not in input_shapes:
            found = given[0].shape if len(given) == 1 else count(len(given), "input")
            raise ModelFileError(
                f"{path.name} does not take 28×28 images in shades of grey but {found}; "
                "choose a network that reads MNIST digits."
            )
        if len(gives) != 1 or gives[0].shape != (outputs,):
            found = gives[0].shape if len(gives) == 1 else count(len(gives), "output")
            raise ModelFileError(
                f"{path.name} does not give {outputs} scores but {found}; choose a network that "
                "reads digits."
            )
        for one in (*given, *gives):
            if one.dtype not in NUMBERS or not (np.isfinite(one.scale) and one.scale > 0):
                raise ModelFileError(
                    f"{path.name} computes with numbers of the type {one.dtype}; choose a network "
                    "that takes and gives floating-point numbers or 8-bit integers."
                )
        self.input_shape = given[0].shape
        self.input_range = given[0].range
        self._input, self._output = given[0], gives[0]
        self._batch = 0
        self._most = given[0].at_once or batch

    @property
    def work(self) -> int:
        """How many multiplications one input takes, roughly; 0 where the file does not tell."""
        with self._lock:
            shapes = {
                one["index"]: one["shape"].tolist()
                for one in self._interpreter.get_tensor_details()
            }
        try:
            batch: int = shapes[self._input.index][0]
            return work(self._content, shapes) // max(1, batch)
        except (ValueError, struct.error, LookupError):
            return 0

    def outputs(self, images: Images, scale: PixelScale = ZERO_TO_ONE) -> NDArray[np.float32]:
        """Run many images through the network.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink; n is at least 1.
        scale : PixelScale, optional
            What the network takes for them.

        Returns
        -------
        ndarray of float32, shape (n, outputs)
        """
        parts = [
            self.run(scale.inputs(images[start : start + self._most], self.input_shape))
            for start in range(0, len(images), self._most)
        ]
        return np.concatenate(parts)

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run inputs (n, *input_shape) through the network, all at once."""
        with self._lock:
            return self._invoke(inputs)

    def _invoke(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        given, count = self._input, len(inputs)
        if given.at_once > count:
            inputs = np.concatenate([inputs, np.repeat(inputs[-1:], given.at_once - count, axis=0)])
        elif not given.at_once and count != self._batch:
            self._interpreter.resize_tensor_input(given.index, (count, *given.shape))
            self._interpreter.allocate_tensors()
            self._batch = count
        self._interpreter.set_tensor(given.index, given.stored(inputs))
        self._interpreter.invoke()
        return self._output.numbers(self._interpreter.get_tensor(self._output.index))[:count]


def _port(details: Mapping[str, Any]) -> _Port:
    """Return what LiteRT says of an input or output; 8-bit numbers without a scale are as is."""
    sides = [int(side) for side in details["shape"]]
    is_fixed = len(sides) > 0 and list(details["shape_signature"][:1]) != [-1]
    scale, zero = details["quantization"]
    return _Port(
        details["index"],
        tuple(sides[1:]),
        sides[0] if is_fixed else 0,
        np.dtype(details["dtype"]),
        float(scale) or 1.0,
        int(zero),
    )


def read_model(path: Path) -> bytes:
    """Read a LiteRT file.

    Raises
    ------
    ModelFileError
        If it cannot be read, or is empty.
    """
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        raise ModelFileError(f"There is no model file {path}; choose another model.") from None
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be read ({error.strerror}); choose a LiteRT model."
        ) from error
    if not content:
        raise ModelFileError(f"{path} is empty; choose another model.")
    return content


def _open_interpreter(path: Path, threads: int, content: bytes) -> Any:
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
