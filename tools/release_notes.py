"""Prints what is new in this version, from CHANGELOG.md: ``python -m tools.release_notes``."""

from __future__ import annotations

import re
from pathlib import Path

from mnist_desktop import __version__

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def main() -> None:
    """Print the notes of this version."""
    print(notes_of(__version__, CHANGELOG.read_text(encoding="utf-8")))  # noqa: T201 - a command


def notes_of(version: str, changelog: str) -> str:
    """Take a version's section out of a changelog.

    Raises
    ------
    SystemExit
        If there is none.
    """
    heading = rf"^## \[?{re.escape(version)}\]?(?: [^\n]*)?\n(.*?)(?=^## |\Z)"
    found = re.search(heading, changelog, flags=re.DOTALL | re.MULTILINE)
    if found is None or not found[1].strip():
        raise SystemExit(
            f"CHANGELOG.md has no section for {version}; give the section [Unreleased] this name "
            "and today's date."
        )
    return found[1].strip()


if __name__ == "__main__":
    main()
