"""The pictures and drawings that the command line is given to read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnist_desktop import formats
from mnist_desktop.digits.image_import import read_picture
from mnist_desktop.digits.picture_file import read_content
from mnist_desktop.digits.stroke_file import read_lines
from mnist_desktop.errors import JobCancelled, MnistDesktopError
from mnist_desktop.files.reading import open_given, read_given
from mnist_desktop.inference.picture_reading import cut_apart, read_digits
from mnist_desktop.inference.predictor import Prediction, Predictor
from mnist_desktop.inference.reading import ReadingProgress, read_inks
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.terminal import ProgressBar, stopped_by_ctrl_c

MAX_LINES_REPORTED = 20  # of a stroke file; whoever gives the wrong file need not read of each

Named = dict[str, Any]  # what says which of the files, or which line, was read


def read_pictures(
    predictor: Predictor,
    files: Sequence[Path],
    bar: ProgressBar,
    errors: list[str],
    notes: list[str],
) -> list[tuple[Named, Prediction]]:
    """Read what can be read of many pictures; collect what is wrong with others, and notes."""
    read: list[tuple[Named, Prediction]] = []
    for done, path in enumerate(files, start=1):
        try:
            content = read_content(path, read_given)
            picture = read_picture(content, str(path), is_whole=not predictor.classes.are_digits)
        except MnistDesktopError as error:
            errors.append(str(error))
            continue
        if picture.note:
            notes.append(f"{path}: {picture.note}")
        found = read_digits(predictor, cut_apart(predictor, picture))
        for number, prediction in enumerate(found, start=1):
            part = {"part": number} if len(found) > 1 else {}
            read.append(({"file": str(path), **part}, prediction))
        bar.show(ReadingProgress(done, len(files)))
    return read


def read_strokes(
    predictor: Predictor, path: Path, bar: ProgressBar, errors: list[str]
) -> list[tuple[Named, Prediction]]:
    """Read a file with one digit a line; a line that is no drawing still counts in the indices."""
    bar.show(PhaseProgress(f"Opening {path.name}"))
    drawn, bad = {}, 0
    try:
        for index, one in enumerate(read_lines(path, open_given)):
            if not isinstance(one, MnistDesktopError):
                drawn[index] = one.ink
            elif (bad := bad + 1) <= MAX_LINES_REPORTED:
                errors.append(str(one))
    except MnistDesktopError as error:
        errors.append(str(error))
    if bad > MAX_LINES_REPORTED:
        more = formats.count(bad - MAX_LINES_REPORTED, "more line")
        errors.append(f"{path} has {more} that cannot be read as a drawing.")
    # Python can lose an interrupt that comes while it calls a destructor, and would read on.
    with stopped_by_ctrl_c() as should_stop:
        try:
            inks = list(drawn.values())
            found = read_inks(predictor, inks, on_progress=bar.show, should_stop=should_stop)
        except JobCancelled:
            raise KeyboardInterrupt from None
    return [({"index": index}, one) for index, one in zip(drawn, found, strict=True)]
