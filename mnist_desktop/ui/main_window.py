"""The window: teach on the left, understand in the middle, draw on the right."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QEvent, QSignalBlocker, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMainWindow,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DownloadProgress
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import (
    InvalidInputError,
    MnistDesktopError,
    StorageError,
)
from mnist_desktop.paths import APP_NAME, AppPaths, resource
from mnist_desktop.printable import printable
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.my_digits import KeptDigits, MyDigits
from mnist_desktop.runs.open_model import BUNDLED
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.teaching_job import LessonResult
from mnist_desktop.runs.training_job import UnkeptRunError
from mnist_desktop.runs.unfinished import UnfinishedTraining, find_unfinished
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.closing import CloseAnswer, ask_before_closing
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.draw.drawing_files import DrawingFiles
from mnist_desktop.ui.help import HELP
from mnist_desktop.ui.model_picker import ModelPicker
from mnist_desktop.ui.pages.data_view import DataView
from mnist_desktop.ui.pages.my_digits_view import MyDigitsView
from mnist_desktop.ui.pages.result_pages import ResultPages
from mnist_desktop.ui.pages.run_actions import RunWishes
from mnist_desktop.ui.pages.runs_view import RunsView
from mnist_desktop.ui.parts.file_saver import FileSaver, FileWish
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.message import Button, Icon, ask, message_box, plain
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import UNIT, Theme, ThemeController, label
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.workers.dataset import DatasetController
from mnist_desktop.workers.evaluation import EvaluationController
from mnist_desktop.workers.figures import DrawingController
from mnist_desktop.workers.prediction import (
    ModelFailure,
    OpenedModel,
    PredictionController,
    Reading,
)
from mnist_desktop.workers.runs import RunList
from mnist_desktop.workers.training import LessonWish, Request, TrainingController

logger = logging.getLogger(__name__)

SIDE_WIDTH = 328
MIN_HEIGHT = 640
SIZE = (1280, 800)
MIDDLE_WIDTH = 528  # what the pages' controls need
REFUSAL_MS = 10_000  # to read why something cannot be done now


@dataclass(frozen=True)
class Services:
    """What the window works with; made by `mnist_desktop.app` and handed in.

    ``notices`` are sentences the user should read once the window is up; ``remembers`` tells
    whether it begins with the size, page and network that it was closed with.
    """

    paths: AppPaths
    store: RunStore
    runs: RunList
    settings: Settings
    theme: ThemeController
    data: DatasetController
    training: TrainingController
    prediction: PredictionController
    evaluation: EvaluationController
    drawing: DrawingController
    my_digits: MyDigits
    notices: tuple[str, ...] = ()
    remembers: bool = True

    def close(self) -> None:
        """End all jobs and wait for their threads."""
        self.evaluation.close()
        self.drawing.close()
        self.data.close()
        self.training.close()
        self.runs.close()
        self.prediction.close()


@guarded
class MainWindow(QMainWindow):
    """Puts the panels side by side and passes wishes and facts between them and the workers."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(APP_NAME)
        self._services = services
        for service in (
            services.theme,
            services.runs,
            services.data,
            services.training,
            services.prediction,
            services.evaluation,
            services.drawing,
        ):
            service.setParent(self)  # they go when the window goes, not when Python gets to it
        self._selected: Run | None = None
        self._shown_model = ("", "")  # its id, and what it is called
        self._lesson_run = self._model_before = ""
        self._files: list[Path] = []  # model files that were opened
        self._reads_with = BUNDLED  # what the pad was read with last
        self._close_when_done = False
        self._is_asking = False  # what is to become of the training
        self._is_ending = False
        self._unkept: UnkeptRunError | None = None
        self.training_panel = TrainingPanel()
        self.draw_panel = DrawPanel()
        self.results = ResultPages(services.drawing, services.evaluation, services.prediction, self)
        self.confusion_view = self.results.confusion
        self.curves_view = self.results.curves
        self.gallery_view = self.results.gallery
        self.report_view = self.results.report
        self.runs_view = RunsView(services.drawing)
        self.data_view = DataView(services.drawing)
        self.my_digits_view = MyDigitsView(services.my_digits)
        self._make_header()
        self._lay_out()
        self._make_actions()
        self._connect_panels()
        self._connect_services()
        self._on_theme_changed(services.theme.theme)
        self._apply_theme()
        self._fit_minimum()
        self._restore()

    # The window's parts

    def _make_header(self) -> None:
        self.model_box = ModelPicker()
        self.model_box.currentIndexChanged.connect(self._on_model_box_changed)
        self.open_button = QToolButton()
        self.open_button.setText("Open …")
        self.open_button.setObjectName("openModelButton")
        self.open_button.setAccessibleName("Open a network from a file")
        self.open_button.setToolTip(
            "Read drawings with a network from a file, .keras or .tflite (Ctrl+Shift+O)"
        )
        self.open_button.clicked.connect(self._on_open_button_clicked)
        self.dataset_label = label("Digits: looking …", "muted")
        self.dataset_label.setObjectName("datasetStatusLabel")
        self.engine_label = label("Engine: ready to load", "muted")
        self.engine_label.setToolTip(
            "TensorFlow is loaded as soon as you turn to training; drawing does not need it."
        )
        self.engine_label.setObjectName("engineStatusLabel")
        self.theme_button = QToolButton()
        self.theme_button.setText("◐")
        self.theme_button.setObjectName("themeButton")
        self.theme_button.setAccessibleName("Switch between light and dark")
        self.theme_button.setToolTip("Switch between light and dark (Ctrl+D)")
        self.theme_button.clicked.connect(self._services.theme.toggle)
        self.help_button = QToolButton()
        self.help_button.setText("?")
        self.help_button.setObjectName("helpButton")
        self.help_button.setAccessibleName("Help")
        self.help_button.setToolTip("What this program does and its keys (F1)")
        self.help_button.clicked.connect(self._show_help)

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("pages")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        for page, name in (
            (self.confusion_view, "&Matrix"),
            (self.curves_view, "&Curves"),
            (self.gallery_view, "D&igits"),
            (self.report_view, "Report"),
            (self.runs_view, "&Runs"),
            (self.data_view, "&Data"),
            (self.my_digits_view, "My di&gits"),
        ):
            self.tabs.addTab(page, name)
        middle = QFrame()
        middle.setProperty("card", True)
        middle.setMinimumWidth(MIDDLE_WIDTH)
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(1, 4, 1, 1)
        inside.addWidget(self.tabs)
        self.left = _side_column(self.training_panel)
        self.right = _side_column(self.draw_panel)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(UNIT + 4)
        self.splitter.setChildrenCollapsible(False)
        for part in (self.left, middle, self.right):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([SIDE_WIDTH, 10_000, SIDE_WIDTH])
        body = QWidget()
        around = QVBoxLayout(body)
        around.setContentsMargins(UNIT + 4, UNIT + 4, UNIT + 4, UNIT + 4)
        around.addWidget(self.splitter)
        central = QWidget()
        whole = QVBoxLayout(central)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._lay_out_header())
        whole.addWidget(body, 1)
        self.setCentralWidget(central)
        self.statusBar().setSizeGripEnabled(False)
        self._say("Draw a digit on the right, or train a network on the left.")

    def _apply_theme(self) -> None:
        """Style all parts, and forget the sizes they had without a style."""
        self._services.theme.apply()
        for part in self.findChildren(QWidget):
            part.updateGeometry()
        for layout in self.findChildren(QLayout):
            layout.invalidate()

    def _lay_out_header(self) -> QWidget:
        header = QFrame()
        header.setObjectName("header")
        mark = QLabel()
        icon = QPixmap(str(resource("icons", "mnist-desktop-64.png")))
        icon.setDevicePixelRatio(2.4)
        mark.setPixmap(icon)
        name = label("M&odel", "muted")
        name.setBuddy(self.model_box)
        row = QHBoxLayout(header)
        row.setContentsMargins(UNIT * 2, UNIT, UNIT * 2, UNIT)
        row.setSpacing(UNIT)
        row.addWidget(mark)
        row.addWidget(label(APP_NAME, "title"))
        row.addSpacing(UNIT * 2)
        row.addWidget(name)
        row.addWidget(self.model_box)
        row.addWidget(self.open_button)
        row.addStretch()
        row.addWidget(self.dataset_label)
        row.addSpacing(UNIT * 2)
        row.addWidget(self.engine_label)
        row.addSpacing(UNIT)
        row.addWidget(self.theme_button)
        row.addWidget(self.help_button)
        return header

    def _make_actions(self) -> None:
        pages = range(self.tabs.count())
        for text, key, slot in (
            ("Switch between light and dark", "Ctrl+D", self._services.theme.toggle),
            ("Help", "F1", self._show_help),
            ("Open a network", "Ctrl+Shift+O", self._on_open_button_clicked),
            ("Show or hide training", "Ctrl+1", self._toggle_left),
            ("Show or hide drawing", "Ctrl+2", self._toggle_right),
            ("Full screen", "F11", self._toggle_full_screen),
            ("Quit", "Ctrl+Q", self.close),
            *(  # Qt hands over whether the action is checked first
                (f"Page {i + 1}", f"Alt+{i + 1}", lambda _=False, i=i: self._show_page(i))
                for i in pages
            ),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(slot)
            self.addAction(action)

    def _connect_panels(self) -> None:
        self.saver = FileSaver(self)
        self.saver.done.connect(self._say)
        self.saver.refused.connect(self._refuse)
        self.saver.failed.connect(self._show_error)
        self.training_panel.train_requested.connect(self._on_training_panel_train_requested)
        self.training_panel.approached.connect(
            self._services.training.load_engine, Qt.ConnectionType.SingleShotConnection
        )
        self.training_panel.stop_requested.connect(self._services.training.stop)
        self.training_panel.pause_toggled.connect(self._on_training_panel_pause_toggled)
        self.training_panel.keep_best_toggled.connect(self._on_training_panel_keep_best_toggled)
        self.training_panel.unfinished.resume_wished.connect(self._request)
        self.training_panel.unfinished.discard_wished.connect(self._on_unfinished_discard_wished)
        draw = self.draw_panel
        draw.content_changed.connect(self._services.prediction.read)
        draw.explanation_wished.connect(self._on_draw_panel_explanation_wished)
        draw.teach_wished.connect(self._on_draw_panel_teach_wished)
        draw.why_box.toggled.connect(self._on_why_box_toggled)
        files = DrawingFiles(draw, self._services.prediction)
        files.file_wished.connect(self.saver.save)
        files.done.connect(self._say)
        files.refused.connect(self._refuse)
        files.failed.connect(self._show_error)
        mine = self.my_digits_view
        mine.learn_wished.connect(self._on_my_digits_view_learn_wished)
        mine.undo_wished.connect(self._on_my_digits_view_undo_wished)
        mine.show_wished.connect(draw.pad.show_ink)
        mine.export_wished.connect(self._on_my_digits_view_export_wished)
        mine.kept.connect(self._on_my_digits_view_kept)
        mine.noticed.connect(self._tell)
        mine.failed.connect(self._show_error)
        self._connect_pages()
        self.data_view.download_wished.connect(self._services.data.download)
        self.data_view.stop_wished.connect(self._services.data.stop)
        self.data_view.file_wished.connect(self._on_data_view_file_wished)
        self.data_view.folder_wished.connect(self._on_data_view_folder_wished)

    def _connect_pages(self) -> None:
        services, results, runs = self._services, self.results, self.runs_view
        results.gallery_wished.connect(self._show_gallery)
        results.pad_wished.connect(self.draw_panel.pad.show_picture)
        results.said.connect(self._say)
        results.failed.connect(self._show_error)
        self.report_view.report_wished.connect(self._on_report_view_report_wished)
        for page in (self.curves_view, runs):
            page.train_wished.connect(self.training_panel.train_button.click)
        share = self.training_panel.validation
        share.valueChanged.connect(self._on_validation_value_changed)
        self._on_validation_value_changed(share.value())
        browser = self.data_view.browser
        browser.similar_wished.connect(results.find_similar)
        browser.pad_wished.connect(results.send_to_pad)
        services.prediction.similar_found.connect(browser.show_similar)
        for view in (
            self.confusion_view,
            self.curves_view,
            self.report_view,
            self.data_view,
            runs.compare,
        ):
            view.save_wished.connect(self.saver.save)
        self.run_wishes = RunWishes(
            runs, services.runs, services.data, services.evaluation, self.saver
        )
        self.run_wishes.settings_wished.connect(self._on_run_wishes_settings_wished)
        self.run_wishes.longer_wished.connect(self._request)
        self.run_wishes.done.connect(self._say)
        self.run_wishes.failed.connect(self._show_error)
        runs.open_wished.connect(self.select_model)
        runs.compare.places_chosen.connect(results.show_places)

    def _connect_services(self) -> None:
        services = self._services
        services.theme.theme_changed.connect(self._on_theme_changed)
        services.runs.changed.connect(self._on_runs_changed)
        services.runs.read_failed.connect(self._show_error)
        services.data.started.connect(self._on_data_started)
        services.data.progressed.connect(self._on_data_progressed)
        services.data.changed.connect(self._on_data_changed)
        services.data.failed.connect(self._show_error)
        services.data.finished.connect(self._on_data_finished)
        training = services.training
        training.engine_started.connect(self._on_training_engine_started)
        training.engine_ready.connect(self._on_training_engine_ready)
        training.engine_failed.connect(self._on_training_engine_failed)
        training.waiting.connect(self._on_training_waiting)
        training.started.connect(self._on_training_started)
        training.progressed.connect(self._on_training_progressed)
        training.succeeded.connect(self._on_training_succeeded)
        training.failed.connect(self._on_training_failed)
        training.cancelled.connect(self._on_training_cancelled)
        training.finished.connect(self._on_training_finished)
        prediction = services.prediction
        prediction.model_opened.connect(self._on_prediction_model_opened)
        prediction.model_failed.connect(self._on_prediction_model_failed)
        prediction.read_finished.connect(self._on_prediction_read_finished)
        prediction.explained.connect(self.draw_panel.show_explanation)

    def start_services(self) -> None:
        """Begin to look for digits and runs; call this once the window is up."""
        self._services.data.find()
        self._services.runs.read()
        self._offer_unfinished()
        for notice in self._services.notices:
            self._tell(notice)

    # Models and runs

    @Slot()
    def _on_runs_changed(self) -> None:
        self._show_runs()

    def _show_runs(self, select: str | None = None) -> None:
        """List the runs in the picker and on their page, and choose one; else the choice stays."""
        self._list_runs()
        self.select_model(select or self.model_box.currentData())

    def _list_runs(self) -> None:
        runs = self._services.runs
        self.runs_view.show_damaged(runs.damaged, self._services.store.root)
        self.runs_view.show_runs(runs.runs, is_read=runs.is_read)
        self.results.offer_runs(runs.runs)
        self.model_box.offer(runs.runs, self._files)

    @Slot(str)
    def select_model(self, model: str) -> None:
        """Read drawings with a network and show its results: ``"bundled"`` or a run's id."""
        if not self.model_box.offers(model):
            self._take_in(model)
        self.model_box.choose(model)
        self._on_model_box_changed()

    def _take_in(self, run_id: str) -> None:
        """Read one run, before the others are; without it the bundled reader is chosen."""
        try:
            with QSignalBlocker(self._services.runs):  # or the bundled reader would be opened first
                self._services.runs.read_one(run_id)
        except MnistDesktopError as error:  # it was deleted, or is a file
            logger.info("The network %r is not there: %s", run_id, error)
        else:
            self._list_runs()

    @Slot()
    def _on_model_box_changed(self) -> None:
        model = self.model_box.currentData()
        self._selected = self._services.runs.get(model)
        shown = (model, self.model_box.currentText())
        if shown != self._shown_model:  # a new list of the same runs changes nothing here
            self._shown_model = shown
            self.runs_view.table.select(model)
            self._open_model(model)
            self.results.show_model(self._selected, self._file(model))

    def _file(self, model: str) -> Path | None:
        return Path(model) if Path(model) in self._files else None

    def _open_model(self, model: str) -> None:
        """Read drawings with a network; a Keras file needs TensorFlow first."""
        if self._waits_for_engine(model):
            self._say(f"Loading TensorFlow to open {printable(Path(model).name)} …")
            self._services.training.load_engine()  # it is opened once that is there
        else:
            self._services.prediction.open_model(model)

    def _waits_for_engine(self, model: str) -> bool:
        file = self._file(model)
        is_keras = file is not None and file.suffix != ".tflite"
        return is_keras and not self._services.training.is_engine_ready

    @Slot()
    def _on_open_button_clicked(self) -> None:
        kinds = "Networks (*.keras *.tflite);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, "Open a network", "", kinds)
        if path:
            self.open_model_file(Path(path))

    def open_model_file(self, path: Path) -> None:
        """Read drawings with a network from a file; it stays in the list while the window does."""
        if path not in self._files:
            self._files.append(path)
        self._shown_model = ("", "")  # it may have changed since it was opened
        self._show_runs(select=str(path))

    @Slot(object)
    def _on_prediction_model_failed(self, failure: ModelFailure) -> None:
        self._show_error(failure.error)
        self._leave_model(failure.model)

    def _leave_model(self, model: str) -> None:
        """Name the network that reads the pad again, in place of one that could not be opened."""
        file = self._file(model)
        if file is not None:
            self._files.remove(file)
        is_chosen = self.model_box.currentData() == model
        before = self._reads_with if self._reads_with != model else BUNDLED
        if is_chosen or file is not None:
            self._show_runs(select=before if is_chosen else None)

    @Slot()
    def _show_gallery(self) -> None:
        self.tabs.setCurrentWidget(self.gallery_view)

    @Slot(int)
    def _on_validation_value_changed(self, percent: int) -> None:
        """Divide the digits on the data page as the next training will."""
        self.data_view.set_validation_share(percent / 100)

    @Slot()
    def _on_report_view_report_wished(self) -> None:
        if self._selected is not None:
            self.run_wishes.save_report(self._selected)

    @Slot(object)
    def _on_run_wishes_settings_wished(self, config: TrainingConfig) -> None:
        try:
            self.training_panel.show_config(config)
        except MnistDesktopError as error:
            self._show_error(error)
        else:
            self._say("The settings are in the training panel on the left.")

    @Slot(object)
    def _on_prediction_model_opened(self, opened: OpenedModel) -> None:
        self._reads_with = opened.model
        self.draw_panel.show_model(opened.predictor.output_activation)
        file = self._file(opened.model)
        if file is not None:
            self._say(f"Drawings are read with {printable(file.name)} now.")

    # Drawings and pictures

    @Slot(object)
    def _on_prediction_read_finished(self, reading: Reading) -> None:
        self.draw_panel.show_reading(reading)
        self._services.training.controls.image = reading.images[0]

    @Slot(object)
    def _on_draw_panel_explanation_wished(self, image: NDArray[np.uint8]) -> None:
        dataset = self._services.data.dataset
        self._services.prediction.explain(image, None if dataset is None else dataset.train)

    @Slot(bool)
    def _on_why_box_toggled(self, is_checked: bool) -> None:
        """Bring the explanation into view where the column is too high for the window."""
        if is_checked:
            QTimer.singleShot(0, self, self._show_explanation_view)  # once it has its place

    @Slot()
    def _show_explanation_view(self) -> None:
        self.right.ensureWidgetVisible(self.draw_panel.explanation_view)

    @Slot(int)
    def _on_draw_panel_teach_wished(self, digit: int) -> None:
        self.my_digits_view.add(Drawing(self.draw_panel.pad.ink, digit))

    @Slot(object)
    def _on_my_digits_view_kept(self, kept: KeptDigits) -> None:
        for one in kept.order.added[:1]:
            are = "is" if kept.count == 1 else "are"
            self._say(
                f"Kept as a {one.label} among your digits; there {are} {kept.count:,} now. "
                "The page My digits shows them."
            )

    @Slot()
    def _on_my_digits_view_learn_wished(self) -> None:
        model = self.model_box.currentData()
        if self._file(model) is not None:
            self._show_error(
                InvalidInputError(
                    "A network from a file cannot be taught; choose the bundled reader or a run "
                    "at the top."
                )
            )
            return
        self._model_before = model
        self.my_digits_view.forget_lesson()
        self._request(LessonWish(model, self._services.my_digits))

    @Slot()
    def _on_my_digits_view_undo_wished(self) -> None:
        """Delete the network of the last lesson and go back to the one that was taught."""
        run = self._services.runs.get(self._lesson_run)
        if run is not None:
            self._services.runs.delete([run])
        self.my_digits_view.forget_lesson()
        self.select_model(self._model_before)

    @Slot()
    def _on_my_digits_view_export_wished(self) -> None:
        mine, kinds = self._services.my_digits, (("Strokes", "jsonl"),)
        wish = FileWish("Export my digits", "my-digits", kinds, lambda path, _: mine.export(path))
        self.saver.save(wish)

    # Digits

    @Slot()
    def _on_data_view_file_wished(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose a file of digits", "", "Digits (*.npz);;All files (*)"
        )
        if path:
            self._services.data.choose(path)

    @Slot()
    def _on_data_view_folder_wished(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Choose a folder with the four MNIST files")
        if path:
            self._services.data.choose(path)

    @Slot()
    def _on_data_started(self) -> None:
        self.data_view.set_searching(True)

    @Slot(object)
    def _on_data_progressed(self, progress: DownloadProgress) -> None:
        share = f"{progress.done / progress.total:.0%}" if progress.total else ""
        self.dataset_label.setText(f"Digits: downloading MNIST {share}")

    @Slot(object)
    def _on_data_changed(self, dataset: Dataset) -> None:
        self.dataset_label.setText(f"Digits: {dataset.title}")
        source = f"Source: {printable(dataset.source)}. {dataset.note}".strip()
        self.dataset_label.setToolTip(plain(source))
        self.data_view.show_dataset(dataset)
        self._services.training.set_dataset(dataset)
        self.results.show_dataset(dataset)

    @Slot()
    def _on_data_finished(self) -> None:
        self.data_view.set_searching(False)
        if self._services.data.dataset is not None:
            self.dataset_label.setText(f"Digits: {self._services.data.dataset.title}")

    # Training

    @Slot(object)
    def _on_training_panel_train_requested(self, config: TrainingConfig) -> None:
        self._request(config)

    @Slot(object)
    def _request(self, wish: Request) -> None:
        if self._services.training.is_busy:
            self._refuse("A training is under way; wait for it, or stop it first.")
            return
        self.training_panel.offer_unfinished(None)
        can_pause = not isinstance(wish, LessonWish | UnkeptRunError)
        self.training_panel.set_busy(True, can_pause=can_pause)
        self.my_digits_view.set_busy(True)
        self._services.training.request(wish)

    @Slot(bool)
    def _on_training_panel_pause_toggled(self, is_paused: bool) -> None:
        controls = self._services.training.controls
        if is_paused:
            controls.pause()
        else:
            controls.go_on()

    @Slot(bool)
    def _on_training_panel_keep_best_toggled(self, keeps_best: bool) -> None:
        self._services.training.controls.keeps_best = keeps_best

    @Slot(object)
    def _on_unfinished_discard_wished(self, unfinished: UnfinishedTraining) -> None:
        try:
            with unfinished.held():
                unfinished.discard()
        except StorageError as error:
            self._show_error(error)
        self._offer_unfinished()

    def _offer_unfinished(self) -> None:
        """Offer to take up a training that was interrupted, the newest one."""
        found = find_unfinished(self._services.store.root)
        self.training_panel.offer_unfinished(found[0] if found else None)

    @Slot()
    def _on_training_engine_started(self) -> None:
        self.engine_label.setText("Engine: loading …")
        self.engine_label.setToolTip("TensorFlow is being loaded; drawing works already.")

    @Slot(str)
    def _on_training_engine_ready(self, versions: str) -> None:
        self.engine_label.setText("Engine: ready")
        self.engine_label.setToolTip(versions)
        model = self.model_box.currentData()
        if self._file(model) is not None:  # it has waited for this
            self._open_model(model)

    @Slot(object)
    def _on_training_engine_failed(self, error: MnistDesktopError) -> None:
        self.engine_label.setText("Engine: not available")
        self.engine_label.setToolTip(plain(str(error)))
        if not self._services.training.is_busy:  # a training that waits tells it itself
            self._show_error(error)
        model = self.model_box.currentData()
        if self._waits_for_engine(model):
            self._leave_model(model)

    @Slot(str)
    def _on_training_waiting(self, missing: str) -> None:
        self.training_panel.show_status(
            f"Waiting for {missing}; the training then begins by itself.", is_endless=True
        )

    @Slot()
    def _on_training_started(self) -> None:
        self.training_panel.show_status("Starting …", is_endless=True)
        self.draw_panel.forget_learning()
        self._say("Training. Drawing and all pages stay usable.")

    @Slot(object)
    def _on_training_progressed(self, progress: object) -> None:
        self.training_panel.show_progress(progress)
        if isinstance(progress, WatchedReading):
            self.draw_panel.show_learning(progress)
        elif isinstance(progress, PhaseProgress):
            self._say(f"{progress.text} …")

    @Slot(object)
    def _on_training_succeeded(self, result: Run | LessonResult) -> None:
        run = result.run if isinstance(result, LessonResult) else result
        record = run.record
        if isinstance(result, LessonResult):
            self.my_digits_view.show_lesson(result)
            self._lesson_run = record.id
        how = "Stopped early" if record.stopped else "Done"
        self.training_panel.show_status(
            f"{how}: {record.test_accuracy * 100:.2f} % of the test digits read right "
            f"(loss {record.test_loss:.4f}), {record.train_accuracy * 100:.2f} % of the training "
            f"digits. {record.note}".rstrip()
        )
        self.training_panel.progress_bar.setValue(self.training_panel.progress_bar.maximum())
        self._say(f"Kept as run {printable(record.id)}.")
        self._services.runs.add(run)
        self.select_model(record.id)

    @Slot(object)
    def _on_training_failed(self, error: MnistDesktopError) -> None:
        self._close_when_done = False  # the window stays, to tell what happened
        self.training_panel.show_status("The training could not be finished.")
        self._say("")
        if isinstance(error, UnkeptRunError):
            self._unkept = error  # asked about once the training is over
        else:
            self._show_error(error)

    @Slot()
    def _on_training_cancelled(self) -> None:
        self.training_panel.show_status("Stopped before anything was learnt; nothing was kept.")
        self._say("")

    @Slot()
    def _on_training_finished(self) -> None:
        was_asking = self._withdraw_question()
        self.training_panel.set_busy(False)
        self.my_digits_view.set_busy(False)
        self._offer_unfinished()
        unkept, self._unkept = self._unkept, None
        if unkept is not None and self._wants_to_try_again(unkept):
            self._request(unkept)
        if self._close_when_done and not was_asking:
            self._close_when_done = False
            self.close()

    # The window itself

    @Slot(object)
    def _on_theme_changed(self, theme: Theme) -> None:
        for part in (
            self.training_panel,
            self.draw_panel,
            self.results,
            self.runs_view,
            self.data_view,
        ):
            part.set_theme(theme)

    @Slot(str)
    def _say(self, text: str) -> None:
        """Say in the status bar what is being done, or what was done last."""
        self.statusBar().showMessage(text)

    @Slot(str)
    def _refuse(self, text: str) -> None:
        """Say in the status bar why something cannot be done now; that is not so for long."""
        self.statusBar().showMessage(text, REFUSAL_MS)

    @Slot(object)
    def _show_error(self, error: MnistDesktopError) -> None:
        """Tell an error in a dialog; the window goes on working behind it.

        The status bar has it until the dialog is closed: what is done after that may succeed.
        """
        self._say(str(error))
        self._tell(str(error))

    @Slot()
    def _on_error_dialog_finished(self) -> None:
        box = self.sender()
        if isinstance(box, QMessageBox) and self.statusBar().currentMessage() == box.text():
            self._say("")

    @Slot(str)
    def _tell(self, text: str) -> None:
        """Show a sentence in a dialog, unless it is there already."""
        boxes = self.findChildren(QMessageBox, "errorDialog")
        if any(box.isVisible() and box.text() == text for box in boxes):
            return
        box = message_box(Icon.Warning, text, self, "errorDialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._on_error_dialog_finished)
        box.open()

    @Slot()
    def _show_help(self) -> None:
        paths = self._services.paths
        text = HELP.format(
            runs=QUrl.fromLocalFile(str(paths.runs)).toString(),
            logs=QUrl.fromLocalFile(str(paths.logs)).toString(),
        )
        box = QMessageBox(QMessageBox.Icon.NoIcon, f"About {APP_NAME}", text, parent=self)
        box.setObjectName("helpDialog")
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _toggle_left(self) -> None:
        self.left.setVisible(not self.left.isVisible())
        self._fit_minimum()

    def _toggle_right(self) -> None:
        self.right.setVisible(not self.right.isVisible())
        self._fit_minimum()

    def _fit_minimum(self) -> None:
        """Let the window be as narrow as the columns that are shown can be."""
        for column, panel in ((self.left, self.training_panel), (self.right, self.draw_panel)):
            scroll_bar = column.verticalScrollBar().sizeHint().width()
            column.setMinimumWidth(panel.minimumSizeHint().width() + scroll_bar)
        self.setMinimumSize(self.minimumSizeHint().width(), MIN_HEIGHT)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_page(self, index: int) -> None:
        self.tabs.setCurrentIndex(index)

    def _restore(self) -> None:
        settings = self._services.settings
        if not self._services.remembers:
            self.resize(*SIZE)
            return
        geometry = settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(*SIZE)
        columns = settings.value("window/columns")
        if isinstance(columns, QByteArray):
            self.splitter.restoreState(columns)
        page = str(settings.value("window/page", 0))
        self.tabs.setCurrentIndex(int(page) if page in map(str, range(self.tabs.count())) else 0)
        model = settings.value("model")
        self._show_runs(select=model if isinstance(model, str) else BUNDLED)

    def _remember(self) -> None:
        self._services.settings.change(
            window_geometry=self.saveGeometry(),
            window_columns=self.splitter.saveState(),
            window_page=self.tabs.currentIndex(),
            model=self.model_box.currentData(),
        )

    @Slot()
    def come_to_front(self) -> None:
        """Show the window above all others, as if it had just been opened."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """List the runs anew if another program kept or deleted some while it was in front."""
        super().changeEvent(event)
        came_to_front = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if came_to_front and self._services.store.has_changed():
            self._services.runs.read()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if a training is under way; keep what it learnt; end all threads."""
        training = self._services.training
        if training.is_busy and not self._is_ending and not self._wants_to_close():
            event.ignore()
            return
        self._leave()
        if self._is_ending:
            training.suspend()
        self.shut_down()
        event.accept()

    def _leave(self) -> None:
        """Vanish from the screen: what is still to be waited for needs no window."""
        if self.isVisible():
            self._remember()
            self.hide()

    def shut_down(self) -> None:
        """End all jobs and wait for their threads; the window can be closed without a question."""
        self.saver.close()
        self.my_digits_view.close_files()
        self._services.close()

    def _wants_to_close(self) -> bool:
        """Ask; a training that is to be kept is waited for, with the window still alive."""
        training = self._services.training
        self._close_when_done = True  # should it end while we ask, and not fail
        self._is_asking = True
        answer = ask_before_closing(self, is_saved=training.is_saved)
        self._is_asking = False
        if self._is_ending:  # the session has ended while we asked
            return True
        closes, self._close_when_done = self._close_when_done, False
        if not training.is_busy:  # there is nothing left to decide
            return closes
        if answer == CloseAnswer.KEEP_GOING:
            return False
        if answer == CloseAnswer.STOP_AND_KEEP:
            training.stop()
            self._close_when_done = training.is_busy  # not with one that had not begun
            return not training.is_busy
        self._leave()
        if answer == CloseAnswer.GO_ON_LATER:
            training.suspend()
        else:
            training.cancel()
        return True

    @Slot()
    def close_without_question(self) -> None:
        """Close because the system ends the session or the program; a training goes on later."""
        self._is_ending = True
        if not self._withdraw_question():
            self.close()

    def _withdraw_question(self) -> bool:
        """Close the question what is to become of the training; `closeEvent` goes on after it.

        One that has been answered is still there for a moment.
        """
        question = self.findChild(QMessageBox, "closeDialog")
        if self._is_asking and question is not None:
            question.reject()
        return self._is_asking

    def _wants_to_try_again(self, error: UnkeptRunError) -> bool:
        words = f"{error} What was learnt is still in memory. Try again?"
        return ask(self, words, "retryDialog", yes=Button.Retry, no=Button.Discard)


def _side_column(panel: QWidget) -> QScrollArea:
    """A column that scrolls when the window is too low for it."""
    column = QScrollArea()
    column.setWidget(panel)
    column.setWidgetResizable(True)
    column.setFrameShape(QFrame.Shape.NoFrame)
    column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column.setMaximumWidth(520)
    return column
