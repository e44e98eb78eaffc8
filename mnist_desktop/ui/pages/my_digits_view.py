"""The page of the user's own digits: drawings kept with what they were meant to be."""

from __future__ import annotations

import operator
import time
from bisect import bisect_left, bisect_right

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeySequence, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.formats import percent
from mnist_desktop.runs.my_digits import KeptDigits, MyDigits
from mnist_desktop.runs.teaching_job import TeachingResult, own_digits
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.prediction_views import digit_image
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import UNIT, label
from mnist_desktop.workers.my_digits import MyDigitsController

PICTURE = 56
LESSON = (
    "Keep a few of each digit, then let the network at the top learn them. One in four is held out "
    "of the lesson, to judge by."
)
RESULT_LINES = 3
CELL = QSize(PICTURE + 28, PICTURE + 32)
BATCH = 500  # rows that are laid out at a time: Qt asks Python about each
MOST_PICTURES = 1000  # that are kept painted: more than any screen shows
RENDER_SECONDS = 0.008  # at a time: half a frame
MOST_STEPS = 200  # rows that are put in or taken out one by one; with more, the list is reset


@guarded
class MyDigitsModel(QAbstractListModel):
    """Drawings by digit and then by age; none is rendered before it is seen.

    Signals
    -------
    rendered()
        Some have their picture now. (Qt would visit each row of a `dataChanged`.)
    """

    rendered = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._drawings: tuple[Drawing, ...] = ()
        self._rows: list[Drawing] = []
        self._pictures: dict[int, QPixmap] = {}
        self._seen: dict[int, Drawing] = {}  # that have no picture yet
        self._blank = QPixmap(PICTURE, PICTURE)
        self._blank.fill(Qt.GlobalColor.black)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def show(self, drawings: tuple[Drawing, ...]) -> None:
        """Show drawings, the oldest first; what was shown already stays as it is.

        Parameters
        ----------
        drawings : tuple of Drawing
            With labels.
        """
        count = len(self._drawings)
        gone: list[Drawing] = []
        if len(drawings) < count or not all(map(operator.is_, self._drawings, drawings)):
            left = set(map(id, drawings))
            gone = [one for one in self._drawings if id(one) not in left]
        added = drawings[count - len(gone) :]
        if len(added) + len(gone) > MOST_STEPS:
            self._begin_anew(drawings)
        else:
            for one in gone:
                self._take_out(one)
            for one in added:
                self._put_in(one)
        self._drawings = drawings

    def _begin_anew(self, drawings: tuple[Drawing, ...]) -> None:
        self.beginResetModel()
        self._rows = sorted(drawings, key=_label)
        self._pictures.clear()
        self._seen.clear()
        self.endResetModel()

    def _take_out(self, drawing: Drawing) -> None:
        row = bisect_left(self._rows, _label(drawing), key=_label)
        while self._rows[row] is not drawing:
            row += 1
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rows[row]
        self._pictures.pop(id(drawing), None)
        self._seen.pop(id(drawing), None)
        self.endRemoveRows()

    def _put_in(self, drawing: Drawing) -> None:
        row = bisect_right(self._rows, _label(drawing), key=_label)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, drawing)
        self.endInsertRows()

    def drawing(self, index: Index) -> Drawing:
        """Return the drawing of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the drawings."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Show a drawing as the network sees it, and say what it is."""
        drawing = self._rows[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(drawing)
        if role == Qt.ItemDataRole.DisplayRole:
            return str(drawing.label)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"You drew a {drawing.label}."
        return None

    def _picture(self, drawing: Drawing) -> QPixmap:
        """Return the picture of a drawing; it is blank for the moment that rendering takes."""
        picture = self._pictures.get(id(drawing))
        if picture is None:
            self._seen[id(drawing)] = drawing
            self._timer.start()  # once the view is painted
        return picture or self._blank

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Render some of the drawings that have been seen, and let the window live in between."""
        end = time.perf_counter() + RENDER_SECONDS
        if len(self._pictures) > MOST_PICTURES:
            self._pictures.clear()
        while self._seen and time.perf_counter() < end:
            _, drawing = self._seen.popitem()
            image = digit_image(render(drawing.ink)).scaled(PICTURE, PICTURE)
            self._pictures[id(drawing)] = QPixmap.fromImage(image)
        if self._seen:
            self._timer.start()
        self.rendered.emit()


def _label(drawing: Drawing) -> int:
    return drawing.label or 0


@guarded
class MyDigitsView(QWidget):
    """Shows the user's digits; takes them away and brings them back.

    They are read when the page is first seen.

    Parameters
    ----------
    my_digits : MyDigits
        Where they are kept.

    Signals
    -------
    show_requested(object)
        This `Ink` is to be shown on the pad.
    learn_requested(), undo_requested()
        The chosen network is to learn them; the last teaching is to be undone.
    export_requested()
        All of them are to be written to a file.
    kept(object)
        A `KeptDigits`: a change is on the disk.
    noticed(str)
        What the user should know of the file.
    failed(object)
        A `MnistDesktopError`: a change could not be kept.
    """

    show_requested = Signal(object)
    learn_requested = Signal()
    undo_requested = Signal()
    export_requested = Signal()
    kept = Signal(object)
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(self, my_digits: MyDigits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("myDigitsView")
        self.setAccessibleName("My digits")
        self._has_any = not my_digits.is_empty
        self._removed: tuple[Drawing, ...] = ()  # last, and can be brought back
        self._returning: tuple[Drawing, ...] = ()
        self._is_busy = False
        self._keeper = MyDigitsController(my_digits, self)
        self._keeper.done.connect(self._on_keeper_done)
        self._keeper.failed.connect(self._on_keeper_failed)
        self._count = label("Reading your drawings …", "muted")
        self._count.setObjectName("myDigitsCountLabel")
        self._model = MyDigitsModel(self)
        self._make_list()
        self._make_buttons()
        self._lay_out()
        self._show_count(0)
        self._offer()

    def _make_list(self) -> None:
        self.list = QListView()
        self.list.setObjectName("myDigitsList")
        self.list.setAccessibleName("My digits")
        self.list.setModel(self._model)
        self._model.rendered.connect(self.list.viewport().update)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setBatchSize(BATCH)
        self.list.setIconSize(QSize(PICTURE, PICTURE))
        self.list.setGridSize(CELL)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.activated.connect(self._on_list_activated)
        self.list.selectionModel().selectionChanged.connect(self._on_list_selection_changed)

    def _make_buttons(self) -> None:
        self.learn_button = QPushButton("Lear&n my digits")
        self.learn_button.setObjectName("learnButton")
        self.learn_button.setProperty("primary", True)
        self.learn_button.setToolTip(
            "Fine-tune the network chosen at the top on these drawings, mixed with MNIST's digits "
            "so that it forgets nothing; the result is kept as a new run"
        )
        self.learn_button.clicked.connect(self.learn_requested)
        self.undo_teaching_button = QPushButton("Undo teaching")
        self.undo_teaching_button.setObjectName("undoTeachingButton")
        self.undo_teaching_button.setToolTip(
            "Delete the taught network and go back to the one before"
        )
        self.undo_teaching_button.clicked.connect(self.undo_requested)
        self.show_button = QPushButton("Show on the pad")
        self.show_button.setToolTip("Put the chosen drawing on the pad (Return)")
        self.show_button.clicked.connect(self._show_chosen)
        self.remove_button = QPushButton("Remove")
        self.remove_button.setToolTip("Forget the chosen drawings (Delete)")
        self.remove_button.clicked.connect(self.remove_chosen)
        self.restore_button = QPushButton("Bring back")
        self.restore_button.setShortcut(QKeySequence("Alt+F"))
        self.restore_button.setToolTip("Bring back what was removed last (Alt+F)")
        self.restore_button.clicked.connect(self.bring_back)
        self.export_button = QPushButton("E&xport …")
        self.export_button.setToolTip(
            "Write all drawings to a file of strokes; the command predict --strokes reads it"
        )
        self.export_button.clicked.connect(self.export_requested)
        add_shortcut(
            self.list,
            QKeySequence.StandardKey.Delete,
            self.remove_chosen,
            Qt.ShortcutContext.WidgetShortcut,
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(self._count)
        head.addStretch()
        head.addWidget(self.learn_button)
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        for button in (self.show_button, self.remove_button, self.restore_button):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.export_button)
        empty = label(
            "Nothing here yet.\n\nWhen a drawing is misread, press the key of the digit that it "
            "is, or use “It is a …” under the pad. It is kept here, on this computer only.",
            "muted",
            wrap=True,
        )
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty)
        self._pages.addWidget(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._lay_out_teaching())
        layout.addWidget(self._pages, 1)
        layout.addLayout(row)

    def _lay_out_teaching(self) -> QWidget:
        """Lay out a row that stays where it is, and as high, whatever it says."""
        row = QWidget()
        self._result = label("", "muted", wrap=True)
        self._result.setObjectName("teachingLabel")
        self._result.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._result.setMinimumHeight(RESULT_LINES * self.fontMetrics().lineSpacing())
        policy = self.undo_teaching_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.undo_teaching_button.setSizePolicy(policy)
        below = QHBoxLayout(row)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(UNIT)
        below.addWidget(self._result, 1)
        below.addWidget(self.undo_teaching_button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide_result()
        return row

    def set_busy(self, is_busy: bool) -> None:
        """Offer no teaching while a network learns."""
        self._is_busy = is_busy
        self._offer()

    def show_result(self, result: TeachingResult) -> None:
        """Show what teaching has changed."""
        judged = (
            f"Of {formats.count(result.held_out, 'drawing')} held out of the lesson"
            if result.held_out
            else "There were too few to hold any out of the lesson: of those it learnt"
        )
        before, after = result.before, result.after
        self._result.setText(
            f"{result.run.record.name}: {own_digits(result)}. {judged}, "
            f"{percent(before.drawings, 0)} before and {percent(after.drawings, 0)} now; of "
            f"MNIST's test digits {percent(before.test)} and {percent(after.test)}."
        )
        self.undo_teaching_button.show()

    def hide_result(self) -> None:
        """Say again what a lesson is, in place of what the last one came to."""
        self._result.setText(LESSON)
        self.undo_teaching_button.hide()

    def add(self, drawing: Drawing) -> None:
        """Keep a drawing; `kept` or `failed` reports the outcome."""
        self._keeper.add([drawing])

    def close_files(self) -> None:
        """Wait until everything that was kept or removed is on the disk."""
        self._keeper.close()

    @Slot()
    def remove_chosen(self) -> None:
        """Forget the chosen drawings; `bring_back` undoes it."""
        chosen = self._chosen()
        if chosen:
            self._keeper.remove(chosen)

    @Slot()
    def bring_back(self) -> None:
        """Keep again what was removed last."""
        if self._removed:
            self._returning, self._removed = self._removed, ()
            self._offer()
            self._keeper.add(self._returning)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the drawings, or those that another program has added since."""
        super().showEvent(event)
        self._keeper.show()

    @Slot(object)
    def _on_keeper_done(self, kept: KeptDigits) -> None:
        self._has_any = kept.count > 0
        self._returning = ()
        if kept.order.removed:
            self._removed = kept.order.removed
        if kept.drawings is not None:
            self._model.show(kept.drawings)
            self._show_count(kept.count)
        self._offer()
        if kept.notice:
            self.noticed.emit(kept.notice)
        if kept.order.added or kept.order.removed:
            self.kept.emit(kept)

    @Slot(object)
    def _on_keeper_failed(self, error: MnistDesktopError) -> None:
        """Report it; what could not be brought back can be tried again."""
        self._removed, self._returning = self._returning or self._removed, ()
        self._offer()
        self.failed.emit(error)

    def _show_count(self, count: int) -> None:
        self._count.setText(f"{formats.count(count, 'drawing')} of yours")
        self._pages.setCurrentIndex(1 if count else 0)

    def _offer(self) -> None:
        """Enable what can be done."""
        ranges = self.list.selectionModel().selection()
        chosen = sum(ranges.at(place).height() for place in range(ranges.count()))
        self.show_button.setEnabled(chosen == 1)
        self.remove_button.setEnabled(chosen > 0)
        self.export_button.setEnabled(self._has_any)
        self.learn_button.setEnabled(self._has_any and not self._is_busy)
        self.undo_teaching_button.setEnabled(not self._is_busy)
        self.restore_button.setEnabled(bool(self._removed))

    def _chosen(self) -> list[Drawing]:
        return [self._model.drawing(index) for index in self.list.selectedIndexes()]

    @Slot()
    def _on_list_selection_changed(self) -> None:
        self._offer()

    @Slot(QModelIndex)
    def _on_list_activated(self, index: QModelIndex) -> None:
        self.show_requested.emit(self._model.drawing(index).ink)

    @Slot()
    def _show_chosen(self) -> None:
        for one in self._chosen()[:1]:
            self.show_requested.emit(one.ink)
