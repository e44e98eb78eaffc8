"""What can be done with the user's own digits: teach them, undo that, write them to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing, as_lines
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.formats import a_digit
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.my_digits import KeptDigits
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.teaching_job import Teaching, TeachingResult
from mnist_desktop.ui.parts.file_saver import FileRequest, FileSaver
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.toast import Action, Answer, Card
from mnist_desktop.workers.my_digits import DigitsFailure

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.my_digits_view import MyDigitsView


class MyDigitsActions(QObject):
    """Carries out the requests of the page *My digits*.

    Parameters
    ----------
    services : Services
        What the window works with.
    saver : FileSaver
        Writes files.
    parent : QObject
        Owns this object.

    Attributes
    ----------
    page : Page
        The page.

    Signals
    -------
    teaching_requested(object)
        A `Teaching`: the network in use is to be taught them.
    model_requested(object)
        A `ModelRef`: this network is to be used.
    show_requested(object)
        An `Ink` is to be shown on the drawing pad.
    similar_requested(object)
        The training digits most like this image, ndarray (28, 28), are wanted.
    why_requested(object)
        Why this `WhySubject` is read as it is, is to be shown.
    answered(object)
        An `Answer` to a drawing that was to be kept.
    noticed(str)
        What the user should know of the file.
    failed(object)
        A `MnistDesktopError`.
    """

    teaching_requested = Signal(object)
    model_requested = Signal(object)
    show_requested = Signal(object)
    similar_requested = Signal(object)
    why_requested = Signal(object)
    answered = Signal(object)
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, saver: FileSaver, parent: QObject) -> None:
        super().__init__(parent)
        self._my_digits = services.my_digits
        self._can_train = services.can_train
        self._runs = services.runs
        self._prediction = services.prediction
        self._saver = saver
        self._is_busy = False
        self._model = self._model_before = BUNDLED
        self._taught: Run | None = None
        self._kept: Drawing | None = None  # last, as long as it is there
        self._corrected: Drawing | None = None  # what was kept, before its label was corrected
        self._gone: Drawing | None = None  # what was kept last, once it is removed
        self.page = Page("myDigitsView", self._make_view, self._fill)

    def _make_view(self) -> MyDigitsView:
        from mnist_desktop.ui.pages.my_digits_view import MyDigitsView

        view = MyDigitsView(self._my_digits, trains=self._can_train)
        view.learn_requested.connect(self._on_view_learn_requested)
        view.undo_requested.connect(self._on_view_undo_requested)
        view.export_requested.connect(self._on_view_export_requested)
        view.kept.connect(self._on_view_kept)
        view.show_requested.connect(self.show_requested)
        view.browser.similar_requested.connect(self.similar_requested)
        view.browser.why_requested.connect(self.why_requested)
        self._prediction.similar_found.connect(view.browser.show_similar)
        view.noticed.connect(self.noticed)
        view.failed.connect(self._on_view_failed)
        return view

    def _fill(self, view: MyDigitsView) -> None:
        view.set_busy(self._is_busy)

    @property
    def _view(self) -> MyDigitsView:
        return self.page.view

    @Slot(bool)
    def set_busy(self, is_busy: bool) -> None:
        """Offer no teaching while a network learns."""
        self._is_busy = is_busy
        if view := self.page.built_view:
            view.set_busy(is_busy)

    def close_files(self) -> None:
        """Wait until everything that was kept or removed is on the disk."""
        if view := self.page.built_view:
            view.close_files()

    @Slot(object)
    def use_model(self, model: ModelRef) -> None:
        """Teach this network from now on."""
        self._model = model

    @Slot(object, int)
    def keep(self, ink: Ink, digit: int) -> None:
        """Keep a drawing as what it was meant to be, 0 to 9.

        It is kept once: the same digit again changes nothing, and another one corrects its label.
        """
        before, drawing = self._kept, Drawing(ink, digit)
        if before is None or not before.ink.is_same_drawing(ink):
            self._kept, self._corrected = drawing, None
            self._view.add(drawing)
        elif before.label != digit:
            self._kept, self._corrected = drawing, before
            self._view.replace(before, drawing)
        else:
            self._answer(f"Already kept as {a_digit(digit)}")

    def _answer(self, text: str) -> None:
        undo = Action("Undo", self._undo_keeping)
        self.answered.emit(Answer(text, Card.DRAW, (undo,)))

    def _undo_keeping(self) -> None:
        """Give the drawing that was kept last its label back, or take it away again."""
        drawing, before = self._kept, self._corrected
        if drawing is None:
            return
        if before is None:
            self._view.remove(drawing)
        else:
            self._kept, self._corrected = before, None
            self._view.replace(drawing, before)

    @Slot(object)
    def show_result(self, result: TeachingResult) -> None:
        """Show what teaching has changed; it can be undone."""
        self._taught = result.run
        self._view.show_result(result)

    @Slot()
    def _on_view_learn_requested(self) -> None:
        if self._model.file is not None:
            self.failed.emit(
                InvalidInputError(
                    "A network from a file cannot be taught; choose the bundled reader or a run "
                    "at the top."
                )
            )
            return
        self._model_before = self._model
        self._view.hide_result()
        self.teaching_requested.emit(Teaching(self._model, self._my_digits))

    @Slot()
    def _on_view_undo_requested(self) -> None:
        """Delete the taught network and go back to the one before."""
        run = self._taught and self._runs.get(self._taught.record.id)
        if run is not None:
            self._runs.delete([run])
        self._view.hide_result()
        self.model_requested.emit(self._model_before)

    @Slot()
    def _on_view_export_requested(self) -> None:
        self._saver.save(
            FileRequest("Export my digits", "my-digits", (("Strokes", "jsonl"),), self._export)
        )

    def _export(self, path: Path, _kind: int) -> Path:
        return self._my_digits.export(path)

    @Slot(object)
    def _on_view_kept(self, kept: KeptDigits) -> None:
        """Say what was kept, or taken away again; where nothing trains, it is known at once."""
        if not self._can_train:
            self._prediction.use_examples(self._my_digits)
        order = kept.order
        if self._gone is not None and _is_among(self._gone, order.added):
            self._kept, self._gone = self._gone, None
        last = self._kept
        if last is None:
            return
        if any(one is last for one in order.added):
            digit = a_digit(last.label or 0)
            self._answer(
                f"Kept as {digit}; there is 1 now"
                if kept.count == 1
                else f"Kept as {digit}; there are {kept.count:,} now"
            )
        elif _is_among(last, order.removed):
            self._kept, self._gone = None, last
            self.answered.emit(Answer("The drawing is no longer kept", Card.DRAW))

    @Slot(object)
    def _on_view_failed(self, failure: DigitsFailure) -> None:
        """Report it; where the last drawing was to be kept, what was there before still is."""
        order = failure.order
        if any(one is self._kept for one in order.added):
            self._kept, self._corrected = next(iter(order.removed), None), None
        self.failed.emit(failure.error)


def _is_among(drawing: Drawing, others: Sequence[Drawing]) -> bool:
    """Whether a drawing is one of these, which may have been read from the file again."""
    alike = (one for one in others if _outline(one) == _outline(drawing))
    return next(as_lines([drawing])) in as_lines(alike)


def _outline(drawing: Drawing) -> tuple[int | None, list[int]]:
    """What drawings that are the same have in common, found without looking at each point."""
    return drawing.label, [len(stroke) for stroke in drawing.ink.strokes]
