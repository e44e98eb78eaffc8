"""What the user wants done with kept runs: names, notes, stars, deletions, files, comparisons."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QInputDialog

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import MnistDesktopError, StorageError
from mnist_desktop.runs.splits import SplitReadings, SplitWish
from mnist_desktop.runs.store import Run, RunStore
from mnist_desktop.training.config import MAX_EPOCHS
from mnist_desktop.ui.file_saver import FileSaver, FileWish
from mnist_desktop.ui.message import plain
from mnist_desktop.ui.runs_view import RunsView
from mnist_desktop.workers.download import DatasetController
from mnist_desktop.workers.evaluation import EvaluationController, SplitFailure
from mnist_desktop.workers.training import LongerWish

# In the order in which they are offered: format, words, suffix.
EXPORTS = (
    ("keras", "Keras model", "keras"),
    ("litert", "LiteRT model", "tflite"),
    ("onnx", "ONNX model", "onnx"),
    ("html", "Web page with a drawing pad", "html"),
    ("report", "Report as web page", "html"),
    ("report", "Report as PDF", "pdf"),
    ("png", "Confusion matrix as picture", "png"),
    ("csv", "Confusion matrix as table", "csv"),
)


class RunWishes(QObject):
    """Fulfils the wishes of the runs page.

    Parameters
    ----------
    view : RunsView
        Whose wishes are fulfilled; it owns this object.
    store : RunStore
        Where runs are kept.
    data : DatasetController
        Has the digits in use.
    evaluation : EvaluationController
        Reads the test digits for a comparison.
    saver : FileSaver
        Writes files.

    Signals
    -------
    changed()
        The runs or what is known of them are others now.
    settings_wished(object)
        A `TrainingConfig` is to be put into the training panel.
    longer_wished(object)
        A `LongerWish`: a run's network is to learn for more epochs.
    done(str)
        What was done, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    changed = Signal()
    settings_wished = Signal(object)
    longer_wished = Signal(object)
    done = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        view: RunsView,
        store: RunStore,
        data: DatasetController,
        evaluation: EvaluationController,
        saver: FileSaver,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._store = store
        self._data = data
        self._evaluation = evaluation
        self._saver = saver
        self._deleted: list[tuple[str, ...]] = []
        self._compared: tuple[str, ...] = ()
        view.rename_wished.connect(self._on_view_rename_wished)
        view.note_wished.connect(self._on_view_note_wished)
        view.star_wished.connect(self._on_view_star_wished)
        view.delete_wished.connect(self._on_view_delete_wished)
        view.undo_wished.connect(self._on_view_undo_wished)
        view.reuse_wished.connect(self._on_view_reuse_wished)
        view.longer_wished.connect(self._on_view_longer_wished)
        view.export_wished.connect(self._on_view_export_wished)
        view.compare_wished.connect(self._on_view_compare_wished)
        evaluation.read.connect(self._on_evaluation_read)
        evaluation.failed.connect(self._on_evaluation_failed)

    @contextmanager
    def _told_and_listed(self) -> Iterator[None]:
        """Tell what goes wrong with a run, and list the runs there are afterwards."""
        try:
            yield
        except MnistDesktopError as error:
            self.failed.emit(error)
        self.changed.emit()

    @Slot(str)
    def _on_view_rename_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            before = self._store.get(run_id).record.name
            name, is_given = QInputDialog.getText(
                self._view, "Rename run", "New name:", text=before
            )
            if is_given:
                self._store.change(run_id, name=name)

    @Slot(str)
    def _on_view_note_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            record = self._store.get(run_id).record
            note, is_given = QInputDialog.getMultiLineText(
                self._view,
                "Note",
                plain(f"What is worth knowing about “{record.name}”:"),
                record.note,
            )
            if is_given:
                self._store.change(run_id, note=note)

    @Slot(str)
    def _on_view_star_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            starred = self._store.get(run_id).record.starred
            self._store.change(run_id, starred=not starred)

    @Slot(object)
    def _on_view_delete_wished(self, ids: tuple[str, ...]) -> None:
        gone: list[Run] = []
        with self._told_and_listed():
            for run_id in ids:
                run = self._store.get(run_id)
                self._store.delete(run_id)
                gone.append(run)
        if gone:
            self._deleted.append(tuple(run.record.id for run in gone))
            what = f"“{gone[0].record.name}” was" if len(gone) == 1 else f"{len(gone):,} runs were"
            self._view.show_deleted(f"{what} deleted; the files go for good in a day.")
            self.changed.emit()

    @Slot()
    def _on_view_undo_wished(self) -> None:
        """Restore what was deleted last; what was deleted before it can be restored next."""
        if not self._deleted:
            return
        left = []
        for run_id in self._deleted.pop():
            with self._told_and_listed():
                try:
                    self.done.emit(f"“{self._store.restore(run_id).record.name}” is back.")
                except StorageError:
                    left.append(run_id)  # it can be tried again
                    raise
        if left:
            self._deleted.append(tuple(left))
        count = len(self._deleted)
        self._view.show_deleted(formats.count(count, "earlier deletion") if count else "")

    @Slot(str)
    def _on_view_reuse_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            self.settings_wished.emit(self._store.get(run_id).record.config)

    @Slot(str)
    def _on_view_longer_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            run = self._store.get(run_id)
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
                self.longer_wished.emit(LongerWish(run, epochs))

    @Slot(str)
    def _on_view_export_wished(self, run_id: str) -> None:
        with self._told_and_listed():
            self.export(self._store.get(run_id), EXPORTS)

    def export(self, run: Run, exports: tuple[tuple[str, str, str], ...]) -> None:
        """Ask for a file and write one of these things of a run into it."""
        write = functools.partial(_write, run, exports, self._data.dataset)
        kinds = tuple((words, suffix) for _, words, suffix in exports)
        self._saver.save(FileWish("Export run", run.record.id, kinds, write))

    def save_report(self, run: Run) -> None:
        """Ask for a file and write a run's report into it."""
        self.export(run, tuple(export for export in EXPORTS if export[0] == "report"))

    @Slot(str, str)
    def _on_view_compare_wished(self, first: str, second: str) -> None:
        dataset = self._data.dataset
        if dataset is None:
            self.done.emit("The digits are still being loaded; try again in a moment.")
            return
        try:
            runs = self._store.get(first), self._store.get(second)
            self._view.show_comparison(*runs)
        except MnistDesktopError as error:
            self.failed.emit(error)
            self.changed.emit()
            return
        self._compared = (first, second)
        for run in runs:
            self._evaluation.want(SplitWish(run, dataset, "test"))

    @Slot(object)
    def _on_evaluation_read(self, readings: SplitReadings) -> None:
        self._view.compare.show_readings(readings)

    @Slot(object)
    def _on_evaluation_failed(self, failure: SplitFailure) -> None:
        if failure.wish.model in self._compared and failure.wish.name == "test":
            self._view.compare.show_failure(str(failure.error))


def _write(
    run: Run,
    exports: tuple[tuple[str, str, str], ...],
    dataset: Dataset | None,
    output: Path,
    kind: int,
) -> Path:
    from mnist_desktop.runs.export import export_run  # with all its formats

    return export_run(run, exports[kind][0], output, dataset=dataset)
