"""The runs page: every training that was kept, to open, rename, export or delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import DATASET_NAMES
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.runs.store import Run, RunRecord
from mnist_desktop.training.architectures import architecture
from mnist_desktop.ui.empty_page import EmptyPage
from mnist_desktop.ui.theme import UNIT, label

Index = QModelIndex | QPersistentModelIndex
Column = tuple[str, Callable[[RunRecord], Any], Callable[[RunRecord], str]]


def _architecture_name(record: RunRecord) -> str:
    try:
        return architecture(record.config.architecture).name
    except InvalidSettingError:  # a run of a later version
        return record.config.architecture


def _local_time(record: RunRecord) -> str:
    return f"{datetime.fromisoformat(record.created).astimezone():%Y-%m-%d %H:%M}"


# Name of the column, what it is sorted by, what is shown.
COLUMNS: Sequence[Column] = (
    ("Name", lambda r: r.name.casefold(), lambda r: r.name),
    ("Test accuracy", lambda r: r.test_accuracy, lambda r: f"{r.test_accuracy * 100:.2f} %"),
    ("Training accuracy", lambda r: r.train_accuracy, lambda r: f"{r.train_accuracy * 100:.2f} %"),
    ("Test loss", lambda r: r.test_loss, lambda r: f"{r.test_loss:.4f}"),
    ("Epochs", lambda r: len(r.history), lambda r: str(len(r.history))),
    ("Parameters", lambda r: r.parameters, lambda r: f"{r.parameters:,}"),
    ("Time", lambda r: r.fit_seconds, lambda r: f"{r.fit_seconds:.1f} s"),
    ("Architecture", _architecture_name, _architecture_name),
    ("Digits", lambda r: r.dataset.name, lambda r: DATASET_NAMES[r.dataset.name]),
    ("Kept", lambda r: r.created, _local_time),
)
MAX_COLUMN = 220  # pixels; a longer name is shortened with dots
FIRST_NUMBER, LAST_NUMBER = 1, 6


class RunsModel(QAbstractTableModel):
    """The kept runs as a table."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []

    def show(self, runs: list[Run]) -> None:
        """Show these runs."""
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the runs."""
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Name a column."""
        is_name = role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section][0] if is_name and orientation == Qt.Orientation.Horizontal else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text of a cell, or what it is sorted by."""
        record = self.runs[index.row()].record
        _, key, text = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text(record)
        if role == Qt.ItemDataRole.UserRole:
            return key(record)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_number = FIRST_NUMBER <= index.column() <= LAST_NUMBER
            side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class RunsView(QStackedWidget):
    """The table of runs and what can be done with one.

    Signals
    -------
    open_wished(str), rename_wished(str), delete_wished(str), export_wished(str)
        The user wants to see, rename, delete or export the run with this id.
    reuse_wished(str)
        The user wants its settings in the training panel.
    train_wished()
        The button of the empty page was pressed.
    """

    open_wished = Signal(str)
    rename_wished = Signal(str)
    delete_wished = Signal(str)
    export_wished = Signal(str)
    reuse_wished = Signal(str)
    train_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsView")
        self.setAccessibleName("Kept runs")
        self.model = RunsModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.table = QTableView()
        self.table.setModel(self._sorted)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)  # Tab leaves the table; the arrows move in it
        self.table.horizontalHeader().setMaximumSectionSize(MAX_COLUMN)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(len(COLUMNS) - 1, Qt.SortOrder.DescendingOrder)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.doubleClicked.connect(self._on_table_double_clicked)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        empty = EmptyPage(
            "No run has been kept yet",
            "Every training is kept here with its settings, results and network.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_wished)
        self.addWidget(empty)
        self.addWidget(self._make_page())

    def _make_page(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        self._buttons: list[QPushButton] = []
        for text, tip, key, signal in (
            ("Open", "Show its results and read the drawing with it", "Return", self.open_wished),
            ("Rename …", "Give it another name", "F2", self.rename_wished),
            ("Use settin&gs", "Put its settings into the training panel", "", self.reuse_wished),
            ("E&xport …", "Write its network or matrix to a file", "", self.export_wished),
            ("Delete …", "Remove it for good", "Del", self.delete_wished),
        ):
            row.addWidget(self._make_button(text, tip, key, signal))
        row.addStretch()
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(label("Runs", "title"))
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        self._on_selection_changed()
        return page

    def _make_button(self, text: str, tip: str, key: str, signal: Any) -> QPushButton:
        """Make a button and, for the context menu and the keyboard, an action of the same name."""

        def emit() -> None:
            run_id = self.selected_id()
            if run_id is not None:
                signal.emit(run_id)

        button = QPushButton(text)
        button.setToolTip(f"{tip} ({key})" if key else tip)
        button.clicked.connect(emit)
        action = QAction(text.replace("&", ""), self.table)
        action.triggered.connect(emit)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.table.addAction(action)
        self._buttons.append(button)
        return button

    def show_runs(self, runs: list[Run]) -> None:
        """List these runs."""
        self.model.show(runs)
        self.setCurrentIndex(1 if runs else 0)
        self._on_selection_changed()

    def select(self, run_id: str | None) -> None:
        """Select the row of a run."""
        ids = [run.record.id for run in self.model.runs]
        if run_id in ids:
            row = self._sorted.mapFromSource(self.model.index(ids.index(run_id), 0)).row()
            self.table.selectRow(row)

    def selected_id(self) -> str | None:
        """Id of the selected run, if one is selected."""
        rows = self.table.selectionModel().selectedRows()
        if not rows:
            return None
        return self.model.runs[self._sorted.mapToSource(rows[0]).row()].record.id

    @Slot()
    def _on_selection_changed(self) -> None:
        for button in self._buttons:
            button.setEnabled(self.selected_id() is not None)

    @Slot()
    def _on_table_double_clicked(self) -> None:
        run_id = self.selected_id()
        if run_id is not None:
            self.open_wished.emit(run_id)
