"""Trainings that wait, are interrupted, go on, and are never lost by closing the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import pytest
from filelock import FileLock
from pages import says
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QInputDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.app import close_when_told
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import StorageError
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining
from mnist_desktop.runs.unfinished import find_unfinished
from mnist_desktop.ui import closing
from mnist_desktop.ui.closing import CloseAnswer, ask_before_closing
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.train import training_presenter

TIMEOUT_MS = 120_000
OpenWindow = Callable[..., MainWindow]


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def begin(qtbot: QtBot, window: MainWindow, epochs: int = 1000) -> None:
    """Start a training with the mouse, and wait until its second epoch is under way."""
    window.start_services()
    panel = window.training_panel
    panel.epochs.setValue(epochs)
    click(panel.train_button)
    qtbot.waitUntil(lambda: "Epoch 1 " not in panel.status.text(), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: panel.status.text().startswith("Epoch"), timeout=TIMEOUT_MS)


def answer(monkeypatch: pytest.MonkeyPatch, *answers: CloseAnswer) -> None:
    given = iter(answers)
    monkeypatch.setattr(closing, "ask_before_closing", lambda *_, **__: next(given))


def test_closing_asks_and_the_training_can_be_kept_going_or_stopped_and_kept(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.KEEP_GOING, CloseAnswer.STOP_AND_KEEP)
    begin(qtbot, window)
    window.close()
    assert window.isVisible()
    assert services_of(window).training.is_busy
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=TIMEOUT_MS)
    (run,) = services_of(window).store.runs()
    assert run.record.stopped
    assert find_unfinished(services_of(window).store.root) == []


def test_a_cancelled_training_leaves_nothing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.CANCEL)
    begin(qtbot, window)
    window.close()
    assert not window.isVisible()
    assert list(services_of(window).store.root.iterdir()) == []


def test_a_training_goes_on_when_the_program_is_started_again(
    qtbot: QtBot, window: MainWindow, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.GO_ON_LATER)
    begin(qtbot, window, epochs=40)
    window.close()
    assert not window.isVisible()
    assert services_of(window).store.runs() == []
    again = open_window()
    again.resize(1280, 800)
    assert not again.training_panel.unfinished.isVisible()
    again.start_services()
    card = again.training_panel.unfinished
    assert card.isVisible()
    assert "of 40" in says(card, "unfinishedLabel")
    click(card.resume_button)
    assert not card.isVisible()
    assert again.training_panel.epochs.value() == 40
    assert says(again.training_panel, "trainingJobLabel").startswith("Resuming “One hidden layer”")
    qtbot.waitUntil(lambda: again.tabs.confusion_view.record is not None, timeout=TIMEOUT_MS)
    record = again.tabs.confusion_view.record
    assert record is not None
    assert len(record.history) == 40
    assert not record.stopped
    qtbot.waitUntil(again.training_panel.train_button.isEnabled)
    assert not card.isVisible()


@pytest.fixture
def again(
    qtbot: QtBot, window: MainWindow, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """A window opened after another one was closed on its training, which goes on later."""
    answer(monkeypatch, CloseAnswer.GO_ON_LATER)
    begin(qtbot, window)
    window.close()
    made = open_window()
    made.start_services()
    return made


def test_an_interrupted_training_can_be_discarded(again: MainWindow) -> None:
    click(again.training_panel.unfinished.discard_button)
    assert not again.training_panel.unfinished.isVisible()
    assert find_unfinished(services_of(again).store.root) == []


def test_a_training_waits_and_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window, epochs=30)
    panel = window.training_panel
    click(panel.pause_button)
    qtbot.waitUntil(lambda: panel.status.text().startswith("Paused"), timeout=TIMEOUT_MS)
    assert panel.pause_button.text() == "Resume"
    assert len(list(services_of(window).store.root.glob(".unfinished-*/state-*"))) >= 1
    click(panel.pause_button)
    qtbot.waitUntil(panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    (run,) = services_of(window).store.runs()
    assert len(run.record.history) == 30
    assert not panel.pause_button.isEnabled()


def test_a_training_that_waits_can_be_stopped(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    panel = window.training_panel
    click(panel.pause_button)
    qtbot.waitUntil(lambda: panel.status.text().startswith("Paused"), timeout=TIMEOUT_MS)
    click(panel.stop_button)
    qtbot.waitUntil(panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    (run,) = services_of(window).store.runs()
    assert run.record.stopped


def test_the_best_epoch_is_kept_on_a_stop_if_that_is_requested(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.training_panel.learning_rate.setValue(0.05)  # unlearns what it has learnt
    click(window.training_panel.form.more_button)
    QTest.mouseClick(window.training_panel.best_box, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert services_of(window).training.controls.keeps_best
    begin(qtbot, window, epochs=12)
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    (run,) = services_of(window).store.runs()
    ranks = [(one.val_accuracy, -(one.val_loss or 0.0)) for one in run.record.history]
    best = ranks.index(max(ranks)) + 1
    assert best < 12
    assert f"epoch {best} was kept" in run.record.note
    assert f"epoch {best} was kept" in window.training_panel.status.text()


def test_a_run_is_trained_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(qtbot, window, epochs=3)
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    (first,) = services_of(window).store.runs()
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (2, True))
    window.tabs.runs_view.longer_requested.emit(first.record.id)
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    runs = services_of(window).store.runs()
    assert sorted(len(run.record.history) for run in runs) == [3, 5]
    longer = next(run for run in runs if len(run.record.history) == 5)
    assert longer.record.history[:3] == first.record.history


def test_a_run_that_cannot_be_written_is_asked_about_and_kept_at_the_second_try(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, asked = RunStore.keep, []

    def fail_once(self: RunStore, *arguments: object, **more: object) -> object:
        if not asked:
            raise StorageError("The disk is full.")
        return keep(self, *arguments, **more)  # type: ignore[arg-type]

    def ask(_parent: object, words: str, _name: str, **_: object) -> bool:
        asked.append(words)
        return True

    monkeypatch.setattr(RunStore, "keep", fail_once)
    monkeypatch.setattr(training_presenter, "ask", ask)
    begin(qtbot, window, epochs=3)
    qtbot.waitUntil(lambda: window.tabs.confusion_view.record is not None, timeout=TIMEOUT_MS)
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    assert len(asked) == 1
    assert "The disk is full. What was learnt is still in memory" in asked[0]
    assert len(services_of(window).store.runs()) == 1


def end_while_asked(window: MainWindow) -> list[bool]:
    """Ask to close the window, and let the training end meanwhile; whether there was a question."""
    seen: list[bool] = []

    def end_it() -> None:
        box = window.findChild(QMessageBox, "closeDialog")
        seen.append(box is not None and box.isVisible())
        services_of(window).training.stop()

    QTimer.singleShot(0, window, end_it)
    window.close()  # comes back once the question is answered, or closes by itself
    return seen


def test_a_training_that_ends_while_closing_is_asked_about_lets_the_window_close(
    qtbot: QtBot, window: MainWindow
) -> None:
    begin(qtbot, window)
    assert end_while_asked(window) == [True]
    assert not window.isVisible()
    assert len(services_of(window).store.runs()) == 1


def test_a_training_that_ends_as_it_is_stopped_and_kept_lets_the_window_close(
    qtbot: QtBot, window: MainWindow
) -> None:
    ended = threading.Event()

    def stop_and_keep() -> None:
        """Press the button once the training has ended, before the window has heard of it."""
        services_of(window).training.stop()
        assert ended.wait(TIMEOUT_MS / 1000)
        box = window.findChild(QMessageBox, "closeDialog")
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == "&Stop and keep"]
        click(button)

    begin(qtbot, window)
    worker = services_of(window).training._jobs._worker
    assert worker is not None
    worker.finished.connect(ended.set, Qt.ConnectionType.DirectConnection)
    QTimer.singleShot(0, window, stop_and_keep)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=TIMEOUT_MS)
    assert len(services_of(window).store.runs()) == 1


def test_a_request_that_is_taken_back_while_closing_is_asked_about_lets_the_window_close(
    qtbot: QtBot, window: MainWindow
) -> None:
    services_of(window).training.request(
        NewTraining(window.training_panel.config())
    )  # waits for digits
    assert end_while_asked(window) == [True]
    assert not window.isVisible()


def test_a_training_that_fails_while_closing_is_asked_about_is_told_by_the_window(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def full(*_: object, **__: object) -> NoReturn:
        raise StorageError("The disk is full.")

    def give_up(_window: object, words: str, *_: object, **__: object) -> bool:
        asked.append(words)
        return False

    monkeypatch.setattr(RunStore, "keep", full)
    monkeypatch.setattr(training_presenter, "ask", give_up)
    begin(qtbot, window)
    assert end_while_asked(window) == [True]
    assert window.isVisible()
    assert "The disk is full." in asked[0]


def test_a_training_that_has_not_begun_is_stopped_and_the_window_closes(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.STOP_AND_KEEP)
    services_of(window).training.request(NewTraining(window.training_panel.config()))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_whoever_wants_to_keep_going_after_all_keeps_the_window(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.STOP_AND_KEEP, CloseAnswer.KEEP_GOING)
    begin(qtbot, window)
    window.close()
    window.close()
    qtbot.waitUntil(window.training_panel.train_button.isEnabled, timeout=TIMEOUT_MS)
    assert window.isVisible()
    assert len(services_of(window).store.runs()) == 1


def test_the_end_of_the_session_closes_the_window_while_it_asks(
    qtbot: QtBot, window: MainWindow
) -> None:
    begin(qtbot, window)
    QTimer.singleShot(0, window, window.close_without_question)  # runs while the question is open
    window.close()
    assert not window.isVisible()
    assert len(find_unfinished(services_of(window).store.root)) == 1


def test_the_window_vanishes_before_a_cancelled_training_is_waited_for(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, CloseAnswer.CANCEL)
    begin(qtbot, window)
    seen: list[bool] = []
    monkeypatch.setattr(
        services_of(window).training, "cancel", lambda: seen.append(window.isVisible())
    )
    window.close()
    assert seen == [False]


def test_a_lesson_cannot_wait_nor_be_kept(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def ask(_window: object, *, is_saved: bool) -> CloseAnswer:
        asked.append(is_saved)
        return CloseAnswer.CANCEL

    monkeypatch.setattr(closing, "ask_before_closing", ask)
    services_of(window).my_digits.add([Drawing(Ink((((0.5, 0.1), (0.5, 0.9)),)), 1)])
    window.start_services()
    window.tabs.my_digits_view.learn_requested.emit()
    qtbot.waitUntil(lambda: services_of(window).training._jobs.is_running, timeout=TIMEOUT_MS)
    assert not window.training_panel.pause_button.isEnabled()
    assert window.training_panel.stop_button.isEnabled()
    window.close()
    assert asked == [False]
    assert services_of(window).store.runs() == []


def test_a_training_that_another_program_is_at_is_not_discarded(again: MainWindow) -> None:
    (one,) = find_unfinished(services_of(again).store.root)
    with FileLock(one.folder / "lock"):
        click(again.training_panel.unfinished.discard_button)
        (box,) = again.findChildren(QMessageBox, "errorDialog")
        assert "under way in another window" in box.text()
        box.close()
    assert find_unfinished(services_of(again).store.root) == [one]


def test_the_question_offers_only_what_is_possible(qtbot: QtBot, window: MainWindow) -> None:
    texts: list[str] = []

    def look() -> None:
        box = window.findChild(QMessageBox, "closeDialog")
        texts.extend(sorted(button.text() for button in box.buttons()))
        box.reject()

    QTimer.singleShot(0, window, look)
    assert ask_before_closing(window, is_saved=False) is CloseAnswer.KEEP_GOING
    assert texts == ["&Cancel training", "&Keep going"]


@pytest.mark.parametrize("chosen", list(CloseAnswer))
def test_each_button_of_the_question_has_its_answer(
    qtbot: QtBot, window: MainWindow, chosen: CloseAnswer
) -> None:
    place = list(CloseAnswer).index(chosen)
    texts = ("&Keep going", "&Stop and keep", "&Resume later", "&Cancel training")

    def press() -> None:
        box = window.findChild(QMessageBox, "closeDialog")
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == texts[place]]
        click(button)

    QTimer.singleShot(0, window, press)
    assert ask_before_closing(window, is_saved=True) is chosen


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals to wait for")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_the_window_finishes_what_it_is_doing_before_it_closes(name: str, qtbot: QtBot) -> None:
    class Window(QWidget):
        closed = False

        def close_without_question(self) -> None:
            self.closed = True

    window = Window()
    qtbot.addWidget(window)
    undo = close_when_told(window)  # type: ignore[arg-type]
    try:
        signal.raise_signal(getattr(signal, name))
        assert not window.closed  # this line stands for the middle of a slot
        qtbot.waitUntil(lambda: window.closed)
    finally:
        undo()


@pytest.mark.skipif(sys.platform == "win32", reason="another program cannot send them there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_program_that_is_told_to_end_keeps_what_its_training_has_learnt(
    name: str, paths: AppPaths
) -> None:
    program = """
import sys
from PySide6.QtCore import QTimer
from mnist_desktop import app
from mnist_desktop.paths import AppPaths

make_window, make_services = app.make_window, app.make_services

def begin(*arguments, **more):
    window = make_window(*arguments, **more)
    window.training_panel.epochs.setValue(1000)
    QTimer.singleShot(0, window, window.training_panel.train_button.click)
    return window

def serve(*arguments, **more):
    services = make_services(*arguments, **more)
    told = []
    def listen(progress):
        if type(progress).__name__ == "EpochMetrics" and not told:
            told.append(True)
            print("learning", flush=True)
    services.training.progressed.connect(listen)
    return services

app.make_window, app.make_services = begin, serve
sys.exit(app.main())
"""
    environment = {**os.environ, "MNIST_DESKTOP_DATA": "sample"}
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "learning"
        process.send_signal(signal.Signals[name])
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    (unfinished,) = find_unfinished(paths.runs)
    state = unfinished.read()
    assert state is not None
    assert state.epochs_done >= 1
