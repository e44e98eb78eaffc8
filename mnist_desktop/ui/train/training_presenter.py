"""Shows what a training does, and hands over what the training panel asks for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.errors import MnistDesktopError, StorageError
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.record import RunRecord, describe_test
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.teaching_job import TeachingResult, own_digits
from mnist_desktop.runs.training_job import (
    KeptAgain,
    NewTraining,
    ResumedTraining,
    TrainingRequest,
    UnkeptRunError,
)
from mnist_desktop.runs.unfinished import UnfinishedTraining, find_unfinished
from mnist_desktop.training.augmentation import Augmentation
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.parts.message import Button, ask
from mnist_desktop.ui.train.job_outline import outline_of
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.workers.augmentation import AugmentationController
from mnist_desktop.workers.training import TrainingController


class TrainingPresenter(QObject):
    """Stands between the training panel and the training.

    Parameters
    ----------
    panel : TrainingPanel
        Shows the training; it owns this object.
    training : TrainingController
        Trains.
    previews : AugmentationController
        Shows what augmentation does.
    runs_folder : Path
        Where runs, and trainings that were interrupted, are kept.

    Signals
    -------
    outlined(object)
        The `JobOutline` of a training that has been requested.
    progressed(object)
        A progress record of the training.
    started()
        A training has begun.
    watched(object)
        A `WatchedReading` of the drawing on the pad.
    kept(object)
        A `Run`: a training has finished.
    taught(object)
        A `TeachingResult`: the user's digits were taught; comes before `kept`.
    busy_changed(bool)
        Whether a training is under way, or waits.
    said(str), refused(str)
        What is going on; why something cannot be done now.
    failed(object)
        A `MnistDesktopError`.
    """

    outlined = Signal(object)
    progressed = Signal(object)
    started = Signal()
    watched = Signal(object)
    kept = Signal(object)
    taught = Signal(object)
    busy_changed = Signal(bool)
    said = Signal(str)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        panel: TrainingPanel,
        training: TrainingController,
        previews: AugmentationController,
        runs_folder: Path,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._training = training
        self._previews = previews
        self._runs_folder = runs_folder
        self._unkept: UnkeptRunError | None = None
        panel.train_requested.connect(self._on_panel_train_requested)
        panel.approached.connect(training.load_engine, Qt.ConnectionType.SingleShotConnection)
        panel.stop_requested.connect(training.stop)
        panel.pause_toggled.connect(self._on_panel_pause_toggled)
        panel.keep_best_toggled.connect(self._on_panel_keep_best_toggled)
        panel.form.more.augmentation_requested.connect(self._on_form_augmentation_requested)
        panel.unfinished.resume_requested.connect(self._on_unfinished_resume_requested)
        panel.unfinished.discard_requested.connect(self._on_unfinished_discard_requested)
        training.engine_failed.connect(self._on_training_engine_failed)
        training.waiting.connect(self._on_training_waiting)
        training.started.connect(self._on_training_started)
        training.progressed.connect(self._on_training_progressed)
        training.succeeded.connect(self._on_training_succeeded)
        training.failed.connect(self._on_training_failed)
        training.cancelled.connect(self._on_training_cancelled)
        training.finished.connect(self._on_training_finished)

    @Slot(object)
    def request(self, request: TrainingRequest) -> None:
        """Do this, unless a training is under way."""
        if self._training.is_busy:
            self.refused.emit("A training is under way; wait for it, or stop it first.")
            return
        self._panel.offer_unfinished(None)
        self._panel.set_busy(True, can_pause=request.can_pause)
        outline = outline_of(request)
        self._panel.show_job(outline)
        self.outlined.emit(outline)
        self.busy_changed.emit(True)
        self._training.request(request)

    def offer_unfinished(self) -> None:
        """Offer to resume a training that was interrupted, the newest one."""
        found = find_unfinished(self._runs_folder)
        self._panel.offer_unfinished(found[0] if found else None)

    @Slot(object)
    def show_config(self, config: TrainingConfig) -> None:
        """Put the settings of a run into the panel."""
        try:
            self._panel.show_config(config)
        except MnistDesktopError as error:
            self.failed.emit(error)
        else:
            self.said.emit("The settings are in the training panel on the left.")

    @Slot(object)
    def _on_panel_train_requested(self, config: TrainingConfig) -> None:
        self.request(NewTraining(config))

    @Slot(object)
    def _on_form_augmentation_requested(self, augmentation: Augmentation) -> None:
        """Open the card of augmentation over the window."""
        digits = self._panel.digits or sample_dataset().train
        from mnist_desktop.ui.train.augmentation_card import AugmentationCard  # not at every start

        card = AugmentationCard(augmentation, digits, self._previews, self._panel.window())
        card.chosen.connect(self._panel.form.more.show_augmentation)
        card.open()

    @Slot(bool)
    def _on_panel_pause_toggled(self, is_paused: bool) -> None:
        controls = self._training.controls
        if is_paused:
            controls.pause()
        else:
            controls.go_on()

    @Slot(bool)
    def _on_panel_keep_best_toggled(self, keeps_best: bool) -> None:
        self._training.controls.keeps_best = keeps_best

    @Slot(object)
    def _on_unfinished_resume_requested(self, unfinished: UnfinishedTraining) -> None:
        self.request(ResumedTraining(unfinished))

    @Slot(object)
    def _on_unfinished_discard_requested(self, unfinished: UnfinishedTraining) -> None:
        try:
            with unfinished.held():
                unfinished.discard()
        except StorageError as error:
            self.failed.emit(error)
        self.offer_unfinished()

    @Slot(object)
    def _on_training_engine_failed(self, error: MnistDesktopError) -> None:
        if not self._training.is_busy:  # a training that waits reports it itself
            self.failed.emit(error)

    @Slot(str)
    def _on_training_waiting(self, missing: str) -> None:
        words = f"Waiting for {missing}; the training then begins by itself"
        self._panel.show_status(f"{words} …", is_endless=True)
        self.progressed.emit(PhaseProgress(words))

    @Slot()
    def _on_training_started(self) -> None:
        self._panel.show_status("Starting …", is_endless=True)
        self.started.emit()
        self.said.emit("Training. Drawing and all pages stay usable.")

    @Slot(object)
    def _on_training_progressed(self, progress: object) -> None:
        self._panel.show_progress(progress)
        self.progressed.emit(progress)
        if isinstance(progress, WatchedReading):
            self.watched.emit(progress)
        elif isinstance(progress, PhaseProgress):
            self.said.emit(f"{progress.text} …")

    @Slot(object)
    def _on_training_succeeded(self, result: Run | TeachingResult) -> None:
        run = result.run if isinstance(result, TeachingResult) else result
        if isinstance(result, TeachingResult):
            self.taught.emit(result)
            self._panel.show_status(f"Done: {_lesson(result)}")
        else:
            self._panel.show_status(_outcome(run.record))
        self._panel.progress_bar.setValue(self._panel.progress_bar.maximum())
        self.said.emit(f"Kept as run {printable(run.record.id)}.")
        self.kept.emit(run)

    @Slot(object)
    def _on_training_failed(self, error: MnistDesktopError) -> None:
        self._panel.show_status("The training could not be finished.")
        self.said.emit("")
        if isinstance(error, UnkeptRunError):
            self._unkept = error  # asked about once the training is over
        else:
            self.failed.emit(error)

    @Slot()
    def _on_training_cancelled(self) -> None:
        self._panel.show_status("Stopped before anything was learnt; nothing was kept.")
        self.said.emit("")

    @Slot()
    def _on_training_finished(self) -> None:
        self._panel.set_busy(False)
        self.busy_changed.emit(False)
        self.offer_unfinished()
        unkept, self._unkept = self._unkept, None
        if unkept is not None and self._wants_to_try_again(unkept):
            self.request(KeptAgain(unkept.keep))

    def _wants_to_try_again(self, error: UnkeptRunError) -> bool:
        words = f"{error} What was learnt is still in memory. Try again?"
        window = self._panel.window()
        return ask(window, words, "retryDialog", yes=Button.Retry, no=Button.Discard)


def _outcome(record: RunRecord) -> str:
    """Say what a training came to, and anything unusual about it."""
    how = "Stopped early" if record.stopped else "Done"
    things = f"{record.dataset.classes.noun}s"
    learnt = f"{percent(record.train_accuracy)} of a sample of the training {things}."
    return f"{how}: {describe_test(record)}. {record.note or learnt}"


def _lesson(result: TeachingResult) -> str:
    """Say what a lesson came to."""
    return f"{own_digits(result)}. {describe_test(result.run.record)}."
