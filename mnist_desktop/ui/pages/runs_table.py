"""The kept runs as a table that can be sorted by every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import COLUMNS, Column, words
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.model_index import Index

MAX_COLUMN = 220  # pixels; a longer text is shortened with dots; the tooltip has it in full
MIN_COLUMN = 28
MEASURED_ROWS = 30  # by which columns are made as wide as they need to be: about a screenful
STAR = 0
LAST = len(COLUMNS) - 1


@guarded
class RunsModel(QAbstractTableModel):
    """The kept runs as a table: those in which a text stands, in the order of a column.

    It finds and sorts by itself: a `QSortFilterProxyModel` asks Python about each cell, again and
    again, and takes seconds for a thousand runs.

    Attributes
    ----------
    runs : tuple of Run
        All runs, the newest first.
    rows : list of Run
        Those that are shown, from top to bottom.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[Run, ...] = ()
        self.rows: list[Run] = []
        self._text = ""
        self._column, self._falls = LAST, True

    def show(self, runs: Sequence[Run]) -> None:
        """Show these runs, the newest first."""
        self.runs = tuple(runs)
        self._arrange()

    def show_only(self, text: str) -> None:
        """Show only the runs in which a text stands."""
        self._text = text.casefold()
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; runs that are equal in it stay in the order in which they were kept."""
        wanted = column, order == Qt.SortOrder.DescendingOrder
        if wanted != (self._column, self._falls):  # Qt asks again when nothing is new
            self._column, self._falls = wanted
            self._arrange()

    def _arrange(self) -> None:
        """Find and sort the rows; where only what stands in them has changed, they stay."""
        rows = [run for run in self.runs if self._text in words(run)] if self._text else self.runs
        key = COLUMNS[self._column].key if 0 <= self._column <= LAST else None
        rows = list(rows) if key is None else sorted(rows, key=key, reverse=self._falls)
        if [run.record.id for run in rows] != [run.record.id for run in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        before, self.rows = self.rows, rows
        for row, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old is not new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, LAST))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the runs that are shown."""
        return 0 if parent.isValid() else len(self.rows)

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
        run, column = self.rows[index.row()], COLUMNS[index.column()]
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


@dataclass(frozen=True)
class _Look:
    """What Qt forgets of a table when its rows change."""

    chosen: tuple[str, ...]
    current: str
    row: int
    scrolled: tuple[int, int]
    columns: QByteArray


@guarded
class RunsTable(QTableView):
    """Shows the runs; what is selected stays so, whatever runs come, go and move.

    Signals
    -------
    undo_requested()
        Ctrl+Z was pressed.
    star_clicked()
        The star of the row that is now selected was clicked.
    chosen()
        Other runs are selected, or none.
    """

    undo_requested = Signal()
    star_clicked = Signal()
    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("runsTable")
        self.setAccessibleName("Kept runs")
        self.setToolTip("Double-click a run to open it; a right click shows what else can be done")
        self.runs = RunsModel()
        self._before: _Look | None = None
        self.setModel(self.runs)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrows move in it
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setMaximumSectionSize(MAX_COLUMN)
        header.setMinimumSectionSize(MIN_COLUMN)
        header.setSectionsMovable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setResizeContentsPrecision(MEASURED_ROWS)
        self.setSortingEnabled(True)
        self.sortByColumn(LAST, Qt.SortOrder.DescendingOrder)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.clicked.connect(self._on_clicked)
        self.runs.modelAboutToBeReset.connect(self._on_runs_about_to_be_reset)
        self.runs.modelReset.connect(self._on_runs_reset)
        self.selectionModel().selectionChanged.connect(self.chosen)

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs, the newest first; where there are more, the columns are made to fit."""
        are_more = len(runs) > len(self.runs.runs)
        self.runs.show(runs)
        if are_more:
            self.resizeColumnsToContents()

    def show_only(self, text: str) -> None:
        """Show only the runs in which a text stands."""
        self.runs.show_only(text)

    def select(self, *run_ids: str) -> None:
        """Select the rows of runs; of others, nothing changes."""
        rows = self._choose(run_ids)
        if rows:
            self._go_to(rows[0])

    def _choose(self, run_ids: Sequence[str]) -> list[int]:
        """Select the rows of runs, and return them."""
        wanted = set(run_ids)
        rows = [row for row, run in enumerate(self.runs.rows) if run.record.id in wanted]
        if rows:
            chosen = QItemSelection()
            for first, last in _blocks(rows):
                chosen.select(self.runs.index(first, 0), self.runs.index(last, LAST))
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(chosen, flag)
        return rows

    def _go_to(self, row: int) -> None:
        """Have the arrow keys begin at a row; what is selected stays so."""
        flag = QItemSelectionModel.SelectionFlag.NoUpdate
        self.selectionModel().setCurrentIndex(self.runs.index(row, 0), flag)

    def selected_ids(self) -> tuple[str, ...]:
        """Ids of the selected runs, from top to bottom."""
        chosen = self.selectionModel().selection()
        ranges = (chosen.at(number) for number in range(chosen.count()))
        rows = {row for one in ranges for row in range(one.top(), one.bottom() + 1)}
        return tuple(self.runs.rows[row].record.id for row in sorted(rows))

    @Slot()
    def _on_runs_about_to_be_reset(self) -> None:
        current = self.currentIndex()
        self._before = _Look(
            chosen=self.selected_ids(),
            current=self.runs.rows[current.row()].record.id if current.isValid() else "",
            row=current.row(),
            scrolled=(self.horizontalScrollBar().value(), self.verticalScrollBar().value()),
            columns=self.horizontalHeader().saveState(),
        )

    @Slot()
    def _on_runs_reset(self) -> None:
        """Put back what Qt has forgotten; of a run that is gone, its place is the current one."""
        before, self._before = self._before, None
        if before is None:
            return
        self.horizontalHeader().restoreState(before.columns)
        self._choose(before.chosen)
        places = {run.record.id: place for place, run in enumerate(self.runs.rows)}
        place = places.get(before.current, min(before.row, len(places) - 1))
        if place >= 0:
            self._go_to(place)
        self.horizontalScrollBar().setValue(before.scrolled[0])
        self.verticalScrollBar().setValue(before.scrolled[1])
        self.chosen.emit()

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
            self.undo_requested.emit()
        else:
            super().keyPressEvent(event)


def _blocks(rows: Sequence[int]) -> list[tuple[int, int]]:
    """The first and the last of each block of rows that follow one another; they are in order."""
    starts = [row for place, row in enumerate(rows) if not place or rows[place - 1] != row - 1]
    ends = [row for place, row in enumerate(rows) if rows[place + 1 : place + 2] != [row + 1]]
    return list(zip(starts, ends, strict=True))
