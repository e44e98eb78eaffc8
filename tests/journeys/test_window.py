"""The window itself: what it remembers, its keys, its themes, and a second start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from program import ONE, Program, Start
from screen import Screen

pytestmark = pytest.mark.timeout(300)


def is_dark(program: Program, screen: Screen) -> bool:
    """Whether the header that can be seen on the screen is dark."""
    left, top, width, height = program.find("header")["area"]
    return bool(np.median(screen.picture()[top : top + height, left : left + width]) < 100)


def test_page_theme_model_and_size_are_remembered(
    start: Start, screen: Screen, lived_in: Path
) -> None:
    program = start(lived_in)
    item = program.find("modelComboBox")["items"][1]
    program.pick("modelComboBox", item)
    program.press("ctrl+d")
    program.wait_until("the dark theme", lambda _: is_dark(program, screen))
    screen.do("windowsize", "--sync", program.window, 1300, 780)
    program.go("Curves")
    program.quit()
    again = start(lived_in)
    again.wait_until("the curves", lambda s: s.named("CurvesFigure"))
    assert again.text("modelComboBox") == item
    again.wait_until("the dark theme", lambda _: is_dark(again, screen))
    assert again.find("mainWindow")["area"][2:] == [1300, 780]


def test_a_second_start_raises_the_first_window(start: Start, screen: Screen) -> None:
    program = start()
    screen.do("windowminimize", program.window)
    program.wait_until("it to go", lambda _: is_dark(program, screen))  # as the bare screen is
    second = program.another()
    try:
        second.wait_ended()
    finally:
        second.forget()
    program.wait_until("it to come back", lambda _: not is_dark(program, screen))
    program.draw(ONE)
    program.wait_read("1")


def test_help_tells_the_keys(start: Start) -> None:
    program = start()
    program.press("F1")
    program.find("helpDialog")
    program.wait_says("undo, redo, clear the drawing")
    program.press("Escape")
    program.wait_until("the help to go", lambda s: s.named("helpDialog") is None)


def test_a_newer_version_is_looked_for_when_asked(start: Start) -> None:
    """This copy is published nowhere, and says so; nobody is asked."""
    program = start()
    program.press("F1")
    program.find("helpDialog")
    program.click("newerVersionButton")
    program.find("newerVersionDialog")
    program.wait_says("does not know where newer versions are published")
    program.click("newerVersionCloseButton")
    program.wait_until("it to go", lambda s: s.named("newerVersionDialog") is None)
    program.draw(ONE)
    program.wait_read("1")


def test_full_screen_and_columns_by_keys(start: Start, screen: Screen) -> None:
    program = start()
    before = program.find("mainWindow")["area"]
    program.press("F11")
    full = program.wait_until("all of the screen", lambda s: s.get("mainWindow", "full_screen"))
    assert full
    program.wait_until("its size", lambda s: s.get("mainWindow", "area")[2:] == [2000, 900])
    program.press("F11")
    program.wait_until("the size before", lambda s: s.get("mainWindow", "area") == before)
    program.press("ctrl+1")
    program.wait_until("no settings", lambda s: s.named("trainButton") is None)
    program.press("ctrl+2")
    program.wait_until("no pad", lambda s: s.named("paintWidget") is None)
    program.press("ctrl+1", "ctrl+2")
    program.find("trainButton")
    program.find("paintWidget")


def test_each_page_by_its_key(start: Start, lived_in: Path) -> None:
    program = start(lived_in)
    bar = next(one for one in program.see().reachable if "My di&gits" in one.get("items", []))
    for number, page in enumerate(bar["items"], 1):
        program.press(f"alt+{number}")
        program.wait_until(page, lambda s, page=page: page in s.texts())


def test_train_by_its_key(start: Start) -> None:
    program = start()
    program.set_number("epochsSpinBox", 1)
    program.press("ctrl+Return")
    program.wait_kept()


def switch_themes(program: Program, screen: Screen) -> None:
    """Switch to dark and back, and look whether that can be seen."""
    program.press("ctrl+d")
    program.wait_until("the dark theme", lambda _: is_dark(program, screen))
    program.click("themeButton")
    program.wait_until("the light theme", lambda _: not is_dark(program, screen))


def test_the_theme_is_switched_while_it_trains_and_converts(start: Start, screen: Screen) -> None:
    program = start()
    program.train("One hidden layer", 30)
    while program.process.poll() is None and not program.see().get("trainButton", "enabled"):
        switch_themes(program, screen)
    program.wait_kept()


def test_the_theme_is_switched_while_a_network_is_opened(
    start: Start, screen: Screen, networks: Path
) -> None:
    program = start()
    program.press("ctrl+shift+o")
    program.answer_file(networks / "conv-softmax.keras")
    switch_themes(program, screen)
    program.wait_says("Drawings are read with conv-softmax.keras now.", 120)
    program.click("Measure it on the test digits")
    switch_themes(program, screen)
    program.wait_says("Test accuracy")


def test_the_theme_is_switched_while_figures_are_drawn_and_written(
    start: Start, screen: Screen, lived_in: Path, tmp_path: Path
) -> None:
    program = start(lived_in)
    program.pick("modelComboBox", program.find("modelComboBox")["items"][1])
    program.wait_says("Digits: MNIST sample")
    for page in ("Curves", "Report", "Data", "Matrix"):
        program.go(page)
        switch_themes(program, screen)
    program.go("Report")
    program.click("Save report …")
    program.answer_file(tmp_path / "report.html")
    switch_themes(program, screen)
    program.wait_until("the report", lambda _: (tmp_path / "report.html").exists(), 120)
    program.draw(ONE)
    switch_themes(program, screen)
    program.wait_until("a reading", lambda s: s.get("predictionLabel") != "–")


def test_a_home_that_cannot_be_written_is_told(start: Start) -> None:
    program = start()  # for its command and environment only
    program.quit()
    place = program.home / "file"
    place.write_text("not a folder")
    other = program.another(MNIST_DESKTOP_HOME=str(place))
    try:
        other.wait_until("the reason", lambda s: s.says("cannot be written"))
        other.press("Return")
        assert other.process.wait(60) == 2
    finally:
        other.forget()
