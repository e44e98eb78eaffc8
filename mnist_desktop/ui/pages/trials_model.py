"""The trials of a search as a table that can be sorted, while trials arrive."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from mnist_desktop.formats import percent
from mnist_desktop.search.study import INTERRUPTED, TrialSummary
from mnist_desktop.search.wording import CURVE, NUMBER, SCORE, STATE, TRIAL_COLUMNS, settings_words
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.model_index import Index

LAST = len(TRIAL_COLUMNS) - 1
TRIAL = Qt.ItemDataRole.UserRole
Roles = Qt.ItemDataRole
_SIDES = {True: Qt.AlignmentFlag.AlignRight, False: Qt.AlignmentFlag.AlignLeft}


@guarded
class TrialsModel(QAbstractTableModel):
    """Trials in the order of a column; those without a value there are the last.

    It sorts by itself, as `RunsModel` does and for the same reason.

    Attributes
    ----------
    rows : list of TrialSummary
        From top to bottom.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[TrialSummary] = []
        self._known: dict[int, TrialSummary] = {}
        self._only: frozenset[int] | None = None  # numbers of those that are shown
        self._column, self._falls = NUMBER, True

    @property
    def trials(self) -> list[TrialSummary]:
        """All trials, by their numbers."""
        return [self._known[number] for number in sorted(self._known)]

    def get(self, number: int) -> TrialSummary | None:
        """Find a trial by its number."""
        return self._known.get(number)

    def row_of(self, number: int) -> int:
        """Row of a trial; -1 if there is none of this number."""
        return next((row for row, one in enumerate(self.rows) if one.number == number), -1)

    def clear(self) -> None:
        """Forget all trials."""
        self.keep_first(0)

    def keep_first(self, count: int) -> None:
        """Forget the trials from this number on."""
        left = {number: one for number, one in self._known.items() if number < count}
        if len(left) != len(self._known):
            self.beginResetModel()
            self._known = left
            self.rows = self._sorted()
            self.endResetModel()

    def show_only(self, numbers: frozenset[int] | None) -> None:
        """Show only the trials of these numbers; all of them if there is no such choice."""
        self.beginResetModel()
        self._only = numbers
        self.rows = self._sorted()
        self.endResetModel()

    def _is_shown(self, trial: TrialSummary) -> bool:
        """Whether it has a row: one that was interrupted has not, it is made again as another."""
        is_chosen = self._only is None or trial.number in self._only
        return is_chosen and trial.state != INTERRUPTED

    def put(self, trials: Sequence[TrialSummary]) -> None:
        """Take in trials that are new or have changed; what is selected stays so."""
        fresh = {one.number: one for one in trials if self._known.get(one.number) != one}
        known = self._known.keys()
        new = [one for number, one in fresh.items() if number not in known and self._is_shown(one)]
        self._known = {**self._known, **fresh}
        for row in reversed(range(len(self.rows))):
            if fresh.get(self.rows[row].number, self.rows[row]).state == INTERRUPTED:
                self.beginRemoveRows(QModelIndex(), row, row)
                self.rows = [*self.rows[:row], *self.rows[row + 1 :]]
                self.endRemoveRows()
        if new:
            end = len(self.rows)
            self.beginInsertRows(QModelIndex(), end, end + len(new) - 1)
            self.rows = [*self.rows, *new]
            self.endInsertRows()
        if len(fresh) > len(new):
            self.rows = [fresh.get(one.number, one) for one in self.rows]
        self._arrange()
        changed = [row for row, one in enumerate(self.rows) if one.number in fresh]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], LAST))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; trials that are equal in it stay in the order of their numbers."""
        self._column, self._falls = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _sorted(self) -> list[TrialSummary]:
        trials = [one for one in self.trials if self._is_shown(one)]
        if not 0 <= self._column <= LAST:
            return trials
        key = TRIAL_COLUMNS[self._column].key
        keyed = [(key(one), one) for one in trials]
        with_value = [pair for pair in keyed if pair[0] is not None]
        with_value.sort(key=lambda pair: pair[0], reverse=self._falls)
        return [one for _, one in with_value] + [one for value, one in keyed if value is None]

    def _arrange(self) -> None:
        """Bring the rows into order; whoever holds an index finds its trial again."""
        rows = self._sorted()
        if rows == self.rows:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        numbers = [self.rows[index.row()].number for index in held]
        self.rows = rows
        places = {one.number: row for row, one in enumerate(rows)}
        self.changePersistentIndexList(
            held,
            [
                self.index(places[number], index.column())
                for index, number in zip(held, numbers, strict=True)
            ],
        )
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the trials."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the columns."""
        return 0 if parent.isValid() else len(TRIAL_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Name a column, and say what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = TRIAL_COLUMNS[section]
        if role == Roles.TextAlignmentRole:
            return int(_SIDES[column.is_number] | Qt.AlignmentFlag.AlignVCenter)
        if role == Roles.InitialSortOrderRole:  # the best, and the newest, are wanted first
            falls = section in (NUMBER, SCORE)
            return Qt.SortOrder.DescendingOrder if falls else Qt.SortOrder.AscendingOrder
        # The arrow of the order is painted over the end of what stands on the right.
        name = f"{column.name}  " if column.is_number else column.name
        return {Roles.DisplayRole: name, Roles.ToolTipRole: column.tip}.get(Qt.ItemDataRole(role))

    def data(self, index: Index, role: int = Roles.DisplayRole) -> object:
        """Text of a cell, what more is known of it, or the trial."""
        trial, place = self.rows[index.row()], index.column()
        if role == TRIAL:
            return trial
        if role == Roles.DisplayRole:
            return TRIAL_COLUMNS[place].text(trial)
        if role == Roles.TextAlignmentRole:
            side = _SIDES[TRIAL_COLUMNS[place].is_number]
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Roles.ToolTipRole:
            return plain(_tip(trial, place))
        if role == Roles.AccessibleTextRole and place == CURVE:
            return _curve_words(trial)
        return None


def _tip(trial: TrialSummary, place: int) -> str:
    if place == STATE and trial.reason:
        return trial.reason
    if place == LAST:
        return settings_words(trial.settings)
    return _curve_words(trial) if place == CURVE else TRIAL_COLUMNS[place].text(trial)


def _curve_words(trial: TrialSummary) -> str:
    return ", ".join(percent(value) for value in trial.curve) or "Nothing is known of it yet"
