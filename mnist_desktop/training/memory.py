"""Estimates how much memory a training takes, before it begins.

A system that runs out of memory kills the program or freezes, and raises no error that could be
reported. The figures were measured with ``tests/benchmarks/memory.py``.
"""

from __future__ import annotations

import math

from mnist_desktop.errors import LowMemoryError
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.training.architectures import plan_of
from mnist_desktop.training.config import TrainingConfig

# Compiled functions, digits and buffers; TensorFlow itself is already loaded.
ANY_BYTES = 200e6
# Weights, gradients and two moments, in two networks and in the checkpoints being written: 61 to 67
# bytes measured.
PARAMETER_BYTES = 62
# What each digit of a batch takes in the forward and backward pass, in bytes for each number that
# flows through a dense network: 8 to 18 measured with batches of 10,000. The estimate for the
# training as a whole is then between 12% too low and 24% too high.
VALUE_BYTES = 15
# In a convolutional network, most of it is the largest layer, whose gradients and working copies
# are in memory at the same time. The estimate is at most 3% too low for batches of 10,000, and
# between 8% too low and 15% too high for batches of 1,000 and 2,000.
CONVOLUTIONAL_VALUE_BYTES, LARGEST_LAYER_BYTES = 2.4, 10.6


def memory_needed(config: TrainingConfig, parameters: int) -> float:
    """Bytes that a training takes in addition to what is already in use.

    Parameters
    ----------
    config : TrainingConfig
        Gives the architecture and the batch size.
    parameters : int
        How many weights its network has.
    """
    digit = _digit_bytes(plan_of(config))
    return ANY_BYTES + PARAMETER_BYTES * parameters + digit * config.batch_size


def _digit_bytes(plan: NetworkPlan) -> float:
    """Bytes that each digit of a batch takes."""
    flow = [math.prod(plan.input_shape)]
    # Flattening copies nothing.
    flow += [math.prod(one.output_shape) for one in plan.all_layers if one.kind != "Flatten"]
    if plan.is_convolutional:
        return CONVOLUTIONAL_VALUE_BYTES * sum(flow) + LARGEST_LAYER_BYTES * max(flow)
    return VALUE_BYTES * sum(flow)


def check_memory(config: TrainingConfig, parameters: int) -> None:
    """Make sure that there is enough memory for a training.

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
    """Bytes that can be allocated without swapping."""
    import psutil

    return float(psutil.virtual_memory().available)
