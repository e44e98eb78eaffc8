"""The window is closed at random moments of whatever it does: no crash, no hang, nothing lost.

``CLOSINGS`` says how often (30 unless told), ``CLOSING_SEED`` at which moments.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import ONE, SEVEN, Installed, Program, ProgramFaultError, Start
from screen import wait_for

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import find_unfinished
from mnist_desktop.ui.parts.settings import open_settings

CLOSINGS = int(os.environ.get("CLOSINGS", "30"))
SEED = os.environ.get("CLOSING_SEED", "1")
PARTS = 6
LONGEST = 3.0  # seconds from the beginning of a job to the closing
DRAWINGS = 20

pytestmark = pytest.mark.timeout(60 * (1 + CLOSINGS // PARTS) * 2)


@dataclass(frozen=True)
class Setting:
    """What a job may work with."""

    networks: Path
    output: Path


def load_the_engine(program: Program, _: Setting) -> None:
    program.click("epochsSpinBox")


def want_to_train(program: Program, _: Setting) -> None:
    program.train("One hidden layer", 300)


def train(program: Program, setting: Setting) -> None:
    want_to_train(program, setting)
    program.wait_until("an epoch", lambda s: s.get("trainingStatusLabel").startswith("Epoch"), 120)


def train_briefly(program: Program, _: Setting) -> None:
    """Train until it tests, converts and keeps what was learnt."""
    program.train("Single layer", 1)
    program.wait_until("the end", lambda s: s.get("trainingProgressBar", "value") > 900)


def measure(program: Program, _: Setting) -> None:
    program.pick("modelComboBox", bundled(program))
    program.go("Digits")


def open_network(program: Program, setting: Setting) -> None:
    program.press("ctrl+shift+o")
    program.answer_file(setting.networks / "conv-softmax.keras")


def read_drawings(program: Program, _: Setting) -> None:
    program.draw(ONE, SEVEN)
    program.click("Why?")


def draw_figures(program: Program, _: Setting) -> None:
    items = program.find("modelComboBox")["items"]
    program.pick("modelComboBox", next(one for one in items if one != bundled(program)))
    for key in ("alt+2", "alt+4", "alt+6", "alt+1", "ctrl+d"):
        program.press(key)


def write_report(program: Program, setting: Setting) -> None:
    items = program.find("modelComboBox")["items"]
    program.pick("modelComboBox", next(one for one in items if one != bundled(program)))
    program.go("Report")
    program.click("Save report …")
    program.answer_file(setting.output)


def bundled(program: Program) -> str:
    return str(program.find("modelComboBox")["items"][0])


JOBS: Mapping[str, Callable[[Program, Setting], None]] = {
    "loading TensorFlow": load_the_engine,
    "waiting for TensorFlow": want_to_train,
    "training": train,
    "testing, converting, keeping": train_briefly,
    "reading test digits": measure,
    "opening a network": open_network,
    "reading drawings": read_drawings,
    "drawing figures": draw_figures,
    "writing a report": write_report,
}
ANSWERS = ("Stop and keep", "Resume later", "Cancel training")


def close(program: Program, how: str, answer: str) -> str:
    """Close the window and answer what it asks; the answer it took, if it asked."""
    if how in program.signals:
        os.kill(program.process.pid, signal.Signals[how])
    else:
        program.press(how)
    given = ""

    def is_over() -> bool:
        nonlocal given
        try:
            sight = program.see()
        except ProgramFaultError:
            return True
        if sight.named("closeDialog") is not None:  # what had not begun cannot be kept
            given = answer if sight.named(answer) else "Cancel training"
            program.click_at(sight.named(given) or {})
        return False

    wait_for(f"its end after {how}", is_over, 60)
    return given


@pytest.mark.parametrize("part", range(PARTS))
def test_closed_at_a_random_moment(
    start: Start, installed: Installed, lived_in: Path, networks: Path, tmp_path: Path, *, part: int
) -> None:
    rng = random.Random(f"{SEED}/{part}")
    data = installed.kind.data_of(lived_in)
    drawings = [Drawing(Ink((((0.5, 0.1), (0.5, 0.9)),)), one % 10) for one in range(DRAWINGS)]
    MyDigits(data / "my-digits.jsonl").add(drawings)
    kept = {run.record.id for run in RunStore(data / "runs").runs()}
    for number in range(part, CLOSINGS, PARTS):
        job, how, answer, moment = (
            rng.choice(list(JOBS)),
            rng.choice(("ctrl+q", "alt+F4", *installed.kind.signals)),
            rng.choice(ANSWERS),
            rng.uniform(0, LONGEST),
        )
        told = f"closing {number}: {job}, after {moment:.2f} s by {how}, {answer}"
        print(told)
        program = start(lived_in)
        program.wait_says("Digits: MNIST")
        unfinished = find_unfinished(data / "runs")
        assert (program.see().named("unfinishedCard") is not None) == bool(unfinished), told
        output = tmp_path / f"report-{number}.html"
        JOBS[job](program, Setting(networks, output))
        time.sleep(moment)  # the random moment is what is tested
        given = close(program, how, answer)
        program.wait_ended()

        store = RunStore(data / "runs")
        runs = {run.record.id for run in store.runs()}
        assert not store.damaged, told
        assert kept <= runs, told
        found = find_unfinished(data / "runs")
        assert all(one.outline() is not None for one in found), told
        if job == "training":
            if how in program.signals or given == "Resume later":
                assert len(found) == len(unfinished) + 1, told
            elif given == "Stop and keep":
                assert len(runs) == len(kept) + 1, told
            else:
                assert (len(found), runs) == (len(unfinished), kept), told
        kept = runs
        assert len(MyDigits(data / "my-digits.jsonl")) == DRAWINGS, told
        assert open_settings(program.settings)[1] == "", told
        if output.exists():
            assert output.read_bytes().rstrip().endswith(b"</html>"), told
