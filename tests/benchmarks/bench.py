"""How fast the program is, compared with what a user would otherwise run: ``make bench``.

Every figure is measured with its reference in the same run, each in a process of its own and in
turns, on full MNIST. Medians are printed with their ratio and the goal, and everything measured is
written to ``bench.json``. Seconds depend on the machine, ratios less. Sections can be named:
``python tests/benchmarks/bench.py start strokes dense targets stalls theme matrix memory``.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from references import flat, full_mnist

HERE = Path(__file__).parent
# A Python that has PyTorch, if this one has not.
TORCH_PYTHON = os.environ.get("BENCH_TORCH_PYTHON", sys.executable)


class Bench:
    """Runs tasks in turns, and collects and prints the rows of the table."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.rows: list[dict[str, Any]] = []
        print("| figure | reference | program | ratio | goal |\n|---|---|---|---|---|", flush=True)

    def in_turns(
        self, warm_up: bool = True, **measures: Callable[[int], Any]
    ) -> Mapping[str, list[Any]]:
        """Run the measures one after another, several times, so that all see the same machine.

        Each once more before, uncounted: whether a gigabyte of libraries has to be read from the
        disk is not what is measured.
        """
        for measure in measures.values() if warm_up else ():
            measure(0)
        results: dict[str, list[Any]] = {name: [] for name in measures}
        for number in range(self.rounds):
            for name, measure in measures.items():
                results[name].append(measure(number + 1))
        return results

    def beside(self, figure: str, reference: list[float], program: list[float], goal: str) -> None:
        """Add a row that compares: medians in seconds, and how many times faster we are.

        Where the goal is a share of the reference, the share is given.
        """
        theirs, ours = statistics.median(reference), statistics.median(program)
        ratio = f"{ours / theirs:.2f} of it" if "of it" in goal else f"{theirs / ours:.1f} times"
        self._add(figure, f"{theirs:.2f} s", f"{ours:.2f} s", ratio, goal)
        self.rows[-1].update(reference=reference, program=program)

    def alone(self, figure: str, text: str, goal: str, measured: Any) -> None:
        """Add a row that has no reference."""
        self._add(figure, "–", text, "–", goal)
        self.rows[-1].update(program=measured)

    def _add(self, *cells: str) -> None:
        print("| " + " | ".join(cells) + " |", flush=True)
        self.rows.append({"figure": cells[0], "goal": cells[-1]})


def run(file: str, *arguments: str, python: str = sys.executable) -> dict[str, Any]:
    """Run a task in a process of its own and return what it printed."""
    done = subprocess.run(
        [python, str(HERE / file), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"QT_QPA_PLATFORM": "offscreen", "TF_CPP_MIN_LOG_LEVEL": "3", **os.environ},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def program(task: str, *arguments: str) -> Callable[[int], dict[str, Any]]:
    """A task of the program; the round is its seed."""
    return lambda number: run("program.py", task, "--seed", str(number), *arguments)


def reference(task: str, *arguments: str) -> Callable[[int], dict[str, Any]]:
    """A reference; the round is its seed."""
    return lambda number: run("references.py", task, "--seed", str(number), *arguments)


def start(bench: Bench) -> None:
    """Process start to painted window and to first prediction, compared with importing TensorFlow.

    The program is compiled first, as an installed one is, whatever the environment says.
    """
    compileall.compile_dir(HERE.parents[1] / "mnist_desktop", quiet=1)

    def import_tensorflow(_: int) -> float:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import tensorflow"], check=True, stderr=subprocess.DEVNULL
        )
        return time.perf_counter() - began

    found = bench.in_turns(imports=import_tensorflow, starts=program("start"))
    for name, figure, goal in (
        (
            "painted",
            "start to painted window, compared with `import tensorflow`",
            "at most 0.15 of it",
        ),
        ("read", "start to a drawn stroke read, compared with the same", "at most 0.2 of it"),
    ):
        bench.beside(figure, found["imports"], [one[name] for one in found["starts"]], goal)


def strokes(bench: Bench) -> None:
    """Mouse release to painted scores."""
    taken = run("program.py", "strokes")["seconds"]
    figure = "release after a stroke of 500 points to painted scores, 95th percentile"
    bench.alone(figure, f"{np.percentile(taken, 95) * 1000:.1f} ms", "at most 6 ms", taken)


