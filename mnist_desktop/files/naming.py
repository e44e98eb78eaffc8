"""Names of files made from the names that users give to things."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from pathlib import Path

MAX_BYTES = 200  # in UTF-8; with a number and a suffix that is within the 255 of Linux and macOS
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
    start = " ".join(shown.split()).encode()[:MAX_BYTES].decode(errors="ignore")
    cut = start.strip(" .")
    if not cut.strip("-"):
        return otherwise
    stem, dot, rest = cut.partition(".")  # Windows looks no further than the first dot
    is_device = stem.strip().lower() in DEVICES
    return f"{stem.strip()}-{dot}{rest}" if is_device else cut


def free_places(folder: Path, names: Sequence[str], suffix: str) -> list[Path]:
    """Return a place in a folder for each name, where nothing is yet.

    Names that differ in case alone are one name on Windows and macOS, and count as one here.

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
    taken: set[str] = set()
    for name in names:
        numbered = (f"{name} {count}" for count in itertools.count(2))
        free = next(
            one
            for one in itertools.chain([name], numbered)
            if _folded(one) not in taken and not (folder / f"{one}.{suffix}").exists()
        )
        taken.add(_folded(free))
        found.append(folder / f"{free}.{suffix}")
    return found


def _folded(name: str) -> str:
    """What a name is to a file system that ignores case and how accents are composed."""
    return unicodedata.normalize("NFC", name.casefold())
