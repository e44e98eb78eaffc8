"""Names of files made from the names that users give to things."""

from __future__ import annotations

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
