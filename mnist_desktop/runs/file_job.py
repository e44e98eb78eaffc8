"""Writing a file as a job, for what takes longer than a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.training.config import OnProgress, PhaseProgress, ShouldStop


@dataclass(frozen=True, eq=False)
class FileOrder:
    """A file that is to be written.

    Attributes
    ----------
    output : Path
        Where to.
    write : callable
        Writes it, given its place, and returns its full path.
    """

    output: Path
    write: Callable[[Path], Path]


def write_file(order: FileOrder, *, on_progress: OnProgress, should_stop: ShouldStop) -> Path:  # noqa: ARG001
    """Write a file as a job; a file is too quickly written to be stopped half way."""
    on_progress(PhaseProgress(f"Writing {order.output.name}"))
    return order.write(order.output)
