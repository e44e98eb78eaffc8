from __future__ import annotations

import gzip
import json
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits import stroke_file
from mnist_desktop.digits.stroke_file import Drawing, as_lines, read_drawings
from mnist_desktop.errors import ImageFileError


def assert_one_sentence(error: BaseException) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")


STROKES = [[[10, 10], [20, 10.5], [15, 30]], [[12, 20], [18, 20]]]
LINE = json.dumps({"label": 7, "writer": 3, "strokes": STROKES})


def write_strokes(path: Path, text: str, how: str = "plain") -> Path:
    content = text.encode()
    if "marked" in how:
        content = b"\xef\xbb\xbf" + content  # as Windows' editors do
    path.write_bytes(gzip.compress(content) if "gzipped" in how else content)
    return path


def as_lists(drawings: list[Drawing]) -> list[list[list[list[float]]]]:
    return [[stroke.tolist() for stroke in one.ink.strokes] for one in drawings]


@pytest.mark.parametrize("how", ["plain", "gzipped", "marked", "marked and gzipped"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_drawings_are_read_in_file_order(tmp_path: Path, how: str, end: str) -> None:
    dot = json.dumps({"strokes": [[[1, 2]]]})
    path = write_strokes(tmp_path / "strokes", end.join([LINE, dot, LINE]) + end, how)

    assert as_lists(list(read_drawings(path))) == [STROKES, [[[1, 2]]], STROKES]


def test_empty_lines_are_passed_over_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = write_strokes(tmp_path / "strokes", f"\n  \n{LINE}\n\t\n\n{LINE}")

    assert as_lists(list(read_drawings(path))) == [STROKES, STROKES]


@pytest.mark.parametrize("strokes", ["[]", "[[]]"])
def test_a_drawing_without_ink_keeps_its_place(tmp_path: Path, strokes: str) -> None:
    path = write_strokes(tmp_path / "strokes", f'{LINE}\n{{"strokes": {strokes}}}\n{LINE}\n')

    assert [bool(one.ink) for one in read_drawings(path)] == [True, False, True]


def test_a_file_without_lines_has_no_drawings(tmp_path: Path) -> None:
    assert list(read_drawings(write_strokes(tmp_path / "strokes", "\n\n"))) == []


@pytest.mark.parametrize("how", ["plain", "gzipped"])
@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "{",
        "7",
        "null",
        "[[[1, 2]]]",
        '"strokes"',
        "{}",
        '{"label": 7}',
        '{"strokes": null}',
        '{"strokes": 7}',
        '{"strokes": ""}',
        '{"strokes": {"a": 1}}',
        '{"strokes": [7]}',
        '{"strokes": [[7]]}',
        '{"strokes": [[1, 2]]}',
        '{"strokes": [[["1", "2"]]]}',
        '{"strokes": [[[1, 2], [3]]]}',
        '{"strokes": [[[1, 2, 3]]]}',
        '{"strokes": [[[NaN, 2]]]}',
        '{"strokes": [[[1, Infinity]]]}',
        '{"strokes": [[[1, null]]]}',
        '{"strokes": [[[1e999, 2]]]}',
        '{"strokes": [[[1' + "0" * 400 + ", 2]]]}",
        '{"strokes": [[[1' + "0" * 5000 + ", 2]]]}",
        '{"strokes": ' + "[" * 100_000,
        LINE + LINE,
    ],
    ids=lambda bad: bad[:40],
)
def test_a_line_that_is_no_drawing_is_refused_by_its_number(
    tmp_path: Path, how: str, bad: str
) -> None:
    path = write_strokes(tmp_path / "strokes", f"{LINE}\n\n{bad}\n{LINE}\n", how)
    drawings = read_drawings(path)

    assert as_lists([next(drawings)]) == [STROKES]
    with pytest.raises(ImageFileError, match=r"^Line 3 of ") as caught:
        next(drawings)

    assert str(path) in str(caught.value)
    assert_one_sentence(caught.value)


def cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def damage(packed: bytes) -> bytes:
    return packed[:200] + bytes(50) + packed[250:]


@pytest.mark.parametrize("spoil", [cut, damage])
def test_a_damaged_gzip_file_is_told_with_the_last_good_line(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    rng = np.random.default_rng(0)
    lines = [json.dumps({"strokes": [rng.random((30, 2)).tolist()]}) for _ in range(50)]
    path = tmp_path / "strokes"
    path.write_bytes(spoil(gzip.compress("\n".join(lines).encode())))

    with pytest.raises(ImageFileError, match=r"beyond line \d+") as caught:
        list(read_drawings(path))

    assert_one_sentence(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "strokes"
    path.write_bytes(LINE.encode() + b"\n\xff\xfe\x00")

    with pytest.raises(ImageFileError, match="cannot be read as text"):
        list(read_drawings(path))


def packed_many_times(block: bytes, times: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(block) for _ in range(times)) + packer.flush()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (packed_many_times(b" " * 1_000_000, 300), "a line of more than 500,000 characters"),
        (packed_many_times(b'{"strokes":[]}\n' * 1000, 6), "more than 5,000 lines"),
        (packed_many_times((b" " * 400_000 + b"\n") * 10, 26), "more than 100 MB"),
        (
            packed_many_times(b'{"strokes":[' + b"[]," * 1_000 + b"[]]}\n", 8),
            "more than 7,000 strokes",
        ),
    ],
    ids=["line", "lines", "bytes", "strokes"],
)
def test_a_file_with_more_than_drawings_need_is_refused_while_it_is_unpacked(
    tmp_path: Path, content: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stroke_file, "MAX_DRAWINGS", 5_000)
    monkeypatch.setattr(stroke_file, "MAX_STROKES", 7_000)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ImageFileError, match=f"{told}; divide it") as caught:
            for _ in read_drawings(path):
                pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert_one_sentence(caught.value)
    assert most < 50_000_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ImageFileError, match="no regular file"):
        list(read_drawings(tmp_path / "pipe"))


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_a_stroke_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageFileError) as caught:
        list(read_drawings(tmp_path / name))

    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("written", "label"),
    [("7", 7), ("0", 0), ("null", None), ("10", None), ("-1", None), ('"7"', None), ("true", None)],
)
def test_a_label_is_a_digit_or_nothing(tmp_path: Path, written: str, label: int | None) -> None:
    line = f'{{"label": {written}, "writer": 30, "strokes": [[[1, 2]]]}}'

    [drawing] = read_drawings(write_strokes(tmp_path / "strokes", line))

    assert (drawing.label, drawing.writer) == (label, 30)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    lines = [LINE, json.dumps({"strokes": [[[0.1234567, -2]]]})]
    first = list(read_drawings(write_strokes(tmp_path / "first", "\n".join(lines))))

    again = list(read_drawings(write_strokes(tmp_path / "again", "".join(as_lines(first)))))

    assert as_lists(again[:1]) == as_lists(first[:1])
    np.testing.assert_allclose(again[1].ink.strokes[0], [[0.1235, -2]], atol=1e-6)
    assert [(one.label, one.writer) for one in again] == [(7, 3), (None, None)]
