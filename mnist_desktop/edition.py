"""Which of its two editions this program is: MNIST Desktop, or MNIST Desktop Reader.

They are the same program. Where TensorFlow is missing it is the Reader: it draws, reads, opens
networks and shows results. What trains is left out, and with it what only some need and weighs
much: ONNX and Parquet files, and downloads. Nothing else tells them apart, so that no installation
offers what would fail. This is where the question is asked; parts of the window that differ hear
the answer from their `Services`.
"""

from __future__ import annotations

from importlib.util import find_spec

FULL = "MNIST Desktop"
READER = "MNIST Desktop Reader"


def can_train() -> bool:
    """Whether networks can be trained: TensorFlow can be found; it is not imported for that."""
    return find_spec("tensorflow") is not None


def title() -> str:
    """What the program is called."""
    return FULL if can_train() else READER


def command() -> str:
    """What the program is called in a terminal, and among the files of a system."""
    return "mnist-desktop" if can_train() else "mnist-desktop-reader"


def left_out(what: str) -> str:
    """Say that something is not to be had in the Reader, and what has it.

    Parameters
    ----------
    what : str
        What is left out, as the beginning of a sentence.
    """
    return (
        f"{what} is left out of {READER}; install {FULL}, the full program, from where you have "
        "this one."
    )
