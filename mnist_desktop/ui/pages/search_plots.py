"""The plots of a search: each answers a question about its trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.formats import count
from mnist_desktop.search.figures.parallel import axes_that_fit, parallel_lines
from mnist_desktop.search.figures.plots import PlotKind, plot_of
from mnist_desktop.search.figures.trial_arrays import TrialArrays
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.importance import LEAST_TRIALS
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.trial_table import write_trials
from mnist_desktop.ui.parts.file_saver import FigureMenu, FileRequest
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.parts.trials_canvas import TrialsFigure
from mnist_desktop.workers.figures import FigureController

REDRAW_MS = 2000  # between two drawings of a search that goes on
FILE_FRAME = Frame(8.0, 5.0)
WORDS_LINES = 2
HINT = "Click a point to see its trial; the arrow keys step through them."
BRUSH_HINT = (
    "Drag along an axis to keep a range of it; several axes combine. A double click or Escape "
    "lifts them."
)
BAR_HINT = (
    "How much each setting decides whether a trial becomes one of the best. Click a bar to see "
    "what its setting does."
)
NOTHING = "No trial is complete yet; the plots begin with the first one."
TOO_FEW = f"Which settings matter can be told from {count(LEAST_TRIALS, 'complete trial')} on."
NO_DIFFERENCE = "No setting makes a difference so far, or it has not been worked out yet."


class SearchPlots(QWidget):
    """Shows one of five plots of a search, and a line about the trial that is pointed at.

    Parameters
    ----------
    figures : FigureController
        Has figures drawn.

    Signals
    -------
    trial_chosen(int)
        The number of the trial that was clicked or stepped to.
    brushed(object)
        A frozenset of the numbers of the trials within all ranges that are brushed; None once
        these are lifted.
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    """

    trial_chosen = Signal(int)
    brushed = Signal(object)
    save_requested = Signal(object)

    def __init__(self, figures: FigureController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchPlots")
        self.setAccessibleName("Plots of the search")
        self._summaries: Sequence[TrialSummary] = ()
        self._trials = TrialArrays.of(())
        self._goal = Goal()
        self._importances: Mapping[str, float] = {}
        self._next: tuple[Sequence[TrialSummary], Goal, Mapping[str, float]] | None = None
        self._numbers: frozenset[int] | None = None  # of the trials that are brushed
        self._pause = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._pause.timeout.connect(self._on_pause_timeout)
        self.figure = TrialsFigure(figures)
        self.figure.trial_chosen.connect(self._on_figure_trial_chosen)
        self.figure.setting_chosen.connect(self._on_figure_setting_chosen)
        self.figure.pointed.connect(self._tell)
        self.figure.brush_changed.connect(self._on_figure_brush_changed)
        self._make_controls()
        self._lay_out()
        self._show()

    def _make_controls(self) -> None:
        self.kind_box = QComboBox()
        self.kind_box.setObjectName("plotComboBox")
        self.kind_box.setAccessibleName("Plot")
        self.kind_box.setToolTip("Which plot to show")
        for kind in PlotKind:
            self.kind_box.addItem(kind.value, kind)
        self.kind_box.currentIndexChanged.connect(self._on_kind_box_changed)
        self.setting_box = QComboBox()
        self.setting_box.setObjectName("plotSettingComboBox")
        self.setting_box.setAccessibleName("Setting in the plot")
        self.setting_box.setToolTip("Which setting to show the score against")
        self.setting_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setting_box.setMinimumContentsLength(14)
        self.setting_box.activated.connect(self._show)
        keep_place(self.setting_box)
        self.menu = FigureMenu(self.figure, "search", FILE_FRAME)
        self.menu.save_requested.connect(self.save_requested)
        self._picture_actions = self.menu.menu().actions()
        self._table_action = self.menu.menu().addAction("Save table of trials …", self._save_table)
        self._words = FixedLines("field", WORDS_LINES)
        self._words.setObjectName("plotWords")
        self._nothing = label("", "muted", wrap=True)
        self._nothing.setObjectName("plotNothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(UNIT)
        controls.addWidget(self.kind_box)
        controls.addWidget(self.setting_box)
        controls.addStretch()
        controls.addWidget(self.menu)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self.figure)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addLayout(controls)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._words)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)

    def show_trials(
        self, trials: Sequence[TrialSummary], goal: Goal, importances: Mapping[str, float]
    ) -> None:
        """Show the trials of a search; what comes soon after others is shown in a moment.

        Parameters
        ----------
        trials : sequence of TrialSummary
            All of them, in order.
        goal : Goal
            What is searched for.
        importances : mapping of str to float
            What `importances_of` has returned; empty if it has not yet.
        """
        self._next = trials, goal, importances
        if not self._pause.isActive():
            self._on_pause_timeout()

    def mark_trial(self, number: int | None) -> None:
        """Mark a trial, such as the one that is chosen in a table; None for none."""
        self.figure.mark_trial(number)
        self._tell()

    def lift_brush(self) -> None:
        """Lift all ranges that are brushed, as when another search is shown."""
        self.figure.lift_brush()

    @property
    def kind(self) -> PlotKind:
        """Which plot is shown."""
        return PlotKind(self.kind_box.currentData())

    @Slot()
    def _on_pause_timeout(self) -> None:
        if self._next is None:
            return
        (trials, goal, importances), self._next = self._next, None
        if _gist(trials) == _gist(self._summaries) and goal == self._goal:
            if importances == self._importances:
                return
        else:
            self._trials = TrialArrays.of(trials)
        self._summaries, self._goal, self._importances = trials, goal, importances
        self._pause.start()
        self._fill_settings()
        before, self._numbers = self._numbers, self._within_brush()
        if self._numbers != before:
            self.brushed.emit(self._numbers)
        self._show()

    def _fill_settings(self) -> None:
        """Offer the settings that trials have; at first the one that matters most is shown."""
        names = self._trials.setting_names
        shown = [self.setting_box.itemData(place) for place in range(self.setting_box.count())]
        if names == shown:
            return
        first = max(names, key=lambda name: self._importances.get(name, 0.0), default="")
        current = self.setting_box.currentData() or first
        self.setting_box.clear()
        for name in names:
            self.setting_box.addItem(name.replace("_", " ").capitalize(), name)
        self.setting_box.setCurrentIndex(max(self.setting_box.findData(current), 0))

    @Slot()
    def _on_kind_box_changed(self) -> None:
        self._show()

    @Slot()
    def _show(self) -> None:
        kind, setting = self.kind, self.setting_box.currentData() or ""
        self.setting_box.setVisible(kind is PlotKind.SETTING)
        plot = plot_of(
            kind,
            self._trials,
            self._goal,
            self._importances,
            setting=setting,
            chosen=self._trials.rows_of(self._numbers),
        )
        self._stack.setCurrentIndex(0 if plot is None else 1)
        self._nothing.setText(self._why_nothing(kind))
        for action in self._picture_actions:
            action.setEnabled(plot is not None)
        self._table_action.setEnabled(bool(self._summaries))
        if plot is not None:
            self.menu.name = f"search-{kind.name.lower()}"
            self.figure.show_figure(plot)
        self._tell()

    def _why_nothing(self, kind: PlotKind) -> str:
        if self._trials.best is None:
            return NOTHING
        is_enough = np.count_nonzero(self._trials.is_complete) >= LEAST_TRIALS
        return NO_DIFFERENCE if kind is PlotKind.IMPORTANCE and is_enough else TOO_FEW

    @Slot()
    def _tell(self) -> None:
        """Say what the trial under the mouse has come to, or the marked one, or what to do."""
        row = self._trials.row_of(self.figure.spoken_of)
        if self._trials.best is None:
            self._words.setText("")
        elif row is not None and self.kind is not PlotKind.IMPORTANCE:
            lines = (self._trials.describe(row), self._brushed_words())
            self._words.setText("\n".join(filter(None, lines)))
        else:
            hints = {PlotKind.PARALLEL: BRUSH_HINT, PlotKind.IMPORTANCE: BAR_HINT}
            self._words.setText(self._brushed_words() or hints.get(self.kind, HINT))

    def _brushed_words(self) -> str:
        if self._numbers is None:
            return ""
        complete = int(np.count_nonzero(self._trials.is_complete))
        return f"{len(self._numbers):,} of {count(complete, 'complete trial')} in the ranges"

    @Slot(int)
    def _on_figure_trial_chosen(self, number: int) -> None:
        self._tell()
        self.trial_chosen.emit(number)

    @Slot(str)
    def _on_figure_setting_chosen(self, name: str) -> None:
        place = self.setting_box.findData(name)
        if place >= 0:
            self.setting_box.setCurrentIndex(place)
            self.kind_box.setCurrentIndex(self.kind_box.findData(PlotKind.SETTING))

    @Slot(bool)
    def _on_figure_brush_changed(self, is_over: bool) -> None:
        """Show in grey what is outside the ranges, at once; tell of it once the mouse is let go."""
        before = self._numbers
        self._numbers = self._within_brush()
        if self._numbers != before:
            self._show()
        if is_over:
            self.brushed.emit(self._numbers)

    def _within_brush(self) -> frozenset[int] | None:
        """The numbers of the trials within all ranges; None where there is no range."""
        if not self.figure.brush or self._trials.best is None:
            return None
        most = axes_that_fit(self.figure.frame.width)
        lines = parallel_lines(self._trials, self._importances, most)
        rows = lines.rows[lines.within(self.figure.brush)]
        return frozenset(self._trials.numbers[rows].tolist())

    @Slot()
    def _save_table(self) -> None:
        trials = self._summaries
        self.save_requested.emit(
            FileRequest(
                "Save table of trials",
                "search-trials",
                (("Table", "csv"),),
                lambda path, _kind: write_trials(trials, path),
            )
        )


def _gist(trials: Sequence[TrialSummary]) -> list[tuple[int, str]]:
    """What a trial must differ in for its plots to differ."""
    return [(one.number, one.state) for one in trials]
