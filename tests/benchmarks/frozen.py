"""The packaged program beside the source tree: ``make bench-package``.

Both are started in turns as a user would start them, on an X server of their own, and watched from
outside. MNIST and a home are the same for both; each round's first start writes a home anew, the
second start, which is measured, finds it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from screen import SEVEN, Screen, has_digit, is_painted, open_screen, wait_for

SOURCE = Path(sys.executable).with_name("mnist-desktop")
LOOK_S = 0.005
WAIT_S = 60


def environment(home: Path) -> dict[str, str]:
    """What both get to know; without MNIST's place the sample, as only one may have MNIST."""
    data = os.environ.get("MNIST_DESKTOP_DATA", "sample")
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return {"HOME": str(home), "MNIST_DESKTOP_DATA": data, **fixed}


def start(program: Path, home: Path, screen: Screen) -> dict[str, float]:
    """Seconds from the start to the painted window, and to the reading of a drawn digit."""

    def seen(what: str, look: Callable[..., bool]) -> float:
        wait_for(what, lambda: look(screen.picture()), WAIT_S, LOOK_S)
        return time.perf_counter() - began

    began = time.perf_counter()
    process = subprocess.Popen([program], env={**environment(home), "DISPLAY": screen.display})
    try:
        painted = seen("the window", is_painted)
        screen.draw(SEVEN)
        read = seen("a digit", has_digit)
        screen.press("ctrl+q")
        process.wait(WAIT_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return {"painted": painted, "read": read}


def train(program: Path, home: Path, architecture: str, epochs: int) -> list[float]:
    """Seconds of each epoch but the first, in which TensorFlow compiles."""
    words = ["train", "--architecture", architecture, "--epochs", str(epochs), "--seed", "1"]
    done = subprocess.run(
        [program, *words, "--json"],
        env=environment(home),
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    run = json.loads(done.stdout)["run"]
    history = next(home.rglob(f"{run}/history.json"))
    return [float(epoch["seconds"]) for epoch in json.loads(history.read_bytes())][1:]


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="the built program's executable")
    parser.add_argument("--rounds", type=int, default=9)
    return parser


def main() -> None:
    """Measure and print the table."""
    options = make_parser().parse_args()
    both = {"source": SOURCE, "packaged": options.program.resolve()}
    starts: dict[str, list[dict[str, float]]] = {name: [] for name in both}
    fits: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder, open_screen() as screen:
        for number in range(options.rounds + 1):
            for name, program in both.items():
                found = start(program, Path(folder, name), screen)
                if number:  # the first reads a gigabyte from the disk, and makes the home
                    starts[name].append(found)
        for architecture, epochs in (("dense-100", 20), ("cnn", 4)):
            fits[architecture] = {name: [] for name in both}
            for _ in range(max(3, options.rounds // 3)):
                for name, program in both.items():
                    fits[architecture][name] += train(
                        program, Path(folder, name), architecture, epochs
                    )
    rows = {
        "start to painted window": {n: [one["painted"] for one in s] for n, s in starts.items()},
        "start to a drawn digit's reading": {
            n: [one["read"] for one in s] for n, s in starts.items()
        },
        **{f"an epoch of {name}": found for name, found in fits.items()},
    }
    print("| figure | source tree | packaged | ratio |\n|---|---|---|---|")
    for figure, found in rows.items():
        source, packaged = (statistics.median(found[name]) for name in both)
        print(f"| {figure} | {source:.2f} s | {packaged:.2f} s | {packaged / source:.2f} |")


if __name__ == "__main__":
    main()
