"""How numbers are written for people."""

from __future__ import annotations

NOT_MEASURED = "–"
CLOSE = 1.5  # how many times a time another may be, for both to be “about” the same


def percent(fraction: float | None, decimals: int = 2) -> str:
    """Write a fraction as a percentage, or a dash where there was nothing to measure.

    Parameters
    ----------
    fraction : float or None
        From 0 to 1.
    decimals : int, optional
        Digits after the point.

    Returns
    -------
    str
        Such as ``"93.21%"``.
    """
    return NOT_MEASURED if fraction is None else f"{fraction * 100:.{decimals}f}%"


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


def a_digit(digit: int) -> str:
    """Write a digit with its article.

    Parameters
    ----------
    digit : int
        From 0 to 9.

    Returns
    -------
    str
        Such as ``"a 7"`` or ``"an 8"``.
    """
    return f"an {digit}" if digit == 8 else f"a {digit}"


def seconds(number: float) -> str:
    """Write a time that was measured.

    Parameters
    ----------
    number : float
        In seconds.

    Returns
    -------
    str
        Such as ``"71.3 s"``.
    """
    return f"{number:.1f} s"


def duration(seconds: float) -> str:
    """Write an estimated time as coarsely as it is known.

    Parameters
    ----------
    seconds : float
        How long it takes, from 0.

    Returns
    -------
    str
        Such as ``"4 s"``, ``"35 s"``, ``"12 min"`` or ``"3 h"``.
    """
    if seconds < 9.5:
        return f"{max(1, round(seconds))} s"
    if seconds < 57.5:
        return f"{5 * round(seconds / 5)} s"
    if seconds < 99.5 * 60:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600):,} h"


def duration_span(low: float, high: float) -> str:
    """Write an estimated time that may be anything between two ends, no more exactly than that.

    Parameters
    ----------
    low, high : float
        How many seconds it takes at least and at most, from 0.

    Returns
    -------
    str
        Such as ``"about 2 min"`` where the ends are close, ``"1 to 4 min"`` or ``"40 s to 2 min"``.
    """
    least, most = duration(low), duration(high)
    if least == most or high < CLOSE * low:
        return f"about {duration((low * high) ** 0.5)}"
    number, unit = least.split()
    return f"{number if unit == most.split()[1] else least} to {most}"


def time_left(seconds: float) -> str:
    """Write how long a job still takes, to the second.

    Parameters
    ----------
    seconds : float
        An estimate, from 0.

    Returns
    -------
    str
        Such as ``"0:04 left"`` or ``"12:30 left"``.
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} left"
