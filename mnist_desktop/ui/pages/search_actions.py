"""What the user can do with searches: begin, watch, pause, stop, and use what they find."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.training_job import NewTraining
from mnist_desktop.search.database import without_password
from mnist_desktop.search.known import SearchRef, check_new, new_name, own_searches, read_ref
from mnist_desktop.search.messages import Importances, Outline, Outlook
from mnist_desktop.search.space import kept_config, read_space
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.toast import Answer, Card
from mnist_desktop.workers.search import SearchOrder

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.search_controls import Activity
    from mnist_desktop.ui.pages.search_form import NewSearch
    from mnist_desktop.ui.pages.search_view import SearchView

SHOWN = "search/shown"


class SearchActions(QObject):
    """Carries out the requests of the page of searches.

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
    training_requested(object)
        A `NewTraining`: the network of a trial is to be trained.
    layers_requested(object)
        The layers of this `TrainingConfig` are to be shown in the editor, with its settings.
    run_requested(str)
        The run of this id is to be shown.
    said(str)
        What is done, in words.
    answered(object)
        An `Answer`: a search has come to its end.
    failed(object)
        A `MnistDesktopError`.
    """

    training_requested = Signal(object)
    layers_requested = Signal(object)
    run_requested = Signal(str)
    said = Signal(str)
    answered = Signal(object)
    failed = Signal(object)

    def __init__(self, services: Services, saver: FileSaver, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._saver = saver
        self._search, self._watch = services.search, services.watch
        self._shown: SearchRef | None = None  # None while a new one is to be begun
        self._is_new = False  # the one that is worked on has not been begun yet
        self._elsewhere: list[SearchRef] = []
        self._outlook: Outlook | None = None
        self._kept: tuple[str, ...] = ()
        self._is_paused = False
        self._is_training = False
        self.page = Page("searchView", self._make_view, self._fill)
        self._search.progressed.connect(self._on_search_progressed)
        self._search.succeeded.connect(self._on_search_succeeded)
        self._search.failed.connect(self._on_search_failed)
        self._search.cancelled.connect(self._on_search_cancelled)
        self._search.finished.connect(self._on_search_finished)
        self._watch.outlined.connect(self._on_watch_outlined)
        self._watch.trials_changed.connect(self._on_watch_trials_changed)
        self._watch.weighed.connect(self._on_watch_weighed)
        self._watch.caught_up.connect(self._on_watch_caught_up)
        self._watch.failed.connect(self.failed)
        services.runs.changed.connect(self._show_kept)

    def _make_view(self) -> SearchView:
        from mnist_desktop.ui.pages.search_view import SearchView

        view = SearchView(self._services.figures)
        view.save_requested.connect(self._saver.save)
        view.search_requested.connect(self._on_view_search_requested)
        view.chosen.connect(self._show)
        view.new_chosen.connect(self._show_form)
        view.elsewhere_chosen.connect(self._on_view_elsewhere_chosen)
        view.keep_requested.connect(self._on_view_keep_requested)
        view.resume_requested.connect(self._on_view_resume_requested)
        view.pause_toggled.connect(self._on_view_pause_toggled)
        view.finish_requested.connect(self._search.finish)
        view.stop_requested.connect(self._on_view_stop_requested)
        view.run_requested.connect(self.run_requested)
        view.train_requested.connect(self._on_view_train_requested)
        view.edit_requested.connect(self._on_view_edit_requested)
        return view

    def _fill(self, view: SearchView) -> None:
        """Show the search that was shown last, or else the newest one."""
        view.panel.set_training(self._is_training)
        own = own_searches(self._services.paths)
        shown = read_ref(str(self._services.settings.value(SHOWN, "")))
        if shown is not None and not shown.is_own:
            self._elsewhere.append(shown)
        elif shown not in own:
            shown = own[0] if own else None
        if shown is None:
            self._show_form()
        else:
            self._show(shown)

    # Which search is shown

    @Slot()
    def _show_form(self) -> None:
        self._shown = None
        self._watch.close()
        self._offer()
        self.page.view.show_form(new_name(self._services.paths))

    @Slot(object)
    def _show(self, search: SearchRef) -> None:
        self._begin(search)
        self._watch.watch(search)

    def _begin(self, search: SearchRef) -> None:
        self._shown, self._kept = search, ()
        if not search.is_own and search not in self._elsewhere:
            self._elsewhere.append(search)
        self._offer()
        self.page.view.begin()
        self._show_activity()
        if search.url == without_password(search.url):  # what is remembered can be read
            self._services.settings.change(search_shown=search.as_text())

    def _offer(self) -> None:
        """Offer the searches there are, and the one that is being begun."""
        own = own_searches(self._services.paths)
        shown = self._shown
        begun = [shown] if shown is not None and shown.is_own and shown not in own else []
        self.page.view.offer_searches([*begun, *own, *self._elsewhere], shown)

    @Slot()
    def _on_view_elsewhere_chosen(self) -> None:
        from mnist_desktop.ui.pages.search_elsewhere import ElsewhereDialog

        dialog = ElsewhereDialog(self.page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._show)
        dialog.open()

    # Its work

    @Slot(object)
    def _on_view_search_requested(self, wanted: NewSearch) -> None:
        if self._search.is_running:
            name = "" if self._search.search is None else self._search.search.name
            self.page.view.form.show_problem(f"Wait for “{name}”, or stop it first.")
            return
        try:
            check_new(wanted.name, self._services.paths)
            if wanted.space:
                read_space(Path(wanted.space))
        except MnistDesktopError as error:
            self.page.view.form.show_problem(str(error))
            return
        search = SearchRef(wanted.name)
        self._is_new = True
        self._watch.close()
        order = SearchOrder(
            search, wanted.minutes, wanted.workers, wanted.goal, wanted.space, self._digits
        )
        self._start(order)
        self._begin(search)
        self.page.view.controls.minutes_box.setValue(wanted.minutes)

    @Slot(int, int)
    def _on_view_resume_requested(self, minutes: int, workers: int) -> None:
        if self._shown is not None and not self._search.is_running:
            self._is_new = False
            self._start(SearchOrder(self._shown, minutes, workers, digits=self._digits))
            self._show_activity()

    @Slot()
    def _on_view_keep_requested(self) -> None:
        if self._shown is not None and not self._search.is_running:
            self._is_new = False
            self._start(SearchOrder(self._shown, digits=self._digits))
            self._search.finish()

    @property
    def _digits(self) -> tuple[str, ...]:
        return self._services.data.options

    def _start(self, order: SearchOrder) -> None:
        self._outlook, self._is_paused = None, False
        self._search.start(order)
        self._hold_or_go()
        self.said.emit("Searching. Drawing and all pages stay usable.")

    @Slot(bool)
    def set_busy(self, is_training: bool) -> None:
        """Have a search wait while a network is trained, and go on afterwards."""
        self._is_training = is_training
        if view := self.page.built_view:
            view.panel.set_training(is_training)
        self._hold_or_go()

    @Slot(bool)
    def _on_view_pause_toggled(self, is_paused: bool) -> None:
        self._is_paused = is_paused
        self._hold_or_go()

    def _hold_or_go(self) -> None:
        if self._is_paused or self._is_training:
            self._search.hold()
        else:
            self._search.go()
        self._show_activity()

    @Slot()
    def _on_view_stop_requested(self) -> None:
        self._search.stop()
        self._show_activity()

    def _show_activity(self) -> None:
        view = self.page.built_view
        if view is None:
            return
        view.show_activity(self._activity())

    def _activity(self) -> Activity:
        from mnist_desktop.ui.pages.search_controls import Activity  # not to start the window

        search = self._search
        if not search.is_running or search.search is None:
            return Activity()
        if search.search != self._shown:
            return Activity(other=search.search.name)
        return Activity(
            is_running=True,
            is_paused=self._is_paused,
            waits=self._is_training,
            is_stopping=search.is_stopping,
            outlook=self._outlook,
        )

    @Slot(object)
    def _on_search_progressed(self, outlook: Outlook) -> None:
        self._outlook = outlook
        if self._is_new:  # there is something to watch now
            self._is_new = False
            if self._shown is not None and self._shown == self._search.search:
                self._watch.watch(self._shown)
        self._show_activity()

    @Slot(object)
    def _on_search_succeeded(self, search: SearchRef) -> None:
        self.said.emit("")
        self.answered.emit(Answer(f"The search “{search.name}” has come to its end", Card.PAGES))

    @Slot()
    def _on_search_cancelled(self) -> None:
        self.said.emit("The search is stopped; it can be resumed at any time.")

    @Slot(object)
    def _on_search_failed(self, error: MnistDesktopError) -> None:
        self.said.emit("")
        if self._is_new and self._shown == self._search.search:  # it could not even begin
            self._show_form()
            if self._search.search is not None:
                self.page.view.form.propose_name(self._search.search.name)
            self.page.view.form.show_problem(str(error))
        else:
            self.failed.emit(error)

    @Slot()
    def _on_search_finished(self) -> None:
        self._is_new = False
        self._show_activity()

    # What it has found

    @Slot(object)
    def _on_watch_trials_changed(self, trials: Sequence[TrialSummary]) -> None:
        self.page.view.put_trials(trials)

    @Slot(object)
    def _on_watch_weighed(self, importances: Importances) -> None:
        self.page.view.show_importances(importances.values)

    @Slot(int)
    def _on_watch_caught_up(self, count: int) -> None:
        self.page.view.keep_first(count)

    @Slot(object)
    def _on_watch_outlined(self, outline: Outline) -> None:
        self.page.view.show_goal(outline.goal)
        runs = self._services.runs
        self._kept = outline.runs
        if any(runs.get(one) is None for one in outline.runs):
            runs.read()  # another process has kept them
        self._show_kept()

    @Slot()
    def _show_kept(self) -> None:
        view = self.page.built_view
        if view is not None and self._shown is not None:
            found = [self._services.runs.get(one) for one in self._kept]
            view.show_runs([one for one in found if one is not None], len(self._kept))

    @Slot(object)
    def _on_view_train_requested(self, trial: TrialSummary) -> None:
        config = self._config_of(trial)
        if config is not None and self._shown is not None:
            name = f"Trial {trial.number} of {self._shown.name}"
            self.training_requested.emit(NewTraining(config, name))

    @Slot(object)
    def _on_view_edit_requested(self, trial: TrialSummary) -> None:
        config = self._config_of(trial)
        if config is not None:
            self.layers_requested.emit(config)

    def _config_of(self, trial: TrialSummary) -> TrainingConfig | None:
        try:
            return kept_config(trial.settings)
        except MnistDesktopError as error:
            self.failed.emit(error)
            return None
