"""The curves page: loss and accuracy of the chosen run by epoch, compared with others."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.evaluation.figures.curves import LearningCurves, curves_figure
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.formats import percent
from mnist_desktop.runs.run import Run, learning_curves
from mnist_desktop.ui.parts.curves_canvas import CurvesFigure, Range
from mnist_desktop.ui.parts.empty_page import EmptyPage
from mnist_desktop.ui.parts.file_saver import FigureMenu
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.theme import UNIT, Theme, title_label
from mnist_desktop.workers.figures import FigureController

MAX_OVERLAID = 6  # as many colours as can be distinguished
MAX_OFFERED = 30
HINT_LINES = 3
NO_TRAINING = (
    "They are kept with a training. Choose a network at the top that was trained with MNIST "
    "Desktop, the full program, on this computer."
)
HINT = (
    "Training values are means over an epoch, measured while the network learns; validation values "
    "are measured after it, on digits held out. Drag or turn the wheel to zoom."
)


class CurvesView(QStackedWidget):
    """Shows learning curves, or what will be here.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.
    trains : bool
        Whether the empty page can offer a training.

    Signals
    -------
    train_requested()
        The button of the empty page was pressed.
    save_requested(object)
        A `FileRequest`.
    failed(object)
        A `MnistDesktopError`.
    """

    train_requested = Signal()
    save_requested = Signal(object)
    failed = Signal(object)

    def __init__(
        self, figures: FigureController, parent: QWidget | None = None, *, trains: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName("curvesView")
        self.setAccessibleName("Learning curves")
        self._run: Run | None = None
        self._offered: list[Run] = []
        self._others: dict[str, Run] = {}  # those overlaid, by their ids
        self._range: Range | None = None
        empty = EmptyPage(
            "No learning curves yet",
            "After a training, this page shows how loss and accuracy changed from epoch to epoch.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_requested)
        if not trains:
            empty.set_text(NO_TRAINING, offers_action=False)
        self._title = title_label()
        self.figure = CurvesFigure(figures)
        self.figure.range_requested.connect(self._on_figure_range_requested)
        self.figure.pointed.connect(self._on_figure_pointed)
        self._hint = FixedLines("field", HINT_LINES)
        self._hint.setText(HINT)
        self._hint.setObjectName("curvesHintLabel")
        self.batches_box = QCheckBox("Every batch")
        self.batches_box.setToolTip("Show the values of single batches, too")
        self.batches_box.toggled.connect(self._draw)
        self.overlay_button = QToolButton()
        self.overlay_button.setObjectName("overlayButton")
        self.overlay_button.setText("Overlay runs")
        self.overlay_button.setToolTip("Show the curves of other runs as well")
        self.overlay_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.overlay_button)
        menu.triggered.connect(self._on_menu_triggered)
        give_menu(self.overlay_button, menu)
        self.all_button = QPushButton("&Whole training")
        self.all_button.setToolTip("Show all epochs again (0, or a double click)")
        self.all_button.clicked.connect(self._show_all_epochs)
        self.menu = FigureMenu(self.figure, "learning-curves", Frame(8.0, 6.0))
        self.menu.save_requested.connect(self.save_requested)
        self.addWidget(empty)
        self.addWidget(self._lay_out())

    def _lay_out(self) -> QWidget:
        controls = QHBoxLayout()
        controls.setSpacing(UNIT)
        for part in (self.batches_box, self.overlay_button, self.all_button):
            controls.addWidget(part)
        controls.addStretch()
        controls.addWidget(self.menu)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self._title)
        layout.addLayout(controls)
        layout.addWidget(self.figure, 1)
        layout.addWidget(self._hint)
        return page

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)

    def show_run(self, run: Run | None) -> None:
        """Show the curves of a run; None for the empty page."""
        self.setCurrentIndex(0 if run is None else 1)
        if run is None or (self._run is not None and run.record.id != self._run.record.id):
            self._range = None
        self._run = run
        if run is not None:
            self._others.pop(run.record.id, None)
            self._title.setText(run.record.name)
            self.menu.name = f"{run.record.id}-curves"
            self._fill_menu()
            self._draw()

    def offer_runs(self, runs: Sequence[Run]) -> None:
        """Offer these runs to be overlaid, and forget those that are gone."""
        there = {run.record.id: run for run in runs}
        had_others = bool(self._others)
        self._others = {key: there[key] for key in self._others if key in there}
        self._offered = list(runs)
        self._fill_menu()
        if had_others:  # one may be gone, or have another name
            self._draw()

    def _fill_menu(self) -> None:
        menu = self.overlay_button.menu()
        menu.clear()
        own = None if self._run is None else self._run.record.id
        for run in [run for run in self._offered if run.record.id != own][:MAX_OFFERED]:
            record = run.record
            what = "learnt" if record.caveat else "test"
            action = QAction(f"{record.name} · {percent(record.test_accuracy)} {what}", menu)
            action.setCheckable(True)
            action.setChecked(record.id in self._others)
            action.setData(run)
            menu.addAction(action)
        self.overlay_button.setEnabled(not menu.isEmpty())

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        run: Run = action.data()
        if action.isChecked():
            self._others[run.record.id] = run
            while len(self._others) >= MAX_OVERLAID:  # the oldest choice goes
                self._others.pop(next(iter(self._others)))
        else:
            self._others.pop(run.record.id, None)
        for other in self.overlay_button.menu().actions():
            other.setChecked(other.data().record.id in self._others)
        self._draw()

    @Slot(object)
    def _on_figure_range_requested(self, epochs: Range | None) -> None:
        self._range = epochs
        self._draw()

    @Slot()
    def _show_all_epochs(self) -> None:
        self._on_figure_range_requested(None)

    @Slot(str)
    def _on_figure_pointed(self, text: str) -> None:
        self._hint.setText(text or HINT)

    @Slot()
    def _draw(self) -> None:
        if self._run is None:
            return
        self.all_button.setEnabled(self._range is not None)
        batches = self.batches_box.isChecked()
        try:
            runs = [
                learning_curves(run, batches=batches) for run in (self._run, *self._others.values())
            ]
        except MnistDesktopError as error:
            self.failed.emit(error)
            return
        self.figure.runs = runs
        self._hint.reserve(max(HINT_LINES, len(runs)))  # the values of each under the mouse
        self.figure.show_figure(functools.partial(_make_figure, runs, batches, self._range))


def _make_figure(
    runs: Sequence[LearningCurves], batches: bool, epochs: Range | None, frame: Frame
) -> Any:
    return curves_figure(runs, batches=batches, epochs=epochs, frame=frame)
