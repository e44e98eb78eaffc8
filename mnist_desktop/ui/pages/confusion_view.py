"""The matrix page: what the chosen network came to, and its confusion matrix."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.splits import SPLITS
from mnist_desktop.errors import ModelFileError
from mnist_desktop.evaluation.confusion import column_shares, row_shares
from mnist_desktop.evaluation.figures.confusion import VALUES, confusion_cells
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.matrix_layout import Cell
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_matrix
from mnist_desktop.exports.figures import write_matrix
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.runs.model_ref import BUNDLED_NAME
from mnist_desktop.runs.reading_job import SplitReadings, bundled_results
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run_columns import LEARNT_ACCURACY
from mnist_desktop.training.trainer import TRAIN_DIGITS_EVALUATED
from mnist_desktop.ui.pages.epoch_row import EpochRow
from mnist_desktop.ui.parts.class_boxes import name_entries, name_splits
from mnist_desktop.ui.parts.empty_page import EmptyPage
from mnist_desktop.ui.parts.file_saver import CopyRequest, FigureMenu, FileRequest
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.matrix_canvas import MatrixFigure
from mnist_desktop.ui.parts.matrix_marks import CARD_DIGITS, CellCard
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

TILE_ROOM = (13, 12, 14, 10)  # of each tile, whatever stands in it: names and numbers change


class ConfusionView(QStackedWidget):
    """Shows how often a network read each digit as each other one, or what will be here.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Attributes
    ----------
    record : RunRecord or None
        The run whose results are shown; None for the bundled reader.

    Signals
    -------
    cells_chosen(object)
        The digits behind these cells are wanted, ndarray of bool, shape (10, 10).
    split_requested(str, object)
        Another split is wanted, after an epoch (int) or of the finished network (None).
    measurement_requested()
        The bundled reader is to read the test digits.
    save_requested(object)
        A `FileRequest`.
    """

    cells_chosen = Signal(object)
    split_requested = Signal(str, object)
    measurement_requested = Signal()
    save_requested = Signal(object)

    def __init__(self, figures: FigureController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusionView")
        self.setAccessibleName("Confusion matrix")
        self.record: RunRecord | None = None
        self.matrix: NDArray[np.int64] = np.zeros((10, 10), np.int64)
        self._classes = DIGITS  # of the matrix
        self._readings: SplitReadings | None = None
        self._chosen_split = "test"  # which to go back to from an epoch's validation digits
        self._empty = EmptyPage("", "", "Measure it on the test digits")
        self._empty.action_requested.connect(self.measurement_requested)
        self._title = FixedLines("title", 1)
        self._title.setObjectName("matrixTitleLabel")
        self._facts = FixedLines("muted", 2)
        self._tiles = {
            name: Tile(name) for name in ("Accuracy", "Loss", LEARNT_ACCURACY, "Training time")
        }
        self._tiles[LEARNT_ACCURACY].setToolTip(
            f"Measured after the training, on up to {TRAIN_DIGITS_EVALUATED:,} of the digits it "
            "learnt from; choose the training digits below to read all of them"
        )
        self.figure = MatrixFigure("Confusion matrix", figures)
        self.figure.chosen.connect(self.cells_chosen)
        self.figure.pointed.connect(self._on_figure_pointed)
        self.figure.card_of = self._card_of
        self._make_controls()
        self.addWidget(self._empty)
        self.addWidget(self._lay_out())

    def _make_controls(self) -> None:
        self.split_box = QComboBox()
        self.split_box.setObjectName("splitComboBox")
        for name, text in SPLITS.items():
            self.split_box.addItem(f"{text} digits", name)
        self.split_box.setToolTip("Which digits are counted; only test digits were never used")
        self.split_box.setAccessibleName("Split")
        self.split_box.activated.connect(self._on_split_box_activated)
        self.values_box = QComboBox()
        self.values_box.setObjectName("matrixValuesComboBox")
        for name, text in VALUES.items():
            self.values_box.addItem(text.format(DIGITS.kind), name)
        self.values_box.setToolTip("What stands in the cells")
        self.values_box.setAccessibleName("Values of the cells")
        self.values_box.currentIndexChanged.connect(self._draw)
        self.mistakes_box = QCheckBox("O&nly mistakes")
        self.mistakes_box.setToolTip("Leave out the diagonal, where digits were read correctly")
        self.mistakes_box.toggled.connect(self._draw)
        self.menu = FigureMenu(self.figure, "confusion-matrix", Frame())
        self.menu.menu().addSeparator()
        self.menu.menu().addAction("Copy table", self._copy_table)
        self.menu.menu().addAction("Save table …", self._save_table)
        self.menu.save_requested.connect(self.save_requested)
        self.epochs = EpochRow()
        self.epochs.epoch_requested.connect(self._on_epochs_epoch_requested)
        self._hint = FixedLines("field", 2)
        self._hint.setText(hint(DIGITS))
        self._hint.setObjectName("matrixHintLabel")

    def _lay_out(self) -> QWidget:
        tiles = QHBoxLayout()
        tiles.setSpacing(UNIT)
        for tile, room in zip(self._tiles.values(), TILE_ROOM, strict=True):
            tiles.addWidget(tile, room)
        controls = QHBoxLayout()
        controls.setSpacing(UNIT)
        for part in (self.split_box, self.values_box, self.mistakes_box):
            controls.addWidget(part)
        controls.addStretch()
        controls.addWidget(self.menu)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        # What a network lacks leaves its place free: the matrix stays, whichever is chosen.
        for one in (self.epochs, self._tiles[LEARNT_ACCURACY], self._tiles["Training time"]):
            keep_place(one)
        layout.addWidget(self._title)
        layout.addWidget(self._facts)
        layout.addLayout(tiles)
        layout.addLayout(controls)
        layout.addWidget(self.figure, 1)
        layout.addWidget(self.epochs)
        layout.addWidget(self._hint)
        return page

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)

    def show_record(
        self,
        record: RunRecord | None,
        epochs: tuple[int, ...] = (),
        file: Path | None = None,
    ) -> None:
        """Show the test results of a run, as they were kept; None for the bundled reader.

        Parameters
        ----------
        record : RunRecord or None
            Of the run.
        epochs : tuple of int
            After which epochs there are readings of its validation digits.
        file : Path or None
            A model file, whose network is of no run.
        """
        self.record, self._readings, self._chosen_split = record, None, "test"
        self.setCurrentIndex(0 if file is not None else 1)
        self.split_box.setCurrentIndex(0)
        self.split_box.setEnabled(record is not None)
        self.epochs.offer(epochs)
        self.figure.clear_choice()
        if file is not None:
            self._show_file(file)
            return
        self._title.setText(BUNDLED_NAME if record is None else record.name)
        self.menu.name = f"{'bundled' if record is None else record.id}-matrix"
        self.show_kept_results()

    def show_name(self, name: str) -> None:
        """The run is called so now."""
        self._title.setText(name)

    def _show_file(self, file: Path) -> None:
        """Offer to measure a network of which no results are kept."""
        title = printable(file.name)
        self._title.setText(title)
        self._facts.setText(f"Opened from {file.parent}; not a run.")
        self.menu.name = f"{file.stem}-matrix"
        self._empty.set_text(FILE_WORDS, offers_action=True, title=title)

    def show_kept_results(self) -> None:
        """Go back to the test results as they were kept; their digits need not be available."""
        with QSignalBlocker(self.split_box):
            self.split_box.setCurrentIndex(0)
        self._readings, self._chosen_split = None, "test"
        record = self.record
        classes = DIGITS if record is None else record.dataset.classes
        self.epochs.show_epoch(None, SPLITS["test"], classes.noun)
        self._facts.setText(BUNDLED_KEPT if record is None else describe_run(record))
        try:
            found = (
                bundled_results().evaluation
                if record is None
                else evaluate_matrix(record.confusion, record.test_loss)
            )
        except ModelFileError as error:  # the installation is damaged; everything else works
            self._empty.set_text(str(error), offers_action=False, title=BUNDLED_NAME)
            self.setCurrentIndex(0)
            return
        self._show(found, SPLITS["test"], classes)

    def show_readings(self, readings: SplitReadings, caveat: str = "") -> None:
        """Show how a split was read; of a file's network also what is to be known of that."""
        self.setCurrentIndex(1)
        self._readings = readings
        if readings.model.is_bundled:
            self._facts.setText(BUNDLED_FACTS)
        elif readings.model.file is not None:
            self._facts.setText(caveat or f"Opened from {readings.model.file.parent}; not a run.")
        with QSignalBlocker(self.split_box):
            self.split_box.setCurrentIndex(self.split_box.findData(readings.split_name))
        if readings.epoch is None:
            self._chosen_split = readings.split_name
        split = SPLITS[readings.split_name]
        self.epochs.show_epoch(readings.epoch, split, readings.classes.noun)
        self._show(readings.evaluation, split, readings.classes)

    def _show(self, evaluation: Evaluation, split: str, classes: ClassNames) -> None:
        low, high = evaluation.interval
        accuracy = self._tiles["Accuracy"]
        accuracy.set_value(percent(evaluation.accuracy), f"{split} accuracy")
        accuracy.setToolTip(f"95% interval: {percent(low)} to {percent(high)}")
        self._tiles["Loss"].set_value(f"{evaluation.loss:.4f}", f"{split} loss")
        for name in (LEARNT_ACCURACY, "Training time"):
            self._tiles[name].setVisible(self.record is not None)
        if self.record is not None:
            of_learnt = f"{percent(self.record.train_accuracy)}"
            self._tiles[LEARNT_ACCURACY].set_value(of_learnt)
            self._tiles["Training time"].set_value(formats.seconds(self.record.fit_seconds))
        self.matrix, self._classes = evaluation.confusion, classes
        name_splits(self.split_box, classes)
        values = {name: text.format(classes.kind) for name, text in VALUES.items()}
        name_entries(self.values_box, values)
        self._draw()
        self._on_figure_pointed(self.figure.pointed_cell)

    @Slot()
    def _draw(self) -> None:
        diagonal = not self.mistakes_box.isChecked()
        self.figure.show_cells(
            functools.partial(
                confusion_cells,
                self.matrix,
                values=self.values,
                diagonal=diagonal,
                classes=self._classes,
            )
        )

    @property
    def values(self) -> str:
        """What stands in the cells: ``"counts"``, ``"true"`` or ``"predicted"``."""
        return str(self.values_box.currentData())

    @Slot()
    def _on_split_box_activated(self) -> None:
        self._chosen_split = self.split_box.currentData()
        self.epochs.show_epoch(None, SPLITS[self._chosen_split], self._classes.noun)
        self.split_requested.emit(self._chosen_split, None)

    @Slot(object)
    def _on_epochs_epoch_requested(self, epoch: int | None) -> None:
        """Show the validation digits after the epoch: test digits are not used during training."""
        self.split_requested.emit(self._chosen_split if epoch is None else "validation", epoch)

    def _card_of(self, cell: Cell) -> CellCard:
        """What is said of a cell, with its first digits if they are known."""
        true, predicted = cell
        classes = self._classes
        title = f"{classes.of(true)} read as {classes.of(predicted)}"
        share = percent(row_shares(self.matrix)[cell], 1)
        count = formats.count(int(self.matrix[cell]), classes.noun)
        text = f"{count}, {share} of {classes.all_of(true)}"
        images = None
        if self._readings is not None:
            cells = np.zeros(self.matrix.shape, bool)
            cells[true, predicted] = True
            split = self._readings.split
            if split is not None:
                found = split.indices[self._readings.readings.find(cells)[:CARD_DIGITS]]
                images = split.digits.images[found]
        return CellCard(title, text, images)

    @Slot(object)
    def _on_figure_pointed(self, cell: Cell | None) -> None:
        classes = self._classes
        text = hint(classes) if cell is None else describe_cell(self.matrix, cell, classes)
        self._hint.setText(text)
        self.figure.setAccessibleDescription(text)

    @Slot()
    def _copy_table(self) -> None:
        """Put the counts on the clipboard, as spreadsheets take them."""
        rows = ("\t".join(str(count) for count in row) for row in self.matrix.tolist())
        text = "\n".join(rows)
        put = functools.partial(QGuiApplication.clipboard().setText, text)
        self.save_requested.emit(CopyRequest("Table", put))

    @Slot()
    def _save_table(self) -> None:
        matrix, classes = self.matrix, self._classes
        self.save_requested.emit(
            FileRequest(
                "Save table",
                self.menu.name,
                (("Table", "csv"),),
                lambda path, _kind: write_matrix(matrix, path, classes),
            )
        )


