"""Somebody starts the program for the first time, draws, trains and looks around."""

from __future__ import annotations

import pytest
from program import ONE, SEVEN, Start

pytestmark = pytest.mark.timeout(300)


def test_a_drawn_digit_is_read_at_once(start: Start) -> None:
    program = start()
    assert program.text("predictionLabel") == "–"
    program.draw(ONE)
    program.wait_read("1")


def test_a_first_training_is_kept_and_shown(start: Start) -> None:
    program = start()
    program.draw(SEVEN)
    program.train("Single layer", epochs=2)
    record = program.wait_kept()
    assert record["test_accuracy"] > 0.5
    program.wait_says("Done: ")
    program.go("Curves")
    program.go("Matrix")
