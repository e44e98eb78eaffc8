"""The kept runs as a table that can be sorted by every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import COLUMNS, KEPT, NAME, STAR
from mnist_desktop.ui.pages.run_cells import RunDelegate, column_widths, row_height
from mnist_desktop.ui.pages.runs_model import LAST, RunsModel
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.theme import Theme

MAX_COLUMN = 320  # pixels; a longer text is shortened with dots; the tooltip has it in full
MIN_COLUMN = 28
NAME_WIDTHS = (136, MAX_COLUMN)
MEASURED_ROWS = 30  # by which columns are made as wide as they need to be: about a screenful
FROZEN = (STAR, NAME)
TICKING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class _Look:
    """What Qt forgets of a table when its rows change."""

    chosen: tuple[str, ...]
    current: str
    row: int
    scrolled: tuple[int, int]
    columns: QByteArray


@guarded
class _Rows(QTableView):
    """What the table and its frozen columns have in common.

    Signals
    -------
    tick_requested(int, object)
        A row was clicked with these keys held down, of which one ticks.
    """

    tick_requested = Signal(int, object)

    def __init__(self, runs: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.delegate = RunDelegate(self)
        self.setModel(runs)
        self.setItemDelegate(self.delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrows move in it
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_rows()
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMaximumSectionSize(MAX_COLUMN)
        header.setMinimumSectionSize(MIN_COLUMN)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _fit_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(row_height(self.fontMetrics()))

    def changeEvent(self, event: QEvent) -> None:
        """Fit the rows to the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_rows()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick with Ctrl and Shift, as they select elsewhere."""
        index, keys = self.indexAt(event.position().toPoint()), event.modifiers()
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton and keys & TICKING:
            self.tick_requested.emit(index.row(), keys)
        else:
            super().mousePressEvent(event)


@guarded
class _FrozenColumns(_Rows):
    """The first columns of a table, which stay at the left while the others scroll under them.

    Parameters
    ----------
    table : RunsTable
        The table on which it lies.
    """

    def __init__(self, table: RunsTable) -> None:
        super().__init__(table.runs, table)
        self._table = table
        self.setObjectName("frozenRuns")
        self.setAccessibleName("Names of the kept runs")
        self.setSelectionModel(table.selectionModel())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(table)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the table has one
        self._edge = QWidget(self)  # to be seen once other columns lie under these
        self._edge.setBackgroundRole(QPalette.ColorRole.Mid)
        self._edge.setAutoFillBackground(True)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._on_header_section_clicked)
        table.horizontalHeader().sortIndicatorChanged.connect(self._on_table_sorted)
        table.horizontalHeader().sectionResized.connect(self.fit)
        table.horizontalScrollBar().valueChanged.connect(self._on_table_scrolled)
        bars = (self.verticalScrollBar(), table.verticalScrollBar())
        for one, other in (bars, bars[::-1]):
            one.valueChanged.connect(other.setValue)
        self.fit()

    @Slot()
    def fit(self) -> None:
        """Lie exactly on the table's own columns."""
        table = self._table
        for place in range(len(COLUMNS)):
            self.setColumnHidden(place, place not in FROZEN)
        for place in FROZEN:
            self.setColumnWidth(place, table.columnWidth(place))
        width = sum(table.columnWidth(place) for place in FROZEN)
        header = table.horizontalHeader().height()
        self.horizontalHeader().setFixedHeight(header)
        frame = table.frameWidth()
        self.setGeometry(frame, frame, width, header + table.viewport().height())
        self._edge.setGeometry(width - 1, 0, 1, self.height())
        self._on_table_scrolled()

    @Slot(int, Qt.SortOrder)
    def _on_table_sorted(self, section: int, order: Qt.SortOrder) -> None:
        self.horizontalHeader().setSortIndicator(section, order)

    @Slot()
    def _on_table_scrolled(self) -> None:
        self._edge.setVisible(self._table.horizontalScrollBar().value() > 0)

    @Slot(int)
    def _on_header_section_clicked(self, section: int) -> None:
        """Sort by the column, or the other way round if it is sorted by it."""
        header, order = self._table.horizontalHeader(), Qt.SortOrder.AscendingOrder
        is_again = header.sortIndicatorSection() == section
        if is_again and header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder:
            order = Qt.SortOrder.DescendingOrder
        self._table.sortByColumn(section, order)


