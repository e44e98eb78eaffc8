"""The window's left side: what the training panel asks for, and what becomes of a training.

The Reader, which does not train, has none of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.inference.reading import Reading
from mnist_desktop.runs.expectation import Pace
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.record import describe_test
from mnist_desktop.runs.run import Run
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.ui.columns import Columns
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.model_picker import ModelChooser
from mnist_desktop.ui.pages.middle import Middle
from mnist_desktop.ui.pages.page_tabs import PageTabs
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.focus import focus_first
from mnist_desktop.ui.parts.messenger import Messenger
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.toast import Action, Answer, Card
from mnist_desktop.ui.train.job_outline import JobOutline
from mnist_desktop.ui.train.layer_memory import LayerMemory
from mnist_desktop.ui.train.training_panel import TrainingPanel
from mnist_desktop.ui.train.training_presenter import TrainingPresenter
from mnist_desktop.workers.prediction import OpenedModel

if TYPE_CHECKING:
    from mnist_desktop.ui.train.layer_editor import LayerEditor


@dataclass(frozen=True)
class Neighbours:
    """The other parts of the window that the left side has to do with."""

    columns: Columns
    tabs: PageTabs
    middle: Middle
    draw: DrawPanel
    chooser: ModelChooser
    saver: FileSaver
    messages: Messenger


class TrainingSide(QObject):
    """Passes requests and facts between the training panel, its neighbours and the workers.

    Parameters
    ----------
    panel : TrainingPanel
        The column; it owns this object.
    services : Services
        What the window works with.
    neighbours : Neighbours
        The other parts of the window.

    Attributes
    ----------
    presenter : TrainingPresenter
        Shows trainings in the panel.
    editor : Page
        The page of the layer editor, which covers the others.
    """

    def __init__(self, panel: TrainingPanel, services: Services, neighbours: Neighbours) -> None:
        super().__init__(panel)
        self._panel = panel
        self._services = services
        self._there = neighbours
        self._newest = BUNDLED  # what was trained last
        self._layer_memory = LayerMemory(panel.form.layers, services.settings)
        self.editor = Page("layerEditor", self._make_editor, lambda _view: None)
        neighbours.middle.add_cover(self.editor)
        self.presenter = TrainingPresenter(
            panel, services.training, services.previews, services.store.root
        )
        neighbours.messages.relay(Card.TRAIN, self.presenter)
        self._connect_presenter()
        self._connect_panel()
        self._connect_services()

    def _connect_presenter(self) -> None:
        presenter, tabs = self.presenter, self._there.tabs
        presenter.outlined.connect(self._on_presenter_outlined)
        presenter.progressed.connect(tabs.first.show_progress)
        presenter.busy_changed.connect(self._on_presenter_busy_changed)
        presenter.started.connect(self._on_presenter_started)
        presenter.watched.connect(self._there.draw.show_learning)
        presenter.taught.connect(tabs.show_lesson)
        presenter.busy_changed.connect(tabs.my_digits_actions.set_busy)
        presenter.busy_changed.connect(tabs.search_actions.set_busy)
        presenter.kept.connect(self._on_presenter_kept)
        tabs.training_requested.connect(presenter.request)
        tabs.settings_requested.connect(presenter.show_config)
        tabs.layers_requested.connect(self._on_tabs_layers_requested)

    def _connect_panel(self) -> None:
        panel, tabs = self._panel, self._there.tabs
        panel.state_changed.connect(tabs.first.show_state)
        tabs.first.pause_requested.connect(panel.pause_button.click)
        tabs.first.stop_requested.connect(panel.stop_button.click)
        panel.validation.valueChanged.connect(self._on_validation_value_changed)
        self._on_validation_value_changed(panel.validation.value())
        tabs.train_requested.connect(panel.train_button.click)
        panel.form.layers_requested.connect(self._on_layers_requested)
        panel.download_requested.connect(self._on_download_requested)

    def _connect_services(self) -> None:
        services = self._services
        services.data.changed.connect(services.training.set_dataset)
        services.data.changed.connect(self._panel.show_digits)
        services.runs.changed.connect(self._on_runs_changed)
        services.prediction.model_opened.connect(self._on_prediction_model_opened)
        services.prediction.read_finished.connect(self._on_prediction_read_finished)

    def _make_editor(self) -> LayerEditor:
        from mnist_desktop.ui.train.layer_editor import LayerEditor  # not needed to start

        form = self._panel.form
        view = LayerEditor(form.layers, self._services.figures)
        view.back_requested.connect(self._there.middle.uncover)
        view.save_requested.connect(self._there.saver.save)
        view.start_requested.connect(form.start_from)
        view.edited.connect(form.use_layers)
        view.train_requested.connect(self._on_editor_train_requested)
        form.summary.estimate_changed.connect(view.show_estimate)
        self._panel.train_offered.connect(view.offer_train)
        form.check()
        return view

    def focus_train(self) -> None:
        """Give the focus to the button that trains."""
        self._panel.train_button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keep_layers(self) -> None:
        """Remember the layers of the user's own network, now."""
        self._layer_memory.keep()

    @Slot()
    def _on_editor_train_requested(self) -> None:
        """Train the layers that are to be seen there, whatever the form was on."""
        self._panel.form.use_layers()
        self._panel.train_button.click()

    @Slot(object)
    def _on_tabs_layers_requested(self, config: TrainingConfig) -> None:
        """Put settings into the training panel, and show the layers that come with them."""
        self.presenter.show_config(config)
        self._panel.form.layers_button.click()

    @Slot()
    def _on_layers_requested(self) -> None:
        """Show the layers of the network in the middle."""
        self._there.columns.close_drawer()
        self._there.middle.cover(self.editor)
        focus_first(self.editor)

    @Slot()
    def _on_download_requested(self) -> None:
        """Download all of MNIST, and show how that goes."""
        self._there.tabs.turn_to(self._there.tabs.data_actions.page)
        self._services.data.download()

    @Slot(object)
    def _on_presenter_outlined(self, outline: JobOutline) -> None:
        """Show the training in the middle, from its start."""
        self._there.columns.close_drawer()
        begin = self._there.tabs.first.begin
        begin(outline.title, outline.epochs, outline.history, self._classes_in_use)
        self._there.tabs.show_live()

    @property
    def _classes_in_use(self) -> ClassNames:
        """What a training that begins now learns to read."""
        dataset = self._services.data.dataset
        return DIGITS if dataset is None else dataset.classes

    @Slot()
    def _on_presenter_started(self) -> None:
        self._there.draw.begin_learning(self._classes_in_use)

    @Slot(bool)
    def _on_presenter_busy_changed(self, is_busy: bool) -> None:
        if not is_busy:
            self._there.tabs.first.end()

    @Slot(object)
    def _on_presenter_kept(self, run: Run) -> None:
        self._services.runs.add(run)
        self._newest = ModelRef(run.record.id)
        self._there.chooser.select(self._newest)
        words = describe_test(run.record)
        see = Action("See mistakes", self._there.tabs.results.show_mistakes)
        self._there.messages.answer(Answer(words, Card.TRAIN, (see,)))

    @Slot()
    def _on_runs_changed(self) -> None:
        """Estimate the time of trainings from those that this machine has done."""
        records = (run.record for run in self._services.runs.runs)
        self._panel.show_pace(Pace.from_records(records))

    @Slot(int)
    def _on_validation_value_changed(self, percent: int) -> None:
        """Divide the digits on the data page as the next training will."""
        self._there.tabs.data_actions.set_validation_share(percent / 100)

    @Slot(object)
    def _on_prediction_model_opened(self, opened: OpenedModel) -> None:
        if not (self._services.training.is_busy or opened.model == self._newest):
            self._there.draw.forget_learning()  # it is another network that reads now

    @Slot(object)
    def _on_prediction_read_finished(self, reading: Reading) -> None:
        self._services.training.controls.image = reading.images[0]
