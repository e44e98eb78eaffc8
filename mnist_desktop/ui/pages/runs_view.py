"""The runs page: every training that was kept, and two of them compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.printable import printable
from mnist_desktop.runs.run import DamagedRun, Run
from mnist_desktop.ui.pages.compare_view import CompareView
from mnist_desktop.ui.pages.runs_table import RunsTable
from mnist_desktop.ui.parts.empty_page import EmptyPage
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

NAME_SHOWN = 60  # characters of a folder's name
DAMAGED_SHOWN = 3  # folders that are named on the page
DAMAGED_LISTED = 30  # in the tooltip
ANY, ONE, TWO = range(3)  # how many runs an action is for


class RunsView(QStackedWidget):
    """The table of runs and what can be done with them, or two runs compared.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Attributes
    ----------
    compare : CompareView
        The page of two runs.

    Signals
    -------
    open_requested(str), rename_requested(str), note_requested(str)
    star_requested(str), export_requested(str)
        The user wants to see, rename, write about, mark or export the run with this id.
    reuse_requested(str)
        The user wants its settings in the training panel.
    longer_requested(str)
        The user wants its network to learn for more epochs.
    compare_requested(str, str)
        The user wants these two compared.
    delete_requested(object)
        The runs with these ids, a tuple of str, are to be deleted.
    undo_requested()
        The last deletion is to be taken back.
    train_requested()
        The button of the empty page was pressed.
    """

    open_requested = Signal(str)
    rename_requested = Signal(str)
    note_requested = Signal(str)
    star_requested = Signal(str)
    export_requested = Signal(str)
    reuse_requested = Signal(str)
    longer_requested = Signal(str)
    compare_requested = Signal(str, str)
    delete_requested = Signal(object)
    undo_requested = Signal()
    train_requested = Signal()

    def __init__(self, figures: FigureController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsView")
        self.setAccessibleName("Kept runs")
        self.compare = CompareView(figures)
        self.compare.back_requested.connect(self.show_table)
        self.table = RunsTable()
        self.table.doubleClicked.connect(self._open)
        self.table.star_clicked.connect(self._star)
        self.table.undo_requested.connect(self.undo_requested)
        self.table.chosen.connect(self._on_table_chosen)
        empty = EmptyPage(
            "No run has been kept yet",
            "Every training is kept here with its settings, results and network.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_requested)
        self._actions: list[tuple[QAction, int]] = []
        self._buttons: list[tuple[QPushButton, int]] = []
        self.addWidget(empty)
        self.addWidget(self._make_page())
        self.addWidget(self.compare)
        self.setCurrentIndex(1)  # until it is known that there are no runs

    def _make_controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        more = QMenu(self)
        for text, tip, key, count, slot in (
            ("Open", "Show its results and read the drawing with it", "Return", ONE, self._open),
            ("Compare", "Compare two runs: select both first", "", TWO, self._compare),
            ("Use setti&ngs", "Put its settings into the training panel", "", ONE, self._reuse),
            ("E&xport …", "Write its network, report or matrix to a file", "", ONE, self._export),
        ):
            button = QPushButton(text)
            button.setToolTip(f"{tip} ({key})" if key else tip)
            button.clicked.connect(slot)
            self._buttons.append((button, count))
            row.addWidget(button)
            self._add_action(text, key, count, slot)
        for text, key, count, slot in (
            ("Train on …", "T", ONE, self._train_on),
            ("Star", "S", ONE, self._star),
            ("Rename …", "F2", ONE, self._rename),
            ("Note …", "N", ONE, self._note),
            ("Delete", "Del", ANY, self._delete),
        ):
            more.addAction(self._add_action(text, key, count, slot))
        more_button = QToolButton()
        more_button.setText("More")
        more_button.setToolTip(
            "Train on, star, rename, write a note, delete; also with a right click"
        )
        more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more_button.setMenu(more)
        row.addWidget(more_button)
        row.addStretch()
        self._make_find_edit()
        row.addWidget(self.find_edit)
        return row

    def _make_find_edit(self) -> None:
        self.find_edit = QLineEdit()
        self.find_edit.setObjectName("findRunsEdit")
        self.find_edit.setProperty("input", True)
        self.find_edit.setPlaceholderText("Find")
        self.find_edit.setClearButtonEnabled(True)
        self.find_edit.setToolTip("Show only runs in which this text stands")
        self.find_edit.setAccessibleName("Find runs")
        self.find_edit.setMaximumWidth(160)
        self.find_edit.textChanged.connect(self.table.show_only)

    def _make_page(self) -> QWidget:
        controls = self._make_controls()
        self._damaged_label = label("", "muted", wrap=True)
        self._damaged_label.setObjectName("damagedRunsLabel")
        self._damaged_label.hide()
        self._undo_row = self._make_undo_row()
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(label("Runs", "title"))
        layout.addLayout(controls)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._damaged_label)
        layout.addWidget(self._undo_row)
        self._on_table_chosen()
        return page

    def _make_undo_row(self) -> QWidget:
        self._undo_label = label("", "muted")
        self._undo_label.setObjectName("deletedRunsLabel")
        self.undo_button = QPushButton("Undo")
        self.undo_button.setObjectName("undoDeleteButton")
        self.undo_button.setToolTip("Take the deletion back (Ctrl+Z in the table)")
        self.undo_button.clicked.connect(self.undo_requested)
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._undo_label, 1)
        row.addWidget(self.undo_button)
        made.hide()
        return made

    def _add_action(self, text: str, key: str, count: int, slot: Callable[[], None]) -> QAction:
        """Make an action for the context menu and the keyboard."""
        action = QAction(text.replace("&", ""), self.table)
        action.triggered.connect(slot)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.table.addAction(action)
        self._actions.append((action, count))
        return action

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.compare.set_theme(theme)

    def show_damaged(self, damaged: tuple[DamagedRun, ...], root: Path) -> None:
        """Say which folders among the runs cannot be read, and why; all of them in the tooltip."""
        words = [f"{printable(one.name, NAME_SHOWN)} ({one.reason})" for one in damaged]
        shown, more = words[:DAMAGED_SHOWN], len(words) - DAMAGED_SHOWN
        if more > 0:
            shown.append(f"{more:,} more")
        self._damaged_label.setVisible(bool(damaged))
        self._damaged_label.setText(
            f"{'; '.join(shown)} in {printable(str(root))} cannot be read and "
            f"{'is' if len(damaged) == 1 else 'are'} left out; move what you do not need away, or "
            "put a copy in its place."
        )
        self._damaged_label.setToolTip(plain("\n".join(words[:DAMAGED_LISTED])))

    def show_runs(self, runs: Sequence[Run], *, is_read: bool) -> None:
        """List these runs.

        Parameters
        ----------
        runs : sequence of Run
            The runs, the newest first.
        is_read : bool
            Whether these are all, and not those that are known before they are read.
        """
        self.table.show_runs(runs)
        if self.currentWidget() is not self.compare or len(runs) < TWO:
            has_words = not (self._undo_row.isHidden() and self._damaged_label.isHidden())
            self.setCurrentIndex(1 if runs or has_words or not is_read else 0)

    @Slot()
    def show_table(self) -> None:
        """Leave the comparison."""
        self.setCurrentIndex(1)
        self.table.setFocus()

    def show_comparison(self, first: Run, second: Run) -> None:
        """Show two runs side by side."""
        self.compare.begin(first, second)
        self.setCurrentWidget(self.compare)

    def show_deleted(self, words: str) -> None:
        """Say what was deleted, and offer to take it back; empty words take the offer away."""
        self._undo_label.setText(words)
        self._undo_row.setVisible(bool(words))

    def _for_selected(self, signal: SignalInstance) -> None:
        ids = self.table.selected_ids()
        if len(ids) == ONE:
            signal.emit(ids[0])

    @Slot()
    def _open(self) -> None:
        self._for_selected(self.open_requested)

    @Slot()
    def _rename(self) -> None:
        self._for_selected(self.rename_requested)

    @Slot()
    def _note(self) -> None:
        self._for_selected(self.note_requested)

    @Slot()
    def _star(self) -> None:
        self._for_selected(self.star_requested)

    @Slot()
    def _export(self) -> None:
        self._for_selected(self.export_requested)

    @Slot()
    def _reuse(self) -> None:
        self._for_selected(self.reuse_requested)

    @Slot()
    def _train_on(self) -> None:
        self._for_selected(self.longer_requested)

    @Slot()
    def _compare(self) -> None:
        ids = self.table.selected_ids()
        if len(ids) == TWO:
            self.compare_requested.emit(*ids)

    @Slot()
    def _delete(self) -> None:
        ids = self.table.selected_ids()
        if ids:
            self.delete_requested.emit(ids)

    @Slot()
    def _on_table_chosen(self) -> None:
        count = len(self.table.selected_ids())
        parts: list[tuple[QAction | QPushButton, int]] = [*self._actions, *self._buttons]
        for part, needed in parts:
            part.setEnabled(count == needed if needed != ANY else count > 0)
