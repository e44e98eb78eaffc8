"""The page of searches, with processes that only speak as a search does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_search import ENDINGS
from pages import LEFT, TIMEOUT_MS, answers, begin, dialogs, says, settle, trained, turn_to
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.messages import CaughtUp, Failure, Message, Outline, Outlook, encode
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.search_view import SearchView
from mnist_desktop.workers import search as workers

BUILT = {
    "architecture": "conv", "conv_layers": 1, "filters": 8, "kernel": 3, "dense_layers": 0,
    "batch_norm": False, "dropout": 0.0, "epochs": 2, "learning_rate": 0.01, "batch_size": 64,
    "optimizer": "adam", "schedule": "cosine", "label_smoothing": 0.0, "weight_decay": 0.0,
    "augment": "none",
}  # fmt: skip
PRESET = {name: BUILT[name] for name in BUILT if name not in ("conv_layers", "filters", "kernel",
          "dense_layers", "batch_norm", "dropout")} | {"architecture": "dense-100"}  # fmt: skip
TRIALS = [
    TrialSummary(0, "complete", 0.91, 79_510, 2.5, PRESET, "", True, (0.88, 0.91)),
    TrialSummary(1, "complete", 0.97, 15_770, 9.5, BUILT, "", True, (0.9, 0.97)),
    TrialSummary(2, "pruned", None, 15_770, 3.5, BUILT, "It was worse than most.", True, (0.4,)),
    TrialSummary(3, "running", None, 15_770, None, BUILT, "", True),
]
LONG = "Why it has failed needs more room than there is. " * 9


class Fake:
    """What the processes say, and what they were told."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def say(self, file: str, *messages: Message) -> None:
        (self.place / file).write_bytes(b"".join(map(encode, messages)))

    def told(self) -> list[str]:
        file = self.place / "told"
        return file.read_text("utf-8").splitlines() if file.exists() else []


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """In place of the program's own processes: those of `fake_search`."""
    script = str(Path(__file__).with_name("fake_search.py"))
    monkeypatch.setenv("FAKE_SEARCH", str(tmp_path))
    monkeypatch.setattr(
        workers, "child_command", lambda *words: [sys.executable, "-S", "-E", script, *words]
    )
    found = Fake(tmp_path)
    found.say("watched", Outline(Goal()), *TRIALS, CaughtUp(len(TRIALS)))
    found.say("worked", Outlook("Training", share=0.25, seconds_left=675.0))
    return found


Open = Callable[..., SearchView]


@pytest.fixture
def open_page(qtbot: QtBot, window: MainWindow, paths: AppPaths, fake: Fake) -> Open:
    """Opens the page, with searches of these names among the program's own files."""

    def open_it(*names: str) -> SearchView:
        folder = paths.data / "searches"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / f"{name}.journal").touch()
        begin(qtbot, window)
        view = window.tabs.search_view
        turn_to(qtbot, window, view)
        if names:
            wait_for_trials(qtbot, view)
        return view

    return open_it


def wait_for_trials(qtbot: QtBot, view: SearchView, count: int = len(TRIALS)) -> None:
    qtbot.waitUntil(lambda: rows(view) == count, timeout=TIMEOUT_MS)


def wait_for_words(qtbot: QtBot, view: SearchView, words: str) -> None:
    qtbot.waitUntil(lambda: words in says(view, "searchStatusLabel"), timeout=TIMEOUT_MS)


def rows(view: SearchView) -> int:
    return view.table.model().rowCount()


def cell(view: SearchView, row: int, column: int) -> str:
    return str(view.table.model().index(row, column).data())


def numbers(view: SearchView) -> list[int]:
    return [int(cell(view, row, 0)) for row in range(rows(view))]


def click(parent: QWidget, name: str) -> None:
    found = parent.findChild(QAbstractButton, name)
    assert found is not None
    assert found.isVisible(), name
    assert found.isEnabled(), name
    QTest.mouseClick(found, LEFT)


def click_trial(view: SearchView, number: int) -> None:
    index = view.table.model().index(numbers(view).index(number), 1)
    QTest.mouseClick(view.table.viewport(), LEFT, pos=view.table.visualRect(index).center())