@guarded
class RunsTable(_Rows):
    """Shows the runs: one is selected, any number are ticked; both stay so, whatever runs come.

    Signals
    -------
    undo_requested()
        Ctrl+Z was pressed.
    star_clicked(str)
        The star of the run with this id was clicked.
    open_requested()
        The selected run was double-clicked.
    chosen()
        Other runs are selected or ticked, or none.
    """

    undo_requested = Signal()
    star_clicked = Signal(str)
    open_requested = Signal()
    chosen = Signal()

    def __init__(self) -> None:
        self.runs = RunsModel()
        super().__init__(self.runs)
        self.setObjectName("runsTable")
        self.setAccessibleName("Kept runs")
        self._before: _Look | None = None
        self.frozen = _FrozenColumns(self)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setResizeContentsPrecision(MEASURED_ROWS)
        self.setSortingEnabled(True)
        self.sortByColumn(KEPT, Qt.SortOrder.DescendingOrder)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        header.sectionMoved.connect(self._on_header_section_moved)
        for rows in (self, self.frozen):
            rows.tick_requested.connect(self._on_tick_requested)
            rows.doubleClicked.connect(self._on_double_clicked)
            rows.delegate.tick_clicked.connect(self._on_tick_clicked)
            rows.delegate.star_clicked.connect(self._on_star_clicked)
        self.runs.modelAboutToBeReset.connect(self._on_runs_about_to_be_reset)
        self.runs.modelReset.connect(self._on_runs_reset)
        self.runs.ticks_changed.connect(self.chosen)
        self.selectionModel().selectionChanged.connect(self.chosen)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for rows in (self, self.frozen):
            rows.delegate.theme = theme
            rows.viewport().update()

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs, the newest first; where there are more, the columns are made to fit."""
        are_more = len(runs) > len(self.runs.runs)
        self.runs.show(runs)
        if are_more:
            self.resizeColumnsToContents()
            self._fit_columns()

    def show_only(self, text: str) -> None:
        """Show only the runs in which a text stands."""
        self.runs.show_only(text)

    # What is selected and ticked

    def select(self, run_id: str) -> None:
        """Select the row of a run; of others, nothing changes."""
        rows = self._choose((run_id,))
        if rows:
            self._go_to(rows[0])

    def _choose(self, run_ids: Sequence[str]) -> list[int]:
        """Select the rows of runs, and return them."""
        wanted = set(run_ids)
        rows = [row for row, run in enumerate(self.runs.rows) if run.record.id in wanted]
        if rows:
            chosen = QItemSelection(self.runs.index(rows[0], 0), self.runs.index(rows[0], LAST))
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(chosen, flag)
        return rows

    def _go_to(self, row: int) -> None:
        """Have the arrow keys begin at a row; what is selected stays so."""
        flag = QItemSelectionModel.SelectionFlag.NoUpdate
        self.selectionModel().setCurrentIndex(self.runs.index(row, NAME), flag)

    def selected_ids(self) -> tuple[str, ...]:
        """Id of the selected run, if there is one."""
        chosen = self.selectionModel().selectedRows()
        return tuple(self.runs.rows[index.row()].record.id for index in chosen)

    def ticked_ids(self) -> tuple[str, ...]:
        """Ids of the ticked runs that are shown, from top to bottom."""
        return tuple(run.record.id for run in self.runs.ticked)

    def selectAll(self) -> None:
        """Tick all runs that are shown (Ctrl+A)."""
        self.runs.tick(run.record.id for run in self.runs.rows)

    @Slot()
    def untick_all(self) -> None:
        """Take all ticks away."""
        self.runs.tick(self.ticked_ids(), is_ticked=False)

    def _toggle(self, row: int) -> None:
        run_id = self.runs.rows[row].record.id
        self.runs.tick([run_id], is_ticked=run_id not in self.ticked_ids())

    @Slot(QModelIndex)
    def _on_tick_clicked(self, index: QModelIndex) -> None:
        self._toggle(index.row())

    @Slot(QModelIndex)
    def _on_star_clicked(self, index: QModelIndex) -> None:
        self.star_clicked.emit(self.runs.rows[index.row()].record.id)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column() != STAR:
            self.open_requested.emit()

    @Slot(int, object)
    def _on_tick_requested(self, row: int, keys: Qt.KeyboardModifier) -> None:
        """Tick a row, or all from the selected one to it; where none is, the selected one too."""
        selected = self.currentIndex().row()
        if keys & Qt.KeyboardModifier.ShiftModifier:
            first, last = sorted((row, max(selected, 0)))
            self.runs.tick(run.record.id for run in self.runs.rows[first : last + 1])
        else:
            if not self.runs.ticked and self.selected_ids() and selected != row:
                self._toggle(selected)
            self._toggle(row)
        self.select(self.runs.rows[row].record.id)
        self.setFocus()

    # What stays when rows change

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
        self.frozen.fit()
        self._choose(before.chosen)
        places = {run.record.id: place for place, run in enumerate(self.runs.rows)}
        place = places.get(before.current, min(before.row, len(places) - 1))
        if place >= 0:
            self._go_to(place)
        self.horizontalScrollBar().setValue(before.scrolled[0])
        self.verticalScrollBar().setValue(before.scrolled[1])
        self.chosen.emit()

    @Slot()
    def _on_header_section_moved(self) -> None:
        """Keep the first columns where they are frozen."""
        header = self.horizontalHeader()
        for place in FROZEN:
            if header.visualIndex(place) != place:
                header.moveSection(header.visualIndex(place), place)

    def _fit_columns(self) -> None:
        """Give the name what the other columns of a narrow window leave over."""
        widths = column_widths(self.fontMetrics())
        for place, width in widths.items():
            self.setColumnWidth(place, width)
        least, most = NAME_WIDTHS
        left = self.viewport().width() - sum(widths.values())
        self.setColumnWidth(NAME, min(max(left, least), most))
        self.frozen.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the columns to the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.resizeColumnsToContents()
            self._fit_columns()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a cell into view, and not under the frozen columns, which always are."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        if index.column() <= FROZEN[-1]:  # or none at all
            bar.setValue(before)
            return
        covered = self.frozen.width() - self.visualRect(index).left()
        bar.setValue(bar.value() - max(covered, 0))

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
        """Tick on the space bar, undo on Ctrl+Z."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
