"""Commands of the system that a test of packages needs to succeed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def do(*words: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed, and return what it prints.

    Parameters
    ----------
    *words
        The command.
    environment
        All it gets to know, instead of what this process knows.
    """
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    return done.stdout
