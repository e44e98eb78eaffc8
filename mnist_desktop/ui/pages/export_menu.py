"""What of a run can be written to a file, and the menu that offers it in words."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtWidgets import QMenu, QWidget

from mnist_desktop import edition


class Export(NamedTuple):
    """One kind of file.

    Attributes
    ----------
    what : str
        The format, as `mnist_desktop.exports.export.export_run` takes it.
    words : str
        What the file is, in the dialog.
    suffix : str
        Of its name.
    entry : str
        What the menu calls it.
    tip : str
        What it is good for.
    group : str
        Under which heading it stands.
    figure : str
        What a picture shows, as `export_run` takes it; empty for what it usually shows.
    """

    what: str
    words: str
    suffix: str
    entry: str
    tip: str
    group: str
    figure: str = ""

    def file_name(self, run: str) -> str:
        """What its file may be called, given the name of the run."""
        return f"{run}-{self.figure}" if self.figure else run


EXPORTS = (
    Export(
        "html",
        "Web page with a drawing pad",
        "html",
        "Drawing pad for the browser (.html)",
        "One page with a pad and this network; it opens in any browser, without the internet",
        "To show",
    ),
    Export(
        "report",
        "Report as PDF",
        "pdf",
        "Report (PDF)",
        "Settings, results, curves, matrix and the worst mistakes, to print or hand in",
        "To show",
    ),
    Export(
        "report",
        "Report as web page",
        "html",
        "Report (.html)",
        "The same report as one page for the browser",
        "To show",
    ),
    Export(
        "png",
        "Confusion matrix as picture",
        "png",
        "Confusion matrix as a picture (.png)",
        "For slides and documents",
        "Confusion matrix",
    ),
    Export(
        "csv",
        "Confusion matrix as table",
        "csv",
        "Confusion matrix as a table (.csv)",
        "For a spreadsheet",
        "Confusion matrix",
    ),
    Export(
        "png",
        "Diagram of the network as picture",
        "png",
        "Diagram of its layers as a picture (.png)",
        "For slides and documents",
        "Network",
        "network",
    ),
    Export(
        "svg",
        "Diagram of the network as vector graphics",
        "svg",
        "Diagram of its layers as vector graphics (.svg)",
        "Sharp at any size, and can be changed in a drawing program",
        "Network",
        "network",
    ),
    Export(
        "keras",
        "Keras model",
        "keras",
        "For Keras (.keras)",
        "The network as it was trained; Keras opens it and can train it further",
        "Network",
    ),
    Export(
        "litert",
        "LiteRT model",
        "tflite",
        "For LiteRT, once TensorFlow Lite (.tflite)",
        "The network for phones and small computers",
        "Network",
    ),
    Export(
        "onnx",
        "ONNX model",
        "onnx",
        "For other programs: ONNX (.onnx)",
        "The network in a format that most machine learning software opens",
        "Network",
    ),
    Export(
        "notebook",
        "Jupyter notebook",
        "ipynb",
        "Jupyter notebook (.ipynb)",
        "Keras code that trains this network anew, explained step by step",
        "Code",
    ),
    Export(
        "script",
        "Python script",
        "py",
        "Python script (.py)",
        "The same code as a program; it needs Keras and matplotlib, not this program",
        "Code",
    ),
)


def export_menu(parent: QWidget, chosen: Callable[[Export], None]) -> QMenu:
    """Make a menu of all exports, in groups; each calls what it is given when it is chosen.

    ONNX files are left out where they cannot be written.
    """
    offered = [one for one in EXPORTS if one.what != "onnx" or edition.can_train()]
    menu = QMenu("Export", parent)
    menu.setToolTipsVisible(True)
    for group, exports in itertools.groupby(offered, lambda one: one.group):
        menu.addSection(group)
        for export in exports:
            action = menu.addAction(export.entry)
            action.setToolTip(export.tip)
            action.triggered.connect(lambda _=False, export=export: chosen(export))
    return menu
