"""The window: teach on the left, understand in the middle, draw on the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QKeyEvent,
    QMoveEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.inference.reading import Reading
from mnist_desktop.paths import APP_NAME
from mnist_desktop.runs.expectation import Pace
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.record import describe_test
from mnist_desktop.runs.run import Run
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.ui.closing import ClosingGuard
from mnist_desktop.ui.columns import Columns
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.draw.drawing_files import DrawingFiles
from mnist_desktop.ui.first_steps import FirstSteps, FirstVisit
from mnist_desktop.ui.header import Header
from mnist_desktop.ui.help import help_dialog
from mnist_desktop.ui.memory import WindowMemory
from mnist_desktop.ui.model_picker import ModelChooser
from mnist_desktop.ui.pages.middle import Middle
from mnist_desktop.ui.pages.page_tabs import PageTabs
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.focus import FocusRing, focus_first
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.messenger import Messenger
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.shortcuts import is_mac, keys_here
from mnist_desktop.ui.parts.theme import UNIT, Theme
from mnist_desktop.ui.parts.toast import Action, Answer, Card
from mnist_desktop.ui.text_zoom import TextZoom, forget_sizes
from mnist_desktop.ui.train.job_outline import JobOutline
from mnist_desktop.ui.train.layer_memory import LayerMemory
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.ui.train.training_presenter import TrainingPresenter
from mnist_desktop.workers.prediction import OpenedModel

if TYPE_CHECKING:
    from mnist_desktop.ui.train.layer_editor import LayerEditor


@guarded
class MainWindow(QMainWindow):
    """Puts the panels side by side and passes requests and facts between them and the workers."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(APP_NAME)
        self._services = services
        self._newest = BUNDLED  # what was trained last
        services.hand_over(self)
        self._make_parts()
        self._lay_out()
        self._make_actions()
        self._make_helpers()
        self._connect_training()
        self._connect_drawing()
        self._connect_pages()
        self._connect_header()
        self.training_panel.download_requested.connect(self._on_download_requested)
        FirstVisit(self.first_steps, self.columns, tabs=self.tabs, presenter=self.presenter,
                   training=self.training_panel, drawing=self.draw_panel)  # fmt: skip
        self._on_theme_changed(services.theme.theme)
        self._apply_theme()
        self.columns.fit()
        self._fit_minimum()
        self.memory.restore(everything=services.remembers)
        self.draw_panel.pad.setFocus()

    # The window's parts

    def _make_parts(self) -> None:
        services = self._services
        self.header = Header()
        self.model_box = self.header.model_box
        self.training_panel = TrainingPanel()
        self.draw_panel = DrawPanel()
        self.saver = FileSaver(self, services.settings)
        self.tabs = PageTabs(services, self.saver)
        self.middle = Middle(self.tabs, services)
        self.editor = Page("layerEditor", self._make_editor, lambda _view: None)
        self.middle.add_cover(self.editor)
        self.first_steps = FirstSteps(services.settings)
        self.focus_ring = FocusRing(self)
        self.zoom = TextZoom(self, services.theme)

    def _lay_out(self) -> None:
        middle = QWidget()
        below = QVBoxLayout(middle)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.first_steps)
        below.addWidget(self.middle, 1)
        self.columns = Columns(self.training_panel, middle, self.draw_panel)
        self.columns.changed.connect(self._fit_minimum)
        body = QWidget()
        around = QVBoxLayout(body)
        around.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        around.addWidget(self.columns)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(body, 1)
        self.setCentralWidget(central)
        self.statusBar().setSizeGripEnabled(False)

    def _apply_theme(self) -> None:
        """Style all parts; the sizes they had without a style are wrong."""
        self._services.theme.apply()
        forget_sizes(self)

    def _make_actions(self) -> None:
        pages = range(self.tabs.count())
        for text, key, slot in (
            ("Switch between light and dark", "Ctrl+D", self._services.theme.toggle),
            ("Help", "F1", self._show_help),
            ("Open a network", "Ctrl+Shift+O", self.header.open_button.click),
            # The training panel may be folded: its keys are the window's.
            ("Train", "Ctrl+Return", self.training_panel.train_button.click),
            ("Pause or resume", "Ctrl+Space", self.training_panel.pause_button.click),
            ("Stop", "Ctrl+.", self.training_panel.stop_button.click),
            ("Show or hide training", "Ctrl+1", self.columns.toggle_left),
            ("Show or hide drawing", "Ctrl+2", self.columns.toggle_right),
            ("Larger text", "Ctrl++", self.zoom.enlarge),
            ("Larger text", "Ctrl+=", self.zoom.enlarge),
            ("Smaller text", "Ctrl+-", self.zoom.shrink),
            ("Text in its usual size", "Ctrl+0", self.zoom.reset),
            ("Full screen", "F11", self._toggle_full_screen),
            ("Quit", "Ctrl+Q", self.close),
            *(  # Qt hands over whether the action is checked first
                (f"Page {i + 1}", f"Alt+{i + 1}", lambda _=False, i=i: self._show_page(i))
                for i in pages
            ),
        ):
            action = QAction(text, self)
            action.setShortcuts(keys_here(key))
            # What a key switches on, it would switch off again while it is held.
            action.setAutoRepeat(slot in (self.zoom.enlarge, self.zoom.shrink))
            action.triggered.connect(slot)
            self.addAction(action)
        if is_mac():
            from mnist_desktop.ui.menu_bar import make_menu_bar

            self.setMenuBar(make_menu_bar(self, [*self.actions(), *self.draw_panel.actions()]))

    def _make_helpers(self) -> None:
        """Make those who act for the window; whoever is to hear of something first comes first."""
        services = self._services
        cards = {
            Card.TRAIN: self.training_panel,
            Card.PAGES: self.middle,
            Card.DRAW: self.draw_panel,
        }
        self.messages = Messenger(self, cards)
        self.messages.say("Draw a digit on the right, or train a network on the left.")
        self.guard = ClosingGuard(self, services.training)
        self.guard.leaving.connect(self._leave)
        self.chooser = ModelChooser(self.model_box, services.runs, services.prediction, self)
        self.presenter = TrainingPresenter(
            self.training_panel, services.training, services.previews, services.store.root
        )
        self.memory = WindowMemory(self, self.columns, self.tabs, self.chooser, services.settings)
        layers = self.training_panel.form.layers
        self.layer_memory = LayerMemory(layers, services.settings)
        self.drawing_files = DrawingFiles(self.draw_panel, services.prediction)
        tabs = self.tabs
        self.zoom.zoomed.connect(self.columns.fit)
        relay = self.messages.relay
        relay(Card.TRAIN, self.presenter)
        relay(Card.DRAW, self.drawing_files)
        relay(Card.PAGES, self.saver, self.chooser, services.data, self.zoom)
        relay(Card.PAGES, tabs.results, tabs.run_actions, tabs.my_digits_actions)
        relay(Card.PAGES, tabs.search_actions)
        services.runs.read_failed.connect(self.messages.show_error)
        tabs.my_digits_actions.noticed.connect(self.messages.show_dialog)

    def _connect_training(self) -> None:
        presenter = self.presenter
        presenter.outlined.connect(self._on_presenter_outlined)
        presenter.progressed.connect(self.tabs.first.show_progress)
        presenter.busy_changed.connect(self._on_presenter_busy_changed)
        panel = self.training_panel
        panel.state_changed.connect(self.tabs.first.show_state)
        self.tabs.first.pause_requested.connect(panel.pause_button.click)
        self.tabs.first.stop_requested.connect(panel.stop_button.click)
        presenter.started.connect(self._on_presenter_started)
        presenter.watched.connect(self.draw_panel.show_learning)
        presenter.taught.connect(self.tabs.show_lesson)
        presenter.busy_changed.connect(self.tabs.my_digits_actions.set_busy)
        presenter.busy_changed.connect(self.tabs.search_actions.set_busy)
        presenter.kept.connect(self._on_presenter_kept)
        share = self.training_panel.validation
        share.valueChanged.connect(self._on_validation_value_changed)
        self._on_validation_value_changed(share.value())
        self.tabs.train_requested.connect(self.training_panel.train_button.click)
        self.tabs.training_requested.connect(presenter.request)
        self.tabs.settings_requested.connect(presenter.show_config)
        self.tabs.layers_requested.connect(self._on_tabs_layers_requested)
        panel.form.layers_requested.connect(self._on_layers_requested)

    def _make_editor(self) -> LayerEditor:
        from mnist_desktop.ui.train.layer_editor import LayerEditor  # not needed to start

        form = self.training_panel.form
        view = LayerEditor(form.layers, self._services.figures)
        view.back_requested.connect(self.middle.uncover)
        view.save_requested.connect(self.saver.save)
        view.start_requested.connect(form.start_from)
        view.edited.connect(form.use_layers)
        view.train_requested.connect(self._on_editor_train_requested)
        form.summary.estimate_changed.connect(view.show_estimate)
        self.training_panel.train_offered.connect(view.offer_train)
        form.check()
        return view

    @Slot()
    def _on_editor_train_requested(self) -> None:
        """Train the layers that are to be seen there, whatever the form was on."""
        self.training_panel.form.use_layers()
        self.training_panel.train_button.click()

    @Slot(object)
    def _on_tabs_layers_requested(self, config: TrainingConfig) -> None:
        """Put settings into the training panel, and show the layers that come with them."""
        self.presenter.show_config(config)
        self.training_panel.form.layers_button.click()

    @Slot()
    def _on_layers_requested(self) -> None:
        """Show the layers of the network in the middle."""
        self.columns.close_drawer()
        self.middle.cover(self.editor)
        focus_first(self.editor)

    def _connect_drawing(self) -> None:
        draw, prediction = self.draw_panel, self._services.prediction
        draw.content_changed.connect(prediction.read)
        draw.digit_shown.connect(self.middle.show_pad)
        draw.why_requested.connect(self.middle.explain_pad)
        draw.teach_requested.connect(self._on_draw_panel_teach_requested)
        draw.compare_box.toggled.connect(prediction.set_comparing)
        self.drawing_files.file_requested.connect(self.saver.save)
        prediction.model_opened.connect(self._on_prediction_model_opened)
        prediction.read_finished.connect(self._on_prediction_read_finished)

    def _connect_pages(self) -> None:
        services, pad = self._services, self.draw_panel.pad
        services.data.changed.connect(services.training.set_dataset)
        services.data.changed.connect(services.figures.warm_up)
        services.data.changed.connect(self.training_panel.show_digits)
        services.runs.changed.connect(self._on_runs_changed)
        self.tabs.picture_requested.connect(pad.show_picture)
        self.tabs.ink_requested.connect(pad.show_ink)
        self.tabs.model_requested.connect(self.chooser.select)
        self.chooser.chosen.connect(self.tabs.use_model)
        self.chooser.renamed.connect(self.tabs.rename_model)

    @Slot()
    def _on_download_requested(self) -> None:
        """Download all of MNIST, and show how that goes."""
        self.tabs.turn_to(self.tabs.data_actions.page)
        self._services.data.download()

    def _connect_header(self) -> None:
        services, header = self._services, self.header
        header.open_requested.connect(self.chooser.ask_for_file)
        header.theme_toggled.connect(services.theme.toggle)
        header.help_requested.connect(self._show_help)
        header.left_toggled.connect(self.columns.toggle_left)
        header.right_toggled.connect(self.columns.toggle_right)
        self.tabs.data_actions.described.connect(header.show_digits)
        services.training.engine_started.connect(header.show_engine_loading)
        services.training.engine_ready.connect(header.show_engine_ready)
        services.training.engine_failed.connect(header.show_engine_failure)
        services.theme.theme_changed.connect(self._on_theme_changed)

    def start_services(self) -> None:
        """Begin to look for digits and runs; call this once the window is up."""
        self._services.data.find()
        self._services.runs.read()
        self.presenter.offer_unfinished()
        for notice in self._services.notices:
            self.messages.show_dialog(notice)

    @Slot(object)
    def _on_presenter_outlined(self, outline: JobOutline) -> None:
        """Show the training in the middle, from its start."""
        self.columns.close_drawer()
        begin = self.tabs.first.begin
        begin(outline.title, outline.epochs, outline.history, self._classes_in_use)
        self.tabs.show_live()

    @property
    def _classes_in_use(self) -> ClassNames:
        """What a training that begins now learns to read."""
        dataset = self._services.data.dataset
        return DIGITS if dataset is None else dataset.classes

    @Slot()
    def _on_presenter_started(self) -> None:
        self.draw_panel.begin_learning(self._classes_in_use)

    @Slot(bool)
    def _on_presenter_busy_changed(self, is_busy: bool) -> None:
        if not is_busy:
            self.tabs.first.end()

    @Slot(object)
    def _on_presenter_kept(self, run: Run) -> None:
        self._services.runs.add(run)
        self._newest = ModelRef(run.record.id)
        self.chooser.select(self._newest)
        words = describe_test(run.record)
        see = Action("See mistakes", self.tabs.results.show_mistakes)
        self.messages.answer(Answer(words, Card.TRAIN, (see,)))

    @Slot()
    def _on_runs_changed(self) -> None:
        """Estimate the time of trainings from those that this machine has done."""
        records = (run.record for run in self._services.runs.runs)
        self.training_panel.show_pace(Pace.from_records(records))

    @Slot(int)
    def _on_validation_value_changed(self, percent: int) -> None:
        """Divide the digits on the data page as the next training will."""
        self.tabs.data_actions.set_validation_share(percent / 100)

    # Drawings and pictures

    @Slot(object)
    def _on_prediction_model_opened(self, opened: OpenedModel) -> None:
        self.draw_panel.show_model(opened.predictor.output_activation, opened.predictor.classes)
        if not (self._services.training.is_busy or opened.model == self._newest):
            self.draw_panel.forget_learning()  # it is another network that reads now

    @Slot(object)
    def _on_prediction_read_finished(self, reading: Reading) -> None:
        self.draw_panel.show_reading(reading)
        self._services.training.controls.image = reading.images[0]

    @Slot(int)
    def _on_draw_panel_teach_requested(self, digit: int) -> None:
        self.tabs.my_digits_actions.keep(self.draw_panel.digit_ink, digit)

    # The window itself

    @Slot(object)
    def _on_theme_changed(self, theme: Theme) -> None:
        for part in (self.header, self.training_panel, self.draw_panel, self.middle):
            part.set_theme(theme)

    @Slot()
    def _show_help(self) -> None:
        from mnist_desktop.ui.newer_version import NewerVersionButton  # not needed to start

        box = help_dialog(self, self._services.paths)
        NewerVersionButton(self, box, self._services.releases)
        box.open()

    @Slot()
    def _fit_minimum(self) -> None:
        """Let the window be as small as what it shows can be."""
        self.setMinimumSize(self.minimumSizeHint())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_page(self, index: int) -> None:
        """Show a page, with the focus on the first thing that can be done there."""
        self.middle.show_pages()
        self.tabs.setCurrentIndex(index)
        self.tabs.focus_page()

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Read drawings with the network in a file that was opened with the program."""
        self.come_to_front()
        self.chooser.open_file(Path(path))

    @Slot()
    def come_to_front(self) -> None:
        """Show the window above all others, as if it had just been opened."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """Refresh the list of runs if another program in front kept or deleted some."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self._services.theme.style.show_mnemonics(self, shown=False)
        came_to_front = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if came_to_front and self._services.store.has_changed():
            self._services.runs.read()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the ring around the focus see which keys are pressed."""
        super().showEvent(event)
        self.focus_ring.follow(self.windowHandle())

    def moveEvent(self, event: QMoveEvent) -> None:
        """Remember where the window is."""
        super().moveEvent(event)
        self.memory.note()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Remember how large the window is."""
        super().resizeEvent(event)
        self.memory.note()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Underline the mnemonics while Alt is held."""
        super().keyPressEvent(event)
        if event.key() == Qt.Key.Key_Alt and not is_mac():  # which has none
            self._services.theme.style.show_mnemonics(self, shown=True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Underline the mnemonics no longer."""
        super().keyReleaseEvent(event)
        if event.key() == Qt.Key.Key_Alt:
            self._services.theme.style.show_mnemonics(self, shown=False)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first if a training is running; keep what it learnt; end all threads."""
        if not self.guard.may_close():
            event.ignore()
            return
        self._leave()
        self.guard.end_training()
        self.shut_down()
        event.accept()

    @Slot()
    def close_without_question(self) -> None:
        """Close because the system ends the session; a training can be resumed later."""
        self.guard.close_without_question()

    @Slot()
    def _leave(self) -> None:
        """Vanish from the screen: what is still to be waited for needs no window."""
        if self.isVisible():
            self.memory.keep()
            self.layer_memory.keep()
            self.hide()

    def shut_down(self) -> None:
        """End all jobs and wait for their threads; the window can be closed without a question."""
        self.saver.close()
        self.tabs.my_digits_actions.close_files()
        self._services.close()
