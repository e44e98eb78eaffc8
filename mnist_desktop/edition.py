"""Which of its two editions this program is: MNIST Desktop, or MNIST Desktop Reader.

They are the same program. Where TensorFlow is missing it is the Reader: it draws, reads, opens
networks and shows results, and leaves out what trains. Nothing else tells them apart, so that no
installation offers what would fail. This is where the question is asked; the window hears the
answer from its `Services`.
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


def needs_training(what: str) -> str:
    """Say why something cannot be done in the Reader, and what can do it.

    Parameters
    ----------
    what : str
        What needs TensorFlow, as the beginning of a sentence.
    """
    return (
        f"{what} needs TensorFlow, which {READER} does without; install {FULL}, the full program, "
        "from where you have this one."
    )
