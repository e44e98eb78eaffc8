"""Files are saved while another program opens them again and again, as a virus scanner does.

It is a process of its own, which opens whatever there is for up to 100 ms at a time: on Windows,
and under Wine, nobody can rename or remove a file meanwhile. ``SAVINGS`` says how many savings of
each kind are tried (50 unless told).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.files.arrays import read_arrays, write_arrays
from mnist_desktop.files.held import remove_tree, rename
from mnist_desktop.files.writing import write_bytes_atomically
from mnist_desktop.runs.my_digits import MyDigits

SAVINGS = int(os.environ.get("SAVINGS", "50"))
# Opens files as Python does, without the right for others to rename or remove them.
HOLDER = """
import json, os, random, sys, time
from pathlib import Path
root, chance, opened = Path(sys.argv[1]), random.Random(1), 0
print("ready", flush=True)
while not (root / "stop").exists():
    files = [Path(folder, name) for folder, _, names in os.walk(root) for name in names]
    files = [path for path in files if path.suffix in (".json", ".npz", ".jsonl")]
    for path in chance.sample(files, min(3, len(files))):
        try:
            with path.open("rb"):
                opened += 1
                time.sleep(chance.uniform(0.001, 0.1))
        except OSError:  # it is gone, or just being replaced
            pass
    time.sleep(chance.uniform(0, 0.02))
print(json.dumps(opened))
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    made = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    assert made.stdout.readline().strip() == "ready"
    yield made
    made.kill()
    made.wait()


def save_bytes(folder: Path, number: int) -> None:
    path = write_bytes_atomically(folder / "run.json", b"%d" % number)
    assert path.read_bytes() == b"%d" % number


def save_arrays(folder: Path, number: int) -> None:
    write_arrays(folder / "state.npz", {"number": np.array(number)})
    assert read_arrays(folder / "state.npz")["number"] == number


def keep_folder(folder: Path, number: int) -> None:
    """As a run is kept, deleted and removed for good."""
    begun = folder / f".new-{number}"
    begun.mkdir()
    (begun / "run.json").write_bytes(b"%d" % number)
    place = rename(begun, folder / f"run-{number}")
    assert (place / "run.json").read_bytes() == b"%d" % number
    remove_tree(rename(place, folder / f".deleted-{number}"))


def keep_digit(folder: Path, number: int) -> None:
    mine, drawing = MyDigits(folder / "mine.jsonl"), Drawing(Ink((((0.1, 0.1), (0.2, 0.9)),)), 1)
    mine.add([drawing])
    mine.add([drawing])
    assert mine.count == 2
    mine.remove(mine.drawings)
    assert mine.count == 0


@pytest.mark.parametrize("save", [save_bytes, save_arrays, keep_folder, keep_digit])
def test_no_saving_is_lost_while_another_program_opens_the_files(
    save: Callable[[Path, int], None], holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    lost = []
    for number in range(SAVINGS):
        try:
            save(tmp_path, number)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being saved
            lost.append(f"{number}: {type(error).__name__}: {error}")
    (tmp_path / "stop").touch()
    output, _ = holder.communicate(timeout=60)
    print(f"{save.__name__}: {SAVINGS} savings, {json.loads(output)} openings, {len(lost)} lost")
    assert lost == []
    left = {path.name for path in tmp_path.iterdir()} - {"stop"}
    assert left <= {"run.json", "state.npz", "mine.jsonl", ".mine.jsonl.lock"}
