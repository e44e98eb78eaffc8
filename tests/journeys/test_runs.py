"""The page of all runs: starred, named, noted, found, deleted, brought back and exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import Program, Start

pytestmark = pytest.mark.timeout(300)

# Its words in the menu, how a file of it begins, and how large it is at least.
EXPORTS = {
    "Drawing pad for the browser (.html)": ("html", b"<!doctype html>", 20_000),
    "Report (PDF)": ("pdf", b"%PDF", 10_000),
    "Report (.html)": ("html", b"<!doctype html>", 20_000),
    "Confusion matrix as a picture (.png)": ("png", b"\x89PNG", 10_000),
    "Confusion matrix as a table (.csv)": ("csv", b"", 200),
    "For Keras (.keras)": ("keras", b"PK", 5000),
    "For LiteRT, once TensorFlow Lite (.tflite)": ("tflite", b"", 5000),
    "For other programs: ONNX (.onnx)": ("onnx", b"", 5000),
    "Jupyter notebook (.ipynb)": ("ipynb", b"{", 5000),
    "Python script (.py)": ("py", b"# ", 3000),
}


@pytest.fixture
def program(start: Start, lived_in: Path) -> Program:
    """A window on the page of two runs, with the better one selected."""
    found = start(lived_in)
    found.wait_says("Digits: MNIST sample")
    found.go("Runs")
    found.click_cell("runsTable", name(found))
    return found


def name(program: Program) -> str:
    return str(program.run_records()[-1]["name"])


@pytest.mark.parametrize("kind", EXPORTS)
def test_each_format_is_exported(program: Program, tmp_path: Path, kind: str) -> None:
    suffix, start_of, least = EXPORTS[kind]
    path = tmp_path / f"exported.{suffix}"
    program.choose("exportRunButton", kind)
    program.answer_file(path)
    program.wait_says(f"Written to {program.spelt(path)}", 120)
    assert path.read_bytes().startswith(start_of)
    assert path.stat().st_size > least
    if suffix in ("keras", "tflite"):
        program.press("ctrl+shift+o")
        program.answer_file(path)
        program.wait_says("Drawings are read with exported", 120)


def test_a_run_is_starred_renamed_and_noted(program: Program) -> None:
    program.press("s")
    program.wait_until("the star", lambda _: program.run_records()[-1]["starred"])
    program.press("F2")
    program.wait_says("New name:")
    program.press("ctrl+a")
    program.write("My first <b>network</b>")
    program.press("Return")
    program.find_cell("runsTable", "My first <b>network</b>")
    program.choose("More", "Note …")
    program.wait_says("What is worth knowing about")
    program.write("Learnt on a Sunday.")
    program.click("OK")
    program.wait_until("the note", lambda _: "Sunday" in program.run_records()[-1]["note"])
    program.wait_until("the window", lambda s: len(s.windows) == 1)
    program.quit()
    record = program.run_records()[-1]
    assert (record["name"], record["starred"]) == ("My first <b>network</b>", True)


def test_a_run_is_deleted_and_brought_back(program: Program) -> None:
    both = {one["name"] for one in program.run_records()}
    program.press("Delete")
    program.wait_until("one run less", lambda s: s.get("runsTable", "rows") == 1)
    program.wait_says("was deleted")
    program.wait_until("one record less", lambda _: len(program.run_records()) == 1)
    program.click("undoDeleteButton")
    program.wait_until("both", lambda s: s.get("runsTable", "rows") == 2)
    program.wait_until(
        "both records", lambda _: {one["name"] for one in program.run_records()} == both
    )
    program.click_cell("runsTable", name(program))
    program.press("ctrl+a", "Delete")
    program.wait_says("2 runs were deleted")
    program.press("ctrl+z")
    program.wait_until("both", lambda s: s.get("runsTable", "rows") == 2)


def test_runs_are_found_by_what_stands_in_them(program: Program) -> None:
    program.fill("findRunsEdit", "single")
    program.wait_until("one", lambda s: s.get("runsTable", "rows") == 1)
    program.fill("findRunsEdit", "nonsense")
    program.wait_until("none", lambda s: s.get("runsTable", "rows") == 0)
    program.press("ctrl+a", "Delete")
    program.wait_until("both", lambda s: s.get("runsTable", "rows") == 2)


def test_settings_of_a_run_are_taken_over_and_it_is_opened(program: Program) -> None:
    program.click_cell("runsTable", str(program.run_records()[0]["name"]))
    program.click("Use settings")
    program.wait_text("architectureComboBox", "Single layer")
    program.wait_until("its epochs", lambda s: s.get("epochsSpinBox", "value") == 2)
    program.click("Open")
    program.wait_until("it", lambda s: "Single layer" in s.get("modelComboBox"))
    program.wait_says("Test accuracy")  # on its matrix


def test_two_runs_are_ticked_by_keyboard_and_compared(program: Program) -> None:
    program.press("ctrl+Home", "space")
    program.wait_says("Tick a second run to compare it with")
    program.press("Down", "space")
    program.wait_says("2 runs ticked")
    program.click("Compare")
    program.find("verdictLabel")
    program.press("Escape")
    program.click_cell("runsTable", name(program), times=2)
    program.wait_says("Test accuracy")
