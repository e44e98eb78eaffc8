"""The kept runs as a table: found, sorted, ticked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal

from mnist_desktop.runs.record import accuracy_curve, summary
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import (
    ACCURACY,
    COLUMNS,
    EPOCHS,
    KEPT,
    NAME,
    STAR,
    Column,
    words,
)
from mnist_desktop.ui.pages.run_cells import CURVE, IN_USE, SUMMARY
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.model_index import Index

LAST = len(COLUMNS) - 1
Roles = Qt.ItemDataRole


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
    in_use : str
        Id of the run whose network is in use.

    Signals
    -------
    ticks_changed()
        Other runs are ticked.
    """

    ticks_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.in_use = ""
        self._ticked: set[str] = set()
        self._finders: dict[int, Callable[[Run, int], object]] = {
            Roles.DisplayRole: lambda run, place: COLUMNS[place].text(run),
            Roles.UserRole: lambda run, place: COLUMNS[place].key(run),
            Roles.TextAlignmentRole: lambda _, place: _alignment(COLUMNS[place]),
            Roles.ToolTipRole: lambda run, place: plain(self._tip(run, place)),
            Roles.AccessibleTextRole: self._spoken,
            Roles.CheckStateRole: self._check_state,
            SUMMARY: lambda run, _: summary(run.record),
            IN_USE: lambda run, _: self._is_in_use(run),
            CURVE: lambda run, _: accuracy_curve(run.record).values,
        }
        self.runs: tuple[Run, ...] = ()
        self.rows: list[Run] = []
        self._text = ""
        self._column, self._falls = KEPT, True

    def show(self, runs: Sequence[Run]) -> None:
        """Show these runs, the newest first."""
        self.runs = tuple(runs)
        self._ticked &= {run.record.id for run in runs}
        self._arrange()
        self.ticks_changed.emit()

    def show_only(self, text: str) -> None:
        """Show only the runs in which a text stands."""
        self._text = text.casefold()
        self._arrange()
        self.ticks_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; runs that are equal in it stay in the order in which they were kept."""
        wanted = column, order == Qt.SortOrder.DescendingOrder
        if wanted != (self._column, self._falls):  # Qt asks again when nothing is new
            self._column, self._falls = wanted
            self._arrange()

    def tick(self, run_ids: Iterable[str], *, is_ticked: bool = True) -> None:
        """Tick runs, or take their ticks away."""
        ids = set(run_ids)
        self._ticked = self._ticked | ids if is_ticked else self._ticked - ids
        self._paint_anew(STAR)
        self.ticks_changed.emit()

    @property
    def ticked(self) -> list[Run]:
        """The ticked runs among those that are shown, from top to bottom."""
        return [run for run in self.rows if run.record.id in self._ticked]

    def mark(self, run_id: str) -> None:
        """Mark the run whose network is in use."""
        self.in_use = run_id
        self._paint_anew(NAME)

    def _paint_anew(self, place: int) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, place), self.index(len(self.rows) - 1, place))

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

    def data(self, index: Index, role: int = Roles.DisplayRole) -> object:
        """Text of a cell, what it is sorted by, or what is painted in it."""
        find = self._finders.get(role)
        return None if find is None else find(self.rows[index.row()], index.column())

    def _check_state(self, run: Run, place: int) -> Qt.CheckState | None:
        if place != STAR:
            return None
        is_ticked = run.record.id in self._ticked
        return Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked

    def _is_in_use(self, run: Run) -> bool:
        return run.record.id == self.in_use

    def _tip(self, run: Run, place: int) -> str:
        """What is known beyond the text of a cell, or the whole of it."""
        if place == STAR:
            return "Click the box to tick this run, or the star to give or take one"
        if place == NAME:
            used = "\nThis network is in use." if self._is_in_use(run) else ""
            return f"{run.record.name}\n{summary(run.record)}{used}"
        if place == EPOCHS:
            return accuracy_curve(run.record).text
        if place == ACCURACY and run.record.caveat:
            return run.record.caveat
        column = COLUMNS[place]
        return run.record.note if column.name == "Note" else column.text(run)

    def _spoken(self, run: Run, place: int) -> str | None:
        """What a screen reader says of a cell, where that is not its text."""
        if place == STAR:
            tick = "ticked" if run.record.id in self._ticked else "not ticked"
            return f"{tick}, {'with' if run.record.starred else 'without'} a star"
        if place == NAME:
            used = ", in use" if self._is_in_use(run) else ""
            return f"{run.record.name}{used}, {summary(run.record)}"
        return None


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
