from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.errors import StorageError
from mnist_desktop.runs import my_digits
from mnist_desktop.runs.my_digits import MyDigits

ONE = Drawing(Ink.from_points([[[0.5, 0.1], [0.5, 0.9]]]), 1)
SEVEN = Drawing(Ink.from_points([[[0.2, 0.1], [0.8, 0.1], [0.4, 0.9]]]), 7)


def files_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if not one.name.endswith(".lock")]


def labels(digits: MyDigits) -> list[int | None]:
    return [one.label for one in digits.drawings]


def test_what_is_added_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    MyDigits(path).add([ONE])
    MyDigits(path).add([SEVEN, ONE])

    again = MyDigits(path)

    assert labels(again) == [1, 7, 1]
    assert again.drawings[1].ink.strokes[0].tolist() == pytest.approx(
        SEVEN.ink.strokes[0], abs=1e-4
    )
    assert files_in(path.parent) == ["mine.jsonl"]


def test_removing_takes_these_drawings_and_no_others_like_them(tmp_path: Path) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    digits.add([Drawing(ONE.ink, 1)])
    digits.remove([digits.drawings[0]])

    assert labels(digits) == labels(MyDigits(digits.path)) == [7, 1]


@pytest.mark.parametrize("drawing", [Drawing(ONE.ink), Drawing(Ink(), 3)])
def test_a_drawing_needs_ink_and_label(tmp_path: Path, drawing: Drawing) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    with pytest.raises(ValueError, match="ink and a label"):
        digits.add([ONE, drawing])

    assert len(digits) == 0


def test_what_cannot_be_written_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mnist_desktop.files.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        digits.add([SEVEN])

    assert labels(digits) == labels(MyDigits(digits.path)) == [1]
    assert files_in(tmp_path) == ["mine.jsonl"]


def test_a_damaged_file_is_set_aside_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("no drawing\n")
    digits = MyDigits(path)
    digits.add([ONE])

    assert labels(digits) == [1]
    assert (tmp_path / "mine.jsonl.damaged").read_text() == "no drawing\n"


def test_what_another_program_has_added_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    first, second = MyDigits(path), MyDigits(path)
    first.add([ONE, SEVEN])
    second.add([SEVEN])
    assert labels(second) == labels(MyDigits(path)) == [1, 7, 7]
    first.remove(first.drawings[1:])
    assert labels(first) == labels(MyDigits(path)) == [1, 7]
    first.remove([first.drawings[0], first.drawings[1]])
    assert len(MyDigits(path)) == 0


def test_a_file_that_can_neither_be_read_nor_set_aside_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.jsonl"
    MyDigits(path).add([ONE] * 10)
    whole = path.read_bytes()
    path.write_bytes(whole + b"rubbish\n")

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(my_digits, "set_aside", refuse)
    digits = MyDigits(path)
    assert "none can be added" in digits.notice
    with pytest.raises(StorageError, match="cannot be changed"):
        digits.add([SEVEN])
    assert path.read_bytes() == whole + b"rubbish\n"


def test_digits_on_a_drive_that_is_gone_are_told_and_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    digits = MyDigits(tmp_path / "home" / "mine.jsonl")
    digits.add([ONE])
    (tmp_path / "home").rename(tmp_path / "away")
    with pytest.raises(StorageError, match="connect that again"):
        digits.add([SEVEN])
    assert labels(digits) == [1]
    assert not (tmp_path / "home").exists()


def test_what_is_exported_can_be_read(tmp_path: Path) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    digits.export(tmp_path / "out.jsonl")

    assert [one.label for one in read_drawings(tmp_path / "out.jsonl")] == [1, 7]
