"""The pages about one network: matrix, curves, digits and report speak of the same readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.splits import make_split
from mnist_desktop.errors import InvalidInputError, MnistDesktopError
from mnist_desktop.printable import printable
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.pages.confusion_view import ConfusionView
from mnist_desktop.ui.pages.curves_view import CurvesView
from mnist_desktop.ui.pages.gallery_view import GalleryView
from mnist_desktop.ui.pages.report_view import ReportView
from mnist_desktop.ui.parts.theme import Theme
from mnist_desktop.workers.evaluation import EvaluationController, SplitFailure
from mnist_desktop.workers.figures import DrawingController
from mnist_desktop.workers.prediction import PredictionController

Question = tuple[str, int | None]  # a split and an epoch
TEST: Question = ("test", None)


class ResultPages(QObject):
    """Makes the pages about the chosen network, and has read for them what they ask for.

    Parameters
    ----------
    drawing : DrawingController
        Has figures drawn.
    evaluation : EvaluationController
        Reads splits.
    prediction : PredictionController
        Finds similar digits.

    Attributes
    ----------
    confusion, curves, gallery, report
        The pages.

    Signals
    -------
    gallery_wished()
        The page of the digits is to be shown.
    pad_wished(object)
        A `Picture` is to be shown on the drawing pad.
    said(str)
        What is going on, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    gallery_wished = Signal()
    pad_wished = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        drawing: DrawingController,
        evaluation: EvaluationController,
        prediction: PredictionController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._evaluation = evaluation
        self._prediction = prediction
        self._run: Run | None = None
        self._file: Path | None = None
        self._dataset: Dataset | None = None
        self._has_told = False
        self._shown: Question = TEST  # what matrix and gallery show, or will once it is read
        self.confusion = ConfusionView(drawing)
        self.curves = CurvesView(drawing)
        self.gallery = GalleryView()
        self.report = ReportView(drawing)
        for page in (self.confusion, self.report):
            page.cells_chosen.connect(self._on_page_cells_chosen)
            page.measurement_wished.connect(self._on_page_measurement_wished)
        self.confusion.split_wished.connect(self._on_confusion_split_wished)
        self.report.split_wished.connect(self._on_report_split_wished)
        self.curves.failed.connect(self.failed)
        self.gallery.browser.similar_wished.connect(self.find_similar)
        self.gallery.browser.pad_wished.connect(self.send_to_pad)
        prediction.similar_found.connect(self.gallery.browser.show_similar)
        evaluation.read.connect(self._on_evaluation_read)
        evaluation.failed.connect(self._on_evaluation_failed)
        evaluation.progressed.connect(self._on_evaluation_progressed)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for page in (self.confusion, self.curves, self.gallery, self.report):
            page.set_theme(theme)

    def show_model(self, run: Run | None, file: Path | None = None) -> None:
        """Show the results of a run, or of a model file; None for the bundled reader."""
        self._evaluation.withdraw(self._model)
        self._run, self._file = run, file
        epochs: tuple[int, ...] = ()
        if run is not None:
            try:
                epochs = run.validation_epochs()
            except MnistDesktopError as error:
                self.failed.emit(error)
        self.confusion.show_record(None if run is None else run.record, epochs, file)
        self.curves.show_run(run)
        self._begin()

    def show_dataset(self, dataset: Dataset) -> None:
        """Show these digits from now on."""
        self._dataset = dataset
        if self._run is not None:
            self.confusion.show_kept_results()
        self._begin()

    def offer_runs(self, runs: Sequence[Run]) -> None:
        """Take note of all kept runs."""
        self.curves.offer_runs(runs)

    def _begin(self) -> None:
        """Begin with the test digits; where none are kept they are read when that is wished."""
        self._shown = TEST
        run, dataset = self._run, self._dataset
        if run is None:
            name = "Bundled reader" if self._file is None else printable(self._file.name)
            self.report.begin(name, ["test"])
        else:
            held_out = ["validation"] if run.record.validation_share else []
            self.report.begin(run.record.name, ["test", "training", *held_out])
        self.gallery.show_split(None if dataset is None else make_split(dataset, "test", 0))
        if run is not None:
            self._want(TEST)

    @property
    def _model(self) -> ModelRef:
        return ModelRef("" if self._run is None else self._run.record.id, self._file)

    def _want(self, question: Question) -> None:
        if self._dataset is not None:
            self._evaluation.request(
                SplitRequest(self._run, self._dataset, *question, file=self._file)
            )

    @Slot(str, object)
    def _on_confusion_split_wished(self, name: str, epoch: int | None) -> None:
        if self._dataset is None:
            self.failed.emit(InvalidInputError("The digits are still being loaded; try again."))
            return
        self._shown = (name, epoch)
        self._want(self._shown)

    @Slot(str)
    def _on_report_split_wished(self, name: str) -> None:
        """Read what the report lacks; the bundled reader's test digits only when that is wished."""
        if self._run is not None:
            self._want((name, None))

    @Slot()
    def _on_page_measurement_wished(self) -> None:
        if self._dataset is None:
            self.failed.emit(InvalidInputError("The digits are still being loaded; try again."))
        self._want(TEST)

    @Slot(object)
    def _on_page_cells_chosen(self, cells: NDArray[np.bool_]) -> None:
        if self.sender() is self.report and self._shown != TEST:
            self._shown = TEST  # the report speaks of test digits
            self._want(TEST)
        self.gallery.choose_cells(cells)
        self.gallery_wished.emit()

    @Slot(object)
    def _on_evaluation_read(self, readings: SplitReadings) -> None:
        if self._has_told:  # what is going on is over
            self._has_told = False
            self.said.emit("")
        if readings.model != self._model:
            return
        self.report.show_readings(readings)
        if (readings.split.name, readings.epoch) == self._shown:
            self.confusion.show_readings(readings)
            self.gallery.show_readings(readings)

    @Slot(object)
    def _on_evaluation_failed(self, failure: SplitFailure) -> None:
        """Say in the report why there is none; what was asked for by hand is told in a dialog."""
        if failure.request.run is not self._run or failure.request.file != self._file:
            return
        self.report.show_failure(failure.request.name, str(failure.error))
        self.gallery.show_note(str(failure.error))
        if (failure.request.name, failure.request.epoch) == self._shown != TEST:
            self.confusion.show_kept_results()
            self._shown = TEST
            self.failed.emit(failure.error)

    @Slot(object)
    def _on_evaluation_progressed(self, progress: PhaseProgress) -> None:
        self._has_told = True
        self.said.emit(f"{progress.text} …")

    @Slot(object, object, str)
    def show_places(self, readings: SplitReadings, places: NDArray[np.intp], words: str) -> None:
        """Show some digits, and say in words what they are."""
        self.gallery.choose_places(readings, places, words)
        self.gallery_wished.emit()

    @Slot(object)
    def find_similar(self, image: NDArray[np.uint8]) -> None:
        """Find the training digits most like an image."""
        if self._dataset is not None:
            self._prediction.find_similar(image, self._dataset.train)

    @Slot(object)
    def send_to_pad(self, image: NDArray[np.uint8]) -> None:
        """Have an image shown on the drawing pad, as it is."""
        self.pad_wished.emit(Picture(image, image[np.newaxis]))
