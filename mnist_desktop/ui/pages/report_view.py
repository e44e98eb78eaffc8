"""The report page: how well a network reads each digit, and whether to trust its scores."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.disputed_labels import EXPLANATION, describe_accuracy
from mnist_desktop.digits.splits import SPLITS
from mnist_desktop.evaluation.confusion import ConfusedPair, most_confused
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.reliability import reliability_figure
from mnist_desktop.evaluation.metrics import Evaluation, describe_overfitting
from mnist_desktop.evaluation.reliability import Reliability, reliability
from mnist_desktop.formats import percent
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.ui.pages.network_section import NetworkSection
from mnist_desktop.ui.parts.empty_page import EmptyPage
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.file_saver import FigureMenu
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.matrix_canvas import block
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label, title_label
from mnist_desktop.workers.figures import FigureController
from mnist_desktop.workers.plans import FoundPlan

PAGE_MARGINS = (UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT * 2)
PAIRS = 8
FIGURE_HEIGHT = 400  # pixels
PRECISION = 1
EMPTY_TEXT = (
    "Of a network that has read the test digits, this page shows precision and recall of each "
    "digit, what it confuses most often, and whether its scores can be trusted."
)
FIGURES: Mapping[str, str] = {
    "Accuracy": "Fraction of digits read correctly",
    "95% interval": "Where the accuracy would lie on ever more digits of the same kind",
    "Loss": "Mean cross-entropy, in nats",
    "Calibration error": "How far scores and accuracy are apart, on average",
}


def column_texts(classes: ClassNames) -> tuple[tuple[str, str], ...]:
    """Headings of the table's columns, with what each says."""
    kind, noun = classes.kind, classes.noun
    return (
        (kind.capitalize(), f"Open all {noun}s of this class"),
        ("Precision", f"Of what was read as this {kind}, the fraction that is it"),
        ("Recall", f"Of the {noun}s of this class, the fraction that was read correctly"),
        ("F1", "Harmonic mean of precision and recall"),
        (f"{noun.capitalize()}s", f"How many {noun}s of this class there are"),
    )


