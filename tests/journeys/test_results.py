"""Understanding a network: every number leads to the digits behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import Program, Sight, Start, Thing
from screen import Screen, wait_for

CARD = Path(__file__).resolve().parents[2] / "resources/models/bundled.json"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def program(start: Start, lived_in: Path) -> Program:
    """A window that shows the better one of two runs."""
    found = start(lived_in)
    item = found.find("modelComboBox")["items"][1]
    found.pick("modelComboBox", item)
    found.wait_says("MNIST sample")
    return found


def matrix(sight: Sight) -> Thing | None:
    """The matrix, once its figure is drawn."""
    found = sight.named("MatrixFigure")
    return found if found and found.get("axes") else None


def cell_of(program: Program, true: int, predicted: int) -> Thing:
    """Where a cell of the confusion matrix lies."""
    axes = program.wait_until("the matrix", matrix)["axes"][0]
    left, top, width, height = axes["area"]
    return {
        "area": [
            round(left + width * predicted / 10),
            round(top + height * true / 10),
            width // 10,
            height // 10,
        ]
    }


def shown(program: Program, words: str) -> int:
    """Wait until the gallery tells what it shows; how many digits that are."""

    def look(sight: Sight) -> str | None:
        return next((t for t in sight.texts() if " test digits" in t and words in t), None)

    text: str = program.wait_until(f"digits, {words}", look)
    return int(text.split(" of ", maxsplit=1)[0].replace(",", ""))


def gallery(sight: Sight) -> Thing:
    found = sight.named("DigitList")
    return found or {"rows": -1, "cells": []}


def test_a_cell_of_the_matrix_opens_its_digits(program: Program) -> None:
    program.click_at(cell_of(program, 7, 7))
    program.wait_until("the digits", lambda s: gallery(s)["rows"] > 50)
    program.wait_until("sevens", lambda s: s.get("trueDigitComboBox") == "7")
    cells = gallery(program.see())["cells"]
    assert all(": a 7, read as 7" in cell["accessible_text"] for cell in cells)


def test_a_cell_is_told_under_the_mouse(program: Program, screen: Screen) -> None:
    left, top, width, height = cell_of(program, 4, 9)["area"]
    screen.do("mousemove", left + width // 2, top + height // 2)
    program.wait_says("4 read as 9: ")


def test_the_matrix_by_keyboard(program: Program) -> None:
    program.click_at(cell_of(program, 0, 0))  # which opens it, and gives it the keyboard
    program.wait_until("the digits", lambda s: gallery(s)["rows"] > 0)
    program.press("alt+1")
    program.wait_until("the matrix", matrix)
    for _ in range(12):
        if matrix(program.see())["focus"]:  # type: ignore[index]
            break
        program.press("Tab")
    program.press("Home", "Prior", *["Down"] * 3, *["Right"] * 3, "Return")
    program.wait_until("threes", lambda s: s.get("trueDigitComboBox") == "3")
    cells = gallery(program.see())["cells"]
    assert cells
    assert all(": a 3, read as 3" in cell["accessible_text"] for cell in cells)


def test_the_gallery_filtered_sorted_and_a_digit_opened(program: Program) -> None:
    program.go("Digits")
    program.wait_until("all digits", lambda s: gallery(s)["rows"] == 1000)
    program.pick("correctnessComboBox", "Wrong")
    wrong = program.wait_until("wrong ones", lambda s: 0 < gallery(s)["rows"] < 500)
    assert wrong
    program.pick("orderComboBox", "Loss")
    program.click_at(gallery(program.see())["cells"][0])
    detail = program.find("digitDetail")
    assert detail
    program.wait_says("✗ A ")
    program.wait_until(
        "similar digits",
        lambda s: s.get("SimilarStrip", "accessible_description"),
    )
    program.click("sendToPadButton")
    program.wait_until("a reading", lambda s: s.get("predictionLabel") != "–")
    program.click("Close")
    program.click("Show all")
    program.wait_until("all digits", lambda s: gallery(s)["rows"] == 1000)


def test_digits_that_are_probably_mislabelled(program: Program) -> None:
    program.go("Digits")
    program.wait_until("all digits", lambda s: gallery(s)["rows"] == 1000)
    program.pick("orderComboBox", "Probably mislabelled")
    program.wait_says("Checked by this network and 1 other")
    first = gallery(program.see())["cells"][0]
    assert "of 2 networks read" in first["accessible_text"]
    program.click_at(first)
    program.wait_says("of 2 networks read")
    program.pick("orderComboBox", "Index")
    program.wait_says("1,000 of 1,000 test digits")


def test_splits_and_epochs(program: Program) -> None:
    program.pick("splitComboBox", "Training digits")
    program.wait_says("Training accuracy")
    program.pick("splitComboBox", "Validation digits")
    program.wait_says("Validation accuracy")
    left, top, _, height = program.find("epochSlider")["area"]
    program.click_at({"area": [left, top, 8, height]})
    program.press("Home")
    program.wait_says("1 of 3")
    program.pick("matrixValuesComboBox", program.find("matrixValuesComboBox")["items"][1])
    program.click("Only mistakes")
    program.wait_until("the matrix", matrix)


def test_the_curves_zoomed_and_moved(program: Program, screen: Screen) -> None:
    program.go("Curves")

    def axes(sight: Sight) -> Thing | None:
        found = sight.named("CurvesFigure")
        return found["axes"][0] if found and found.get("axes") else None

    whole = program.wait_until("the curves", axes)
    left, top, width, height = whole["area"]
    screen.drag([(left + width // 4, top + 40), (left + width // 2, top + 60)])
    part = program.wait_until("the zoom", lambda s: narrower(axes(s), whole))
    assert program.find("Whole training")["enabled"]
    program.press("Right")
    program.wait_until("a move", lambda s: (axes(s) or part)["x"][0] > part["x"][0])
    program.press("0")
    program.wait_until("all epochs", lambda s: (axes(s) or part)["x"] == whole["x"])
    screen.do("mousemove", left + width // 2, top + height // 2, "click", 4)
    program.wait_until("the zoom", lambda s: narrower(axes(s), whole))
    program.wait_says("Epoch 2: loss")
    program.click("Whole training")
    program.click("Every batch")
    program.click("overlayButton")
    program.wait_until(
        "the other run", lambda s: s.windows[-1]["class"] == "QMenu" or len(s.windows) > 1
    )
    program.press("Down", "Return")
    program.wait_until("the menu to go", lambda s: len(s.windows) == 1)


def narrower(axes: Thing | None, whole: Thing) -> Thing | None:
    """The axes, once they show fewer epochs."""
    if axes is None:
        return None
    return axes if axes["x"][1] - axes["x"][0] < whole["x"][1] - whole["x"][0] - 0.1 else None


def test_the_report_read_and_its_numbers_opened(program: Program) -> None:
    program.go("Report")
    program.wait_says("test digits are read correctly")
    program.scroll_to("The network", over="reportView")  # which follows the diagram
    program.wait_until("the diagram", lambda s: s.get("FigureHolder", "axes"))
    table = program.find("perClassTable")
    assert table["rows"] == 10
    recall = next(c for c in table["cells"] if (c["row"], c["column"]) == (9, 2))
    program.click_at(recall)
    program.wait_until("nines", lambda s: s.get("trueDigitComboBox") == "9")
    program.go("Report")
    for _ in range(40):
        program.click_at(program.find("reportView"), button=4)
    pair = program.wait_until(
        "a pair", lambda s: next((w for w in s.reachable if w["tip"] == "See these digits"), None)
    )
    program.click_at(pair)
    program.wait_until("its digits", lambda s: gallery(s)["rows"] > 0)


@pytest.mark.parametrize(
    ("suffix", "kind", "start_of"),
    [
        ("html", "Report as web page (*.html)", b"<!doctype html>"),
        ("pdf", "Report as PDF (*.pdf)", b"%PDF"),
    ],
)
def test_the_report_saved(
    program: Program, tmp_path: Path, suffix: str, kind: str, start_of: bytes
) -> None:
    program.go("Report")
    program.click("Save report …")
    program.answer_file(tmp_path / f"report.{suffix}", kind)
    program.wait_says("Written to", 120)
    assert (tmp_path / f"report.{suffix}").read_bytes().startswith(start_of)


def test_figures_and_tables_saved_and_copied(
    program: Program, screen: Screen, tmp_path: Path
) -> None:
    program.wait_until("the matrix", matrix)
    for kind, name, start_of in (
        ("Picture (*.png)", "matrix.png", b"\x89PNG"),
        ("Vector graphics (*.svg)", "matrix.svg", b"<?xml"),
        ("PDF (*.pdf)", "matrix.pdf", b"%PDF"),
    ):
        program.choose("Copy or save the figure", "Save picture …")
        program.answer_file(tmp_path / name, kind)
        path = tmp_path / name
        program.wait_says(f"Written to {program.spelt(path)}", 60)
        assert path.read_bytes().startswith(start_of)
    program.choose("Copy or save the figure", "Save table …")
    program.answer_file(tmp_path / "matrix.csv")
    program.wait_says("matrix.csv", 60)
    rows = wait_for("the table", lambda: csv_rows(tmp_path / "matrix.csv"), 30)
    assert len(rows) == 11
    program.choose("Copy or save the figure", "Copy table")
    told = screen.copied("UTF8_STRING").decode()
    assert [len(line.split("\t")) for line in told.splitlines()] == [10] * 10
    assert sum(int(count) for count in told.split()) == 1000


def test_the_layers_of_the_network_looked_at_and_saved(program: Program, tmp_path: Path) -> None:
    program.go("Report")
    program.click("See the network")
    program.wait_until("the diagram", lambda s: (s.named("NetworkFigure") or {}).get("axes"))
    program.choose("Copy or save the diagram", "Save picture …")
    path = tmp_path / "network.svg"
    program.answer_file(path, "Vector graphics (*.svg)")
    program.wait_says(f"Written to {program.spelt(path)}", 60)
    assert "multiplications for each image" in path.read_text("utf-8")


def csv_rows(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_the_bundled_readers_results_before_anything_is_trained(start: Start) -> None:
    program = start()
    program.wait_says("Digits: MNIST sample")
    card = json.loads(CARD.read_text("utf-8"))
    program.wait_says(f"{card['test_accuracy']:.2%}")
    program.wait_until("the matrix", matrix)
    program.go("Report")
    program.wait_says("test digits are read correctly")


def test_two_runs_compared_digit_by_digit(program: Program, screen: Screen) -> None:
    program.go("Runs")
    first, second = (one["name"] for one in program.run_records())
    program.click_cell("runsTable", first)
    screen.do("keydown", "ctrl")
    program.click_cell("runsTable", second)
    screen.do("keyup", "ctrl")
    program.click("Compare")
    program.find("verdictLabel")
    only = program.wait_until(
        "the groups",
        lambda s: next(
            (w for w in s.reachable if "A is right and B wrong: " in str(w.get("text"))), None
        ),
    )
    program.click_at(only)
    count = int(only["text"].split(": ")[1].split()[0].replace(",", ""))
    program.wait_until("their digits", lambda s: gallery(s)["rows"] == count)
    program.go("Runs")
    program.press("Escape")
    program.wait_until("the table", lambda s: s.named("runsTable"))
