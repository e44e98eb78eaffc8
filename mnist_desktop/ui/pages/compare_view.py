"""Two runs side by side: where they differ, and whether that means anything."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.evaluation.comparison import Comparison
from mnist_desktop.evaluation.figures.confusion import difference_cells
from mnist_desktop.evaluation.figures.curves import LearningCurves, curves_figure
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.matrix_layout import Cell
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.ui.pages.contestant import FIGURES, Contestant, Matrices, matrices_of
from mnist_desktop.ui.parts.curves_canvas import CurvesFigure, Range
from mnist_desktop.ui.parts.file_saver import FigureMenu
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.matrix_canvas import MatrixFigure
from mnist_desktop.ui.parts.places import in_the_middle, keep_place
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

GROUPS = ("A is right and B wrong", "B is right and A wrong", "Both are wrong")
HINT = "Blue: A does better here. Orange: B does. Click a cell to see the {}s they differ in."
NO_MATRIX = "The matrices are compared once both networks have read the same digits."
VERDICT_LINES = 3
MATRIX_HEIGHT = 420


class CompareView(QWidget):
    """Compares two networks on the test digits.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Signals
    -------
    back_requested()
        The list of all runs is wanted again.
    indices_chosen(object, object, str)
        These digits are wanted: the `SplitReadings` to show them with, their indices, and what they
        are, in words.
    save_requested(object)
        A `FileRequest`.
    """

    back_requested = Signal()
    indices_chosen = Signal(object, object, str)
    save_requested = Signal(object)

    def __init__(self, figures: FigureController) -> None:
        super().__init__()
        self.setObjectName("compareView")
        self.setAccessibleName("Comparison of two runs")
        self._contestants: tuple[Contestant, ...] = ()
        self._read: dict[ModelRef, SplitReadings] = {}
        self.comparison: Comparison | None = None
        self._classes = DIGITS
        self._matrices: Matrices | None = None
        self._range: Range | None = None
        self._curves: list[LearningCurves] = []
        self._verdict = FixedLines("body", VERDICT_LINES)
        self._verdict.setObjectName("verdictLabel")
        self._names = [FixedLines("strong", 1) for _ in range(2)]
        self._values = [[label("", "body") for _ in FIGURES] for _ in range(2)]
        self.buttons = [QPushButton(text) for text in GROUPS]
        for button in self.buttons:
            button.setProperty("link", True)
            button.setToolTip("See these digits")
            keep_place(button)
            button.clicked.connect(self._on_button_clicked)
        self._make_matrix(figures)
        self._make_curves(figures)
        self.menus = (
            FigureMenu(self.matrix, "matrix-difference", Frame()),
            FigureMenu(self.curves, "curves-compared", Frame(8.0, 6.0)),
        )
        for menu in self.menus:
            menu.save_requested.connect(self.save_requested)
        self.back_button = QPushButton("All ru&ns")
        self.back_button.setIcon(icon("back"))
        self.back_button.setToolTip("Go back to the list (Esc)")
        self.back_button.clicked.connect(self.back_requested)
        add_shortcut(
            self, "Esc", self.back_requested.emit, Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        self._lay_out()

    def _make_matrix(self, figures: FigureController) -> None:
        self.matrix = MatrixFigure("Difference of the confusion matrices", figures)
        self.matrix.chosen.connect(self._on_matrix_chosen)
        self.matrix.pointed.connect(self._on_matrix_pointed)
        no_matrix = FixedLines("muted", 2)
        no_matrix.setText(NO_MATRIX)
        no_matrix.setObjectName("noDifferenceLabel")
        no_matrix.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._matrix_place = QStackedWidget()
        self._matrix_place.setMinimumHeight(MATRIX_HEIGHT)
        self._matrix_place.addWidget(in_the_middle(no_matrix))
        self._matrix_place.addWidget(self.matrix)
        self._hint = FixedLines("field", 2)

    def _make_curves(self, figures: FigureController) -> None:
        self.curves = CurvesFigure(figures)
        self.curves.setMinimumHeight(360)
        self.curves.range_requested.connect(self._on_curves_range_requested)
        self.curves.pointed.connect(self._on_curves_pointed)
        self._curves_hint = FixedLines("field", 2)  # one for each
        self._curves_hint.setObjectName("comparedCurvesHintLabel")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT * 3)
        grid.setVerticalSpacing(2)
        for column, name in enumerate(self._names, start=1):
            grid.addWidget(name, 0, column)
            grid.setColumnStretch(column, 1)
        for row, title in enumerate(FIGURES, start=1):
            grid.addWidget(label(title, "field"), row, 0)
            for column, values in enumerate(self._values, start=1):
                grid.addWidget(values[row - 1], row, column)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, 0, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addLayout(grid)
        layout.addSpacing(UNIT)
        layout.addWidget(self._verdict)
        for button in self.buttons:
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(UNIT)
        for title, menu, figure, hint in (
            (
                "Confusion matrix of A minus that of B",
                self.menus[0],
                self._matrix_place,
                self._hint,
            ),
            ("Learning curves", self.menus[1], self.curves, self._curves_hint),
        ):
            head = QHBoxLayout()
            head.addWidget(label(title, "title"))
            head.addStretch()
            head.addWidget(menu)
            layout.addLayout(head)
            layout.addWidget(figure)
            layout.addWidget(hint)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QHBoxLayout()  # stays while the rest scrolls
        head.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, 0)
        head.addWidget(self.back_button)
        head.addStretch()
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(UNIT)
        around.addLayout(head)
        around.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.matrix.set_theme(theme)
        self.curves.set_theme(theme)

    def begin(self, first: Contestant, second: Contestant) -> None:
        """Begin to compare two networks; their readings are still to come."""
        self._read, self.comparison, self._range = {}, None, None
        self._classes = next((one.classes for one in (first, second) if one.run), DIGITS)
        self._verdict.setText(f"Reading the test {self._classes.noun}s …")
        for button in self.buttons:
            button.setVisible(False)
        self.matrix.clear_choice()
        self._show_contestants((first, second))
        self._show_difference(matrices_of(first, second))
        self._curves = [
            _renamed(one.curves, letter)
            for letter, one in zip("AB", self._contestants, strict=True)
            if one.curves is not None
        ]
        self.curves.runs = self._curves
        self._draw_curves()

    def _show_contestants(self, contestants: tuple[Contestant, ...]) -> None:
        self._contestants = contestants
        for letter, one, name, values in zip(
            "AB", contestants, self._names, self._values, strict=True
        ):
            name.setText(f"{letter}: {one.name}")
            for value, text in zip(values, one.figures, strict=True):
                value.setText(text)

    def _show_difference(self, matrices: Matrices | None) -> None:
        """Show how the matrices differ, or that this is not known yet."""
        self._matrices = matrices
        self._matrix_place.setCurrentIndex(0 if matrices is None else 1)
        self.menus[0].setEnabled(matrices is not None)
        self._on_matrix_pointed(None)
        if matrices is not None:
            self.matrix.show_cells(
                functools.partial(difference_cells, *matrices, classes=self._classes)
            )

    def show_readings(self, readings: SplitReadings) -> None:
        """Take in how one of the two networks read the test digits; both read the same."""
        self._read[readings.model] = readings
        if all(one.model in self._read for one in self._contestants):
            self._show_both()

    def show_failure(self, text: str) -> None:
        """Say why the runs cannot be compared digit by digit."""
        self._verdict.setText(text)

    def _show_both(self) -> None:
        """Show what the readings of both come to."""
        first, second = self._both
        self._classes = first.classes  # of the digits in use, whatever a run has learnt
        self.comparison = found = Comparison(first.readings, second.readings)
        self._show_contestants(
            tuple(one.measured(self._read[one.model].evaluation) for one in self._contestants)
        )
        self._show_difference((first.evaluation.confusion, second.evaluation.confusion))
        self._verdict.setText(found.verdict("A", "B"))
        groups = (found.only_first, found.only_second, found.neither)
        for button, text, indices in zip(self.buttons, GROUPS, groups, strict=True):
            button.setText(f"{text}: {formats.count(len(indices), self._classes.noun)}")
            button.setVisible(True)

    @property
    def _both(self) -> tuple[SplitReadings, SplitReadings]:
        first, second = (self._read[one.model] for one in self._contestants)
        return first, second

    @Slot()
    def _on_button_clicked(self) -> None:
        """Show the digits with the readings of the run that misreads them."""
        if self.comparison is None:
            return
        found, (first, second) = self.comparison, self._both
        place = self.buttons.index(self.sender())  # type: ignore[arg-type]
        readings, indices, words = (
            (second, found.only_first, "A reads them right; shown as B reads them"),
            (first, found.only_second, "B reads them right; shown as A reads them"),
            (first, found.neither, "both read them wrong; shown as A reads them"),
        )[place]
        self.indices_chosen.emit(readings, indices, words)

    @Slot(object)
    def _on_matrix_chosen(self, cells: NDArray[np.bool_]) -> None:
        if self.comparison is None:
            return
        found = [
            self.comparison.find_cell(int(true), int(predicted))
            for true, predicted in zip(*np.nonzero(cells), strict=True)
        ]
        indices = np.unique(np.concatenate(found))
        words = "one of A and B has them in these cells; shown as A reads them"
        self.indices_chosen.emit(self._both[0], indices, words)

    @Slot(object)
    def _on_matrix_pointed(self, cell: Cell | None) -> None:
        text = HINT.format(self._classes.noun)
        if cell is not None and self._matrices is not None:
            first, second = (int(one[cell]) for one in self._matrices)
            true, predicted = (self._classes.of(label) for label in cell)
            text = f"{true} read as {predicted}: A {first:,}, B {second:,}."
        self._hint.setText(text)
        self.matrix.setAccessibleDescription(text)

    @Slot(object)
    def _on_curves_range_requested(self, epochs: Range | None) -> None:
        self._range = epochs
        self._draw_curves()

    @Slot(str)
    def _on_curves_pointed(self, text: str) -> None:
        self._curves_hint.setText(text)

    def _draw_curves(self) -> None:
        self.curves.show_figure(functools.partial(_make_curves, self._curves, self._range))


def _renamed(curves: LearningCurves, letter: str) -> LearningCurves:
    return LearningCurves(
        letter, curves.loss, curves.accuracy, curves.val_loss, curves.val_accuracy
    )


def _make_curves(runs: Sequence[LearningCurves], epochs: Range | None, frame: Frame) -> Any:
    return curves_figure(runs, epochs=epochs, frame=frame)
