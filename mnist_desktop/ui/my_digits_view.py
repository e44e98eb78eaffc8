"""The page of the user's own digits: drawings kept with what they were meant to be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.lesson import LessonResult
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.ui.prediction_views import digit_image
from mnist_desktop.ui.theme import UNIT, label

PICTURE = 56
DRAWING_ROLE = Qt.ItemDataRole.UserRole


class MyDigitsView(QWidget):
    """Shows the user's digits; takes them away and brings them back.

    Parameters
    ----------
    my_digits : MyDigits
        Where they are kept.

    Signals
    -------
    show_wished(object)
        This `Ink` is to be shown on the pad.
    learn_wished(), undo_wished()
        The chosen network is to learn them; the network of the last lesson is to be forgotten.
    export_wished()
        All of them are to be written to a file.
    failed(object)
        A `MnistDesktopError`: a change could not be kept.
    """

    show_wished = Signal(object)
    learn_wished = Signal()
    undo_wished = Signal()
    export_wished = Signal()
    failed = Signal(object)

    def __init__(self, my_digits: MyDigits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("myDigitsView")
        self.setAccessibleName("My digits")
        self._my_digits = my_digits
        self._removed: list[Drawing] = []
        self._is_busy = False
        self._count = label("", "muted")
        self.list = QListWidget()
        self.list.setObjectName("myDigitsList")
        self.list.setAccessibleName("My digits")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(PICTURE, PICTURE))
        self.list.setGridSize(QSize(PICTURE + 28, PICTURE + 32))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.itemActivated.connect(self._on_list_item_activated)
        self.list.itemSelectionChanged.connect(self._on_list_item_selection_changed)
        self._make_buttons()
        self._lay_out()
        self._show()

    def _make_buttons(self) -> None:
        self.learn_button = QPushButton("Lear&n my digits")
        self.learn_button.setObjectName("learnButton")
        self.learn_button.setProperty("primary", True)
        self.learn_button.setToolTip(
            "Teach the network chosen at the top these drawings, with MNIST's digits between them "
            "so that it forgets nothing; it is kept as a new run"
        )
        self.learn_button.clicked.connect(self.learn_wished)
        self.undo_lesson_button = QPushButton("Undo the lesson")
        self.undo_lesson_button.setObjectName("undoLessonButton")
        self.undo_lesson_button.setToolTip(
            "Delete the taught network and go back to the one before"
        )
        self.undo_lesson_button.clicked.connect(self.undo_wished)
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
        self.export_button.clicked.connect(self.export_wished)
        QShortcut(
            QKeySequence(QKeySequence.StandardKey.Delete),
            self.list,
            self.remove_chosen,
            context=Qt.ShortcutContext.WidgetShortcut,
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
        layout.addWidget(self._lay_out_lesson())
        layout.addWidget(self._pages, 1)
        layout.addLayout(row)

    def _lay_out_lesson(self) -> QWidget:
        self._lesson = QWidget()
        self._result = label("", "muted", wrap=True)
        self._result.setObjectName("lessonLabel")
        below = QHBoxLayout(self._lesson)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(UNIT)
        below.addWidget(self._result, 1)
        below.addWidget(self.undo_lesson_button)
        self._lesson.hide()
        return self._lesson

    def set_busy(self, is_busy: bool) -> None:
        """Offer no lesson while a network learns."""
        self._is_busy = is_busy
        self.learn_button.setEnabled(not is_busy and len(self._my_digits) > 0)
        self.undo_lesson_button.setEnabled(not is_busy)

    def show_lesson(self, result: LessonResult) -> None:
        """Tell what a lesson has changed."""
        judged = (
            f"of {formats.count(result.held_out, 'drawing')} of yours that it did not learn"
            if result.held_out
            else f"of the {result.learnt} it learnt (too few to hold any out)"
        )
        before, after = result.before, result.after
        mine = f"{before.drawings * 100:.0f} % right before and {after.drawings * 100:.0f} % now"
        test = f"{before.test * 100:.2f} % and {after.test * 100:.2f} %"
        self._result.setText(
            f"{result.run.record.name}: {judged}, it read {mine}; of MNIST's test digits {test}."
        )
        self._lesson.show()

    def forget_lesson(self) -> None:
        """Tell of no lesson any more."""
        self._lesson.hide()

    def add(self, drawing: Drawing) -> bool:
        """Keep a drawing, and say whether that worked."""
        return self._change(lambda: self._my_digits.add([drawing]))

    @Slot()
    def remove_chosen(self) -> None:
        """Forget the chosen drawings; `bring_back` undoes it."""
        chosen = [item.data(DRAWING_ROLE) for item in self.list.selectedItems()]
        if chosen and self._change(lambda: self._my_digits.remove(chosen)):
            self._removed = chosen
            self._show()

    @Slot()
    def bring_back(self) -> None:
        """Keep again what was removed last."""
        if self._change(lambda: self._my_digits.add(self._removed)):
            self._removed = []
            self._show()

    def _change(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except MnistDesktopError as error:
            self.failed.emit(error)
            return False
        self._show()
        return True

    def _show(self) -> None:
        """List all drawings, by digit and then by age."""
        drawings = sorted(self._my_digits.drawings, key=lambda one: one.label or 0)
        self.list.clear()
        for drawing in drawings:
            icon = QIcon(
                QPixmap.fromImage(digit_image(render(drawing.ink)).scaled(PICTURE, PICTURE))
            )
            item = QListWidgetItem(icon, str(drawing.label))
            item.setData(DRAWING_ROLE, drawing)
            item.setToolTip(f"You drew a {drawing.label}.")
            self.list.addItem(item)
        count = len(drawings)
        self._count.setText(f"{formats.count(count, 'drawing')} of yours")
        self._pages.setCurrentIndex(1 if drawings else 0)
        self.export_button.setEnabled(count > 0)
        self.learn_button.setEnabled(count > 0 and not self._is_busy)
        self.restore_button.setEnabled(bool(self._removed))
        self._on_list_item_selection_changed()

    @Slot()
    def _on_list_item_selection_changed(self) -> None:
        chosen = len(self.list.selectedItems())
        self.show_button.setEnabled(chosen == 1)
        self.remove_button.setEnabled(chosen > 0)

    @Slot(QListWidgetItem)
    def _on_list_item_activated(self, item: QListWidgetItem) -> None:
        self.show_wished.emit(item.data(DRAWING_ROLE).ink)

    @Slot()
    def _show_chosen(self) -> None:
        for item in self.list.selectedItems()[:1]:
            self._on_list_item_activated(item)
