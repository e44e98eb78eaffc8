"""What the user can do with kept runs: names, notes, stars, deletions, files, comparisons."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QInputDialog

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import ModelFileError, RunNotFoundError
from mnist_desktop.runs.model_ref import BUNDLED_NAME, ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest
from mnist_desktop.runs.record import caveat
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_changes import Deletion, Restoration
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import LongerTraining
from mnist_desktop.training.config import MAX_EPOCHS
from mnist_desktop.ui.pages.contestant import of_bundled, of_run
from mnist_desktop.ui.pages.export_menu import EXPORTS, Export
from mnist_desktop.ui.pages.result_pages import NOT_LOADED
from mnist_desktop.ui.parts.file_saver import FileRequest, FileSaver, FolderRequest
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.workers.evaluation import SplitFailure
from mnist_desktop.workers.runs import ChangeEnd

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.runs_view import RunsView


class RunActions(QObject):
    """Carries out the requests of the runs page.

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
    train_requested()
        The button of the empty page was pressed.
    settings_requested(object)
        A `TrainingConfig` is to be put into the training panel.
    longer_requested(object)
        A `LongerTraining`: a run's network is to learn for more epochs.
    model_requested(object)
        A `ModelRef`: this network is to be used.
    opened()
        The user has opened a run: its results are to be shown.
    indices_chosen(object, object, str)
        These digits of a `SplitReadings` are to be shown, with what they are.
    refused(str)
        Why something cannot be done now.
    said(str)
        What was done, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    train_requested = Signal()
    settings_requested = Signal(object)
    longer_requested = Signal(object)
    model_requested = Signal(object)
    opened = Signal()
    indices_chosen = Signal(object, object, str)
    refused = Signal(str)
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, saver: FileSaver, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._runs = services.runs
        self._data = services.data
        self._evaluation = services.evaluation
        self._saver = saver
        self._selected = ""
        self._deleted: list[tuple[Run, ...]] = []
        self._pending: tuple[SplitRequest, ...] = ()  # of a comparison, until both are read
        self.page = Page("runsView", self._make_view, self._fill)
        services.runs.changed.connect(self._on_runs_changed)
        services.runs.change_ended.connect(self._on_runs_change_ended)
        services.data.changed.connect(self._on_data_changed)
        services.evaluation.read.connect(self._on_evaluation_read)
        services.evaluation.failed.connect(self._on_evaluation_failed)

    def _make_view(self) -> RunsView:
        from mnist_desktop.ui.pages.runs_view import RunsView

        view = RunsView(self._services.figures, trains=self._services.can_train)
        view.train_requested.connect(self.train_requested)
        view.open_requested.connect(self._on_view_open_requested)
        view.rename_requested.connect(self._on_view_rename_requested)
        view.note_requested.connect(self._on_view_note_requested)
        view.star_requested.connect(self._on_view_star_requested)
        view.delete_requested.connect(self._on_view_delete_requested)
        view.undo_requested.connect(self._on_view_undo_requested)
        view.reuse_requested.connect(self._on_view_reuse_requested)
        view.longer_requested.connect(self._on_view_longer_requested)
        view.export_requested.connect(self._on_view_export_requested)
        view.compare_requested.connect(self._on_view_compare_requested)
        view.comparison_left.connect(self._on_view_comparison_left)
        view.indices_chosen.connect(self.indices_chosen)
        view.save_requested.connect(self._saver.save)
        return view

    def _fill(self, view: RunsView) -> None:
        self._list(view)
        view.table.select(self._selected)
        view.table.runs.mark(self._selected)

    @property
    def _view(self) -> RunsView:
        return self.page.view

    def select(self, run_id: str) -> None:
        """Select a run in the list and mark it as the one in use; with an empty id, none."""
        self._selected = run_id
        if view := self.page.built_view:
            view.table.select(run_id)
            view.table.runs.mark(run_id)

    @Slot()
    def _on_runs_changed(self) -> None:
        if view := self.page.built_view:
            self._list(view)

    def _list(self, view: RunsView) -> None:
        view.show_damaged(self._runs.damaged, self._runs.store.root)
        view.show_runs(self._runs.runs, is_read=self._runs.is_read)

    @Slot(str)
    def _on_view_open_requested(self, run_id: str) -> None:
        self.model_requested.emit(ModelRef(run_id))
        self.opened.emit()

    def _run(self, run_id: str) -> Run | None:
        """The run that is meant, unless it has left the list meanwhile."""
        run = self._runs.get(run_id)
        if run is None:
            self.failed.emit(RunNotFoundError(f"There is no run {run_id!r} any more."))
        return run

    @Slot(str)
    def _on_view_rename_requested(self, run_id: str) -> None:
        run = self._run(run_id)
        if run is None:
            return
        name, is_given = QInputDialog.getText(
            self._view, "Rename run", "New name:", text=run.record.name
        )
        if is_given:
            self._runs.edit(run, name=name)

    @Slot(str)
    def _on_view_note_requested(self, run_id: str) -> None:
        run = self._run(run_id)
        if run is None:
            return
        note, is_given = QInputDialog.getMultiLineText(
            self._view,
            "Note",
            plain(f"What is worth knowing about “{run.record.name}”:"),
            run.record.note,
        )
        if is_given:
            self._runs.edit(run, note=note)

    @Slot(str)
    def _on_view_star_requested(self, run_id: str) -> None:
        run = self._run(run_id)
        if run is not None:
            self._runs.edit(run, starred=not run.record.starred)

    @Slot(object)
    def _on_view_delete_requested(self, ids: tuple[str, ...]) -> None:
        gone = tuple(run for run in map(self._runs.get, ids) if run is not None)
        if not gone:
            return
        self._deleted.append(gone)
        runs = formats.count(len(gone), "run")
        self._view.show_deleted(
            f"“{gone[0].record.name}” was deleted; its files go for good in a day."
            if len(gone) == 1
            else f"{runs} were deleted; their files go for good in a day."
        )
        self._runs.delete(gone)

    @Slot()
    def _on_view_undo_requested(self) -> None:
        """Restore what was deleted last; what was deleted before it can be restored next."""
        if self._deleted:
            runs = self._deleted.pop()
            self._offer_undo()
            self._runs.restore(runs)

    def _offer_undo(self) -> None:
        count = len(self._deleted)
        self._view.show_deleted(formats.count(count, "earlier deletion") if count else "")

    @Slot(object)
    def _on_runs_change_ended(self, end: ChangeEnd) -> None:
        """Report what could not be done, and update which deletions can be undone."""
        change, outcome = end.change, end.outcome
        if isinstance(change, Restoration):
            self._tell_restored(outcome.difference.there)
            if outcome.left:  # it can be tried again
                self._deleted.append(outcome.left)
                self._offer_undo()
        elif isinstance(change, Deletion) and outcome.left:
            self._forget_deletion_of(outcome.left)
        if outcome.error is not None:
            self.failed.emit(outcome.error)

    def _tell_restored(self, runs: tuple[Run, ...]) -> None:
        if len(runs) == 1:
            self.said.emit(f"“{runs[0].record.name}” is back.")
        elif runs:
            self.said.emit(f"{formats.count(len(runs), 'run')} are back.")

    def _forget_deletion_of(self, runs: tuple[Run, ...]) -> None:
        """Offer to restore only what was deleted; these are still there."""
        left = [tuple(run for run in one if run not in runs) for one in self._deleted]
        self._deleted = [one for one in left if one]
        self._offer_undo()

    @Slot(str)
    def _on_view_reuse_requested(self, run_id: str) -> None:
        run = self._run(run_id)
        if run is not None:
            self.settings_requested.emit(run.record.config)

    @Slot(str)
    def _on_view_longer_requested(self, run_id: str) -> None:
        run = self._run(run_id)
        if run is None:
            return
        most = MAX_EPOCHS - len(run.record.history)
        epochs, is_given = QInputDialog.getInt(
            self._view,
            "Train on",
            plain(f"How many more epochs “{run.record.name}” is to learn:"),
            min(len(run.record.history), most),
            1,
            most,
        )
        if is_given:
            self.longer_requested.emit(LongerTraining(run, epochs))

    @Slot(object, object)
    def _on_view_export_requested(self, ids: tuple[str, ...], export: Export) -> None:
        """Ask for a file, or for several runs for a folder, and write this of each."""
        runs = [run for run in map(self._run, ids) if run is not None]
        if len(runs) == 1:
            self.export(runs[0], (export,))
        elif runs:
            files = tuple(
                (export.file_name(run.record.name), self._writer(run, (export,))) for run in runs
            )
            self._saver.save_all(FolderRequest(_title(export), export.suffix, files))

    def export(self, run: Run, exports: tuple[Export, ...]) -> None:
        """Ask for a file and write one of these things of a run into it."""
        kinds = tuple((one.words, one.suffix) for one in exports)
        write = self._writer(run, exports)
        name = exports[0].file_name(run.record.name)
        self._saver.save(FileRequest(_title(exports[0]), name, kinds, write))

    def _writer(self, run: Run, exports: tuple[Export, ...]) -> Callable[..., Path]:
        return functools.partial(_write, run, exports, self._data.dataset, store=self._runs.store)

    @Slot(object)
    def save_report(self, run: Run) -> None:
        """Ask for a file and write a run's report into it."""
        self.export(run, tuple(one for one in EXPORTS if one.what == "report"))

    @Slot(str, str)
    def _on_view_compare_requested(self, first: str, second: str) -> None:
        dataset = self._data.dataset
        if dataset is None:
            self.refused.emit(NOT_LOADED)
            return
        run, other = self._run(first), self._run(second) if second else None
        if run is None or (second and other is None):
            return
        records = [None if one is None else one.record for one in (run, other)]
        seen = [one for one in records if (one.caveat if one else caveat(None, dataset.name))]
        if seen:
            name = BUNDLED_NAME if seen[0] is None else f"“{seen[0].name}”"
            self.refused.emit(
                f"{name} has learnt from the sample's digits, so that it would have an advantage; "
                "tick other runs, or download MNIST on the page Data."
            )
            return
        try:
            pair = (of_run(run), of_bundled(run) if other is None else of_run(other))
        except ModelFileError as error:
            self.refused.emit(str(error))
            return
        self._view.show_comparison(*pair)
        self._pending = tuple(SplitRequest(one.run, dataset, "test") for one in pair)
        self.request_readings()

    def request_readings(self) -> None:
        """Request what a comparison lacks: also again, if it was withdrawn for another page."""
        for request in self._pending:
            self._evaluation.request(request)

    @Slot(object)
    def _on_evaluation_read(self, readings: SplitReadings) -> None:
        if any(_is_answer(readings, one) for one in self._pending):
            compare = self._view.compare
            compare.show_readings(readings)
            if compare.comparison is not None:
                self._pending = ()

    @Slot(object)
    def _on_evaluation_failed(self, failure: SplitFailure) -> None:
        if any(_are_same(failure.request, one) for one in self._pending):
            self._give_up(str(failure.error))

    @Slot()
    def _on_data_changed(self) -> None:
        if self._pending:
            self._give_up("Other digits are in use now; compare the two once more.")

    def _give_up(self, reason: str) -> None:
        """Wait no longer for what a comparison lacks."""
        self._pending = ()
        self._view.compare.show_failure(reason)

    @Slot()
    def _on_view_comparison_left(self) -> None:
        self._pending = ()


def _is_answer(readings: SplitReadings, request: SplitRequest) -> bool:
    is_of_split = readings.split_name == request.name and readings.epoch == request.epoch
    is_of_digits = readings.split is not None and readings.split.digits is request.dataset.test
    return readings.model == request.model and is_of_split and is_of_digits


def _are_same(one: SplitRequest, other: SplitRequest) -> bool:
    """Whether two requests are about the same digits of the same network."""
    is_of_split = (one.name, one.epoch) == (other.name, other.epoch)
    return one.model == other.model and is_of_split and one.dataset is other.dataset


def _title(export: Export) -> str:
    return f"Export: {export.words}"


def _write(
    run: Run,
    exports: tuple[Export, ...],
    dataset: Dataset | None,
    output: Path,
    kind: int = 0,
    *,
    store: RunStore,
) -> Path:
    from mnist_desktop.exports.export import export_run  # with all its formats

    run = store.get(run.record.id)  # another program may have changed or deleted it
    chosen = exports[kind]
    return export_run(run, chosen.what, output, dataset=dataset, figure=chosen.figure)
