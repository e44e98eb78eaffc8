"""The page of the user's own digits: drawings kept with what they were meant to be."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from mnist_desktop import formats
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.formats import percent
from mnist_desktop.runs.my_digits import KeptDigits, MyDigits
from mnist_desktop.runs.teaching_job import TeachingResult, own_digits
from mnist_desktop.ui.pages.my_digits_model import MyDigitsModel
from mnist_desktop.ui.parts.digit_browser import DigitBrowser
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.shortcuts import add_shortcut, in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.my_digits import DigitsFailure, MyDigitsController

LESSON = (
    "Keep a few of each digit, then let the network at the top learn them. One in four is held out "
    "of the lesson, to judge by."
)
EXAMPLES = (
    "A drawing like one of these is read as what you said it is, whichever network is at the top. "
    "The network itself stays as it is; having it learn them needs MNIST Desktop, the full program."
)
RESULT_LINES = 4


@guarded
class MyDigitsView(QWidget):
    """Shows the user's digits; takes them away and brings them back.

    They are read when the page is first seen.

    Parameters
    ----------
    my_digits : MyDigits
        Where they are kept.
    trains : bool
        Whether a network can learn them; in the Reader they are examples to read by.

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
        A `DigitsFailure`: a change could not be kept.
    """

    show_requested = Signal(object)
    learn_requested = Signal()
    undo_requested = Signal()
    export_requested = Signal()
    kept = Signal(object)
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(
        self, my_digits: MyDigits, parent: QWidget | None = None, *, trains: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName("myDigitsView")
        self.setAccessibleName("My digits")
        self._trains = trains
        self._has_any = not my_digits.is_empty
        self._removed: tuple[Drawing, ...] = ()  # last, and can be brought back
        self._returning: tuple[Drawing, ...] = ()  # being brought back, or the last that were
        self._is_busy = False
        self._keeper = MyDigitsController(my_digits, self)
        self._keeper.done.connect(self._on_keeper_done)
        self._keeper.failed.connect(self._on_keeper_failed)
        self._model = MyDigitsModel(self)
        self._make_browser()
        self._make_buttons()
        self._lay_out()
        self._pages.setCurrentIndex(1 if self._has_any else 0)
        self._offer()

    def _make_browser(self) -> None:
        self.browser = DigitBrowser(
            self._model, "myDigitsCountLabel", "what you said it is", multiple=True
        )
        self.browser.count.setText("Reading your drawings …")
        self.browser.detail.pad_button.setText("Send to the pad")  # Alt+N is Learn my digits
        self.browser.pad_requested.connect(self._on_browser_pad_requested)
        self.list = self.browser.list
        self.list.setObjectName("myDigitsList")
        self.list.setAccessibleName("My digits")
        self._model.rendered.connect(self.list.viewport().update)
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
        self.remove_button = QPushButton("Remove")
        self.remove_button.setToolTip("Forget the chosen drawings (Delete)")
        self.remove_button.clicked.connect(self.remove_chosen)
        self.restore_button = QPushButton("Bring back")
        self.restore_button.setShortcut(QKeySequence("Alt+F"))
        self.restore_button.setToolTip(in_words("Bring back what was removed last (Alt+F)"))
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
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        for button in (self.remove_button, self.restore_button):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.export_button)
        if self._trains:
            row.addWidget(self.learn_button)
        empty = label(
            "Nothing here yet.\n\nWhen a drawing is misread, press the key of the digit that it "
            "is, or use “It is a …” under the pad. It is kept here, on this computer only.",
            "muted",
            wrap=True,
        )
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty)
        self._pages.addWidget(self.browser)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addWidget(self._lay_out_teaching())
        layout.addWidget(self._pages, 1)
        layout.addLayout(row)

    def _lay_out_teaching(self) -> QWidget:
        """Lay out a row that stays where it is, and as high, whatever it says."""
        row = QWidget()
        self._result = FixedLines("muted", RESULT_LINES)
        self._result.setObjectName("teachingLabel")
        keep_place(self.undo_teaching_button)
        below = QHBoxLayout(row)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(UNIT)
        below.addWidget(self._result, 1)
        below.addWidget(self.undo_teaching_button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide_result()
        return row

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.browser.set_theme(theme)

    def set_busy(self, is_busy: bool) -> None:
        """Offer no teaching while a network learns."""
        self._is_busy = is_busy
        self._offer()

    def show_result(self, result: TeachingResult) -> None:
        """Show what teaching has changed."""
        before, after = result.before.test_accuracy, result.after.test_accuracy
        learnt = "; these it had learnt from before" if result.run.record.caveat else ""
        self._result.setText(
            f"{result.run.record.name}: {own_digits(result)}; of the test digits of "
            f"{result.digits}, before {percent(before)}, now {percent(after)}{learnt}."
        )
        self.undo_teaching_button.show()

    def hide_result(self) -> None:
        """Say again what a lesson is, in place of what the last one came to."""
        self._result.setText(LESSON if self._trains else EXAMPLES)
        self.undo_teaching_button.hide()

    def add(self, drawing: Drawing) -> None:
        """Keep a drawing; `kept` or `failed` reports the outcome."""
        self._keeper.add([drawing])

    def replace(self, drawing: Drawing, other: Drawing) -> None:
        """Keep a drawing instead of another one."""
        self._keeper.replace(drawing, other)

    def remove(self, drawing: Drawing) -> None:
        """Forget a drawing; `bring_back` undoes it."""
        self._keeper.remove([drawing])

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
        if kept.order.removed and not kept.order.added:
            self._removed = kept.order.removed
        if kept.drawings is not None:
            self._model.show(kept.drawings)
            self.browser.count.setText(f"{formats.count(kept.count, 'drawing')} of yours")
        self._pages.setCurrentIndex(1 if self._has_any else 0)
        self._offer()
        if kept.notice:
            self.noticed.emit(kept.notice)
        if kept.order.added or kept.order.removed:
            self.kept.emit(kept)

    @Slot(object)
    def _on_keeper_failed(self, failure: DigitsFailure) -> None:
        """Report it; what could not be brought back can be tried again."""
        if failure.order.added and failure.order.added is self._returning:
            self._removed = (*self._returning, *self._removed)
        self._offer()
        self.failed.emit(failure)

    def _offer(self) -> None:
        """Enable what can be done."""
        ranges = self.list.selectionModel().selection()
        chosen = sum(ranges.at(place).height() for place in range(ranges.count()))
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

    @Slot()
    def _on_browser_pad_requested(self) -> None:
        """Show the strokes of the drawing that is open, and not its picture."""
        self.show_requested.emit(self._model.drawing(self.list.currentIndex()).ink)
