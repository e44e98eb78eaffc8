"""The window: teach on the left, understand in the middle, draw on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

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

from mnist_desktop import edition
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
from mnist_desktop.ui.parts.focus import FocusRing
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.messenger import Messenger
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.shortcuts import is_mac, keys_here
from mnist_desktop.ui.parts.theme import UNIT, Theme
from mnist_desktop.ui.parts.toast import Card
from mnist_desktop.ui.text_zoom import TextZoom, forget_sizes
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.ui.training_side import Neighbours, TrainingSide
from mnist_desktop.workers.prediction import OpenedModel


@guarded
class MainWindow(QMainWindow):
    """Puts the panels side by side and passes requests and facts between them and the workers."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(edition.title())
        self._services = services
        services.hand_over(self)
        self._make_parts()
        self._lay_out()
        self._make_helpers()
        self._make_actions()
        self._connect_drawing()
        self._connect_pages()
        self._connect_header()
        FirstVisit(self.first_steps, self.columns, tabs=self.tabs, drawing=self.draw_panel,
                   training=self.training)  # fmt: skip
        self._on_theme_changed(services.theme.theme)
        self._apply_theme()
        self.columns.fit()
        self._fit_minimum()
        self.memory.restore(everything=services.remembers)
        self.draw_panel.pad.setFocus()

    # The window's parts

    def _make_parts(self) -> None:
        services = self._services
        self.header = Header(trains=services.can_train)
        self.model_box = self.header.model_box
        self.training_panel = TrainingPanel() if services.can_train else None
        self.draw_panel = DrawPanel()
        self.saver = FileSaver(self, services.settings)
        self.tabs = PageTabs(services, self.saver)
        self.middle = Middle(self.tabs, services)
        self.first_steps = FirstSteps(services.settings, trains=services.can_train)
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
            *self._training_actions(),
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

    def _training_actions(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """What keys do with a training: the panel may be folded, so they are the window's."""
        if panel := self.training_panel:
            yield "Train", "Ctrl+Return", panel.train_button.click
            yield "Pause or resume", "Ctrl+Space", panel.pause_button.click
            yield "Stop", "Ctrl+.", panel.stop_button.click
            yield "Show or hide training", "Ctrl+1", self.columns.toggle_left

    def _make_helpers(self) -> None:
        """Make those who act for the window; whoever is to hear of something first comes first."""
        services = self._services
        cards: dict[Card, QWidget] = {Card.PAGES: self.middle, Card.DRAW: self.draw_panel}
        if self.training_panel is not None:
            cards[Card.TRAIN] = self.training_panel
        self.messages = Messenger(self, cards)
        self.messages.say(
            "Draw a digit on the right, or train a network on the left."
            if services.can_train
            else "Draw a digit on the right."
        )
        self.guard = ClosingGuard(self, services.training)
        self.guard.leaving.connect(self._leave)
        self.chooser = ModelChooser(self.model_box, services.runs, services.prediction, self)
        self.memory = WindowMemory(self, self.columns, self.tabs, self.chooser, services.settings)
        self.drawing_files = DrawingFiles(self.draw_panel, services.prediction)
        tabs = self.tabs
        self.zoom.zoomed.connect(self.columns.fit)
        relay = self.messages.relay
        relay(Card.DRAW, self.drawing_files)
        relay(Card.PAGES, self.saver, self.chooser, services.data, self.zoom)
        relay(Card.PAGES, tabs.results, tabs.run_actions, tabs.my_digits_actions)
        relay(Card.PAGES, tabs.search_actions)
        services.runs.read_failed.connect(self.messages.show_error)
        tabs.my_digits_actions.noticed.connect(self.messages.show_dialog)
        self.training = self._make_training_side()

    def _make_training_side(self) -> TrainingSide | None:
        if self.training_panel is None:
            return None
        neighbours = Neighbours(
            columns=self.columns,
            tabs=self.tabs,
            middle=self.middle,
            draw=self.draw_panel,
            chooser=self.chooser,
            saver=self.saver,
            messages=self.messages,
        )
        return TrainingSide(self.training_panel, self._services, neighbours)

    def _connect_drawing(self) -> None:
        draw, prediction = self.draw_panel, self._services.prediction
        draw.content_changed.connect(prediction.read)
        draw.digit_shown.connect(self.middle.show_pad)
        draw.why_requested.connect(self.middle.explain_pad)
        draw.teach_requested.connect(self._on_draw_panel_teach_requested)
        draw.compare_box.toggled.connect(prediction.set_comparing)
        self.drawing_files.file_requested.connect(self.saver.save)
        prediction.model_opened.connect(self._on_prediction_model_opened)
        prediction.read_finished.connect(draw.show_reading)

    def _connect_pages(self) -> None:
        services, pad = self._services, self.draw_panel.pad
        services.data.changed.connect(services.figures.warm_up)
        self.tabs.picture_requested.connect(pad.show_picture)
        self.tabs.ink_requested.connect(pad.show_ink)
        self.tabs.model_requested.connect(self.chooser.select)
        self.chooser.chosen.connect(self.tabs.use_model)
        self.chooser.renamed.connect(self.tabs.rename_model)

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
        if not self._services.can_train:  # what the user shows is known by heart instead
            self._services.prediction.use_examples(self._services.my_digits)
        if self.training is not None:
            self.training.presenter.offer_unfinished()
        for notice in self._services.notices:
            self.messages.show_dialog(notice)

    # Drawings and pictures

    @Slot(object)
    def _on_prediction_model_opened(self, opened: OpenedModel) -> None:
        self.draw_panel.show_model(opened.predictor.output_activation, opened.predictor.classes)

    @Slot(int)
    def _on_draw_panel_teach_requested(self, digit: int) -> None:
        self.tabs.my_digits_actions.keep(self.draw_panel.digit_ink, digit)

    # The window itself

    @Slot(object)
    def _on_theme_changed(self, theme: Theme) -> None:
        for part in (self.header, self.draw_panel, self.middle):
            part.set_theme(theme)
        if self.training_panel is not None:
            self.training_panel.set_theme(theme)

    @Slot()
    def _show_help(self) -> None:
        box = help_dialog(self, self._services.paths, trains=self._services.can_train)
        if self._services.can_train:  # the Reader asks nobody anything
            from mnist_desktop.ui.newer_version import NewerVersionButton  # not needed to start

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
            if self.training is not None:
                self.training.keep_layers()
            self.hide()

    def shut_down(self) -> None:
        """End all jobs and wait for their threads; the window can be closed without a question."""
        self.saver.close()
        self.tabs.my_digits_actions.close_files()
        self._services.close()
