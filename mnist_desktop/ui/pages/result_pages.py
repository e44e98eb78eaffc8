"""The pages about one network: matrix, curves, digits and report speak of the same readings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.splits import Split, make_split
from mnist_desktop.errors import InvalidInputError, MnistDesktopError, ModelFileError
from mnist_desktop.evaluation.readings import DISPUTED
from mnist_desktop.printable import printable
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.label_check_job import LabelCheckRequest
from mnist_desktop.runs.model_ref import BUNDLED_NAME, ModelRef
from mnist_desktop.runs.reading_job import (
    SplitReadings,
    SplitRequest,
    bundled_results,
)
from mnist_desktop.runs.record import caveat
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.toast import Action, Answer, Card
from mnist_desktop.workers.evaluation import SplitFailure
from mnist_desktop.workers.plans import FoundPlan

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.confusion_view import ConfusionView
    from mnist_desktop.ui.pages.curves_view import CurvesView
    from mnist_desktop.ui.pages.gallery_view import GalleryView
    from mnist_desktop.ui.pages.report_view import ReportView

Question = tuple[str, int | None]  # a split and an epoch
TEST: Question = ("test", None)
LEARNT_BEFORE = (
    "The bundled reader has learnt from nearly all of these: no test of it. Matrix has its results."
)


READING = "The network is reading them …"
NOT_LOADED = "The digits are still being loaded; try again in a moment."


class ResultPages(QObject):
    """The pages about the chosen network: has read for them what they ask for.

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
    confusion_page, curves_page, gallery_page, report_page : Page
        The pages.

    Signals
    -------
    gallery_requested()
        The page of the digits is to be shown.
    readings_shown()
        It shows how the digits that were asked for are read.
    pad_requested(object)
        A `Picture` is to be shown on the drawing pad.
    why_requested(object)
        Why this `WhySubject` is read as it is, is to be shown.
    report_requested(object)
        The report of this `Run` is to be written to a file.
    train_requested()
        The button of an empty page was pressed.
    answered(object)
        An `Answer`: why digits cannot be shown.
    said(str)
        What is going on, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    gallery_requested = Signal()
    readings_shown = Signal()
    pad_requested = Signal(object)
    why_requested = Signal(object)
    report_requested = Signal(object)
    train_requested = Signal()
    answered = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, saver: FileSaver, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._saver = saver
        self._evaluation = services.evaluation
        self._run: Run | None = None
        self._file: Path | None = None
        self._dataset: Dataset | None = None
        self._is_saying = False
        self._is_awaited = False  # that the digits are read which the user wants to see
        self._asked: set[Question] = set()  # what the user waits for an answer to
        self._shown: Question = TEST  # what matrix and gallery show, or will once it is read
        # What has been read of the network, for a page that is made later.
        self._read: dict[Question, SplitReadings] = {}
        self._failures: dict[Question, str] = {}
        self._plan: FoundPlan | None = None
        self.confusion_page = Page("confusionView", self._make_confusion, self._fill_confusion)
        self.curves_page = Page("curvesView", self._make_curves, self._fill_curves)
        self.gallery_page = Page("galleryView", self._make_gallery, self._fill_gallery)
        self.report_page = Page("reportView", self._make_report, self._fill_report)
        services.runs.changed.connect(self._on_runs_changed)
        services.data.changed.connect(self._on_data_changed)
        services.plans.found.connect(self._on_plans_found)
        services.evaluation.read.connect(self._on_evaluation_read)
        services.evaluation.failed.connect(self._on_evaluation_failed)
        services.evaluation.progressed.connect(self._on_evaluation_progressed)
        services.evaluation.labels.failed.connect(self.failed)

    @property
    def is_busy(self) -> bool:
        """Whether anything is being read for the pages."""
        return self._evaluation.is_busy or self._services.plans.is_busy

    # The pages, made when they are first shown

    def _make_confusion(self) -> ConfusionView:
        from mnist_desktop.ui.pages.confusion_view import ConfusionView

        view = ConfusionView(self._services.figures)
        view.cells_chosen.connect(self._on_confusion_cells_chosen)
        view.measurement_requested.connect(self._on_measurement_requested)
        view.split_requested.connect(self._on_confusion_split_requested)
        view.save_requested.connect(self._saver.save)
        return view

    def _fill_confusion(self, view: ConfusionView) -> None:
        self._show_record(view)
        if self._shown in self._read and not self._is_learnt:
            view.show_readings(self._read[self._shown], self._caveat)

    def _make_curves(self) -> CurvesView:
        from mnist_desktop.ui.pages.curves_view import CurvesView

        view = CurvesView(self._services.figures, trains=self._services.can_train)
        view.train_requested.connect(self.train_requested)
        view.save_requested.connect(self._saver.save)
        view.failed.connect(self.failed)
        return view

    def _fill_curves(self, view: CurvesView) -> None:
        view.offer_runs(self._services.runs.runs)
        view.show_run(self._run)

    def _make_gallery(self) -> GalleryView:
        from mnist_desktop.ui.pages.gallery_view import GalleryView

        view = GalleryView()
        view.browser.similar_requested.connect(self.find_similar)
        view.browser.pad_requested.connect(self.send_to_pad)
        view.browser.why_requested.connect(self.why_requested)
        view.label_check_requested.connect(self._on_label_check_requested)
        self._evaluation.labels.checked.connect(view.show_label_check)
        self._evaluation.labels.failed.connect(view.give_up_label_check)
        self._services.prediction.similar_found.connect(view.browser.show_similar)
        return view

    def _fill_gallery(self, view: GalleryView) -> None:
        view.show_split(self._test_split())
        if self._shown in self._read:
            self._show_in_gallery(view, self._read[self._shown])
        elif self._shown in self._failures:
            view.show_note(self._failures[self._shown])

    def _make_report(self) -> ReportView:
        from mnist_desktop.ui.pages.report_view import ReportView

        view = ReportView(self._services.figures)
        view.cells_chosen.connect(self._on_report_cells_chosen)
        view.disputed_requested.connect(self.show_disputed)
        view.measurement_requested.connect(self._on_measurement_requested)
        view.split_requested.connect(self._on_report_split_requested)
        view.plan_requested.connect(self._on_report_plan_requested)
        view.report_requested.connect(self._on_report_requested)
        view.save_requested.connect(self._saver.save)
        return view

    def _fill_report(self, view: ReportView) -> None:
        self._begin_report(view)
        for readings in () if self._is_learnt else self._read.values():
            view.show_readings(readings)
        for (name, _), text in self._failures.items():
            view.show_failure(name, text)

    # What there is to show

    def show_model(self, run: Run | None, file: Path | None = None) -> None:
        """Show the results of a run, or of a model file; None for the bundled reader."""
        self._evaluation.withdraw(self._model)
        self._run, self._file, self._plan = run, file, None
        if confusion := self.confusion_page.built_view:
            self._show_record(confusion)
        if curves := self.curves_page.built_view:
            curves.show_run(run)
        self._begin()

    def show_name(self, run: Run) -> None:
        """The run that is shown is called something else now."""
        self._run = run
        if confusion := self.confusion_page.built_view:
            confusion.show_name(run.record.name)
        if curves := self.curves_page.built_view:
            curves.show_run(run)
        if report := self.report_page.built_view:
            self._fill_report(report)

    @Slot()
    def _on_runs_changed(self) -> None:
        if curves := self.curves_page.built_view:
            curves.offer_runs(self._services.runs.runs)

    @Slot(object)
    def _on_data_changed(self, dataset: Dataset) -> None:
        """Show these digits from now on."""
        self._dataset = dataset
        if view := self.confusion_page.built_view:
            if self._run is not None:
                view.show_kept_results()
            else:  # what was counted last may have been other digits
                self._show_record(view)
        self._begin()

    def _begin(self) -> None:
        """Begin with the test digits; a file's network reads them only on request."""
        self._shown, self._is_awaited = TEST, False
        self._read, self._failures = {}, {}
        self._asked.clear()
        if report := self.report_page.built_view:
            self._begin_report(report)
        if gallery := self.gallery_page.built_view:
            gallery.show_split(self._test_split())
            if self._file is not None:
                gallery.show_all()  # until it has read them, there is nothing to choose by
        if self._file is None:
            self._want(TEST)

    @property
    def _caveat(self) -> str:
        """Why the test digits are none that the network has not seen; usually empty."""
        if self._run is not None:
            return self._run.record.caveat
        return "" if self._dataset is None else caveat(None, self._dataset.name)

    @property
    def _is_learnt(self) -> bool:
        """Whether it is the bundled reader and has learnt from the test digits.

        Its kept results stay, then, which are of MNIST's test digits.
        """
        return self._model.is_bundled and bool(self._caveat)

    def _show_in_gallery(self, view: GalleryView, readings: SplitReadings) -> None:
        view.show_readings(readings)
        if readings.split_name == "test" and (note := self._caveat):
            view.show_note(LEARNT_BEFORE if self._is_learnt else note)

    def _show_record(self, view: ConfusionView) -> None:
        run = self._run
        epochs: tuple[int, ...] = ()
        if run is not None:
            try:
                epochs = run.validation_epochs()
            except MnistDesktopError as error:
                self.failed.emit(error)
        view.show_record(None if run is None else run.record, epochs, self._file)

    def _begin_report(self, view: ReportView) -> None:
        run = self._run
        if run is None:
            name = BUNDLED_NAME if self._file is None else printable(self._file.name)
            view.begin(name, ["test"], "" if self._file is None else self._caveat)
            if self._file is None:
                self._show_bundled_in_report(view)
        else:
            held_out = ["validation"] if run.record.validation_share else []
            splits = ["test", "training", *held_out]
            view.begin(run.record.name, splits, run.record.caveat)

    def _show_bundled_in_report(self, view: ReportView) -> None:
        try:
            view.show_readings(bundled_results())
        except ModelFileError as error:
            view.show_failure("test", str(error))

    def _test_split(self) -> Split | None:
        return None if self._dataset is None else make_split(self._dataset, "test", 0)

    @property
    def _model(self) -> ModelRef:
        return ModelRef("" if self._run is None else self._run.record.id, self._file)

    def _want(self, question: Question) -> None:
        if self._dataset is not None:
            self._evaluation.request(
                SplitRequest(self._run, self._dataset, *question, file=self._file)
            )

    @Slot(str, object)
    def _on_confusion_split_requested(self, name: str, epoch: int | None) -> None:
        if self._dataset is None:
            self.failed.emit(InvalidInputError(NOT_LOADED))
            return
        self._shown = (name, epoch)
        self._asked.add(self._shown)
        self._want(self._shown)

    @Slot(str)
    def _on_report_split_requested(self, name: str) -> None:
        """Read what the report lacks; the bundled reader's test digits only on request."""
        if self._run is not None:
            self._want((name, None))

    @Slot()
    def _on_report_plan_requested(self) -> None:
        if self._plan is None:
            self._services.plans.request(self._model)
        else:
            self._show_plan(self._plan)

    @Slot(object)
    def _on_plans_found(self, found: FoundPlan) -> None:
        if found.model == self._model:
            self._plan = found
            self._show_plan(found)

    def _show_plan(self, found: FoundPlan) -> None:
        if report := self.report_page.built_view:
            classes = DIGITS if self._run is None else self._run.record.dataset.classes
            report.show_plan(found, classes)

    @Slot()
    def _on_measurement_requested(self) -> None:
        if self._dataset is None:
            self.failed.emit(InvalidInputError(NOT_LOADED))
            return
        self._asked.add(TEST)
        self._want(TEST)

    @Slot(object)
    def _on_confusion_cells_chosen(self, cells: NDArray[np.bool_]) -> None:
        if self._are_there():
            self.gallery_page.view.choose_cells(cells)
            self._show_gallery()

    def _are_there(self) -> bool:
        """Whether the digits that were counted are here; if not, say how to get them."""
        if self._is_learnt:  # what was counted are MNIST's digits, and there is only the sample
            download = Action("Download all 70,000", self._services.data.download)
            self.answered.emit(Answer("These digits are not here", Card.PAGES, (download,)))
        return not self._is_learnt

    def _show_gallery(self) -> None:
        self._is_awaited = self._shown not in self._read
        self.gallery_requested.emit()
        if not self._is_awaited:
            self.readings_shown.emit()

    @Slot()
    def show_mistakes(self) -> None:
        """Show the test digits that were misread, once they have been read."""
        self._show_test_digits("wrong")

    @Slot()
    def show_disputed(self) -> None:
        """Show the test digits whose label people dispute, once they have been read."""
        self._show_test_digits(DISPUTED)

    def _show_test_digits(self, kind: str) -> None:
        if not self._are_there():
            return
        self._turn_to_test_digits()
        gallery = self.gallery_page.view
        gallery.choose_kind(kind)
        if TEST not in self._read and TEST not in self._failures:
            gallery.show_note(READING)
            self._want(TEST)  # a file's network reads them only on request
        self._show_gallery()

    def _turn_to_test_digits(self) -> None:
        if self._shown != TEST:
            self._shown = TEST
            self._want(TEST)

    @Slot(object)
    def _on_report_cells_chosen(self, cells: NDArray[np.bool_]) -> None:
        self._turn_to_test_digits()  # of which the report speaks
        self._on_confusion_cells_chosen(cells)

    @Slot()
    def _on_report_requested(self) -> None:
        if self._run is not None:
            self.report_requested.emit(self._run)

    @Slot(object)
    def _on_evaluation_read(self, readings: SplitReadings) -> None:
        if self._is_saying:  # what is going on is over
            self._is_saying = False
            self.said.emit("")
        if readings.model != self._model:
            return
        question = (readings.split_name, readings.epoch)
        self._asked.discard(question)
        self._read[question] = readings
        gallery = self.gallery_page.built_view
        if gallery and question == self._shown:
            self._show_in_gallery(gallery, readings)
            if self._is_awaited:
                self._is_awaited = False
                self.readings_shown.emit()
        if self._is_learnt:
            return
        if report := self.report_page.built_view:
            report.show_readings(readings)
        if question == self._shown and (confusion := self.confusion_page.built_view):
            confusion.show_readings(readings, self._caveat)

    @Slot(object)
    def _on_evaluation_failed(self, failure: SplitFailure) -> None:
        """Say in the report why there is none; what the user asked for is answered in a dialog."""
        request, text = failure.request, str(failure.error)
        if request.model != self._model:
            return
        question = (request.name, request.epoch)
        self._failures[question] = text
        if report := self.report_page.built_view:
            report.show_failure(request.name, text)
        if gallery := self.gallery_page.built_view:
            gallery.show_note(text)
        if question == self._shown != TEST:
            self._shown = TEST
            if confusion := self.confusion_page.built_view:
                confusion.show_kept_results()
        if question in self._asked:
            self._asked.remove(question)
            self.failed.emit(failure.error)

    @Slot(object)
    def _on_evaluation_progressed(self, progress: PhaseProgress) -> None:
        self._is_saying = True
        self.said.emit(f"{progress.text} …")

    @Slot(object)
    def _on_label_check_requested(self, readings: SplitReadings) -> None:
        if self._dataset is not None:
            runs = self._services.runs.runs
            self._evaluation.labels.check(LabelCheckRequest(readings, self._dataset, runs))

    @Slot(object, object, str)
    def show_indices(self, readings: SplitReadings, indices: NDArray[np.intp], words: str) -> None:
        """Show some digits, and say in words what they are."""
        self.gallery_page.view.choose_indices(readings, indices, words)
        self.gallery_requested.emit()
        self.readings_shown.emit()

    @Slot(object)
    def find_similar(self, image: NDArray[np.uint8]) -> None:
        """Find the training digits most like an image."""
        if self._dataset is not None:
            self._services.prediction.find_similar(image, self._dataset)

    @Slot(object)
    def send_to_pad(self, image: NDArray[np.uint8]) -> None:
        """Have an image shown on the drawing pad, as it is."""
        self.pad_requested.emit(Picture(image, image[np.newaxis]))
