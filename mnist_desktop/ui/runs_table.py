"""The kept runs as a table that can be sorted by every column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from mnist_desktop.digits.dataset import DATASET_NAMES
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.runs.store import Run
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.config import OPTIMIZERS
from mnist_desktop.ui.guarded import guarded
from mnist_desktop.ui.message import plain

Index = QModelIndex | QPersistentModelIndex
MAX_COLUMN = 220  # pixels; a longer text is shortened with dots, and whole in the tooltip
MIN_COLUMN = 28
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    name : str
        Its heading.
    key : callable
        What a run is sorted by.
    text : callable
        What is shown of a run.
    is_number : bool
        Whether it stands on the right.
    """

    name: str
    key: Callable[[Run], Any]
    text: Callable[[Run], str]
    is_number: bool = False


def _architecture_name(run: Run) -> str:
    try:
        return architecture(run.record.config.architecture).name
    except InvalidSettingError:  # a run of a later version
        return run.record.config.architecture


def _settings(run: Run) -> str:
    """The settings that are changed most often, in short."""
    config = run.record.config
    return (
        f"{OPTIMIZERS[config.optimizer]} {config.learning_rate:g}, batch {config.batch_size}, "
        f"{config.output_activation}, seed {config.seed}"
    )


def _local_time(run: Run) -> str:
    return f"{datetime.fromisoformat(run.record.created).astimezone():%Y-%m-%d %H:%M}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def _validation_accuracy(run: Run) -> float:
    history = run.record.history
    return history[-1].val_accuracy or 0.0 if history else 0.0


COLUMNS: Sequence[Column] = (
    Column("★", lambda r: r.record.starred, lambda r: "★" if r.record.starred else "☆"),
    Column("Name", lambda r: r.record.name.casefold(), lambda r: r.record.name),
    Column(
        "Test accuracy",
        lambda r: r.record.test_accuracy,
        lambda r: _percent(r.record.test_accuracy),
        is_number=True,
    ),
    Column(
        "Training accuracy",
        lambda r: r.record.train_accuracy,
        lambda r: _percent(r.record.train_accuracy),
        is_number=True,
    ),
    Column(
        "Validation accuracy",
        _validation_accuracy,
        lambda r: _percent(_validation_accuracy(r)) if _validation_accuracy(r) else "–",
        is_number=True,
    ),
    Column(
        "Test loss",
        lambda r: r.record.test_loss,
        lambda r: f"{r.record.test_loss:.4f}",
        is_number=True,
    ),
    Column(
        "Epochs",
        lambda r: len(r.record.history),
        lambda r: f"{len(r.record.history)}{', stopped' if r.record.stopped else ''}",
        is_number=True,
    ),
    Column(
        "Parameters",
        lambda r: r.record.parameters,
        lambda r: f"{r.record.parameters:,}",
        is_number=True,
    ),
    Column(
        "Time",
        lambda r: r.record.fit_seconds,
        lambda r: f"{r.record.fit_seconds:.1f} s",
        is_number=True,
    ),
    Column("Size", lambda r: r.size, lambda r: f"{r.size / MEGABYTE:.1f} MB", is_number=True),
    Column("Architecture", _architecture_name, _architecture_name),
    Column("Settings", _settings, _settings),
    Column(
        "Digits", lambda r: r.record.dataset.name, lambda r: DATASET_NAMES[r.record.dataset.name]
    ),
    Column(
        "Note",
        lambda r: r.record.note.casefold(),
        lambda r: r.record.note.partition("\n")[0],
    ),
    Column("Kept", lambda r: r.record.created, _local_time),
)
STAR = 0


@guarded
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
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return _alignment(COLUMNS[section])
        is_name = role == Qt.ItemDataRole.DisplayRole
        return (
            COLUMNS[section].name if is_name and orientation == Qt.Orientation.Horizontal else None
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text of a cell, or what it is sorted by."""
        run, column = self.runs[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == Qt.ItemDataRole.UserRole:
            return column.key(run)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(run.record.note if column.name == "Note" else column.text(run))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == STAR:
            return "with a star" if run.record.starred else "without a star"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


@guarded
class RunsTable(QTableView):
    """Shows the runs.

    Signals
    -------
    undo_wished()
        Ctrl+Z was pressed.
    star_clicked()
        The star of the row that is now selected was clicked.
    """

    undo_wished = Signal()
    star_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.runs = RunsModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.runs)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._sorted)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrows move in it
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setMaximumSectionSize(MAX_COLUMN)
        self.horizontalHeader().setMinimumSectionSize(MIN_COLUMN)
        self.horizontalHeader().setSectionsMovable(True)
        self.setSortingEnabled(True)
        self.sortByColumn(len(COLUMNS) - 1, Qt.SortOrder.DescendingOrder)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.clicked.connect(self._on_clicked)

    def show_only(self, text: str) -> None:
        """Show only the runs in which a text stands."""
        self._sorted.setFilterFixedString(text)

    def select(self, *run_ids: str) -> None:
        """Select the rows of runs; of others, nothing changes."""
        ids = [run.record.id for run in self.runs.runs]
        places = [self.runs.index(ids.index(one), 0) for one in run_ids if one in ids]
        rows = [self._sorted.mapFromSource(place) for place in places]
        for row in rows[:1]:
            self.selectRow(row.row())
        for row in rows[1:]:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().select(row, flags.Select | flags.Rows)

    def selected_ids(self) -> tuple[str, ...]:
        """Ids of the selected runs, from top to bottom."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return tuple(self.runs.runs[self._sorted.mapToSource(row).row()].record.id for row in rows)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            self.star_clicked.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+Z, which undoes drawing elsewhere in the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo on Ctrl+Z."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wished.emit()
        else:
            super().keyPressEvent(event)
