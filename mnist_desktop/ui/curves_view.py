"""The curves page: loss and accuracy of the chosen run by epoch."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mnist_desktop.evaluation.figures import Curve, draw_curves
from mnist_desktop.runs.store import RunRecord
from mnist_desktop.training.config import EpochMetrics
from mnist_desktop.ui.empty_page import EmptyPage
from mnist_desktop.ui.figure_canvas import FigureHolder
from mnist_desktop.ui.theme import UNIT, Theme, label, title_label
from mnist_desktop.workers.drawing import DrawingController


class CurvesView(QStackedWidget):
    """Shows the learning curves of a run, or what will be here.

    Parameters
    ----------
    drawing : DrawingController
        Has figures drawn.

    Signals
    -------
    train_wished()
        The button of the empty page was pressed.
    """

    train_wished = Signal()

    def __init__(self, drawing: DrawingController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curvesView")
        self.setAccessibleName("Learning curves")
        empty = EmptyPage(
            "No learning curves yet",
            "After a training, this page shows how loss and accuracy changed from epoch to epoch.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_wished)
        self._title = title_label()
        self._words = label("", "muted", wrap=True)
        self._figure = FigureHolder("Loss and accuracy by epoch", drawing)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addWidget(self._words)
        layout.addWidget(self._figure, 1)
        self.addWidget(empty)
        self.addWidget(page)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._figure.set_theme(theme)

    def show_record(self, record: RunRecord | None) -> None:
        """Show the curves of a run; None for the empty page."""
        self.setCurrentIndex(0 if record is None else 1)
        if record is None:
            return
        self._title.setText(record.name)
        self._words.setText(
            "Training values are means over an epoch, measured while the network learns; "
            "validation values are measured after it, on digits held out."
        )
        self._figure.show_figure(functools.partial(_draw, record.history))


def _draw(history: Sequence[EpochMetrics], figure: Any, theme: Theme) -> None:
    losses = [Curve("Training", [epoch.loss for epoch in history])]
    accuracies = [Curve("Training", [epoch.accuracy * 100 for epoch in history])]
    if history and history[0].val_loss is not None:
        losses.append(Curve("Validation", [epoch.val_loss or 0.0 for epoch in history]))
        accuracies.append(
            Curve("Validation", [(epoch.val_accuracy or 0.0) * 100 for epoch in history])
        )
    above, below = figure.subplots(2, 1, sharex=True)
    draw_curves(above, losses, quantity="Loss", colors=theme.figure)
    draw_curves(below, accuracies, quantity="Accuracy in %", colors=theme.figure)
    above.set_xlabel("")
