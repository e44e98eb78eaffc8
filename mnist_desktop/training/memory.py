"""How much memory a training takes, looked at before it begins.

A system that runs out of memory ends the program, or freezes, and no error is raised that could be
told. The figures were measured with ``tests/benchmarks/memory.py``.
"""

from __future__ import annotations

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.errors import LowMemoryError
from mnist_desktop.training.config import TrainingConfig

# Compiled functions, digits and buffers; TensorFlow itself is loaded by then.
ANY_BYTES = 200e6
# Weights, gradients and two moments, in two networks and in the states kept of them, while those
# are written: 61 to 67 bytes measured.
PARAMETER_BYTES = 62
# What a batch leaves in memory on its way forth and back, for each of its digits.
DIGIT_BYTES = {"cnn-fast": 152e3, "cnn": 310e3, "cnn-accurate": 250e3, "reader": 310e3}
UNIT_BYTES = 13  # the same in dense networks, for each of a digit's pixels and hidden units


def memory_needed(config: TrainingConfig, parameters: int) -> float:
    """Bytes that a training takes beside what is in memory already.

    Parameters
    ----------
    config : TrainingConfig
        Gives the architecture and the batch size.
    parameters : int
        Weights of its network.
    """
    dense = UNIT_BYTES * (SIDE * SIDE + sum(config.hidden_units))
    digit = DIGIT_BYTES.get(config.architecture, dense)
    return ANY_BYTES + PARAMETER_BYTES * parameters + digit * config.batch_size


def check_memory(config: TrainingConfig, parameters: int) -> None:
    """Make sure that there is memory enough for a training.

    Raises
    ------
    LowMemoryError
        If there is not.
    """
    needed, free = memory_needed(config, parameters), free_memory()
    if needed > free:
        raise LowMemoryError(
            f"This training takes about {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB "
            "are free; close other programs, or choose a smaller batch or network."
        )


def free_memory() -> float:
    """Bytes that can be had without swapping."""
    import psutil

    return float(psutil.virtual_memory().available)
