"""How much memory a training takes, looked at before it begins.

A system that runs out of memory ends the program, or freezes, and no error is raised that could be
told. The figures were measured with ``tests/benchmarks/memory.py``.
"""

from __future__ import annotations

import math

from mnist_desktop.errors import LowMemoryError
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.training.architectures import plan_of
from mnist_desktop.training.config import TrainingConfig

# Compiled functions, digits and buffers; TensorFlow itself is loaded by then.
ANY_BYTES = 200e6
# Weights, gradients and two moments, in two networks and in the states kept of them, while those
# are written: 61 to 67 bytes measured.
PARAMETER_BYTES = 62
# What a digit of a batch leaves in memory on its way forth and back, in bytes for each number that
# flows through a dense network: 8 to 18 measured with batches of 10,000. What is foreseen for the
# whole training is then from 12% too little to 24% too much.
VALUE_BYTES = 15
# In a convolutional network most of it is the largest layer, whose gradients and working copies are
# there at the same time. Batches of 10,000 take what is foreseen, from 3% too little; those of
# 1,000 and 2,000 from 8% too little to 15% too much.
CONVOLUTIONAL_VALUE_BYTES, LARGEST_LAYER_BYTES = 2.4, 10.6


def memory_needed(config: TrainingConfig, parameters: int) -> float:
    """Bytes that a training takes beside what is in memory already.

    Parameters
    ----------
    config : TrainingConfig
        Gives the architecture and the batch size.
    parameters : int
        Weights of its network.
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
