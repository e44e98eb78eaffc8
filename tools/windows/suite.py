"""Runs the tests with the Windows Python under Wine: ``python tools/windows/suite.py [OPTION …]``.

Each part of ``tests/unit``, and each file of ``tests/gui`` and ``tests/integration``, has a process
of its own, so that one that crashes or hangs takes no other with it. Options go to pytest; with
paths among them, only those run. ``docs/WINDOWS_TESTS.md`` tells what cannot pass there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from wine import ROOT, Wine, prepared, windows_path, work_folder

PART_S = 1800  # TensorFlow is slow to load under Wine, and machines may have other work
# A test that hangs while it holds Python's lock says where it is, and its part ends if it can.
HANGS = ("-o", "faulthandler_timeout=400", "-o", "faulthandler_exit_on_timeout=true")


def main() -> int:
    """Run all parts and tell how each went; 1 if anything failed."""
    arguments = sys.argv[1:]
    named = [one for one in arguments if (ROOT / one.partition("::")[0]).exists()]
    options = [one for one in arguments if one not in named]
    place = work_folder() / "suite"  # links need the same file system
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    wine = prepared(work_folder()).copy(place / "prefix")
    try:
        told = {part: run(wine, part, options, place) for part in named or parts()}
    finally:
        wine.stop()
        shutil.rmtree(place / "prefix", ignore_errors=True)
    for part, (_, summary) in told.items():
        say(f"{part}: {summary}")
    say(f"What failed is in {place}.")
    return int(any(code for code, _ in told.values()))


def parts() -> Iterator[str]:
    """What runs in a process of its own."""
    tests = ROOT / "tests"
    rooms = [one for one in (tests / "unit").iterdir() if any(one.glob("test_*.py"))]
    files = [one for room in ("unit", "gui", "integration") for one in tests.glob(f"{room}/test_*")]
    yield from (str(one.relative_to(ROOT)) for one in (*sorted(rooms), *sorted(files)))


def run(wine: Wine, part: str, options: list[str], place: Path) -> tuple[int, str]:
    """Run a part of the tests; its exit code, and pytest's last line."""
    python, name = work_folder() / "python/python.exe", part.replace("/", "-")
    start = time.monotonic()
    log = place / f"{name}.log"
    words = [
        *(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *HANGS),
        f"--basetemp={windows_path(place / name)}",
        *(*options, part),
    ]
    try:
        ended = wine.run(
            *words, extra={"PYTHONPATH": windows_path(ROOT)}, folder=ROOT, seconds=PART_S
        )
    except subprocess.TimeoutExpired as cut:
        log.write_text(f"{cut.output}{cut.stderr}", encoding="utf-8")
        return 1, f"did not end within {PART_S} s"
    log.write_text(ended.stdout + ended.stderr, encoding="utf-8")
    lines = ended.stdout.strip().splitlines()
    summary = lines[-1] if lines else f"ended with {ended.returncode} and no word"
    say(f"{part}: {summary} ({time.monotonic() - start:.0f} s)")
    return ended.returncode, summary


def say(text: str) -> None:
    """Tell the user how far it is."""
    print(f"windows: {text}", flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    raise SystemExit(main())
