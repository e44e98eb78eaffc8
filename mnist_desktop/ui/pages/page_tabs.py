"""The pages in the middle of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.teaching_job import TeachingResult
from mnist_desktop.ui.pages.data_actions import DataActions
from mnist_desktop.ui.pages.matrix_stack import MatrixStack
from mnist_desktop.ui.pages.my_digits_actions import MyDigitsActions
from mnist_desktop.ui.pages.result_pages import ResultPages
from mnist_desktop.ui.pages.run_actions import RunActions
from mnist_desktop.ui.pages.search_actions import SearchActions
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.focus import focus_first
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.theme import Theme

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.confusion_view import ConfusionView
    from mnist_desktop.ui.pages.curves_view import CurvesView
    from mnist_desktop.ui.pages.data_view import DataView
    from mnist_desktop.ui.pages.gallery_view import GalleryView
    from mnist_desktop.ui.pages.my_digits_view import MyDigitsView
    from mnist_desktop.ui.pages.report_view import ReportView
    from mnist_desktop.ui.pages.runs_view import RunsView
    from mnist_desktop.ui.pages.search_view import SearchView


class PageTabs(QTabWidget):
    """Matrix, curves, digits, report, runs, data, the user's own digits, and searches.

    The Reader has no searches: they train one network after the other.

    A page is built when it is first seen; asking for it by its property builds it as well.

    Parameters
    ----------
    services : Services
        What the window works with.
    saver : FileSaver
        Writes files.

    Signals
    -------
    train_requested()
        The button of an empty page was pressed: train with the settings there are.
    training_requested(object)
        A `TrainingRequest`: train a run further, or teach the user's digits.
    settings_requested(object)
        A `TrainingConfig` is to be put into the training panel.
    layers_requested(object)
        The layers of a `TrainingConfig` are to be shown in the editor, with its settings.
    model_requested(object)
        A `ModelRef`: this network is to be used.
    picture_requested(object), ink_requested(object)
        A `Picture` or an `Ink` is to be shown on the drawing pad.
    why_requested(object)
        Why this `WhySubject` is read as it is, is to be shown.
    turned()
        A page is to be seen for a reason of its own; it may be the current one already.
    """

    train_requested = Signal()
    training_requested = Signal(object)
    settings_requested = Signal(object)
    layers_requested = Signal(object)
    model_requested = Signal(object)
    picture_requested = Signal(object)
    ink_requested = Signal(object)
    why_requested = Signal(object)
    turned = Signal()

    def __init__(self, services: Services, saver: FileSaver) -> None:
        super().__init__()
        self.setObjectName("pages")
        self.setDocumentMode(True)
        self.tabBar().setExpanding(False)
        self.tabBar().setDrawBase(False)
        self._runs = services.runs
        self.results = ResultPages(services, saver, self)
        self.run_actions = RunActions(services, saver, self)
        self.data_actions = DataActions(services, saver, self)
        self.my_digits_actions = MyDigitsActions(services, saver, self)
        self.search_actions = SearchActions(services, saver, self)
        self.first = MatrixStack(self.results.confusion_page)
        self._pages: list[tuple[MatrixStack | Page[Any], str]] = [
            (self.first, "&Matrix"),
            (self.results.curves_page, "&Curves"),
            (self.results.gallery_page, "D&igits"),
            (self.results.report_page, "Report"),
            (self.run_actions.page, "&Runs"),
            (self.data_actions.page, "&Data"),
            (self.my_digits_actions.page, "My di&gits"),
        ]
        if services.can_train:
            self._pages.append((self.search_actions.page, "Search"))
        for page, name in self._pages:
            self.addTab(page, name)
        self.setCornerWidget(self.first.live_button)
        self._connect()

    def _connect(self) -> None:
        results, runs, mine = self.results, self.run_actions, self.my_digits_actions
        search = self.search_actions
        search.training_requested.connect(self.training_requested)
        search.layers_requested.connect(self.layers_requested)
        search.run_requested.connect(self._on_search_run_requested)
        self.first.live_requested.connect(self.show_live)
        results.gallery_requested.connect(self._show_gallery)
        results.pad_requested.connect(self.picture_requested)
        results.report_requested.connect(runs.save_report)
        for one in (results, runs):
            one.train_requested.connect(self.train_requested)
        runs.settings_requested.connect(self.settings_requested)
        runs.longer_requested.connect(self.training_requested)
        runs.opened.connect(self._show_matrix)
        runs.indices_chosen.connect(results.show_indices)
        self.data_actions.similar_requested.connect(results.find_similar)
        self.data_actions.pad_requested.connect(results.send_to_pad)
        mine.show_requested.connect(self.ink_requested)
        mine.similar_requested.connect(results.find_similar)
        mine.teaching_requested.connect(self.training_requested)
        for asking in (runs, mine):
            asking.model_requested.connect(self.model_requested)
        for asked in (results, self.data_actions, mine):
            asked.why_requested.connect(self.why_requested)

    @property
    def confusion_view(self) -> ConfusionView:
        """The page of the confusion matrix."""
        return self.results.confusion_page.view

    @property
    def curves_view(self) -> CurvesView:
        """The page of the learning curves."""
        return self.results.curves_page.view

    @property
    def gallery_view(self) -> GalleryView:
        """The page of the digits behind the numbers."""
        return self.results.gallery_page.view

    @property
    def report_view(self) -> ReportView:
        """The page of the report."""
        return self.results.report_page.view

    @property
    def runs_view(self) -> RunsView:
        """The page of the kept runs."""
        return self.run_actions.page.view

    @property
    def data_view(self) -> DataView:
        """The page of the digits in use."""
        return self.data_actions.page.view

    @property
    def my_digits_view(self) -> MyDigitsView:
        """The page of the user's own digits."""
        return self.my_digits_actions.page.view

    @property
    def search_view(self) -> SearchView:
        """The page of searches."""
        return self.search_actions.page.view

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for page, _ in self._pages:
            page.set_theme(theme)

    def focus_page(self) -> None:
        """Give the focus to the first thing of the page that takes it by the Tab key."""
        page = self.currentWidget()
        if page is None or not focus_first(page):
            self.tabBar().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def use_model(self, model: ModelRef) -> None:
        """Show the results of this network from now on."""
        self.first.show_matrix()
        self.run_actions.select(model.run_id)
        self.results.show_model(self._runs.get(model.run_id), model.file)
        self.run_actions.request_readings()  # the results have withdrawn those of the one before
        self.my_digits_actions.use_model(model)

    def rename_model(self, model: ModelRef) -> None:
        """Call the network in use what it is called now."""
        if run := self._runs.get(model.run_id):
            self.results.show_name(run)

    @Slot()
    def show_live(self) -> None:
        """Show how the training is going."""
        self.first.show_live()
        self.turn_to(self.first)

    @Slot(object)
    def show_lesson(self, result: TeachingResult) -> None:
        """Show what teaching the user's digits has changed, where it can be undone."""
        self.my_digits_actions.show_result(result)
        self.turn_to(self.my_digits_actions.page)

    @Slot(str)
    def _on_search_run_requested(self, run_id: str) -> None:
        """Show a run among the others."""
        self.turn_to(self.run_actions.page)
        self.runs_view.show_table()
        self.runs_view.table.select(run_id)

    def _show_matrix(self) -> None:
        self.first.show_matrix()
        self.turn_to(self.first)

    def _show_gallery(self) -> None:
        self.turn_to(self.results.gallery_page)

    def turn_to(self, page: QWidget) -> None:
        """Show a page, also if something else covers all of them."""
        self.setCurrentWidget(page)
        self.turned.emit()
