"""Searching from the window: trials arrive, the user's own training goes first, nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import JOB_S, Program, Sight, Start
from screen import wait_for

from mnist_desktop.paths import AppPaths
from mnist_desktop.search.study import TrialSummary, open_search

pytestmark = pytest.mark.timeout(400)

SPACE = """
architecture = "dense"
dense_layers = 1
dense_units = [8, 16]
epochs = 300
augment = "none"
batch_size = 64
schedule = "constant"
weight_decay = 0
"""
QUICK = SPACE.replace("300", "2")


def begin(program: Program, folder: Path, space: str) -> None:
    """Fill in the form of a new search, and begin it."""
    file = folder / "space.toml"
    file.write_text(space)
    program.go("Search")
    program.fill("searchNameEdit", "small")
    program.set_number("searchWorkersBox", 1)
    program.click("searchSpaceButton")
    program.answer_file(file)
    program.click("startSearchButton")


def complete(sight: Sight) -> bool:
    table = sight.named("trialsTable") or {}
    return any(cell["text"] == "complete" for cell in table.get("cells", []))


def trials(program: Program) -> list[TrialSummary]:
    """What is kept of the search."""
    search = open_search("small", f"journal:{program.data / 'searches' / 'small.journal'}")
    assert search is not None
    return search.trials()


def test_a_search_finds_networks_that_can_be_used(
    start: Start, tmp_path: Path, paths: AppPaths
) -> None:
    program = start()
    program.wait_says("4,000")
    begin(program, tmp_path, QUICK)
    program.wait_until("a trial that is complete", complete, JOB_S)
    assert "small" in program.text("searchBox")
    program.wait_says("of the validation digits read correctly")
    program.click("stopSearchButton")
    program.wait_text("searchStatusLabel", "Stopped")
    found = trials(program)
    assert {one.state for one in found} <= {"complete", "pruned", "interrupted", "waiting"}

    program.click_cell("trialsTable", "complete")
    program.wait_until("the trial", lambda s: s.get("trialTitleLabel").startswith("Trial "))
    program.click("editTrialButton")
    program.find("layerEditor")
    program.wait_says("dense ")
    program.press("alt+Left")
    program.find("trialsTable")

    program.quit()
    again = start()
    again.go("Search")
    again.wait_enabled("resumeSearchButton")
    again.wait_until("the trials", complete)


@pytest.mark.parametrize("is_killed", [False, True])
def test_no_process_is_left_when_the_window_goes(
    start: Start, tmp_path: Path, paths: AppPaths, is_killed: bool
) -> None:
    program = start()
    program.wait_says("4,000")
    begin(program, tmp_path, SPACE)
    program.wait_until("the training", lambda s: s.get("searchStatusLabel").startswith("Searching"))
    program.wait_until("a trial", lambda s: (s.named("trialsTable") or {}).get("rows", 0) > 0)
    if is_killed:
        program.kill()
    else:
        program.quit()
    assert wait_for("its processes to end", lambda: not program.processes(), 30)
    states = [one.state for one in trials(program)]
    assert "running" not in states
    assert "waiting" in states
