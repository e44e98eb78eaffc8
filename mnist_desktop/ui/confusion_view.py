"""The matrix page: what the chosen run came to, and its confusion matrix."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import DATASET_NAMES
from mnist_desktop.evaluation.figures import draw_confusion
from mnist_desktop.runs.model_file import bundled_test_accuracy
from mnist_desktop.runs.store import RunRecord
from mnist_desktop.ui.empty_page import EmptyPage
from mnist_desktop.ui.figure_canvas import FigureHolder
from mnist_desktop.ui.theme import UNIT, Theme, label, title_label
from mnist_desktop.workers.drawing import DrawingController


class ConfusionView(QStackedWidget):
    """Shows the results of a run, or what will be here.

    Parameters
    ----------
    drawing : DrawingController
        Has figures drawn.

    Signals
    -------
    cell_selected(int, int)
        A cell was clicked: true digit, predicted digit.
    train_wished()
        The button of the empty page was pressed.
    """

    cell_selected = Signal(int, int)
    train_wished = Signal()

    def __init__(self, drawing: DrawingController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusionView")
        self.setAccessibleName("Confusion matrix")
        self.record: RunRecord | None = None
        empty = EmptyPage(
            "The bundled reader",
            f"It reads {bundled_test_accuracy() * 100:.2f} % of MNIST's test digits right, as "
            "measured when it was made. After a training of your own, this page shows how often "
            "each digit was read as each other digit.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_wished)
        self._title = title_label()
        self._facts = label("", "muted", wrap=True)
        self._tiles = {
            name: _Tile(name)
            for name in ("Test accuracy", "Test loss", "Training accuracy", "Time")
        }
        self._figure = FigureHolder("Confusion matrix", drawing)
        self._figure.setCursor(Qt.CursorShape.PointingHandCursor)
        self._figure.pressed.connect(self._on_figure_pressed)
        self.addWidget(empty)
        self.addWidget(self._make_page())

    def _make_page(self) -> QWidget:
        tiles = QHBoxLayout()
        tiles.setSpacing(UNIT * 3)
        for tile in self._tiles.values():
            tiles.addWidget(tile)
        tiles.addStretch()
        hint = label(
            "Blue: read right. Orange: misread, the deeper the more often. "
            "Percentages are of the row. Click a cell to see its digits.",
            "field",
            wrap=True,
        )
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addWidget(self._facts)
        layout.addLayout(tiles)
        layout.addWidget(self._figure, 1)
        layout.addWidget(hint)
        return page

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._figure.set_theme(theme)

    def show_record(self, record: RunRecord | None) -> None:
        """Show the results of a run; None for the empty page."""
        self.record = record
        self.setCurrentIndex(0 if record is None else 1)
        if record is None:
            return
        self._title.setText(record.name)
        self._facts.setText(describe_run(record))
        self._tiles["Test accuracy"].set_value(f"{record.test_accuracy * 100:.2f} %")
        self._tiles["Test loss"].set_value(f"{record.test_loss:.4f}")
        self._tiles["Training accuracy"].set_value(f"{record.train_accuracy * 100:.2f} %")
        self._tiles["Time"].set_value(f"{record.fit_seconds:.1f} s")
        self._figure.show_figure(functools.partial(_draw, record.confusion))

    @Slot(object)
    def _on_figure_pressed(self, event: Any) -> None:
        if event.inaxes is not None and event.button == 1:
            self.cell_selected.emit(round(event.ydata), round(event.xdata))


def _draw(matrix: NDArray[np.int64], figure: Any, theme: Theme) -> None:
    draw_confusion(figure.add_subplot(), matrix, colors=theme.figure)


def describe_run(record: RunRecord) -> str:
    """One sentence on what a run was trained and tested on."""
    epochs = len(record.history)
    return (
        f"{record.parameters:,} parameters, {epochs} epoch{'s' if epochs != 1 else ''}"
        f"{' (stopped early)' if record.stopped else ''} on {record.dataset.train:,} digits of "
        f"{DATASET_NAMES[record.dataset.name]}; tested on "
        f"{record.dataset.test:,} it has not seen."
    )


class _Tile(QFrame):
    """A number with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._value = label("–", "figure")
        self._value.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(label(name, "field"))
        layout.addWidget(self._value)

    def set_value(self, text: str) -> None:
        """Show a number."""
        self._value.setText(text)
