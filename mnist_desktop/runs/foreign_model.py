"""Opening a model file that may come from anybody."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.runs.keras_archive import folder_reason, what_it_is
from mnist_desktop.runs.keras_file import convert_network, load_keras_file, refusal
from mnist_desktop.runs.litert_probe import MARK, check_litert_file

ZIP_MARK = b"PK\x03\x04"


def open_foreign(path: Path) -> Predictor:
    """Open a model file; its first bytes decide what it is, not its name.

    Raises
    ------
    ModelFileError
        If it is no network of plain layers that reads digits, or a damaged one.
    """
    if path.is_dir():
        raise refusal(path, folder_reason(path))
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})") from error
    if start[4:8] == MARK:
        check_litert_file(path)
        return Predictor(path, check=DigitCheck())
    if not start.startswith(ZIP_MARK):
        raise refusal(path, what_it_is(start))
    network = load_keras_file(path)
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder) / "model.tflite"
        convert_network(network, path, converted)
        return Predictor(converted, check=DigitCheck())
