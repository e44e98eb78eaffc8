"""Text from anywhere, as a list, a log or a terminal can show it."""

from __future__ import annotations

import unicodedata

LINE = 300  # characters; longer ones are nothing to read in a list, and take seconds to paint
# They join letters and pictures of which names are made, and turn nothing around.
_JOINERS = "\u200c\u200d"


def printable(text: str, most: int = LINE, *, keep: str = "") -> str:
    r"""Escape what would not be seen or would do something, and cut off what is too long.

    A folder's name may hold a terminal's commands, line breaks, marks that turn the direction of
    writing around, or bytes that are no text; a file of somebody else's may hold megabytes where a
    name is expected.

    Parameters
    ----------
    text : str
        The text. What has been escaped before stays as it is.
    most : int, optional
        How many characters of it are shown; dots stand for the rest.
    keep : str, optional
        Characters that stay as they are, such as ``"\n"`` where lines are meant.

    Returns
    -------
    str
        For example ``"run\\x1b[2J"`` with a backslash in place of the escape character.
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(one if one in keep or _is_harmless(one) else _escaped(one) for one in cut)


def _is_harmless(letter: str) -> bool:
    return letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
