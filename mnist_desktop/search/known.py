"""Searches that can be shown: those among the program's own files, and any elsewhere."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.storage import JOURNAL, SUFFIX, own_storage


@dataclass(frozen=True)
class SearchRef:
    """Which search is meant.

    Attributes
    ----------
    name : str
        What it is called.
    url : str
        Where it is kept; empty for one among the program's own files.
    """

    name: str
    url: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is one among the program's own files."""
        return not self.url

    def as_text(self) -> str:
        """Write it as a line."""
        return json.dumps([self.name, self.url])


def read_ref(text: str) -> SearchRef | None:
    """Read what `SearchRef.as_text` has written; None for anything else."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, list) and [type(one) for one in found] == [str, str]:
            return SearchRef(*found)
    return None


def own_searches(paths: AppPaths) -> list[SearchRef]:
    """Searches among the program's own files, the one that was worked on last first."""
    found = [
        (path.stat().st_mtime, path.name.removesuffix(SUFFIX))
        for path in (paths.data / "searches").glob(f"*{SUFFIX}")
    ]
    return [SearchRef(name) for _, name in sorted(found, reverse=True)]


def new_name(paths: AppPaths) -> str:
    """Propose a name that no search among the program's own files has."""
    taken = {one.name for one in own_searches(paths)}
    today = time.strftime("search-%Y-%m-%d")
    names = [today, *(f"{today}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def check_new(name: str, paths: AppPaths) -> None:
    """Make sure that a search can be begun under a name.

    Raises
    ------
    InvalidInputError
        If no file can be called so, or there is a search of this name.
    """
    own_storage(paths, name)
    if SearchRef(name) in own_searches(paths):
        raise InvalidInputError(f"There is a search “{name}” already; choose another name.")


def place_of(paths: AppPaths, search: SearchRef) -> str:
    """Return the URL of where a search is kept.

    Raises
    ------
    InvalidInputError
        If no file can have its name.
    """
    return search.url or own_storage(paths, search.name)


def elsewhere(name: str, place: str) -> SearchRef:
    """Make sure of what was typed of a search that is kept elsewhere.

    Parameters
    ----------
    name : str
        What it is called; for a journal, the name of its file if empty.
    place : str
        The URL of a storage, or a journal's path.

    Raises
    ------
    InvalidInputError
        If something is missing.
    """
    if not place:
        raise InvalidInputError(
            f"Say where the search is kept: a file, or a URL such as {JOURNAL}/shared/digits"
            f"{SUFFIX} or postgresql://server/digits."
        )
    url = place if ":" in place[2:] else f"{JOURNAL}{place}"  # not the colon of a drive
    if not name and url.startswith(JOURNAL):
        name = url.replace("\\", "/").rpartition("/")[2].removeprefix(JOURNAL).removesuffix(SUFFIX)
    if not name:
        raise InvalidInputError("Say what the search is called.")
    return SearchRef(name, url)
