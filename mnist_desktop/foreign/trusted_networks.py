"""LiteRT files of runs: those that were not written here are tried out before they are opened.

A run's folder can come from another person, and a damaged network can end the program that opens it
(`mnist_desktop.foreign.litert_probe`). Trying one takes some tenths of a second, so what was
written here or has passed is remembered, next to the runs and not among them, where somebody
else's lie.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from mnist_desktop.errors import ModelFileError
from mnist_desktop.files.held import opened
from mnist_desktop.files.reading import read_small

FILE = "known-networks.txt"
MAX_BYTES = 5_000_000
MAX_NETWORK = 1_000_000_000


def trust(litert_file: Path, runs: Path) -> None:
    """Remember that a run's network is harmless; one that is forgotten is only tried out again."""
    with contextlib.suppress(OSError), opened(runs.parent / FILE, "ab") as file:
        file.write(f"{_digest(litert_file)}\n".encode())


def check_network(litert_file: Path, runs: Path) -> None:
    """Make sure that a run's network does no harm when it is opened.

    Parameters
    ----------
    litert_file : Path
        The run's network.
    runs : Path
        The folder of all runs.

    Raises
    ------
    ModelFileError
        If it would, or cannot be read.
    """
    try:
        digest = _digest(litert_file)
    except OSError as error:
        raise ModelFileError(
            f"{litert_file} cannot be read ({error.strerror}); choose another run."
        ) from error
    with contextlib.suppress(OSError):
        if digest.encode() in read_small(runs.parent / FILE, MAX_BYTES).split():
            return
    from mnist_desktop.foreign.litert_probe import check_litert_file

    check_litert_file(litert_file)
    trust(litert_file, runs)


def _digest(litert_file: Path) -> str:
    return hashlib.sha256(read_small(litert_file, MAX_NETWORK)).hexdigest()
