"""The trials of a search as a table (CSV)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from mnist_desktop.files.writing import write_atomically
from mnist_desktop.search.settings import SETTINGS
from mnist_desktop.search.study import TrialSummary

LAYERS = "layers"


def write_trials(trials: Sequence[TrialSummary], output: Path) -> Path:
    """Write trials as a table, atomically: a row each, a column for each setting that one has.

    Parameters
    ----------
    trials : sequence of TrialSummary
        In the order of the rows.
    output : Path
        The file; one that exists is replaced.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    found = {name for one in trials for name in one.settings}
    names = [name for name in (*SETTINGS, LAYERS) if name in found]
    heads = ("number", "state", "score", "parameters", "seconds", *names, "reason")

    def write(path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            for one in trials:
                values = (one.settings.get(name, "") for name in names)
                facts = (one.number, one.state, one.score, one.parameters, one.seconds)
                writer.writerow((*facts, *values, one.reason))

    return write_atomically(output, write)
