"""Stands in for the processes of a search: says what a file holds, notes what it is told.

Run with ``FAKE_SEARCH`` naming a folder: ``watch`` says what is in ``watched``, and ``start`` or
``join`` what is in ``worked``, then both wait for the end of their input. Words and commands of the
latter are appended to ``told``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ENDINGS = ("stop\n", "finish\n")


def main(words: list[str]) -> int:
    place = Path(os.environ["FAKE_SEARCH"])
    if words[1] == "watch":
        say(place / "watched")
        sys.stdin.read()
        return 0
    with (place / "told").open("a", encoding="utf-8") as told:
        told.write(" ".join(words) + "\n")
        told.flush()
        say(place / "worked")
        if (place / "fails").exists():
            return 1
        for command in sys.stdin:
            told.write(command)
            told.flush()
            if command in ENDINGS:
                return 0
        told.write("end\n")
    return 0


def say(file: Path) -> None:
    if file.exists():
        sys.stdout.write(file.read_text("utf-8"))
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
