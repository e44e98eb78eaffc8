"""Tables of digits as people have them: with a heading or without, the label first or last."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError, JobCancelled
from mnist_desktop.progress import FileProgress

HEADING = ["label", *(f"pixel{number}" for number in range(784))]


@pytest.fixture
def rows(sample: Dataset) -> list[list[str]]:
    """Sixty digits, a label and 784 grey values each."""
    digits = sample.test.take(np.arange(0, 1000, 17))
    return [
        [str(label), *map(str, image.ravel())]
        for label, image in zip(digits.labels, digits.images, strict=True)
    ]


def table(rows: list[list[str]], mark: str = ",") -> str:
    return "".join(mark.join(row) + "\n" for row in rows)


FORMS = {
    "Kaggle's": lambda rows: table([HEADING, *rows]),
    "no heading": table,
    "label last": lambda rows: table([[*row[1:], row[0]] for row in rows]),
    "label last, named": lambda rows: table(
        [[*row[1:], row[0]] for row in [["class", *HEADING[1:]], *rows]]
    ),
    "an index before": lambda rows: table(
        [["", *HEADING], *([str(number), *row] for number, row in enumerate(rows))]
    ),
    "semicolons": lambda rows: table(rows, ";"),
    "tabs": lambda rows: table(rows, "\t"),
    "spaces": lambda rows: table(rows, " "),
    "Windows": lambda rows: "\ufeff" + table([HEADING, *rows]).replace("\n", "\r\n"),
    "quoted": lambda rows: table([[f'"{one}"' for one in row] for row in [HEADING, *rows]]),
    "fractions": lambda rows: table(
        [[row[0], *(repr(int(one) / 255) for one in row[1:])] for row in rows]
    ),
    "decimals": lambda rows: table([[f"{one}.0" for one in row] for row in rows]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_table_is_read_in_each_of_its_forms(
    tmp_path: Path, rows: list[list[str]], form: str, packed: bool
) -> None:
    content = FORMS[form](rows).encode()
    path = tmp_path / "digits.data"  # the content decides, and no name
    path.write_bytes(gzip.compress(content) if packed else content)

    found = read_dataset(path)

    held = {(int(row[0]), bytes(map(int, row[1:]))) for row in rows}
    for digits in (found.train, found.test):
        assert len(digits) > 0
        read = zip(digits.labels.tolist(), digits.images, strict=True)
        assert all((label, image.tobytes()) in held for label, image in read)
    assert len(found.train) + len(found.test) == len(rows)
    assert "no test digits" in found.note


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda rows: [row[1:] for row in rows], "no labels"),
        (lambda rows: [[*row, "0", "0"] for row in rows], "787 columns"),
        (lambda rows: [*rows[:9], rows[9][:-1], *rows[10:]], "columns changed"),
        (lambda rows: [*rows[:9], [*rows[9][:-1], "x"]], "could not convert"),
        (lambda rows: [*rows[:9], ["11", *rows[9][1:]]], "no labels from 0 to 9"),
        (lambda rows: [*rows[:9], [*rows[9][:-1], "99999999999999999999999"]], "values from"),
        (lambda rows: [*rows[:9], [*rows[9][:-1], "nan"]], "no numbers"),
        (lambda rows: [*rows[:9], [*rows[9][:-1], "0;0"]], "could not convert"),
        (lambda _: [HEADING], "no digits"),
    ],
)
def test_a_table_that_is_none_of_digits_is_refused(
    tmp_path: Path, rows: list[list[str]], damage: object, said: str
) -> None:
    path = tmp_path / "digits.csv"
    path.write_text(table(damage(rows)))  # type: ignore[operator]

    with pytest.raises(DataFileError, match=said) as caught:
        read_dataset(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_without_an_end_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv.gz"
    path.write_bytes(gzip.compress(b"1," * 20_000_000))

    with pytest.raises(DataFileError, match="too long"):
        read_dataset(path)


def test_empty_lines_without_an_end_are_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "digits.csv.gz"
    path.write_bytes(gzip.compress((table(rows) + "\n" * 50_000_000).encode(), 1))

    with pytest.raises(DataFileError, match="empty lines"):
        read_dataset(path)


def test_a_large_table_tells_how_far_it_is_and_can_be_stopped(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    path = tmp_path / "digits.csv"
    path.write_text(table(rows * 30))
    heard: list[FileProgress] = []

    read_dataset(path, on_progress=heard.append)

    assert [one.total for one in heard] == [path.stat().st_size] * 4
    assert heard[-1].done == heard[-1].total
    with pytest.raises(JobCancelled):
        read_dataset(path, should_stop=lambda: True)
