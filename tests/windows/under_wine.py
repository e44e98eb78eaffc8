"""A Windows under Wine as tests see it; conftest.py makes one for each of them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from screen import Screen
from wine import Wine, windows_path


@dataclass(frozen=True)
class Windows:
    """A Windows with a screen, in which programs are run.

    Attributes
    ----------
    wine : Wine
        Its prefix.
    screen : Screen
        Mouse, keyboard and picture.
    home : Path
        What the program knows as ``MNIST_DESKTOP_HOME``: empty at the beginning of a test.
    """

    wine: Wine
    screen: Screen
    home: Path

    def variables(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """What a program's environment has beyond Wine's own; `extra` goes first."""
        return {
            "DISPLAY": self.screen.display,
            "MNIST_DESKTOP_HOME": windows_path(self.home),
            **(extra or {}),
        }

    def run(
        self, *words: str | Path, seconds: float = 300, extra: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; all programs end, and the test fails, if it takes too long."""
        return self.wine.run(*words, extra=self.variables(extra), folder=self.home, seconds=seconds)

    def start(
        self, *words: str | Path, extra: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program, whose words go nowhere; it is ended with the test at the latest."""
        return self.wine.start(
            *words, extra=self.variables(extra), folder=self.home, output=subprocess.DEVNULL
        )
