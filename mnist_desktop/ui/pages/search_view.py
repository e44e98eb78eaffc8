"""The page of searches: a new one, or how one goes and what it has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.runs.run import Run
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.known import SearchRef
from mnist_desktop.search.study import TrialSummary, best_of
from mnist_desktop.search.wording import best_words, counts_words
from mnist_desktop.ui.pages.search_controls import Activity, SearchControls
from mnist_desktop.ui.pages.search_form import SearchForm
from mnist_desktop.ui.pages.trial_panel import TrialPanel
from mnist_desktop.ui.pages.trials_table import TrialsTable
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.workers.figures import FigureController

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.search_plots import SearchPlots

NEW, ELSEWHERE = "new", "elsewhere"
FORM, SEARCH = 0, 1
TABLE, PLOTS = 0, 1
FACES = {
    "Trials": "Every trial in a table",
    "Plots": "How the search went, which settings matter, and what they do",
}


class SearchView(QStackedWidget):
    """The form of a new search, or a search with its trials.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Signals
    -------
    search_requested(object)
        The user wants this `NewSearch`.
    chosen(object)
        The user wants to see this `SearchRef`.
    new_chosen(), elsewhere_chosen()
        The user wants to begin a search, or to open one that is kept elsewhere.
    keep_requested()
        The best settings of the search that is shown are to be trained again, and nothing more.
    resume_requested(int, int)
        The search is to be worked on for so many minutes, by so many processes.
    pause_toggled(bool)
        The work is to pause, or to go on.
    finish_requested(), stop_requested()
        No more trials are to be made, but the best settings trained again; nothing is to be done.
    run_requested(str)
        The run of this id is to be shown.
    train_requested(object), edit_requested(object)
        The network of this `TrialSummary` is to be trained, or shown in the layer editor.
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    """

    search_requested = Signal(object)
    chosen = Signal(object)
    new_chosen = Signal()
    elsewhere_chosen = Signal()
    keep_requested = Signal()
    resume_requested = Signal(int, int)
    pause_toggled = Signal(bool)
    finish_requested = Signal()
    stop_requested = Signal()
    run_requested = Signal(str)
    train_requested = Signal(object)
    edit_requested = Signal(object)
    save_requested = Signal(object)

    def __init__(self, figures: FigureController) -> None:
        super().__init__()
        self._figures = figures
        self._goal = Goal()
        self._importances: Mapping[str, float] = {}
        self._numbers: frozenset[int] | None = None  # of the trials that are brushed in a plot
        self.setAccessibleName("Searches")
        self._activity = Activity()
        self._shown: SearchRef | None = None
        self._runs: Sequence[Run] = ()
        self._boxes = (self._make_box(), self._make_box())
        self.form = SearchForm()
        self.form.requested.connect(self.search_requested)
        self.table = TrialsTable()
        self.table.trial_chosen.connect(self._on_table_trial_chosen)
        self.panel = TrialPanel()
        self.panel.train_requested.connect(self.train_requested)
        self.panel.edit_requested.connect(self.edit_requested)
        self._make_controls()
        self._make_faces()
        self.addWidget(_page(self._boxes[FORM], self.form))
        self.addWidget(self._lay_out_search())
        self.show_activity(self._activity)

    # Its parts

    def _make_box(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("searchBox")
        box.setToolTip("Which search is shown")
        box.setAccessibleName("Search")
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.activated.connect(self._on_box_activated)
        return box

    def _make_controls(self) -> None:
        self._words = FixedLines("strong", 1)
        self._words.setObjectName("searchStatusLabel")
        self._counts = FixedLines("muted", 1)
        self._counts.setObjectName("searchCountsLabel")
        self._best = FixedLines("muted", 1)
        self._best.setObjectName("searchBestLabel")
        self.controls = controls = SearchControls()
        controls.keep_requested.connect(self.keep_requested)
        controls.resume_requested.connect(self.resume_requested)
        controls.pause_toggled.connect(self.pause_toggled)
        controls.finish_requested.connect(self.finish_requested)
        controls.stop_requested.connect(self.stop_requested)
        self._kept = FixedLines("muted", 1)
        self._kept.setObjectName("searchKeptLabel")
        self.run_button = QPushButton("Show the runs")
        self.run_button.setObjectName("searchRunButton")
        self.run_button.setProperty("link", "tight")
        self.run_button.setToolTip("Show the networks that were kept of this search")
        self.run_button.clicked.connect(self._on_run_button_clicked)
        keep_place(self.run_button)

    def _make_faces(self) -> None:
        """Make the two ways in which the trials can be seen."""
        self.plots_page = Page("searchPlotsPage", self._make_plots, lambda _view: None)
        self._faces = QStackedWidget()
        self._faces.addWidget(self.table)
        self._faces.addWidget(self.plots_page)
        self.faces = QButtonGroup(self)
        self._face_row = QHBoxLayout()
        self._face_row.setSpacing(UNIT // 2)
        for number, (name, tip) in enumerate(FACES.items()):
            button = QToolButton()
            button.setObjectName(f"search{name}Button")
            button.setText(name)
            button.setToolTip(tip)
            button.setCheckable(True)
            self.faces.addButton(button, number)
            self._face_row.addWidget(button)
        self.faces.button(TABLE).setChecked(True)
        self.faces.idClicked.connect(self._on_faces_clicked)

    def _make_plots(self) -> SearchPlots:
        from mnist_desktop.ui.pages.search_plots import SearchPlots  # not for every search

        plots = SearchPlots(self._figures)
        plots.trial_chosen.connect(self.table.choose)
        plots.brushed.connect(self._on_plots_brushed)
        plots.save_requested.connect(self.save_requested)
        return plots

    def _lay_out_search(self) -> QWidget:
        kept = _row()
        kept.addLayout(self._face_row)
        kept.addWidget(self._kept, 1)
        kept.addWidget(self.run_button)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        words = QVBoxLayout()
        words.setSpacing(2)
        for one in (self._words, self._counts, self._best):
            words.addWidget(one)
        column.addLayout(words)
        column.addWidget(self.controls)
        column.addLayout(kept)
        column.addWidget(self._faces, 1)
        column.addWidget(self.panel)
        return _page(self._boxes[SEARCH], inside)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.table.set_theme(theme)
        self.plots_page.set_theme(theme)
        self.panel.set_theme(theme)

    # What it shows

    def offer_searches(self, searches: Sequence[SearchRef], shown: SearchRef | None) -> None:
        """Offer these searches, of which one is shown; none while a new one is to be begun."""
        self._shown = shown
        for box in self._boxes:
            box.clear()
            for one in searches:
                box.addItem(printable(one.name), one)
            if searches:
                box.insertSeparator(box.count())
            box.addItem("New search …", NEW)
            box.addItem("Open a search elsewhere …", ELSEWHERE)
        self._mark_shown()

    def _mark_shown(self) -> None:
        """Have the box say what is shown, whatever was chosen in it."""
        for box in self._boxes:
            places = [place for place in range(box.count()) if box.itemData(place) == self._shown]
            box.setCurrentIndex(places[0] if self._shown and places else box.findData(NEW))

    def show_form(self, name: str) -> None:
        """Show the form of a new search, which may be called so."""
        self.form.propose_name(name)
        self.setCurrentIndex(FORM)

    def begin(self) -> None:
        """Show a search of which nothing is known yet."""
        self._goal, self._importances, self._numbers = Goal(), {}, None
        self.table.show_only(None)
        self.table.trials.clear()
        if plots := self.plots_page.built_view:
            plots.lift_brush()
        self.panel.show_trial(None)
        self._show_plots()
        self.show_runs((), 0)
        self._show_counts()
        self.setCurrentIndex(SEARCH)

    def put_trials(self, trials: Sequence[TrialSummary]) -> None:
        """Take in trials that are new or have changed."""
        self.table.put(trials)
        chosen = self.table.chosen
        if chosen is not None and any(one.number == chosen.number for one in trials):
            self.panel.show_trial(chosen)
        self._show_counts()
        self._show_plots()

    def keep_first(self, count: int) -> None:
        """Forget trials beyond these, which were of another search of this name."""
        self.table.trials.keep_first(count)
        self._show_counts()

    def _show_counts(self) -> None:
        trials = self.table.trials.trials
        best = best_of(trials)
        words = counts_words(trials)
        if self._numbers is not None:
            words = f"{words}; {len(self._numbers):,} within the ranges of the plot"
        self._counts.setText(words)
        self._best.setText("No trial is complete yet" if best is None else best_words(best))
        self.controls.show_activity(
            self._activity,
            is_own=self._shown is None or self._shown.is_own,
            has_best=best is not None,
        )

    def show_runs(self, runs: Sequence[Run], count: int) -> None:
        """Say what the best settings have come to when they were trained again.

        Parameters
        ----------
        runs : sequence of Run
            The runs that are there.
        count : int
            How many were kept.
        """
        self._runs = runs
        self.run_button.setVisible(bool(runs))
        if runs:
            accuracy = sum(one.record.test_accuracy for one in runs) / len(runs)
            self._kept.setText(
                f"Trained again on {formats.count(len(runs), 'seed')}: {percent(accuracy)} of the "
                "test digits read correctly"
            )
        elif count:
            self._kept.setText("The runs that were kept are deleted")
        else:
            self._kept.setText("The best are trained again at the end")

    def show_activity(self, activity: Activity) -> None:
        """Show what is done, and offer what can be done next."""
        self._activity = activity
        self._words.setText(activity.words)
        self._show_counts()

    # What the user wants

    @Slot(int)
    def _on_box_activated(self, place: int) -> None:
        box = self._boxes[self.currentIndex()]
        wanted = box.itemData(place)
        self._mark_shown()
        if wanted == NEW:
            self.new_chosen.emit()
        elif wanted == ELSEWHERE:
            self.elsewhere_chosen.emit()
        elif isinstance(wanted, SearchRef) and wanted != self._shown:
            self.chosen.emit(wanted)

    @Slot()
    def _on_run_button_clicked(self) -> None:
        if self._runs:
            self.run_requested.emit(self._runs[0].record.id)

    @Slot(int)
    def _on_table_trial_chosen(self, number: int) -> None:
        self.panel.show_trial(self.table.trials.get(number))
        self._mark_in_plots()

    # The plots

    @Slot(int)
    def _on_faces_clicked(self, face: int) -> None:
        self.panel.set_compact(face == PLOTS)
        self._faces.setCurrentIndex(face)
        self._show_plots()
        self._mark_in_plots()

    def _show_plots(self) -> None:
        """Show in the plots what is known now, if they can be seen."""
        if self._faces.currentIndex() == PLOTS:
            trials = self.table.trials.trials
            self.plots_page.view.show_trials(trials, self._goal, self._importances)

    def _mark_in_plots(self) -> None:
        chosen = self.table.chosen
        if plots := self.plots_page.built_view:
            plots.mark_trial(None if chosen is None else chosen.number)

    @Slot(object)
    def _on_plots_brushed(self, numbers: frozenset[int] | None) -> None:
        self._numbers = numbers
        self.table.show_only(numbers)
        self._show_counts()

    def show_goal(self, goal: Goal) -> None:
        """Say for what settings are searched."""
        self._goal = goal
        self._show_plots()

    def show_importances(self, values: Mapping[str, float]) -> None:
        """Show how much each setting matters."""
        self._importances = values
        self._show_plots()


def _row() -> QHBoxLayout:
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(UNIT)
    return made


def _page(box: QComboBox, content: QWidget) -> QWidget:
    """Put something below the page's title and the choice of a search."""
    head = QHBoxLayout()
    head.setSpacing(UNIT * 2)
    head.addWidget(label("Search", "title"))
    head.addWidget(box, 1)
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(UNIT * 2, UNIT * 2 - 4, UNIT * 2, UNIT)
    layout.setSpacing(UNIT)
    layout.addLayout(head)
    layout.addWidget(content, 1)
    return page
