"""A file system that refuses what Windows refuses while a program has a file open."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mnist_desktop.files import held

CHANGES = ("rename", "replace", "unlink", "rmdir")


def refusal(winerror: int | None) -> PermissionError:
    """What Windows answers; the C library's openings have no number of Windows'."""
    error = PermissionError(errno.EACCES, "The process cannot access the file")
    if winerror is not None:
        error.winerror = winerror  # type: ignore[attr-defined]
    return error


@dataclass
class Windows:
    """A file system in which a program holds files until a moment, and its clock.

    Attributes
    ----------
    held_until : float
        In seconds of its clock.
    winerror : int
        What changes are refused with until then.
    refused : int
        How many were.
    slept : list of float
        Seconds that the program has waited, each time.
    hold : callable
        Called before each change.
    """

    held_until: float = 0.0
    winerror: int = 32
    refused: int = 0
    slept: list[float] = field(default_factory=list)
    hold: Callable[[], None] = lambda: None
    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def check(self, winerror: int | None) -> None:
        """Refuse what is about to be done, if a file is held."""
        self.hold()
        if self.now < self.held_until:
            self.refused += 1
            raise refusal(winerror)

    def take_over(self, patch: pytest.MonkeyPatch) -> None:
        """Have changes refused, and waiting take no time."""
        for name in CHANGES:
            patch.setattr(os, name, self._refusing(name))
        patch.setattr(held, "time", self)

    def _refusing(self, name: str) -> Callable[..., Any]:
        change = getattr(os, name)

        def ask(path: object, *arguments: object, **options: object) -> object:
            is_look = name == "rename" and path == arguments[0]  # the source says that it is held
            self.check(32 if is_look else self.winerror)
            return change(path, *arguments, **options)

        return ask