def dense(bench: Bench) -> None:
    """784 → 100 ReLU → 10 sigmoid, Adam, batches of 32, 5 epochs of all 60,000 digits."""
    measures = {
        "keras": reference("keras-dense"),
        "program": program("train", "--all-digits"),
        "sklearn": reference("scikit-learn"),
    }
    with tempfile.TemporaryDirectory() as folder:
        torch = torch_reference(Path(folder))
        if torch is not None:
            measures["torch"] = torch
        found = bench.in_turns(**measures)
    totals = {name: [sum(one["epochs"]) for one in runs] for name, runs in found.items()}
    bench.beside(
        "`dense-100`, 5 epochs, compile included, compared with plain Keras `fit`",
        totals["keras"],
        totals["program"],
        "6 times",
    )
    bench.beside(
        "the same, an epoch once compiled",
        [statistics.median(one["epochs"][1:]) for one in found["keras"]],
        [statistics.median(one["epochs"][1:]) for one in found["program"]],
        "9 times",
    )
    for name, title in (("sklearn", "scikit-learn's `MLPClassifier`"), ("torch", "PyTorch")):
        if name in totals:
            figure = f"the same 5 epochs, compared with {title}"
            bench.beside(figure, totals[name], totals["program"], "faster")


def torch_reference(folder: Path) -> Callable[[int], dict[str, Any]] | None:
    """The PyTorch reference, if there is a PyTorch; it gets the digits as a file."""
    if sys.executable == TORCH_PYTHON and importlib.util.find_spec("torch") is None:
        print("(PyTorch is not installed; BENCH_TORCH_PYTHON names a Python that has it)")
        return None
    arrays = folder / "digits.npz"
    pixels, labels, test_pixels, test_labels = flat(full_mnist())
    np.savez(arrays, x=pixels, y=labels.astype(np.int64), test_x=test_pixels, test_y=test_labels)
    task = (str(HERE / "references.py"), "pytorch", "--arrays", str(arrays))
    return lambda number: run(*task[:2], *task[2:], "--seed", str(number), python=TORCH_PYTHON)


def time_to(bench: Bench, ours: tuple[str, float], theirs: tuple[str, float], goal: str) -> None:
    """Time to a test accuracy: the reference tests after each epoch, the recipe has its end."""
    (recipe, target), (their_task, their_target) = ours, theirs
    theirs = reference(their_task, "--until", str(their_target), "--epochs", "15")
    found = bench.in_turns(reference=theirs, program=program("train", "--architecture", recipe))
    reached = [one["accuracy"][-1] for one in found["reference"]]
    came_to = [one["accuracy"] for one in found["program"]]
    bench.beside(
        f"time to {target * 100:.1f}% with `{recipe}` (came to "
        f"{statistics.mean(came_to) * 100:.2f}%), compared with `{their_task}` to "
        f"{their_target * 100:.1f}% (came to {statistics.mean(reached) * 100:.2f}% after "
        f"{statistics.median(len(one['epochs']) for one in found['reference']):.0f} epochs)",
        [sum(one["epochs"]) for one in found["reference"]],
        [one["fit"] for one in found["program"]],
        goal,
    )
    bench.rows[-1]["accuracy"] = {"reference": reached, "program": came_to}


def targets(bench: Bench) -> None:
    """Time to 97.5, 99.0 and 99.5% of the test digits."""
    time_to(bench, ("mlp", 0.975), ("keras-dense", 0.975), "5 times")
    time_to(bench, ("cnn-fast", 0.99), ("keras-convnet", 0.99), "20 times")
    time_to(bench, ("cnn-accurate", 0.995), ("keras-convnet", 0.992), "4 times")


