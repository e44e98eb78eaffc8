"""What can be done with the user's own digits: teach them, undo that, write them to a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.my_digits import KeptDigits, MyDigits
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.teaching_job import Teaching, TeachingResult
from mnist_desktop.ui.pages.my_digits_view import MyDigitsView
from mnist_desktop.ui.parts.file_saver import FileSaver, FileWish
from mnist_desktop.workers.runs import RunList


class MyDigitsActions(QObject):
    """Does what is asked for on the page of the user's digits.

    Parameters
    ----------
    view : MyDigitsView
        The page; it owns this object.
    my_digits : MyDigits
        The digits.
    runs : RunList
        The runs that there are.
    saver : FileSaver
        Writes files.

    Signals
    -------
    teaching_requested(object)
        A `Teaching`: the network in use is to be taught them.
    model_requested(object)
        A `ModelRef`: this network is to be used.
    said(str)
        What was done, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    teaching_requested = Signal(object)
    model_requested = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self, view: MyDigitsView, my_digits: MyDigits, runs: RunList, saver: FileSaver
    ) -> None:
        super().__init__(view)
        self._view = view
        self._my_digits = my_digits
        self._runs = runs
        self._saver = saver
        self._model = self._model_before = BUNDLED
        self._taught: Run | None = None
        view.learn_wished.connect(self._on_view_learn_wished)
        view.undo_wished.connect(self._on_view_undo_wished)
        view.export_wished.connect(self._on_view_export_wished)
        view.kept.connect(self._on_view_kept)

    @Slot(object)
    def use_model(self, model: ModelRef) -> None:
        """Teach this network from now on."""
        self._model = model

    @Slot(object, int)
    def keep(self, ink: Ink, digit: int) -> None:
        """Keep a drawing as what it was meant to be, 0 to 9."""
        self._view.add(Drawing(ink, digit))

    @Slot(object)
    def show_result(self, result: TeachingResult) -> None:
        """Show what teaching has changed; it can be undone."""
        self._taught = result.run
        self._view.show_lesson(result)

    @Slot()
    def _on_view_learn_wished(self) -> None:
        if self._model.file is not None:
            self.failed.emit(
                InvalidInputError(
                    "A network from a file cannot be taught; choose the bundled reader or a run "
                    "at the top."
                )
            )
            return
        self._model_before = self._model
        self._view.forget_lesson()
        self.teaching_requested.emit(Teaching(self._model, self._my_digits))

    @Slot()
    def _on_view_undo_wished(self) -> None:
        """Delete the taught network and go back to the one before."""
        run = self._taught and self._runs.get(self._taught.record.id)
        if run is not None:
            self._runs.delete([run])
        self._view.forget_lesson()
        self.model_requested.emit(self._model_before)

    @Slot()
    def _on_view_export_wished(self) -> None:
        self._saver.save(
            FileWish("Export my digits", "my-digits", (("Strokes", "jsonl"),), self._export)
        )

    def _export(self, path: Path, _kind: int) -> Path:
        return self._my_digits.export(path)

    @Slot(object)
    def _on_view_kept(self, kept: KeptDigits) -> None:
        for one in kept.order.added[:1]:
            are = "is" if kept.count == 1 else "are"
            self.said.emit(
                f"Kept as a {one.label} among your digits; there {are} {kept.count:,} now. "
                "The page My digits shows them."
            )
