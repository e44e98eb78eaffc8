"""Figures and tables written to files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.evaluation.figures.frame import save_figure
from mnist_desktop.files.writing import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_SUFFIXES = (".png", ".svg", ".pdf")


def write_figure(figure: Figure, output: Path) -> Path:
    """Write a figure to a file atomically; its suffix gives the format (none: PNG).

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    output : Path
        The file; one that exists is replaced.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    InvalidInputError
        If the suffix is none of ``.png``, ``.svg``, ``.pdf``.
    StorageError
        If the file cannot be written.
    """
    suffix = output.suffix.lower() or ".png"
    if suffix not in FIGURE_SUFFIXES:
        raise InvalidInputError(
            f"A figure is written as {', '.join(FIGURE_SUFFIXES)}, not as {output.name!r}."
        )
    return write_atomically(output, lambda path: save_figure(figure, path, suffix[1:]))


def write_matrix(matrix: NDArray[np.int64], output: Path, classes: ClassNames = DIGITS) -> Path:
    """Write a confusion matrix as a table (CSV), atomically.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    output : Path
        The file; one that exists is replaced.
    classes : ClassNames, optional
        What its labels stand for.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    return write_atomically(output, lambda path: write_csv(matrix, path, classes))


def write_csv(matrix: NDArray[np.int64], output: Path, classes: ClassNames = DIGITS) -> None:
    """Write a confusion matrix as a table, with a heading for each column.

    Parameters
    ----------
    matrix : ndarray of int64, shape (10, 10)
        Row: true digit; column: predicted digit.
    output : Path
        The file; it gets a row for each true digit, which it begins with.
    classes : ClassNames, optional
        What its labels stand for.
    """
    with output.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = classes.names
        writer.writerow([f"true {classes.kind}", *(f"read as {name}" for name in names)])
        for name, row in zip(names, matrix.tolist(), strict=True):
            writer.writerow([name, *row])
