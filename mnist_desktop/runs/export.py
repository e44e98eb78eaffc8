"""Networks and figures written to files that others can open."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.errors import InvalidInputError, ModelFileError, StorageError
from mnist_desktop.evaluation.figures import confusion_figure
from mnist_desktop.inference.network import INPUT_SHAPES
from mnist_desktop.paths import user_path
from mnist_desktop.runs.network_steps import network_steps
from mnist_desktop.runs.onnx_file import write_onnx
from mnist_desktop.runs.store import Run
from mnist_desktop.runs.web_page import write_web_page
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE, write_litert
from mnist_desktop.training.engine import load_keras

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def convert_keras_file(path: Path, output: Path) -> None:
    """Convert a Keras file to LiteRT.

    Raises
    ------
    ModelFileError
        If it is no Keras file, or not a network that reads one 28×28 image into ten scores.
    """
    keras = load_keras()
    try:
        with tempfile.TemporaryDirectory() as folder:  # Keras reads no file of another name
            named = Path(folder) / KERAS_FILE
            shutil.copyfile(path, named)
            model = keras.saving.load_model(named, compile=False, safe_mode=True)
    except Exception as error:
        raise ModelFileError(
            f"{path.name} is no Keras model that can be opened "
            f"({str(error).strip().splitlines()[0][:160]})."
        ) from error
    if model.input_shape[1:] not in INPUT_SHAPES or model.output_shape[1:] != (10,):
        raise ModelFileError(
            f"{path.name} takes {model.input_shape[1:]} and gives {model.output_shape[1:]}; "
            "a network that takes 28×28 pixels and gives ten scores is needed."
        )
    write_litert(model, output)


def _export_file(name: str) -> Callable[[Run, Path], None]:
    def copy(run: Run, output: Path) -> None:
        shutil.copyfile(run.folder / name, output)

    return copy


def _export_png(run: Run, output: Path) -> None:
    _save_figure(confusion_figure(run.record.confusion, title=run.record.name), output)


def _save_figure(figure: Figure, output: Path) -> None:
    figure.savefig(output, format="png", dpi=150, facecolor=figure.get_facecolor())


def _export_csv(run: Run, output: Path) -> None:
    with output.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["true digit", *(f"read as {digit}" for digit in range(10))])
        for digit, row in enumerate(run.record.confusion.tolist()):
            writer.writerow([digit, *row])


def _export_onnx(run: Run, output: Path) -> None:
    model = _open_kept(run)
    write_onnx(network_steps(model), model.input_shape[1:], output)


def _export_html(run: Run, output: Path) -> None:
    record = run.record
    facts = (
        f"Draw a digit. This network of {record.parameters:,} parameters reads "
        f"{record.test_accuracy * 100:.2f} % of {record.dataset.test:,} test digits right. "
        "Everything happens in your browser."
    )
    write_web_page(network_steps(_open_kept(run)), record.name, facts, output)


def _open_kept(run: Run) -> Any:
    """Open the Keras model of a run that this program has written."""
    return load_keras().saving.load_model(run.folder / KERAS_FILE, compile=False)


EXPORTERS: Mapping[str, Callable[[Run, Path], None]] = {
    "keras": _export_file(KERAS_FILE),
    "litert": _export_file(LITERT_FILE),
    "onnx": _export_onnx,
    "html": _export_html,
    "png": _export_png,
    "csv": _export_csv,
}


def export_run(run: Run, file_format: str, output: Path) -> Path:
    """Write one thing of a run to a file, whole or not at all.

    Parameters
    ----------
    run : Run
        A kept run.
    file_format : {"keras", "litert", "onnx", "html", "png", "csv"}
        The network for Keras, LiteRT or ONNX, a web page with a drawing pad, the confusion matrix
        as picture or as table.
    output : Path
        The file to write; one that exists is replaced.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    InvalidInputError
        If the format is unknown.
    StorageError
        If the file cannot be written.
    """
    if file_format not in EXPORTERS:
        raise InvalidInputError(
            f"Format must be one of {', '.join(EXPORTERS)}, not {file_format!r}."
        )
    return _write_whole(output, lambda beside: EXPORTERS[file_format](run, beside))


def write_confusion_png(matrix: NDArray[np.int64], title: str, output: Path) -> Path:
    """Write a confusion matrix as a picture.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    figure = confusion_figure(matrix, title=title)
    return _write_whole(output, lambda beside: _save_figure(figure, beside))


def _write_whole(output: Path, write: Callable[[Path], None]) -> Path:
    """Write a file beside its place and rename it, so that it is there whole or not at all."""
    output = user_path(str(output)).absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=output.parent) as folder:
            beside = Path(folder) / output.name
            write(beside)
            beside.replace(output)
    except OSError as error:
        raise StorageError(
            f"{output} cannot be written ({error.strerror}); choose another place."
        ) from error
    return output
