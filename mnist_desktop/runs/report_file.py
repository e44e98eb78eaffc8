"""The report of a run in one file, to print or to send: a web page, or PDF."""

from __future__ import annotations

from pathlib import Path

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.report_content import RunReport, gather_report
from mnist_desktop.runs.report_page import write_page
from mnist_desktop.runs.report_pdf import write_pdf
from mnist_desktop.runs.store import Run
from mnist_desktop.runs.whole_file import write_whole
from mnist_desktop.training.config import OnProgress, PhaseProgress, ShouldStop

__all__ = ["RunReport", "gather_report", "save_report", "write_report"]


def write_report(
    run: Run,
    dataset: Dataset | None,
    output: Path,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Path:
    """Write the report of a run to a file, whole or not at all.

    Parameters
    ----------
    run : Run
        A kept run.
    dataset : Dataset or None
        The digits at hand; the report shows the worst mistakes if they are the run's own.
    output : Path
        PDF if it ends in ``.pdf``, a web page otherwise; a file that exists is replaced.
    on_progress : callable
        Called with a `PhaseProgress`.
    should_stop : callable
        Asked twenty times a second while digits are read.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    JobCancelled
        If it was stopped.
    ModelFileError, StorageError
        If the run's network or its scores cannot be read, or the file cannot be written.
    """
    report = gather_report(run, dataset, on_progress=on_progress, should_stop=should_stop)
    on_progress(PhaseProgress("Writing the report"))
    return write_whole(output, lambda beside: save_report(report, beside))


def save_report(report: RunReport, path: Path) -> None:
    """Write a report that was gathered: PDF if the path ends in ``.pdf``, a web page otherwise."""
    if path.suffix.lower() == ".pdf":
        write_pdf(report, path)
    else:
        write_page(report, path)
