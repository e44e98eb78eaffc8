"""How numbers are written for people."""

from __future__ import annotations

NOT_MEASURED = "–"


def measured(share: float | None) -> str:
    """Write a share from 0 to 1 as a percentage, or a dash where there was nothing to measure."""
    return NOT_MEASURED if share is None else f"{share * 100:.2f} %"


def count(number: int, thing: str, things: str = "") -> str:
    """Write how many of something there are, in the singular where there is one.

    Parameters
    ----------
    number : int
        How many.
    thing : str
        What one of them is called.
    things : str, optional
        What several are called, where that is not `thing` with an s.

    Returns
    -------
    str
        Such as ``"1 digit"``, ``"0 digits"`` or ``"60,000 test digits"``.
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