FILE_WORDS = (
    "Your drawings are read with the network of this file. Measure it here to see how many of the "
    "test digits it reads right, and which it confuses."
)
BUNDLED_FACTS = (
    "Learnt from 57,000 MNIST digits and from people's drawings. On the pad it also follows the "
    "pen and rejects what is no digit."
)
BUNDLED_KEPT = f"{BUNDLED_FACTS} Tested on MNIST's 10,000 test digits."


def hint(classes: ClassNames) -> str:
    """Say what the colours mean and what can be clicked."""
    return (
        "Blue: read correctly. Orange: misread, the deeper the more often. "
        f"Click a cell, or a {classes.kind} next to the matrix, to see the {classes.noun}s."
    )


def describe_cell(matrix: NDArray[np.int64], cell: Cell, classes: ClassNames = DIGITS) -> str:
    """Say what stands in a cell, for example ``"4 read as 9: 14 digits, 1.4% of all 4s"``."""
    true, predicted = classes.of(cell[0]), classes.of(cell[1])
    count = formats.count(int(matrix[cell]), classes.noun)
    of_true, of_read = row_shares(matrix)[cell], column_shares(matrix)[cell]
    return (
        f"{true} read as {predicted}: {count}, {percent(of_true, 1)} of "
        f"{classes.all_of(cell[0])}, {percent(of_read, 1)} of what was read as {predicted}."
    )


def describe_run(record: RunRecord) -> str:
    """One sentence on what a run was trained and tested on."""
    epochs = len(record.history)
    return (
        f"{formats.count(record.parameters, 'parameter')}, {formats.count(epochs, 'epoch')}"
        f"{' (stopped early)' if record.stopped else ''} on "
        f"{formats.count(record.dataset.train, record.dataset.classes.noun)} of "
        f"{record.dataset.title}; tested on {record.dataset.test:,} it "
        f"{'had learnt from before' if record.caveat else 'has not seen'}."
    )


class Tile(QFrame):
    """A number with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name.title().replace(' ', '')}Tile")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name = FixedLines("field", 1)
        self._name.setText(name)
        self._name.setObjectName("tileName")
        self._value = label("–", "figure")
        self._value.setObjectName("tileValue")
        self._value.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._name)
        layout.addWidget(self._value)

    def set_value(self, text: str, name: str = "") -> None:
        """Show a number, under another name if one is given."""
        self._value.setText(text)
        if name:
            self._name.setText(name)
            self._name.setToolTip("")  # the tile has one that says more
            self._value.setAccessibleName(name)
