"""The log loses nothing and stays small, whoever else reads or writes it."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from mnist_desktop import log_files
from mnist_desktop.log_files import LogHandler
from tests.made_windows import Windows

# Two programs log at the same moment; the second one starts once the first one is at it.
PROGRAM = """
import logging, sys, time
from pathlib import Path
from mnist_desktop import log_files
log_files.MAX_LOG = 20_000
log_files.OLD_LOGS = 30
log_files.open_log(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(3000):
    logging.getLogger("mnist_desktop").warning("entry %s-%s", sys.argv[2], number)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_programs_at_once_lose_no_entry(tmp_path: Path) -> None:
    programs = [start(PROGRAM, str(tmp_path), name) for name in ("first", "second")]
    for one in programs:
        assert one.stdout is not None
        assert one.stdout.readline().strip() == "ready"
    assert (tmp_path / "mnist-desktop.log").exists()
    assert (tmp_path / "mnist-desktop-2.log").exists()
    for one in programs:
        one.communicate("go\n", timeout=60)
        assert one.returncode == 0
    found = [path.read_text("utf-8") for path in tmp_path.glob("mnist-desktop*.log*")]
    entries = sorted(re.findall(r"entry (\S+)", "".join(found)))
    expected = [f"{name}-{number}" for name in ("first", "second") for number in range(3000)]
    assert entries == sorted(expected)
    assert max(map(len, found)) < 21_000


def test_the_first_name_is_free_again_after_the_program(tmp_path: Path) -> None:
    for _ in range(2):
        program = start(PROGRAM, str(tmp_path), "one")
        program.communicate("go\n", timeout=60)
    assert not list(tmp_path.glob("mnist-desktop-2*"))


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    monkeypatch.setattr(log_files, "MAX_LOG", 10_000)
    handler = LogHandler(tmp_path / "mnist-desktop.log", QLockFile(str(tmp_path / "lock")))
    made = logging.getLogger("of-this-test")
    made.propagate = False
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)
    handler.close()


def entries_in(folder: Path) -> list[int]:
    texts = [path.read_text("utf-8") for path in folder.glob("mnist-desktop.log*")]
    assert max(map(len, texts)) < 11_000
    return sorted(int(one) for one in re.findall(r"entry (\d+)", "".join(texts)))


@pytest.mark.parametrize("winerror", [None, 5, 32])
def test_a_log_that_somebody_reads_is_neither_lost_nor_large(
    log: logging.Logger, windows: Windows, tmp_path: Path, winerror: int | None
) -> None:
    """An editor or a second program has it open: Windows does not rename it."""
    if winerror is not None:
        windows.held_until, windows.winerror = 1e9, winerror
    for number in range(5000):
        log.warning("entry %d", number)
    kept = entries_in(tmp_path)
    assert kept == list(range(kept[0], 5000))  # the oldest went, and no other
    assert len(kept) > 300
    assert len(list(tmp_path.glob("mnist-desktop.log*"))) == 4
    assert windows.slept == []


# Crashes

ENDING = """
import os, sys
from pathlib import Path
from mnist_desktop import log_files
log_files.open_log(Path(sys.argv[1]))
import logging; logging.getLogger("mnist_desktop").setLevel("INFO")
with (Path(sys.argv[1]) / "crash.log").open("ab") as file:  # as Python's handler does on Windows
    file.write(b"Windows fatal exception: code 0x8001010d\\n\\nThread 1:\\n")
if sys.argv[2] == "crash":
    os.abort()
"""


def run(folder: Path, ending: str) -> str:
    program = [sys.executable, "-c", ENDING, str(folder), ending]
    subprocess.run(program, check=False, stderr=subprocess.DEVNULL, timeout=60)
    return (folder / "crash.log").read_text("utf-8")


def test_what_the_program_has_survived_was_no_crash(tmp_path: Path) -> None:
    (tmp_path / "crash.log").write_text("Fatal Python error: Aborted\n")
    assert run(tmp_path, "end") == "Fatal Python error: Aborted\n"
    log = (tmp_path / "mnist-desktop.log").read_text("utf-8")
    assert "Survived: Windows fatal exception: code 0x8001010d" in log
    crashed = run(tmp_path, "crash")
    assert crashed.startswith("Fatal Python error: Aborted\nWindows fatal exception")
    assert crashed.count("Fatal Python error: Aborted") == 2


def test_old_notes_of_crashes_are_cut(tmp_path: Path) -> None:
    lines = "".join(f"line {number}\n" for number in range(100_000))
    (tmp_path / "crash.log").write_bytes(lines.encode())
    kept = run(tmp_path, "end")
    assert 99_000 < len(kept) <= log_files.MAX_CRASHES
    assert lines.endswith(kept)
    assert kept.startswith("line ")
