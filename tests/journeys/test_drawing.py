"""Drawing with mouse and keys; pictures that come onto the pad and drawings that leave it."""

from __future__ import annotations

import json
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from program import ONE, SEVEN, Start, Stroke
from screen import Screen, wait_for

pytestmark = pytest.mark.timeout(300)

SCRIBBLE: Stroke = tuple((0.1 + 0.8 * (number % 2), 0.1 + 0.06 * number) for number in range(14))


def write_picture(path: Path, *strokes: Stroke) -> Path:
    """Write a picture of strokes side by side, dark on white, as a scanner gives it."""
    image = Image.new("L", (200 * len(strokes), 200), 245)
    pen = ImageDraw.Draw(image)
    for place, stroke in enumerate(strokes):
        points = [((place + x) * 200, y * 200) for x, y in stroke]
        pen.line(points, fill=20, width=14, joint="curve")
    image.save(path)
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Write pictures into the test's folder."""
    return lambda name, *strokes: write_picture(tmp_path / name, *strokes)


def clipboard_picture(screen: Screen, path: Path) -> None:
    """Have another program offer a picture to be pasted."""
    with path.open("rb") as content:
        subprocess.run(
            ["xclip", "-selection", "clipboard", "-target", "image/png"],
            env={"DISPLAY": screen.display, "PATH": "/usr/bin:/bin"},
            stdin=content,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=30,
        )


def test_a_drawn_digit_is_read_at_once_and_an_empty_pad_gets_none(start: Start) -> None:
    program = start()
    assert program.text("predictionLabel") == "–"
    program.draw(ONE)
    program.wait_read("1")
    scores = program.find("probabilityBars")["accessible_description"]
    assert re.search(r"\b1: (9\d\.\d|100\.0)%", scores), scores
    program.click("clearButton")
    program.wait_read("–")
    program.draw(SEVEN)
    program.wait_read("7")


def test_undo_redo_and_clear_by_keys(start: Start) -> None:
    program = start()
    program.draw(ONE)
    program.wait_read("1")
    program.press("ctrl+z")
    program.wait_read("–")
    program.press("ctrl+shift+z")
    program.wait_read("1")
    program.press("Delete")
    program.wait_read("–")
    program.press("ctrl+z")
    program.wait_read("1")


def test_what_is_drawn_while_the_window_is_busy_keeps_its_corners(
    start: Start, screen: Screen
) -> None:
    program = start()
    if not program.keeps_moves:
        pytest.skip("Windows keeps only the last move for a window that is busy")
    left, top, side, _ = program.find("paintWidget")["area"]
    program.process.send_signal(signal.SIGSTOP)
    screen.drag([(left + round(x * side), top + round(y * side)) for x, y in SEVEN])
    program.process.send_signal(signal.SIGCONT)
    program.wait_read("7")


def test_the_right_button_and_the_eraser_take_strokes_away(start: Start) -> None:
    program = start()
    program.draw(ONE, ((0.2, 0.1), (0.2, 0.2)))
    program.draw(((0.1, 0.15), (0.3, 0.15)), button=3)
    program.wait_read("1")
    program.click("eraserButton")
    program.draw(((0.4, 0.5), (0.6, 0.5)))
    program.wait_read("–")
    program.wait_until("Clear to be of no use", lambda s: not s.get("clearButton", "enabled"))


def test_a_digit_drawn_with_the_keyboard_alone(start: Start) -> None:
    program = start()
    for _ in range(40):  # from wherever the keyboard is
        program.press("Tab")
        if program.see().get("paintWidget", "focus"):
            break
    program.press(*["Up"] * 7, "space", *["Down"] * 14, "space")
    program.wait_read("1")
    program.press("Delete")
    program.wait_read("–")


def test_a_scribble_is_no_digit_and_the_reason_is_told(start: Start) -> None:
    program = start()
    program.draw(SCRIBBLE, tuple((y, x) for x, y in SCRIBBLE))
    program.wait_read("?")
    assert len(program.text("confidenceLabel")) > 10


def test_why_shows_what_speaks_for_the_digit_and_what_changes_without_it(start: Start) -> None:
    program = start()
    program.draw(SEVEN)
    program.wait_read("7")
    program.click("whyButton")
    program.wait_says("Why is it read as 7?")
    program.wait_says("speaks most for 7")
    similar = program.wait_until(
        "similar digits",
        lambda s: (
            s.get("whySimilar", "accessible_description").count(", ") == 4
            and s.get("whySimilar", "accessible_description")
        ),
    )
    assert "7" in similar
    program.click("whyFor2")
    program.wait_says("against")
    before = program.text("whyChange1")
    left, top, side, _ = program.find("whyDigit")["area"]
    heights = (0.22, 0.26, 0.3)
    for y in heights:
        program.screen.drag([(left + round(x * side), top + round(y * side)) for x in (0.2, 0.8)])
    program.wait_until("other scores", lambda s: "→" in s.get("whyChange1"))
    program.press("ctrl+z")
    program.click("whyResetButton")
    program.wait_text("whyChange1", before)
    program.wait_read("7")  # what is on the pad is as it was
    program.press("Escape")
    program.wait_until("the pages", lambda s: s.named("confusionView") is not None)
    program.click("What I drew")
    program.wait_says("Without centring")


def test_a_picture_opened_by_its_name(start: Start, picture: Callable[..., Path]) -> None:
    program = start()
    program.press("ctrl+o")
    program.answer_file(picture("seven.png", SEVEN))
    program.wait_read("7")