def pick(view: SearchView, text: str) -> None:
    """Choose in the box of searches, as a click on an entry does."""
    box = next(one for one in view.findChildren(QComboBox, "searchBox") if one.isVisible())
    place = box.findText(text)
    assert place >= 0, text
    box.setFocus()
    box.showPopup()
    shown = box.view().visualRect(box.model().index(place, 0))
    QTest.mouseClick(box.view().viewport(), LEFT, pos=shown.center())


# A new search


def test_without_a_search_there_is_a_form_that_begins_one(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page()
    assert view.form.isVisible()
    assert not view.form.parameters_box.isEnabled()
    name = view.form.name_edit.text()
    assert name
    QTest.mouseClick(view.form.limit_box, LEFT, pos=QPoint(8, view.form.limit_box.height() // 2))
    click(view, "startSearchButton")
    wait_for_words(qtbot, view, "Searching, 11:15 left")
    wait_for_trials(qtbot, view)
    words = fake.told()[0]
    assert words.startswith("search start --controlled --minutes=15 --workers=")
    assert "--max-parameters=25000" in words
    assert "--data=sample" in words
    assert words.endswith(f"-- {name}")
    assert view.controls.bar.value() == view.controls.bar.maximum() // 4
    assert says(view, "searchCountsLabel") == "4 trials: 2 complete, 1 pruned, 1 running"
    assert "trial 1, 97.00% of the validation digits" in says(view, "searchBestLabel")
    assert window.statusBar().currentMessage().startswith("Searching")


@pytest.mark.parametrize(
    ("name", "words"), [("", "needs a name"), ("a/b", "needs a name"), ("old", "already")]
)
def test_a_name_that_cannot_be_used_is_said_on_the_form(
    name: str, words: str, qtbot: QtBot, open_page: Open, fake: Fake
) -> None:
    view = open_page("old")
    pick(view, "New search …")
    qtbot.waitUntil(view.form.isVisible)
    before = view.form.search_button.geometry()
    view.form.name_edit.selectAll()
    QTest.keyClicks(view.form.name_edit, name)
    if not name:
        QTest.keyClick(view.form.name_edit, Qt.Key.Key_Backspace)
    QTest.keyClick(view.form.name_edit, Qt.Key.Key_Return)
    assert words in says(view, "searchProblemLabel")
    assert view.form.search_button.geometry() == before
    assert fake.told() == []


def test_a_space_that_cannot_be_read_is_said_on_the_form(
    open_page: Open, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = tmp_path / "space.toml"
    space.write_text("epochs = 0")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(space), ""))
    view = open_page()
    click(view, "searchSpaceButton")
    assert says(view, "searchSpaceLabel") == str(space)
    click(view, "startSearchButton")
    assert "epochs must be" in says(view, "searchProblemLabel")
    click(view, "searchUsualSpaceButton")
    assert says(view, "searchSpaceLabel") == "The usual settings"
    assert fake.told() == []


def test_a_search_that_cannot_begin_leads_back_to_the_form(
    qtbot: QtBot, open_page: Open, fake: Fake
) -> None:
    fake.say("worked", Failure("The disk is full."))
    (fake.place / "fails").touch()
    view = open_page()
    name = view.form.name_edit.text()
    click(view, "startSearchButton")
    qtbot.waitUntil(lambda: says(view, "searchProblemLabel") == "The disk is full.")
    assert view.form.isVisible()
    assert view.form.name_edit.text() == name


# One that is worked on


def test_a_search_is_paused_goes_on_and_is_stopped(
    qtbot: QtBot, open_page: Open, fake: Fake
) -> None:
    view = open_page("small")
    assert says(view, "searchStatusLabel") == "Stopped"
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    where = view.controls.stop_button.geometry()
    click(view, "pauseSearchButton")
    assert says(view, "searchStatusLabel") == "Paused"
    assert view.controls.pause_button.text() == "Resume"
    assert view.controls.stop_button.geometry() == where
    click(view, "pauseSearchButton")
    wait_for_words(qtbot, view, "Searching")
    click(view, "stopSearchButton")
    assert "Stopping" in says(view, "searchStatusLabel")
    wait_for_words(qtbot, view, "Stopped")
    assert fake.told()[1:] == ["go", "hold", "go", "stop"]
    assert "--max-parameters" not in fake.told()[0]
    assert view.controls.resume_button.hasFocus()


def test_a_search_is_finished_early_and_answered(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page("small")
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    click(view, "finishSearchButton")
    wait_for_words(qtbot, view, "Stopped")
    assert fake.told()[-1] == "finish"
    assert answers(window) == "The search “small” has come to its end"


def test_the_best_of_a_stopped_search_is_kept_without_more_trials(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page("small")
    click(view, "keepBestButton")
    qtbot.waitUntil(lambda: fake.told()[1:] == ["go", "finish"], timeout=TIMEOUT_MS)
    wait_for_words(qtbot, view, "Stopped")
    assert answers(window) == "The search “small” has come to its end"


def test_a_trial_that_is_interrupted_is_seen_once(
    qtbot: QtBot, open_page: Open, fake: Fake
) -> None:
    stopped = replace(TRIALS[1], number=4, state="interrupted", score=None)
    fake.say("watched", Outline(Goal()), *TRIALS, stopped, CaughtUp(len(TRIALS) + 1))
    view = open_page("small")
    assert numbers(view) == [3, 2, 1, 0]
    assert says(view, "searchCountsLabel") == "4 trials: 2 complete, 1 pruned, 1 running"
    view.put_trials([replace(TRIALS[3], state="interrupted")])
    assert numbers(view) == [2, 1, 0]
    view.put_trials([replace(TRIALS[3], number=5, state="waiting")])
    assert numbers(view) == [5, 2, 1, 0]


def test_a_search_that_fails_is_told_in_a_dialog(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page("small")
    fake.say("worked", Outlook("Training"), Failure("It was begun with other digits."))
    (fake.place / "fails").touch()
    click(view, "resumeSearchButton")
    qtbot.waitUntil(lambda: dialogs(window) == ["It was begun with other digits."])
    assert says(view, "searchStatusLabel") == "Stopped"


def test_a_training_of_the_users_own_goes_first(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page("small")
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    window.training.presenter.busy_changed.emit(True)
    wait_for_words(qtbot, view, "Paused while your network trains")
    click_trial(view, 1)
    assert not view.panel.train_button.isEnabled()
    window.training.presenter.busy_changed.emit(False)
    wait_for_words(qtbot, view, "Searching")
    assert view.panel.train_button.isEnabled()
    click(view, "pauseSearchButton")
    window.training.presenter.busy_changed.emit(True)
    window.training.presenter.busy_changed.emit(False)
    assert says(view, "searchStatusLabel") == "Paused"  # that is the user's own
    qtbot.waitUntil(lambda: fake.told()[1:] == ["go", "hold", "go", "hold", "hold", "hold"])


def test_closing_the_window_ends_the_search_and_gives_its_trial_back(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page("small")
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    assert window.close()
    assert fake.told()[-1] == "end"  # it saw the end of its commands, and was not killed


def test_while_one_search_is_worked_on_others_can_be_looked_at(
    qtbot: QtBot, open_page: Open
) -> None:
    view = open_page("one", "two")
    first = view.findChildren(QComboBox, "searchBox")[1].currentText()
    second = "two" if first == "one" else "one"
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    pick(view, second)
    wait_for_trials(qtbot, view)
    assert says(view, "searchStatusLabel") == f"“{first}” is being worked on"
    assert not view.controls.resume_button.isEnabled()
    pick(view, first)
    wait_for_words(qtbot, view, "Searching")


# What it has found


def test_a_trial_that_is_clicked_shows_its_settings(open_page: Open) -> None:
    view = open_page("small")
    panel = view.panel
    before = panel.geometry()
    assert not panel.edit_button.isEnabled()
    click_trial(view, 2)
    assert says(panel, "trialTitleLabel") == "Trial 2: pruned, 15,770 parameters, 3.5 s"
    assert says(panel, "trialReasonLabel") == "It was worse than most."
    assert "1 convolution with 8 filters of 3×3" in says(panel, "trialSettingsLabel")
    assert panel.curve.accessibleDescription() == "40.00%"
    QTest.keyClick(view.table, Qt.Key.Key_Down)
    assert says(panel, "trialTitleLabel").startswith("Trial 1: complete, 97.00%")
    assert panel.geometry() == before
    QTest.keyClick(view.table, Qt.Key.Key_Escape)
    assert says(panel, "trialTitleLabel") == "No trial is selected"


def test_trials_are_sorted_by_a_click_on_a_heading(open_page: Open) -> None:
    view = open_page("small")
    assert numbers(view) == [3, 2, 1, 0]
    header = view.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=place)
    assert numbers(view)[:2] == [1, 0]  # the best first
    QTest.mouseClick(header.viewport(), LEFT, pos=place)
    assert set(numbers(view)[2:]) == {2, 3}  # without a score, and last in both orders


def test_rows_that_arrive_move_nothing_that_is_looked_at(open_page: Open) -> None:
    view = open_page("small")
    many = [replace(TRIALS[1], number=number) for number in range(4, 200)]
    view.put_trials(many)
    click_trial(view, 199)
    view.table.verticalScrollBar().setValue(400)
    top = view.table.rowAt(0)
    seen = (cell(view, top, 0), view.table.rowViewportPosition(top))
    view.put_trials([replace(TRIALS[1], number=number) for number in range(200, 230)])
    QApplication.processEvents()
    top = view.table.rowAt(0)
    assert (cell(view, top, 0), view.table.rowViewportPosition(top)) == seen
    assert view.table.chosen is not None
    assert view.table.chosen.number == 199
    view.put_trials([replace(TRIALS[1], number=199, score=0.5)])
    assert "50.00%" in says(view.panel, "trialTitleLabel")


def test_nothing_moves_whatever_is_said(open_page: Open) -> None:
    view = open_page("small")
    parts = (view.table, view.panel, view.controls.bar, view.panel.train_button)

    def places() -> list[QRect]:
        QApplication.processEvents()
        return [QRect(one.mapTo(view, QPoint(0, 0)), one.size()) for one in parts]

    before = places()
    failed = replace(TRIALS[2], number=9, state="failed", reason=LONG, settings={})
    view.put_trials([failed])
    click_trial(view, 9)
    assert places() == before
    view.show_runs((), 3)
    assert places() == before


def test_a_trials_network_is_opened_in_the_editor(
    qtbot: QtBot, open_page: Open, window: MainWindow
) -> None:
    view, form = open_page("small"), window.training_panel.form
    click_trial(view, 1)
    click(view, "editTrialButton")
    qtbot.waitUntil(window.training.editor.isVisible)
    assert form.layers.text.startswith("conv 8 3x3 padding=same")
    assert (form.epochs.value(), form.config().learning_rate) == (2, 0.01)
    window.middle.uncover()
    click_trial(view, 0)  # a preset's layers become the user's own
    click(view, "editTrialButton")
    assert window.training.editor.isVisible()
    assert form.layers.text.startswith("dense 100")
    assert form.config().architecture == "custom"


def test_a_trials_network_is_trained_as_a_run(
    qtbot: QtBot, open_page: Open, window: MainWindow
) -> None:
    view = open_page("small")
    click_trial(view, 0)
    click(view, "trainTrialButton")
    runs = services_of(window).runs
    qtbot.waitUntil(lambda: bool(runs.runs), timeout=TIMEOUT_MS)
    (run,) = runs.runs
    assert run.record.name == "Trial 0 of small"
    assert (run.record.config.epochs, run.record.config.validation_share) == (2, 0.05)
    qtbot.waitUntil(lambda: not services_of(window).training.is_busy, timeout=TIMEOUT_MS)
    settle(qtbot, window)


def test_the_networks_that_were_kept_are_named_and_shown(
    qtbot: QtBot,
    open_page: Open,
    fake: Fake,
    window: MainWindow,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = trained(tmp_path_factory.getbasetemp() / "page-runs", "dense-10", 3, "Ten")
    fake.say("watched", Outline(Goal(), (run.record.id,)), *TRIALS, CaughtUp(len(TRIALS)))
    begin(qtbot, window, run)
    view = open_page("small")
    percent = f"{run.record.test_accuracy * 100:.2f}%"
    qtbot.waitUntil(
        lambda: (
            says(view, "searchKeptLabel")
            == f"Trained again on 1 seed: {percent} of the test digits read correctly"
        )
    )
    window.chooser.select(ModelRef(""))
    click(view, "searchRunButton")
    assert window.tabs.runs_view.isVisible()
    assert window.tabs.runs_view.table.selected_ids() == (run.record.id,)


def test_what_was_of_another_search_of_this_name_goes(
    qtbot: QtBot, open_page: Open, fake: Fake
) -> None:
    fake.say("watched", *TRIALS, Outline(Goal()), TRIALS[0], CaughtUp(1))
    view = open_page()
    services = view  # the form is shown; the search is chosen as a user does
    assert services.form.isVisible()
    fake.say("worked", Outlook("Training"))
    click(view, "startSearchButton")
    wait_for_trials(qtbot, view, 1)


# Elsewhere


def test_a_search_elsewhere_is_watched_and_joined(
    qtbot: QtBot, open_page: Open, fake: Fake, window: MainWindow
) -> None:
    view = open_page()
    pick(view, "Open a search elsewhere …")
    dialog = window.findChild(QDialog, "searchElsewhereDialog")
    assert dialog is not None
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert "where the search is kept" in says(dialog, "searchPlaceProblemLabel")
    place = dialog.findChild(QLineEdit, "searchPlaceEdit")
    assert place is not None
    QTest.keyClicks(place, "/shared/class.journal")
    QTest.keyClick(place, Qt.Key.Key_Return)
    wait_for_trials(qtbot, view)
    assert view.controls.resume_button.text() == "Join"
    click(view, "resumeSearchButton")
    wait_for_words(qtbot, view, "Searching")
    words = fake.told()[0]
    assert words.startswith("search join --controlled --storage=journal:/shared/class.journal ")
    assert words.endswith("-- class")
    assert services_of(window).settings.value("search/shown") == (
        '["class", "journal:/shared/class.journal"]'
    )


def test_the_search_that_was_shown_is_shown_again(
    open_page: Open, window: MainWindow, paths: AppPaths
) -> None:
    services_of(window).settings.change(search_shown='["old", ""]')
    view = open_page("old", "newer")
    box = next(one for one in view.findChildren(QComboBox, "searchBox") if one.isVisible())
    assert box.currentText() == "old"
    assert view.controls.resume_button.isVisible()


def test_every_ending_is_known_to_the_program() -> None:
    assert {one.strip() for one in ENDINGS} == {workers.STOP, workers.FINISH}


# Plots


def test_a_trial_is_the_same_in_the_table_and_in_the_plots(
    qtbot: QtBot, open_page: Open, window: MainWindow
) -> None:
    view = open_page("small")
    click_trial(view, 1)
    click(view, "searchPlotsButton")
    plots = view.plots_page.view
    assert plots.isVisible()
    assert not view.table.isVisible()
    settle(qtbot, window)
    assert "Trial 1" in says(plots, "plotWords")
    plots.trial_chosen.emit(0)
    assert says(view.panel, "trialTitleLabel").startswith("Trial 0: complete")
    click(view, "searchTrialsButton")
    assert view.table.isVisible()
    assert view.table.chosen is not None
    assert view.table.chosen.number == 0
    assert view.panel.curve.isVisible()


def test_the_table_shows_what_is_brushed_in_a_plot(open_page: Open) -> None:
    view = open_page("small")
    click_trial(view, 1)
    click(view, "searchPlotsButton")
    plots = view.plots_page.view
    plots.brushed.emit(frozenset({0, 1}))
    assert numbers(view) == [1, 0]
    assert says(view, "searchCountsLabel").endswith("; 2 within the ranges of the plot")
    view.put_trials([replace(TRIALS[1], number=8)])
    assert numbers(view) == [1, 0]
    plots.brushed.emit(None)
    assert numbers(view) == [8, 3, 2, 1, 0]
    assert view.table.chosen is not None
    assert view.table.chosen.number == 1
