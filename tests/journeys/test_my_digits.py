"""Teaching the program one's own hand, and taking that back."""

from __future__ import annotations

import pytest
from program import ONE, SEVEN, Program, Start, Stroke
from test_drawing import lines_of

pytestmark = pytest.mark.timeout(300)


def slanted(stroke: Stroke, number: int) -> Stroke:
    """The same stroke as another day's hand draws it."""
    return tuple((x + 0.01 * number * (0.5 - y), y) for x, y in stroke)


def teach(program: Program, count: int) -> None:
    """Draw sevens and ones in turn, and press the key of each."""
    for number in range(count):
        stroke, digit = ((SEVEN, "7"), (ONE, "1"))[number % 2]
        program.draw(slanted(stroke, number))
        program.press(digit)
        are = "is 1" if number == 0 else f"are {number + 1}"
        program.wait_says(f"Kept as a {digit}; there {are} now")
        program.press("Delete")
        program.wait_read("–")


def test_ten_digits_taught_learnt_and_forgotten(start: Start) -> None:
    program = start()
    program.train("Single layer", 1)
    program.wait_kept()
    teach(program, 10)
    program.go("My digits")
    program.wait_says("10 drawings of yours")
    program.click("learnButton")
    program.wait_kept(2)
    told = program.wait_until(
        "what it learnt", lambda s: " held out, before " in s.get("teachingLabel")
    )
    assert told
    assert "of the test digits of " in program.text("teachingLabel")
    taught = program.text("modelComboBox")
    program.click("undoTeachingButton")
    program.wait_until("the one before", lambda s: s.get("modelComboBox") != taught)
    assert len(program.run_records()) == 1
    program.quit()
    again = start()
    again.go("My digits")
    again.wait_says("10 drawings of yours")


def test_closed_while_the_bundled_reader_is_taught(start: Start) -> None:
    program = start()
    teach(program, 2)
    program.go("My digits")
    program.click("learnButton")
    program.wait_until("the teaching", lambda s: "Epoch" in s.get("trainingStatusLabel"), 120)
    program.close_window()
    program.find("closeDialog")
    assert (
        program.see().named("Stop and keep") is None
    )  # fine-tuning is kept completely or not at all
    program.click("Cancel training")
    program.wait_ended()
    again = start()
    again.go("My digits")
    again.wait_says("2 drawings of yours")
    assert not again.run_records()


def test_drawings_removed_brought_back_shown_and_exported(start: Start) -> None:
    program = start()
    teach(program, 3)
    program.go("My digits")
    program.click_cell("myDigitsList", "1")
    program.click("sendToPadButton")
    program.wait_read("1")
    program.click("Remove")
    program.wait_says("2 drawings of yours")
    program.press("alt+f")
    program.wait_says("3 drawings of yours")
    program.click("Export …")
    program.answer_file(program.home.parent / "mine.jsonl")
    path = program.home.parent / "mine.jsonl"
    drawings = program.wait_until("the file", lambda _: lines_of(path))
    assert sorted(one["label"] for one in drawings) == [1, 7, 7]


def test_the_menu_teaches_as_the_keys_do(start: Start) -> None:
    program = start()
    program.draw(ONE)
    program.wait_read("1")
    program.choose("teachButton", "4")
    program.wait_says("Kept as a 4; there is 1 now")
