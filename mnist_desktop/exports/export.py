"""Networks and figures written to files that others can open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.frame import save_figure
from mnist_desktop.exports.check import check_export
from mnist_desktop.exports.code import write_notebook, write_script
from mnist_desktop.exports.figures import write_csv
from mnist_desktop.exports.onnx_file import write_onnx
from mnist_desktop.exports.report.content import gather_report
from mnist_desktop.exports.report.html import write_page
from mnist_desktop.exports.report.pdf import write_pdf
from mnist_desktop.exports.web_page import write_web_page
from mnist_desktop.files.writing import write_atomically
from mnist_desktop.foreign.keras_file import read_keras_file
from mnist_desktop.formats import percent
from mnist_desktop.networks.steps import network_steps
from mnist_desktop.runs.run import Run
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE

# Takes the run, the file to write, and the digits if they are available.
Exporter = Callable[[Run, Path, Dataset | None], None]


def _export_file(name: str) -> Exporter:
    def copy(run: Run, output: Path, _dataset: Dataset | None) -> None:
        shutil.copyfile(run.folder / name, output)

    return copy


def _export_figure(file_format: str) -> Exporter:
    def draw(run: Run, output: Path, _dataset: Dataset | None) -> None:
        record = run.record
        figure = confusion_figure(
            record.confusion, title=record.name, classes=record.dataset.classes
        )
        save_figure(figure, output, file_format)

    return draw


def _export_csv(run: Run, output: Path, _dataset: Dataset | None) -> None:
    write_csv(run.record.confusion, output, run.record.dataset.classes)


def _export_onnx(run: Run, output: Path, _dataset: Dataset | None) -> None:
    plan, weights = read_keras_file(run.folder / KERAS_FILE)
    write_onnx(network_steps(plan, weights), plan.input_shape, output)


def _export_html(run: Run, output: Path, _dataset: Dataset | None) -> None:
    record, classes = run.record, run.record.dataset.classes
    reads = (
        f"This network of {formats.count(record.parameters, 'parameter')} reads "
        f"{percent(record.test_accuracy)} of "
        f"{formats.count(record.dataset.test, f'test {classes.noun}')} right."
    )
    draw = "Draw a digit." if classes.are_digits else f"Draw one of: {', '.join(classes.names)}."
    parts = (draw, reads, record.caveat, "Everything happens in your browser.")
    facts = " ".join(filter(None, parts))
    # A run may have come from elsewhere, so its network is opened like any other.
    steps = network_steps(*read_keras_file(run.folder / KERAS_FILE))
    write_web_page(
        steps, record.name, facts, output, temperature=record.temperature, classes=classes
    )


def _export_report(run: Run, output: Path, dataset: Dataset | None) -> None:
    report = gather_report(run, dataset, on_progress=lambda _: None, should_stop=lambda: False)
    write = write_pdf if output.suffix.lower() == ".pdf" else write_page
    write(report, output)


def _export_script(run: Run, output: Path, _dataset: Dataset | None) -> None:
    write_script(run.record, output)


def _export_notebook(run: Run, output: Path, _dataset: Dataset | None) -> None:
    write_notebook(run.record, output)


def _checked(file_format: str, write: Exporter) -> Exporter:
    """Let a written network be opened again and compared before it is believed."""

    def write_and_check(run: Run, output: Path, dataset: Dataset | None) -> None:
        write(run, output, dataset)
        check_export(run, file_format, output)

    return write_and_check


EXPORTERS: Mapping[str, Exporter] = {
    "keras": _checked("keras", _export_file(KERAS_FILE)),
    "litert": _checked("litert", _export_file(LITERT_FILE)),
    "onnx": _checked("onnx", _export_onnx),
    "html": _checked("html", _export_html),
    "png": _export_figure("png"),
    "svg": _export_figure("svg"),
    "pdf": _export_figure("pdf"),
    "csv": _export_csv,
    "report": _export_report,
    "script": _export_script,
    "notebook": _export_notebook,
}


def export_run(run: Run, file_format: str, output: Path, *, dataset: Dataset | None = None) -> Path:
    """Write one part of a run to a file, atomically.

    A network is opened again and compared with the run's before the file gets its name
    (`mnist_desktop.exports.check`).

    Parameters
    ----------
    run : Run
        A kept run.
    file_format : str
        ``keras``, ``litert`` and ``onnx``: the network; ``html``: a web page with a drawing pad;
        ``png``, ``svg``, ``pdf`` and ``csv``: the confusion matrix; ``report``: a report of
        everything, PDF if the output ends in ``.pdf``, a web page otherwise; ``script`` and
        ``notebook``: Keras code that trains the network anew.
    output : Path
        The file to write; one that exists is replaced.
    dataset : Dataset, optional
        The available digits; a report shows the worst mistakes if they are the run's own.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    InvalidInputError
        If the format is unknown.
    StorageError
        If the file cannot be written, or a network in it reads digits differently.
    """
    if file_format not in EXPORTERS:
        raise InvalidInputError(
            f"Format must be one of {', '.join(EXPORTERS)}, not {file_format!r}."
        )
    return write_atomically(output, lambda path: EXPORTERS[file_format](run, path, dataset))