def stalls(bench: Bench) -> None:
    """Gaps between the ticks of an 8 ms timer in the window, in milliseconds."""
    for architecture, epochs in (("dense-100", 10), ("cnn-fast", 3)):
        arguments = ("--architecture", architecture, "--epochs", str(epochs))
        runs = [program("stalls", *arguments)(number)["gaps"] for number in range(bench.rounds)]
        for title, phases, goal in (
            ("import and first batches", ("import", "first batches"), "longest 150 ms"),
            ("training", ("training",), "99th percentile 16 ms, longest 50 ms"),
            ("testing, converting, keeping, showing", ("testing and keeping", "showing"), "–"),
        ):
            gaps = [
                np.concatenate([one.get(phase, [0.0]) for phase in phases]) * 1000 for one in runs
            ]
            bench.alone(
                f"window stalls over {title}, `{architecture}`",
                f"99th percentile {statistics.median(np.percentile(g, 99) for g in gaps):.0f} ms, "
                f"longest {statistics.median(g.max() for g in gaps):.0f} ms "
                f"(worst of {len(gaps)} runs {max(g.max() for g in gaps):.0f})",
                goal,
                [g.tolist() for g in gaps],
            )


def memory(bench: Bench) -> None:
    """Growth of the process from the second to the twentieth training in one window."""
    for architecture in ("dense-100", "cnn-fast"):
        held = run("program.py", "memory", "--count", "20", "--architecture", architecture)[
            "megabytes"
        ]
        bench.alone(
            f"memory after 20 trainings of `{architecture}`, compared with after 2",
            f"{held[1]:.0f} to {held[-1]:.0f} MB, {held[-1] / held[1] - 1:+.1%}".replace("%", " %"),
            "at most +5%",
            held,
        )


def theme(bench: Bench) -> None:
    """Switch between light and dark, with all pages built."""
    for architecture in ("dense-100", "cnn"):
        taken = run("program.py", "theme", "--architecture", architecture, "--count", "10")
        figure = f"switch of the theme, quiet (before a training of `{architecture}`)"
        bench.alone(figure, _middle_and_most(taken["quiet"]), "at most 0.12 s", taken["quiet"])
        figure = f"switch of the theme beside a training of `{architecture}`"
        bench.alone(figure, _middle_and_most(taken["busy"]), "at most 0.4 s", taken["busy"])


def matrix(bench: Bench) -> None:
    """From the numbers of a confusion matrix to what can be read, to its figure, and to a mark."""
    at_once, idle = (
        [program("matrix", "--idle", seconds)(number) for number in range(bench.rounds)]
        for seconds in ("0", "3")
    )
    for title, runs in (("as soon as the window is up", at_once), ("idle for 3 s", idle)):
        for place, what, goal in ((0, "readable", "0.05 s"), (1, "the figure", "0.4 s")):
            taken = [one["first"][place] for one in runs]
            figure = f"first matrix to {what}, fresh home, window {title}"
            bench.alone(figure, _middle_and_most(taken), f"at most {goal}", taken)
    for place, what, goal in ((0, "readable", "0.05 s"), (1, "the figure", "0.1 s")):
        taken = [later[place] for one in idle for later in one["later"]]
        bench.alone(f"later matrices to {what}", _middle_and_most(taken), f"at most {goal}", taken)
    taken = [seconds for one in idle for seconds in one["marks"]]
    bench.alone("mouse over a cell to its mark", _middle_and_most(taken), "at most 0.016 s", taken)


def _middle_and_most(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s"


SECTIONS = {
    "start": start,
    "strokes": strokes,
    "dense": dense,
    "targets": targets,
    "stalls": stalls,
    "theme": theme,
    "matrix": matrix,
    "memory": memory,
}


def machine() -> str:
    """Name the processor."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = names[0] if names else name
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


def section(name: str) -> str:
    """Return a name of `SECTIONS`; argparse's own ``choices`` refuse the default of several."""
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SECTIONS)}")
    return name


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sections", nargs="*", type=section, metavar="SECTION", default=list(SECTIONS),
        help=", ".join(SECTIONS),
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3)
    return parser


def main() -> int:
    """Measure everything, print the table, write ``bench.json``."""
    options = make_parser().parse_args()
    full_mnist()
    print(f"{machine()}; medians of {options.rounds} rounds\n")
    bench = Bench(options.rounds)
    for name in options.sections:
        SECTIONS[name](bench)
    Path("bench.json").write_text(
        json.dumps({"machine": machine(), "rows": bench.rows}, indent=1), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
