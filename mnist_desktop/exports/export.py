"""Networks and figures written to files that others can open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_desktop import edition, formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.frame import save_figure
from mnist_desktop.evaluation.figures.network import network_figure
from mnist_desktop.exports.check import check_export
from mnist_desktop.exports.code import own_plan, write_notebook, write_script
from mnist_desktop.exports.figures import write_csv
from mnist_desktop.exports.onnx_file import write_onnx
from mnist_desktop.exports.report.content import gather_report
from mnist_desktop.exports.report.html import write_page
from mnist_desktop.exports.report.pdf import write_pdf
from mnist_desktop.exports.web_page import write_web_page
from mnist_desktop.files.held import when_released
from mnist_desktop.files.writing import write_atomically
from mnist_desktop.foreign.keras_file import read_keras_file
from mnist_desktop.formats import percent
from mnist_desktop.networks.steps import network_steps
from mnist_desktop.runs.network_plan import plan_of_run
from mnist_desktop.runs.run import Run
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Takes the run, the file to write, and the digits if they are available.
Exporter = Callable[[Run, Path, Dataset | None], None]


def _export_file(name: str) -> Exporter:
    def copy(run: Run, output: Path, _dataset: Dataset | None) -> None:
        source = run.folder / name
        when_released(lambda: shutil.copyfile(source, output), source)

    return copy


def _matrix(run: Run) -> Figure:
    record = run.record
    return confusion_figure(record.confusion, title=record.name, classes=record.dataset.classes)


def _network(run: Run) -> Figure:
    return network_figure(plan_of_run(run), classes=run.record.dataset.classes)


# What of a run can be drawn.
FIGURES: Mapping[str, Callable[[Run], Figure]] = {"matrix": _matrix, "network": _network}


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
    write_script(run.record, own_plan(run), output)


def _export_notebook(run: Run, output: Path, _dataset: Dataset | None) -> None:
    write_notebook(run.record, own_plan(run), output)


def _checked(file_format: str, write: Exporter) -> Exporter:
    """Let a written network be opened again and compared before it is believed."""

    def write_and_check(run: Run, output: Path, dataset: Dataset | None) -> None:
        write(run, output, dataset)
        check_export(run, file_format, output)

    return write_and_check


FIGURE_FORMATS = ("png", "svg", "pdf")
# Everything but figures.
EXPORTERS: Mapping[str, Exporter] = {
    "keras": _checked("keras", _export_file(KERAS_FILE)),
    "litert": _checked("litert", _export_file(LITERT_FILE)),
    "onnx": _checked("onnx", _export_onnx),
    "html": _checked("html", _export_html),
    "csv": _export_csv,
    "report": _export_report,
    "script": _export_script,
    "notebook": _export_notebook,
}


def export_run(
    run: Run,
    file_format: str,
    output: Path,
    *,
    dataset: Dataset | None = None,
    figure: str = "",
) -> Path:
    """Write one part of a run to a file, atomically.

    A network is opened again and compared with the run's before the file gets its name
    (`mnist_desktop.exports.check`).

    Parameters
    ----------
    run : Run
        A kept run.
    file_format : str
        ``keras``, ``litert`` and ``onnx``: the network; ``html``: a web page with a drawing pad;
        ``png``, ``svg`` and ``pdf``: a figure; ``csv``: the confusion matrix as a table;
        ``report``: a report of everything, PDF if the output ends in ``.pdf``, a web page
        otherwise; ``script`` and ``notebook``: Keras code that trains the network anew.
    output : Path
        The file to write; one that exists is replaced.
    dataset : Dataset, optional
        The available digits; a report shows the worst mistakes if they are the run's own.
    figure : {"matrix", "network"}
        What PNG, SVG and PDF show: the confusion matrix, as they do where it is left out, or the
        diagram of the network.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    InvalidInputError
        If the format or the figure is unknown, or the format shows no figure.
    ModelFileError
        If the file of a network that is to be drawn cannot be read.
    StorageError
        If the file cannot be written, or a network in it reads digits differently.
    """
    known = [*EXPORTERS, *FIGURE_FORMATS]
    if file_format not in known:
        raise InvalidInputError(f"Format must be one of {', '.join(known)}, not {file_format!r}.")
    if file_format == "onnx" and not edition.can_train():
        raise InvalidInputError(edition.left_out("Writing ONNX files"))
    if figure and figure not in FIGURES:
        raise InvalidInputError(f"Figure must be one of {', '.join(FIGURES)}, not {figure!r}.")
    if figure and file_format not in FIGURE_FORMATS:
        raise InvalidInputError(f"Only {', '.join(FIGURE_FORMATS)} show a figure of one's choice.")
    if file_format in FIGURE_FORMATS:
        made = FIGURES[figure or "matrix"](run)
        return write_atomically(output, lambda path: save_figure(made, path, file_format))
    return write_atomically(output, lambda path: EXPORTERS[file_format](run, path, dataset))
