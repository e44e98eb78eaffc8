from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.errors import StorageError
from mnist_desktop.runs.my_digits import MyDigits

ONE = Drawing(Ink.from_points([[[0.5, 0.1], [0.5, 0.9]]]), 1)
SEVEN = Drawing(Ink.from_points([[[0.2, 0.1], [0.8, 0.1], [0.4, 0.9]]]), 7)


def labels(digits: MyDigits) -> list[int | None]:
    return [one.label for one in digits.drawings]


def test_what_is_added_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "mine.jsonl"
    MyDigits(path).add([ONE])
    MyDigits(path).add([SEVEN, ONE])

    again = MyDigits(path)

    assert labels(again) == [1, 7, 1]
    assert again.drawings[1].ink.strokes[0].tolist() == pytest.approx(
        SEVEN.ink.strokes[0], abs=1e-4
    )
    assert [one.name for one in path.parent.iterdir()] == ["mine.jsonl"]


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

    monkeypatch.setattr("mnist_desktop.runs.whole_file.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        digits.add([SEVEN])

    assert labels(digits) == labels(MyDigits(digits.path)) == [1]
    assert [one.name for one in tmp_path.iterdir()] == ["mine.jsonl"]


def test_a_damaged_file_is_set_aside_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("no drawing\n")
    digits = MyDigits(path)
    digits.add([ONE])

    assert labels(digits) == [1]
    assert (tmp_path / "mine.jsonl.damaged").read_text() == "no drawing\n"


def test_what_is_exported_can_be_read(tmp_path: Path) -> None:
    digits = MyDigits(tmp_path / "mine.jsonl")
    digits.add([ONE, SEVEN])
    digits.export(tmp_path / "out.jsonl")

    assert [one.label for one in read_drawings(tmp_path / "out.jsonl")] == [1, 7]