def test_several_digits_in_one_picture(start: Start, picture: Callable[..., Path]) -> None:
    program = start()
    program.choose("drawingMenuButton", "Open a picture …")
    program.answer_file(picture("1717.png", ONE, SEVEN, ONE, SEVEN))
    program.wait_until(
        "the number",
        lambda s: s.get("predictionLabel", "accessible_description") == "1 7 1 7",
    )
    program.wait_says("1 of 4")
    program.click("Next digit")
    program.wait_read("7")
    program.press("Escape")
    program.wait_read("–")


def test_a_pictures_boxes_are_corrected_and_its_page_turned_and_cropped(
    start: Start, picture: Callable[..., Path]
) -> None:
    """By keys, buttons, the menu and the mouse; each step is read at once and can be undone."""

    def wait_number(number: str) -> None:
        program.wait_until(
            number, lambda s: s.get("predictionLabel", "accessible_description") == number
        )

    path = picture("177.png", ONE, SEVEN, SEVEN)
    Image.open(path).rotate(-9, expand=True, fillcolor=245).save(path)
    program = start()
    program.press("ctrl+o")
    program.answer_file(path)
    program.wait_says("1 of 3")
    program.click("straightenPictureButton")
    wait_number("1 7 7")
    program.press("Right", "j")
    program.wait_says("of 2")
    program.press("s")
    wait_number("1 7 7")
    program.press("ctrl+z", "ctrl+z")
    wait_number("1 7 7")
    program.press("Left", "Left", "Delete")
    wait_number("7 7")
    program.press("ctrl+z")
    wait_number("1 7 7")
    program.click("paintWidget", button=3)
    program.choose_entry("Crop to the box")
    wait_number("")
    program.wait_read("7")
    program.press("ctrl+z")
    wait_number("1 7 7")
    program.click("cropPictureButton")
    program.draw(((0.02, 0.1), (0.36, 0.8)))
    program.wait_read("1")
    wait_number("")
    program.press("r", "r", "shift+r", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
    wait_number("1 7 7")
    program.press("Escape")
    program.wait_read("–")


def test_digits_drawn_side_by_side_are_read_like_those_of_a_picture(start: Start) -> None:
    program = start()
    program.draw(
        tuple((x / 3, 0.2 + y / 2) for x, y in ONE),
        tuple((0.4 + x / 3, 0.2 + y / 2) for x, y in SEVEN),
    )
    program.wait_until(
        "the number",
        lambda s: s.get("predictionLabel", "accessible_description") == "1 7",
    )


def test_a_picture_pasted_from_another_program(
    start: Start, screen: Screen, picture: Callable[..., Path]
) -> None:
    program = start()
    clipboard_picture(screen, picture("seven.png", SEVEN))
    program.press("ctrl+v")
    program.wait_read("7")


def test_a_picture_dropped_from_another_window(
    start: Start, screen: Screen, picture: Callable[..., Path]
) -> None:
    program = start()
    left, top, width, height = program.find("paintWidget")["area"]
    source = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("drag_source.py"), picture("seven.png", SEVEN)],
        env={"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb", "LC_CTYPE": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert source.stdout is not None
    try:
        x, y = source.stdout.readline().split()
        screen.do("mousemove", x, y)
        over = left + width // 2, top + height // 2
        screen.drag([(int(x), int(y)), over], ends=False)
        for step in range(200):  # the pad is asked again with each move, once the drag has begun
            screen.do("mousemove", over[0] + step % 2, over[1])
            if select.select([source.stdout], [], [], 0.1)[0]:
                break
        assert source.stdout.readline() == "accepted\n"
        screen.do("mouseup", 1)
        program.wait_read("7")
    finally:
        screen.do("mouseup", 1)  # or the next journey would begin with a button held down
        source.kill()
        source.communicate()


def test_a_file_that_is_no_picture_is_told_and_leaves_the_drawing(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "letter.png"
    path.write_text("Dear Sir or Madam")
    program = start()
    program.draw(ONE)
    program.wait_read("1")
    program.press("ctrl+o")
    program.answer_file(path)
    program.wait_says("letter.png")
    program.find("errorDialog")
    program.press("Return")
    program.wait_until("the dialog to go", lambda s: s.named("errorDialog") is None)
    assert program.text("predictionLabel") == "1"


def test_a_drawing_copied_and_saved(start: Start, screen: Screen, tmp_path: Path) -> None:
    program = start()
    program.draw(SEVEN)
    program.wait_read("7")
    program.press("ctrl+c")
    program.wait_says("Copied; paste it anywhere")
    copied = tmp_path / "copied.png"
    copied.write_bytes(screen.copied("image/png", "image/bmp"))
    assert size_of(copied) == (560, 560)
    program.press("ctrl+s")
    program.answer_file(tmp_path / "drawing.png")
    program.wait_says("Written to")
    assert size_of(tmp_path / "drawing.png") == (560, 560)
    program.press("ctrl+s")
    program.answer_file(tmp_path / "drawing.jsonl", "Strokes (*.jsonl)")
    strokes = wait_for("the strokes", lambda: lines_of(tmp_path / "drawing.jsonl"), 60)
    assert len(strokes[0]["strokes"]) == 1


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def lines_of(path: Path) -> list[dict[str, object]]:
    """Objects of a file of strokes, once it is there."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
