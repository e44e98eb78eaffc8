"""Names of files made from the names that users give to things."""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from mnist_desktop.errors import InvalidInputError

MAX_BYTES = 200  # in UTF-8; with a number and a suffix that is within the 255 of Linux and macOS
FORBIDDEN = frozenset('<>:"/\\|?*')  # by Windows, whose rules are the strictest
PORTS = tuple(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³")
DEVICES = frozenset(("con", "prn", "aux", "nul", "conin$", "conout$", *PORTS))
FIRST_PRINTABLE = 0x20
ON_WINDOWS = os.name == "nt"
_PIPE = re.compile(r"\\\\([?]\\UNC\\)?[^\\]+\\pipe\\", re.IGNORECASE)  # of this or another computer
_LONG_NAME = re.compile(r"\\\\[?]\\([A-Z]:|UNC)\\", re.IGNORECASE)  # of a file
_DRIVE = re.compile(r"^[A-Za-z]:(?=.)")


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
    stem, dot, rest = cut.partition(".")
    return f"{stem.strip()}-{dot}{rest}" if _is_device(cut) else cut


def _is_device(name: str) -> bool:
    """Whether Windows takes a name for a device: it looks no further than the first dot."""
    return re.split("[.:]", name, maxsplit=1)[0].strip().lower() in DEVICES


def special_kind(path: Path) -> str:
    """What Windows finds under a name that is no file's: ``"a pipe"``, ``"a device"``, or nothing.

    The name alone tells it, because even asking whether there is such a file opens it: whoever
    serves the pipe is called, a serial port is switched on. On other systems they are files' names.
    """
    if not ON_WINDOWS:
        return ""
    text = str(path).replace("/", "\\")
    if _PIPE.match(text):
        return "a pipe"
    if text.startswith(("\\\\.\\", "\\\\?\\")) and not _LONG_NAME.match(text):
        return "a device"
    return "a device" if _is_device(_DRIVE.sub("", _last_part(text))) else ""


def check_file_name(path: Path) -> None:
    """Make sure that a file can have a name that a user has given.

    What Windows makes of ``a:b.png`` is a part of the file ``a`` that no program lists, and what is
    written to ``nul.png`` is gone.

    Raises
    ------
    InvalidInputError
        If it cannot.
    """
    if not ON_WINDOWS:
        return
    name = _last_part(str(path))
    found = next((one for one in name if one in FORBIDDEN or ord(one) < FIRST_PRINTABLE), "")
    if kind := special_kind(path):
        why = f"that names {kind}"
    elif found:
        why = f"it contains {found!r}"
    elif name.endswith((" ", ".")) and name.strip("."):
        why = "it ends with a space or a dot"
    else:
        return
    raise InvalidInputError(
        f"On Windows no file can be called {name!r}, because {why}; choose another name."
    )


def _last_part(path: str) -> str:
    return path.replace("/", "\\").rpartition("\\")[2]


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
            if folded(one) not in taken and not (folder / f"{one}.{suffix}").exists()
        )
        taken.add(folded(free))
        found.append(folder / f"{free}.{suffix}")
    return found


def folded(name: str) -> str:
    """What a name is to a file system that ignores case and how accents are composed."""
    return unicodedata.normalize("NFC", name.casefold())