@guarded
class ReportView(QStackedWidget):
    """Shows a network's results on test digits next to those on the digits it learnt from.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Signals
    -------
    split_requested(str)
        The page can be seen and lacks this split.
    plan_requested()
        The page can be seen and lacks the network's layers.
    cells_chosen(object)
        The digits behind these cells are wanted, ndarray of bool, shape (10, 10).
    disputed_requested()
        The digits whose label people dispute are wanted.
    measurement_requested()
        The bundled reader is to read the test digits.
    report_requested()
        The user wants the report as a file.
    save_requested(object)
        A `FileRequest`.
    """

    split_requested = Signal(str)
    plan_requested = Signal()
    cells_chosen = Signal(object)
    disputed_requested = Signal()
    measurement_requested = Signal()
    report_requested = Signal()
    save_requested = Signal(object)

    def __init__(self, figures: FigureController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reportView")
        self.setAccessibleName("Report")
        self._wanted: tuple[str, ...] = ()
        self._read: dict[str, SplitReadings] = {}
        self._is_plan_wanted = True
        self._empty = EmptyPage(
            "No figures yet",
            EMPTY_TEXT,
            "Measure it on the test digits",
        )
        self._empty.setObjectName("reportEmptyPage")
        self._empty.action_requested.connect(self.measurement_requested)
        self._title = title_label()
        self._words = label("", "muted", wrap=True)
        self._overfitting = FixedLines("body", 3)
        self._overfitting.setObjectName("overfittingLabel")
        self.report_button = QPushButton("Save report …")
        self.report_button.setToolTip("Write all of this, with curves and mistakes, into one file")
        self.report_button.clicked.connect(self.report_requested)
        self.network_button = QPushButton("See the network")
        self.network_button.setToolTip("Go down to the diagram of its layers")
        self.network_button.clicked.connect(self._on_network_button_clicked)
        self._splits = _SplitTable()
        self._make_disputed_line()
        self._by_class = label("Digit by digit", "title")
        self.table = _make_table()
        self.table.cellActivated.connect(self._on_table_cell_activated)
        self.table.cellClicked.connect(self._on_table_cell_activated)
        self._pairs = QGridLayout()
        self._pairs.setSpacing(UNIT // 2)
        self.pair_buttons: list[QPushButton] = []
        self._shown_pairs: tuple[ConfusedPair, ...] = ()
        self.figure = FigureHolder("Reliability diagram", figures)
        self.figure.setFixedHeight(FIGURE_HEIGHT)  # drawn or not, so that nothing below it moves
        self.menu = FigureMenu(self.figure, "reliability", Frame(5.0, 4.2))
        self.menu.save_requested.connect(self.save_requested)
        self._calibration = label("", "muted", wrap=True)
        # One for the page without results and one for that with them.
        self._networks = tuple(NetworkSection(figures) for _ in range(2))
        for section in self._networks:
            section.save_requested.connect(self.save_requested)
        self.addWidget(self._lay_out_empty(self._networks[0]))
        self.addWidget(self._lay_out(self._networks[1]))

    def _make_disputed_line(self) -> None:
        """Make the line that says what the accuracy is without disputed labels."""
        self._disputed = FixedLines("body", 1, EXPLANATION)
        self._disputed.setObjectName("disputedLabel")
        self.disputed_button = QPushButton("See them")
        self.disputed_button.setObjectName("disputedButton")
        self.disputed_button.setProperty("link", True)
        self.disputed_button.setAccessibleName("See the disputed digits")
        self.disputed_button.setToolTip("See the digits whose label people dispute")
        self.disputed_button.clicked.connect(self.disputed_requested)
        keep_place(self.disputed_button)

    @property
    def network(self) -> NetworkSection:
        """What shows of which layers the network consists."""
        return self._networks[self.currentIndex()]

    def _lay_out_empty(self, network: NetworkSection) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(UNIT * 3)
        # As high as it needs, so that its button stays where it is when the diagram comes.
        self._empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout.addWidget(self._empty)
        layout.addWidget(network)
        layout.addStretch()
        return _scrolled(page)

    def _lay_out(self, network: NetworkSection) -> QWidget:
        disputed = QHBoxLayout()
        disputed.addWidget(self._disputed, 1)
        disputed.addWidget(self.disputed_button)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        for button in (self.network_button, self.report_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        calibration = QHBoxLayout()
        calibration.addWidget(label("Can its scores be trusted?", "title"))
        calibration.addStretch()
        calibration.addWidget(self.menu)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._words)
        layout.addWidget(self._splits)
        layout.addLayout(disputed)
        layout.addWidget(self._overfitting)
        layout.addSpacing(UNIT)
        layout.addWidget(label("Most confused", "title"))
        layout.addLayout(self._pairs)
        layout.addSpacing(UNIT)
        layout.addWidget(self._by_class)
        layout.addWidget(self.table)
        layout.addSpacing(UNIT)
        layout.addLayout(calibration)
        layout.addWidget(self._calibration)
        layout.addWidget(self.figure)
        layout.addSpacing(UNIT)
        layout.addWidget(network)
        layout.addStretch()
        return _scrolled(page)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)
        for section in self._networks:
            section.set_theme(theme)

    def begin(self, name: str, splits: Sequence[str], caveat: str = "") -> None:
        """Begin the report of a network.

        Parameters
        ----------
        name : str
            As it is shown.
        splits : sequence of str
            Which the network can read.
        caveat : str, optional
            Why the test digits are none that it has not seen.
        """
        self._wanted, self._read, self._caveat = tuple(splits), {}, caveat
        self._is_plan_wanted = True
        for section in self._networks:
            section.begin(f"{name}-network")
        self._title.setText(name)
        self._words.setText("Reading the digits …")
        self.report_button.setEnabled(False)
        self._empty.set_text(EMPTY_TEXT, offers_action="training" not in self._wanted)
        self.setCurrentIndex(0)
        if self.isVisible():
            self._request_missing()

    def show_failure(self, split: str, text: str) -> None:
        """Say why there is no report, or why a split is missing in it."""
        if "test" not in self._read:
            self._empty.set_text(text, offers_action=False)
        elif split == "training":
            self._overfitting.setText(text)

    def show_plan(self, found: FoundPlan, classes: ClassNames) -> None:
        """Show of which layers the network consists, and what its outputs stand for."""
        for section in self._networks:
            section.show_found(found, classes)

    def show_readings(self, readings: SplitReadings) -> None:
        """Take in how a split was read."""
        if readings.split_name not in self._wanted or readings.epoch is not None:
            return
        self._read[readings.split_name] = readings
        self._splits.show_splits(self._read)
        if "test" in self._read:
            self._show()
            if self.isVisible():
                self._request_missing()

    def showEvent(self, event: QShowEvent) -> None:
        """Request what is missing, now that the page is shown."""
        super().showEvent(event)
        self._request_missing()

    def _request_missing(self) -> None:
        if self._wanted and self._is_plan_wanted:
            self._is_plan_wanted = False
            self.plan_requested.emit()
        for name in self._wanted:
            if name not in self._read:
                self.split_requested.emit(name)

    def _show(self) -> None:
        self.setCurrentIndex(1)
        self.report_button.setVisible("training" in self._wanted)  # a run's, not the bundled's
        self.report_button.setEnabled(True)
        test = self._read["test"]
        noun = test.classes.noun
        evaluation = test.evaluation
        right = int(np.trace(evaluation.confusion))
        count = formats.count(evaluation.count, f"test {noun} is", f"test {noun}s are")
        self._words.setText(
            f"{right:,} of {count} read correctly, {evaluation.count - right:,} wrong. Click a "
            f"number to see its {noun}s."
        )
        self._show_disputed(test)
        self._splits.show_classes(test.classes)
        self._by_class.setText(f"{test.classes.kind.capitalize()} by {test.classes.kind}")
        _fill_table(self.table, evaluation, test.classes)
        self._show_pairs(most_confused(evaluation.confusion, PAIRS, test.classes))
        found = reliability(test.readings.scores, test.readings.labels)
        self._calibration.setText(describe_calibration(found))
        self.figure.show_figure(functools.partial(_make_reliability_figure, found))
        training = self._read.get("training")
        self._overfitting.setVisible("training" in self._wanted or bool(self._caveat))
        if self._caveat:
            words = self._caveat
        elif training is None:
            words = f"Reading the {noun}s it learnt from …"
        else:
            words = describe_overfitting(training.evaluation, evaluation, test.classes)
        self._overfitting.setText(words)

    def _show_disputed(self, test: SplitReadings) -> None:
        """Say what the accuracy is without the disputed labels, where these are known."""
        self.disputed_button.setVisible(bool(test.disputed))
        words = ""
        if test.disputed:
            accuracy = test.readings.accuracy_without(tuple(test.disputed))
            words = describe_accuracy(accuracy, len(test.disputed))
        self._disputed.setText(words)

    def _show_pairs(self, pairs: tuple[ConfusedPair, ...]) -> None:
        for button in self.pair_buttons:
            button.deleteLater()
        self.pair_buttons, self._shown_pairs = [], pairs
        for place, pair in enumerate(pairs):
            button = QPushButton(pair.text)
            button.setProperty("link", True)
            button.setToolTip(f"See these {pair.classes.noun}s")
            button.clicked.connect(self._on_pair_button_clicked)
            self._pairs.addWidget(button, place // 2, place % 2, Qt.AlignmentFlag.AlignLeft)
            self.pair_buttons.append(button)

    @Slot()
    def _on_pair_button_clicked(self) -> None:
        button = cast(QPushButton, self.sender())
        if button not in self.pair_buttons:  # one of the network before, which is just going
            return
        pair = self._shown_pairs[self.pair_buttons.index(button)]
        self.cells_chosen.emit(block((pair.true, pair.predicted), (pair.true, pair.predicted)))

    @Slot()
    def _on_network_button_clicked(self) -> None:
        page = self.currentWidget()
        assert isinstance(page, QScrollArea)  # noqa: S101 - both are
        page.verticalScrollBar().setValue(self.network.y() - UNIT)

    @Slot(int, int)
    def _on_table_cell_activated(self, digit: int, column: int) -> None:
        """Show what a number was counted from: a column of the matrix for precision, else a row."""
        last = CLASSES - 1
        ends = ((0, digit), (last, digit)) if column == PRECISION else ((digit, 0), (digit, last))
        self.cells_chosen.emit(block(*ends))


def _scrolled(page: QWidget) -> QScrollArea:
    """Let a page be scrolled up and down."""
    scroll = QScrollArea()
    scroll.setWidget(page)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Always, so that nothing moves aside when the diagram comes.
    scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    return scroll


def describe_calibration(found: Reliability) -> str:
    """Say in words how far a network's scores can be trusted."""
    promised = float((found.counts * (found.confidence - found.accuracy)).sum())
    kind = "overconfident" if promised > 0 else "underconfident"
    words = (
        f"Expected calibration error {percent(found.error)}: on average, the score and the "
        "fraction of correct predictions differ by this much."
    )
    if found.error < 0.005:
        return f"{words} Its scores are well calibrated."
    return (
        f"{words} This network is slightly {kind}: bars on the dotted line would be exactly right."
    )


def _make_reliability_figure(found: Reliability, frame: Frame) -> Any:
    return reliability_figure(found, frame=frame)


class _SplitTable(QWidget):
    """The figures of each split side by side."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(UNIT * 3)
        grid.setVerticalSpacing(2)
        self._values = {}
        self._names = {}
        for row, (name, tip) in enumerate(FIGURES.items(), start=1):
            text = label(name, "field")
            text.setToolTip(tip)
            grid.addWidget(text, row, 0)
        for column, split in enumerate(SPLITS, start=1):
            self._names[split] = label(f"{SPLITS[split]} digits", "field")
            grid.addWidget(self._names[split], 0, column)
            for row, name in enumerate(FIGURES, start=1):
                value = label("–", "strong" if split == "test" else "body")
                value.setAccessibleName(f"{name} of {split} digits")
                grid.addWidget(value, row, column)
                self._values[split, name] = value
        grid.setColumnStretch(len(SPLITS) + 1, 1)

    def show_classes(self, classes: ClassNames) -> None:
        """Call the splits after what they have."""
        for split, name in self._names.items():
            name.setText(f"{SPLITS[split]} {classes.noun}s")

    def show_splits(self, read: Mapping[str, SplitReadings]) -> None:
        """Show the figures of what has been read."""
        for split in SPLITS:
            texts = ["–"] * len(FIGURES)
            if split in read:
                evaluation, readings = read[split].evaluation, read[split].readings
                low, high = evaluation.interval
                error = reliability(readings.scores, readings.labels).error
                texts = [
                    percent(evaluation.accuracy),
                    f"{percent(low)} – {percent(high)}",
                    f"{evaluation.loss:.4f}",
                    percent(error),
                ]
            for name, text in zip(FIGURES, texts, strict=True):
                self._values[split, name].setText(text)


def _make_table() -> QTableWidget:
    table = QTableWidget(CLASSES, len(column_texts(DIGITS)))
    table.setObjectName("perClassTable")
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setSectionsClickable(False)
    table.verticalHeader().setDefaultSectionSize(26)
    table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return table


def _fill_table(table: QTableWidget, evaluation: Evaluation, classes: ClassNames) -> None:
    table.setAccessibleName(f"Precision, recall and F1 of each {classes.kind}")
    tips = []
    for column, (name, tip) in enumerate(column_texts(classes)):
        head = QTableWidgetItem(name)
        table.setHorizontalHeaderItem(column, head)
        head.setToolTip(tip)
        head.setTextAlignment(_side(column, classes))
        tips.append(tip)
    for one in evaluation.per_class:
        texts = (
            classes.of(one.digit),
            percent(one.precision),
            percent(one.recall),
            percent(one.f1),
            f"{one.support:,}",
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setTextAlignment(_side(column, classes))
            item.setToolTip(tips[column])
            table.setItem(one.digit, column, item)
    header = table.horizontalHeader().sizeHint().height()
    table.setFixedHeight(table.verticalHeader().length() + header + 6)


def _side(column: int, classes: ClassNames) -> Qt.AlignmentFlag:
    """On which side a column stands: numbers on the right, names on the left."""
    sides = Qt.AlignmentFlag
    first = sides.AlignHCenter if classes.are_digits else sides.AlignLeft
    side = sides.AlignRight if column else first
    return side | Qt.AlignmentFlag.AlignVCenter
