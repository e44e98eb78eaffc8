"""Names of files made from the names that users give to things."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

MAX_LENGTH = 80  # characters; with a suffix it fits into every file system
FORBIDDEN = frozenset('<>:"/\\|?*')  # by Windows, whose rules are the strictest
DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)


def safe_file_name(name: str, otherwise: str) -> str:
    """Return a name that a file can have on every system, as close to another one as can be.

    Parameters
    ----------
    name : str
        What a user calls the thing.
    otherwise : str
        What the file is called if nothing of that is left.

    Returns
    -------
    str
        Without a suffix, for example ``"3-4 layers"`` for ``"3/4 layers"``.
    """
    shown = "".join("-" if one in FORBIDDEN else one for one in name if one.isprintable())
    cut = " ".join(shown.split())[:MAX_LENGTH].strip(" .")
    if not cut.strip("-"):
        return otherwise
    return f"{cut}-" if cut.partition(".")[0].strip().lower() in DEVICES else cut


def free_places(folder: Path, names: Sequence[str], suffix: str) -> list[Path]:
    """Return a place in a folder for each name, where nothing is yet.

    Parameters
    ----------
    folder : Path
        The folder.
    names : sequence of str
        Names without a suffix that files can have; two may be the same.
    suffix : str
        What the files' names end with, without the dot.
    """
    found: list[Path] = []
    for name in names:
        numbered = (f"{name} {count}" for count in itertools.count(2))
        places = (folder / f"{one}.{suffix}" for one in itertools.chain([name], numbered))
        found.append(next(one for one in places if one not in found and not one.exists()))
    return found
