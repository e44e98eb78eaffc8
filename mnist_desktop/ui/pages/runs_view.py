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
from mnist_desktop.ui.pages.contestant import Contestant
from mnist_desktop.ui.pages.export_menu import Export, export_menu
from mnist_desktop.ui.pages.runs_table import RunsTable
from mnist_desktop.ui.pages.tick_bar import TickBar
from mnist_desktop.ui.parts.empty_page import EmptyPage
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

NAME_SHOWN = 60  # characters of a folder's name
DAMAGED_SHOWN = 3  # folders that are named on the page
DAMAGED_LISTED = 30  # in the tooltip
TWO = 2  # runs that are compared
NO_TRAINING = (
    "Whatever is trained on this computer with MNIST Desktop, the full program, is listed here "
    "with its settings, results and network."
)


class RunsView(QStackedWidget):
    """The table of runs and what can be done with them, or two runs compared.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.
    trains : bool
        Whether a run's network can learn more, and its settings be used again.

    Signals
    -------
    open_requested(str), rename_requested(str), note_requested(str)
    star_requested(str)
        The user wants to see, rename, write about or mark the run with this id.
    export_requested(object, object)
        The user wants an `Export` of the runs with these ids, a tuple of str.
    reuse_requested(str)
        The user wants its settings in the training panel.
    longer_requested(str)
        The user wants its network to learn for more epochs.
    compare_requested(str, str)
        The user wants these two compared; with nothing, the first one with the bundled reader.
    delete_requested(object)
        The runs with these ids, a tuple of str, are to be deleted.
    undo_requested()
        The last deletion is to be taken back.
    train_requested()
        The button of the empty page was pressed.
    comparison_left()
        Two networks are no longer shown side by side.
    indices_chosen(object, object, str), save_requested(object)
        As `CompareView` emits them.
    """

    open_requested = Signal(str)
    rename_requested = Signal(str)
    note_requested = Signal(str)
    star_requested = Signal(str)
    export_requested = Signal(object, object)
    reuse_requested = Signal(str)
    longer_requested = Signal(str)
    compare_requested = Signal(str, str)
    delete_requested = Signal(object)
    undo_requested = Signal()
    train_requested = Signal()
    comparison_left = Signal()
    indices_chosen = Signal(object, object, str)
    save_requested = Signal(object)

    def __init__(
        self, figures: FigureController, parent: QWidget | None = None, *, trains: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runsView")
        self.setAccessibleName("Kept runs")
        self._figures = figures
        self._trains = trains
        self._compared: frozenset[str] = frozenset()  # ids of the runs of the comparison
        self._comparison = Page("compareView", self._make_comparison, lambda _view: None)
        self.table = RunsTable()
        self.table.open_requested.connect(self._open)
        self.table.star_clicked.connect(self.star_requested)
        self.table.undo_requested.connect(self.undo_requested)
        self.table.chosen.connect(self._on_table_chosen)
        empty = EmptyPage(
            "No run has been kept yet",
            "Every training is kept here with its settings, results and network.",
            "Train the network on the left",
        )
        empty.action_requested.connect(self.train_requested)
        if not trains:
            empty.set_text(NO_TRAINING, offers_action=False)
        self.bar = TickBar()
        self.undo_button = self.bar.undo_button
        self.bar.compare_requested.connect(self._compare)
        self.bar.delete_requested.connect(self._delete)
        self.bar.export_requested.connect(self._export_ticked)
        self.bar.untick_requested.connect(self.table.untick_all)
        self.bar.undo_requested.connect(self.undo_requested)
        self._parts: list[QAction | QPushButton | QToolButton] = []
        self.addWidget(empty)
        self.addWidget(self._make_page())
        self.addWidget(self._comparison)
        self.setCurrentIndex(1)  # until it is known that there are no runs
        self.currentChanged.connect(self._on_current_changed)

    def _make_comparison(self) -> CompareView:
        view = CompareView(self._figures)
        view.back_requested.connect(self.show_table)
        view.indices_chosen.connect(self.indices_chosen)
        view.save_requested.connect(self.save_requested)
        return view

    @property
    def compare(self) -> CompareView:
        """Two networks side by side; made when it is first needed."""
        return self._comparison.view

    @property
    def is_comparing(self) -> bool:
        """Whether two networks are shown side by side."""
        return self.currentWidget() is self._comparison

    def _make_controls(self) -> QHBoxLayout:
        """Make the row of what can be done with the selected run."""
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        more = QMenu(self)
        reuse = ("Use setti&ngs", "Put its settings into the training panel", "", self._reuse)
        for text, tip, key, slot in (
            ("Open", "Read drawings with this network and show its matrix", "Return", self._open),
            *([reuse] if self._trains else ()),
        ):
            button = QPushButton(text)
            button.setToolTip(f"{tip} ({key})" if key else tip)
            button.clicked.connect(slot)
            self._parts.append(button)
            row.addWidget(button)
            self._add_action(text, key, slot)
        for text, key, slot in (
            *([("Train on …", "T", self._train_on)] if self._trains else ()),
            ("Star", "S", self._star),
            ("Rename …", "F2", self._rename),
            ("Note …", "N", self._note),
            ("Compare with the bundled reader", "B", self._compare_with_bundled),
        ):
            more.addAction(self._add_action(text, key, slot))
        more.addAction(self._add_action("Delete", "", self._delete_selected))
        add_shortcut(self.table, "Del", self._delete, Qt.ShortcutContext.WidgetShortcut)
        exports = export_menu(self, self._export)
        self.table.addAction(exports.menuAction())
        for name, text, tip, menu in (
            ("exportRunButton", "E&xport", "Write its network, report or matrix", exports),
            (
                "moreRunButton",
                "More",
                f"{'Train on, star' if self._trains else 'Star'}, rename, note, compare, delete; "
                "also with a right click",
                more,
            ),
        ):
            opener = QToolButton()
            opener.setObjectName(name)
            opener.setText(text)
            opener.setToolTip(tip)
            opener.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            give_menu(opener, menu)
            self._parts.append(opener)
            row.addWidget(opener)
        row.addStretch()
        return row

    def _make_find_edit(self) -> None:
        self.find_edit = QLineEdit()
        self.find_edit.setObjectName("findRunsEdit")
        self.find_edit.setProperty("input", True)
        self.find_edit.setPlaceholderText("Find")
        self.find_edit.setClearButtonEnabled(True)
        self.find_edit.setToolTip("Show only runs in which this text stands")
        self.find_edit.setAccessibleName("Find runs")
        self.find_edit.setMaximumWidth(UNIT * 22)
        self.find_edit.textChanged.connect(self.table.show_only)

    def _make_page(self) -> QWidget:
        controls = self._make_controls()
        self._make_find_edit()
        self._damaged_label = label("", "muted", wrap=True)
        self._damaged_label.setObjectName("damagedRunsLabel")
        self._damaged_label.hide()
        head = QHBoxLayout()
        head.addWidget(label("Runs", "title"), 1)
        head.addWidget(self.find_edit)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addLayout(controls)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._damaged_label)
        layout.addWidget(self.bar)
        self._on_table_chosen()
        return page

    def _add_action(self, text: str, key: str, slot: Callable[[], None]) -> QAction:
        """Make an action for the context menu and the keyboard."""
        action = QAction(text.replace("&", ""), self.table)
        action.triggered.connect(slot)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.table.addAction(action)
        self._parts.append(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._comparison.set_theme(theme)
        self.table.set_theme(theme)

    def show_damaged(self, damaged: tuple[DamagedRun, ...], root: Path) -> None:
        """Say which folders among the runs cannot be read, and why; all of them in the tooltip."""
        words = [f"{printable(one.name, NAME_SHOWN)} ({one.reason})" for one in damaged]
        shown, more = words[:DAMAGED_SHOWN], len(words) - DAMAGED_SHOWN
        if more > 0:
            shown.append(f"{more:,} more")
        self._damaged_label.setVisible(bool(damaged))
        names, where = "; ".join(shown), printable(str(root))
        self._damaged_label.setText(
            f"{names} in {where} cannot be read and is left out; move it away if you do not need "
            "it, or put a copy in its place."
            if len(damaged) == 1
            else f"{names} in {where} cannot be read and are left out; move what you do not need "
            "away, or put a copy in its place."
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
        are_there = self._compared <= {run.record.id for run in runs}
        if self.is_comparing and (are_there or not is_read):
            return
        has_words = self.bar.offers_undo or not self._damaged_label.isHidden()
        self.setCurrentIndex(1 if runs or has_words or not is_read else 0)

    @Slot()
    def show_table(self) -> None:
        """Leave the comparison."""
        self.setCurrentIndex(1)
        self.table.setFocus()

    def show_comparison(self, first: Contestant, second: Contestant) -> None:
        """Show two networks side by side."""
        self._compared = frozenset(one.model.run_id for one in (first, second) if one.run)
        self.compare.begin(first, second)
        self.setCurrentWidget(self._comparison)
        self.compare.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_current_changed(self) -> None:
        if self._compared and not self.is_comparing:
            self._compared = frozenset()
            self.comparison_left.emit()

    def show_deleted(self, words: str) -> None:
        """Say what was deleted, and offer to take it back; empty words take the offer away."""
        self.bar.show_deleted(words)

    def _for_selected(self, signal: SignalInstance) -> None:
        for run_id in self.table.selected_ids():
            signal.emit(run_id)

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

    def _export(self, export: Export) -> None:
        if ids := self.table.selected_ids():
            self.export_requested.emit(ids, export)

    @Slot(object)
    def _export_ticked(self, export: Export) -> None:
        self.export_requested.emit(self.table.ticked_ids(), export)

    @Slot()
    def _reuse(self) -> None:
        self._for_selected(self.reuse_requested)

    @Slot()
    def _train_on(self) -> None:
        self._for_selected(self.longer_requested)

    @Slot()
    def _compare(self) -> None:
        ids = self.table.ticked_ids()
        if len(ids) == TWO:
            self.compare_requested.emit(*ids)

    @Slot()
    def _compare_with_bundled(self) -> None:
        for run_id in self.table.selected_ids():
            self.compare_requested.emit(run_id, "")

    @Slot()
    def _delete(self) -> None:
        """Have the ticked runs deleted, or the selected one if none is ticked."""
        ids = self.table.ticked_ids() or self.table.selected_ids()
        if ids:
            self.delete_requested.emit(ids)

    @Slot()
    def _delete_selected(self) -> None:
        """Have the selected run deleted, whichever others are ticked."""
        if ids := self.table.selected_ids():
            self.delete_requested.emit(ids)

    @Slot()
    def _on_table_chosen(self) -> None:
        """Offer what can be done with the selected run, and with those that are ticked."""
        has_one = bool(self.table.selected_ids())
        for part in self._parts:
            part.setEnabled(has_one)
        self.bar.show_ticked(self.table.runs.ticked)
