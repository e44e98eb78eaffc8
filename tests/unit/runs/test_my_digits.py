from __future__ import annotations

import errno
import gzip
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.errors import OTHER_HOME, StorageError
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

    monkeypatch.setattr("mnist_desktop.files.reading.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        digits.add([SEVEN])

    assert labels(digits) == labels(MyDigits(digits.path)) == [1]
    assert files_in(tmp_path) == ["mine.jsonl"]


@pytest.mark.parametrize("content", ["no drawing\n", "no drawing"])
def test_a_damaged_file_is_set_aside_and_not_lost(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(content)
    digits = MyDigits(path)
    digits.add([ONE])

    assert labels(digits) == [1]
    assert "mine.jsonl.damaged" in digits.notice
    assert (tmp_path / "mine.jsonl.damaged").read_text() == content


def test_a_file_that_is_damaged_further_up_is_set_aside_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    MyDigits(path).add([ONE])
    path.write_bytes(b"no drawing\n" + path.read_bytes())
    digits = MyDigits(path)
    digits.add([SEVEN])
    whole = path.read_bytes()
    assert labels(digits) == []
    assert (tmp_path / "mine.jsonl.damaged").read_bytes() == whole


def test_what_another_program_has_added_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    first, second = MyDigits(path), MyDigits(path)
    first.add([ONE, SEVEN])
    second.add([SEVEN])
    assert labels(second) == labels(MyDigits(path)) == [1, 7, 7]
    first.remove(first.drawings[1:2])
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
    assert len(digits) == 0
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


def test_one_more_is_written_behind_the_others_without_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    before = digits.path.stat().st_ino, digits.path.read_bytes()
    again = MyDigits(digits.path)

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("all of them are read or written")

    for name in ("read_drawings", "replace_file"):
        monkeypatch.setattr(my_digits, name, refuse)
    assert not again.is_empty
    again.add([SEVEN])
    assert again.count == 3
    monkeypatch.undo()
    assert (digits.path.stat().st_ino, digits.path.read_bytes()[: len(before[1])]) == before
    assert labels(again) == labels(digits) == [1, 7, 7]


@pytest.mark.parametrize(
    ("torn", "labels_left"),
    [
        ('{"label":4,"strokes":[[[0.1,', [1, 7]),
        ("\0" * 300, [1, 7]),  # what a file system may leave after a power cut
        ("\x80\xff", [1, 7]),
        ('{"label":4,"strokes":[[[0.1,0.2]]]}', [1, 7, 4]),  # only its end is missing
    ],
    ids=["half a line", "zeros", "no text", "no end"],
)
@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_line_that_was_torn_by_a_kill_is_mended(
    tmp_path: Path, torn: str, labels_left: list[int], change: str
) -> None:
    path = tmp_path / "mine.jsonl"
    MyDigits(path).add([ONE, SEVEN])
    with path.open("ab") as file:
        file.write(torn.encode("latin-1"))
    digits = MyDigits(path)
    assert labels(digits) == labels_left
    if change == "add":
        digits.add([ONE])
        labels_left = [*labels_left, 1]
        assert digits.count == len(labels_left)
    else:
        digits.remove([digits.drawings[0]])
        labels_left = labels_left[1:]
    assert labels(digits) == labels(MyDigits(path)) == labels_left
    assert [one.label for one in read_drawings(path)] == labels_left  # for any reader
    assert digits.notice == ""
    assert files_in(tmp_path) == ["mine.jsonl"]


def test_a_torn_line_alone_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"label":4,"stro')
    digits = MyDigits(path)
    digits.add([SEVEN])
    assert labels(MyDigits(path)) == [7]


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_one_more_that_cannot_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    before = digits.path.read_bytes()
    real_open = Path.open

    def full(*_: object) -> NoReturn:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    class HalfWritten(io.FileIO):
        def write(self, content: Any) -> int:
            if len(content) < 10:
                full()
            return super().write(content[: len(content) // 2])

    def half(path: Path, mode: str = "r", buffering: int = -1, **more: Any) -> Any:
        is_it = buffering == 0
        return HalfWritten(path, mode) if is_it else real_open(path, mode, buffering, **more)

    if step == "write":
        monkeypatch.setattr(Path, "open", half)
    else:
        monkeypatch.setattr(my_digits.os, "fsync", full)
    with pytest.raises(StorageError, match=OTHER_HOME):
        digits.add([SEVEN])
    monkeypatch.undo()
    assert digits.path.read_bytes() == before
    assert labels(digits) == [1, 7]


def test_a_change_that_cannot_be_written_advises_what_there_is_to_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])

    def fail(*_: object) -> NoReturn:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(my_digits, "replace_file", fail)
    with pytest.raises(StorageError, match=OTHER_HOME):
        digits.remove([digits.drawings[0]])
    assert labels(digits) == [1, 7]


@pytest.mark.parametrize("written", ["gzipped", "by another hand"])
def test_a_file_from_elsewhere_is_taken_as_it_is(tmp_path: Path, written: str) -> None:
    path = tmp_path / "mine.jsonl"
    text = '{"strokes": [[[0.10, 0.2], [0.3, 0.4]]], "label": 3}\r\n\n{"strokes": [], "label": 5}\n'
    path.write_bytes(gzip.compress(text.encode()) if written == "gzipped" else text.encode())
    digits = MyDigits(path)
    digits.add([ONE])
    assert labels(digits) == labels(MyDigits(path)) == [3, 5, 1]
    digits.remove([digits.drawings[0]])
    assert labels(digits) == labels(MyDigits(path)) == [5, 1]


def test_no_more_are_kept_than_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    monkeypatch.setattr(my_digits, "MAX_DRAWINGS", 2)
    with pytest.raises(StorageError, match="export yours, and remove some"):
        digits.add([ONE])
    assert labels(MyDigits(digits.path)) == [1, 7]


def test_programs_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    with ThreadPoolExecutor(8) as programs:
        for digits in [MyDigits(path) for _ in range(8)]:
            for _ in range(5):
                programs.submit(digits.add, [ONE, SEVEN]).add_done_callback(lambda f: f.result())
    assert sorted(map(str, labels(MyDigits(path)))) == ["1"] * 40 + ["7"] * 40


def test_what_is_exported_can_be_read(tmp_path: Path) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    digits.export(tmp_path / "out.jsonl")

    assert [one.label for one in read_drawings(tmp_path / "out.jsonl")] == [1, 7]
