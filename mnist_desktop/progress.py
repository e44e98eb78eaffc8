"""What every job reports, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class PhaseProgress:
    """A training entered a phase that has no batches to count.

    Attributes
    ----------
    text : str
        What is being done, for example ``"Testing on 10,000 digits"``.
    """

    text: str


@dataclass(frozen=True)
class FileProgress:
    """How much of a large file, or of a folder of files, has been read.

    Attributes
    ----------
    name : str
        The file or folder.
    done, total : int
        Bytes of the file, or files of the folder.
    """

    name: str
    done: int
    total: int


OnProgress = Callable[[Any], None]  # a record of progress, of whatever job
