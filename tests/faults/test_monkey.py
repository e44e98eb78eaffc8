"""A monkey at the window: thousands of random clicks, keys, texts, trainings and file names.

``ACTIONS`` says how many (500 unless told), ``MONKEY_SEED`` which. Each action's kind and numbers
come from the seed and its own number only, so a seed gives the same actions again; what lies under
the mouse also depends on how far trainings are.
"""

from __future__ import annotations

import faulthandler
import itertools
import logging
import os
import random
import shutil
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from pages import turn_wheel
from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMimeData,
    QObject,
    QPoint,
    Qt,
    QThread,
    QTimer,
    QtMsgType,
    QUrl,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMenu,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mnist_desktop.app import make_window
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.foreign.hdf5_file import SIGNATURE
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow
from tests.made_networks import as_pytorch_writes

ACTIONS = int(os.environ.get("ACTIONS", "500"))
SEED = int(os.environ.get("MONKEY_SEED", "1"))
LAST = 30  # actions that are told when something went wrong
MOST_FAULTS = 20  # then it ends
STALL = 1.0  # seconds of the main thread's own work without a look at its events
HANG = 180.0  # seconds without a sign of life; the program is ended then
TICK_MS = 20
MESSAGES_OF_THE_PLATFORM = (  # of the offscreen one and of QTest, and not of the program
    "occurs outside target window",
    "propagateSizeHints",
    "This plugin does not support raise",
    "This plugin does not support grabbing the keyboard",
)

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key

PLAIN_KEYS = (
    *(Key(ord(letter)) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down) * 4,
    *(Key.Key_Return, Key.Key_Escape, Key.Key_Delete, Key.Key_Tab, Key.Key_Space) * 3,
    *(Key.Key_Backtab, Key.Key_Backspace, Key.Key_Home, Key.Key_End, Key.Key_PageUp),
    *(Key.Key_PageDown, Key.Key_Plus, Key.Key_Minus, Key.Key_F1, Key.Key_F2, Key.Key_F3),
    *(Key.Key_F4, Key.Key_F5, Key.Key_F6, Key.Key_F7, Key.Key_F8, Key.Key_F9, Key.Key_F10),
)
CTRL_KEYS = (
    *(Key(ord(letter)) for letter in "ZZZCCVVVAAXDSOYEFNPTW12"),
    *(Key.Key_Return, Key.Key_Space, Key.Key_Period, Key.Key_Home, Key.Key_End),
    *(Key.Key_Up, Key.Key_Down, Key.Key_Tab),
)
TEXTS = (
    "7", "128, 64", "0", "-3", "99999", "1e9", "0,5", "dense", "ä ö ü ß Ä Ö Ü", "naïve é ñ",
    "👩‍🔬🙂🎨", "שלום עולם", "مرحبا", "１２３", "½ ² ↄ", "e\u0301" * 20, "x" * 5000, "9" * 5000,
    "😀" * 700, " ", "\t", "a\nb", "%s {} %n <b>&amp;", "../../etc", "C:\\con", "'; --", "\ufeff",
    "\u202e abc", "",
)  # fmt: skip
SMALL = ("dense-10", "dense-100", "mlp")


class Faults(logging.Handler):
    """Collects what must not happen, with the action after which it did."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.action = "the start"
        self.exceptions: list[str] = []
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take an error of the program's log: it was caught, but nobody had expected it."""
        trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.exceptions.append(f"after {self.action}: log: {record.getMessage()}\n{trace}")

    def on_exception(self, kind: type[BaseException], error: Any, trace: Any) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        self.exceptions.append(f"after {self.action}: {text}")

    def on_thread_exception(self, hook: threading.ExceptHookArgs) -> None:
        self.on_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)

    def on_unraisable(self, hook: Any) -> None:
        self.on_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)

    def on_message(self, kind: QtMsgType, _context: object, text: str) -> None:
        bad = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
        if kind in bad and not any(known in text for known in MESSAGES_OF_THE_PLATFORM):
            self.messages.append(f"after {self.action}: {text}")

    def all(self) -> list[str]:
        return self.exceptions + self.messages


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong during the test, whoever notices it."""
    found = Faults()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook, threading.excepthook = found.on_exception, found.on_thread_exception
    sys.unraisablehook = found.on_unraisable
    before: Callable[..., None] | None = None

    def on_message(kind: QtMsgType, context: object, text: str) -> None:
        found.on_message(kind, context, text)
        if before is not None:
            before(kind, context, text)

    before = qInstallMessageHandler(on_message)
    logging.getLogger("mnist_desktop").addHandler(found)
    yield found
    logging.getLogger("mnist_desktop").removeHandler(found)
    qInstallMessageHandler(before)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def waited_for_a_core() -> float:
    """Seconds for which the main thread could have run, but the machine was busy; 0 if unknown."""
    try:
        text = Path("/proc/self/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split()[1]) / 1e9


class Watch(QObject):
    """Notes how long the window looked at no event, and gives a sign of life.

    A gap counts by what the main thread itself computed in it (`time.thread_time`): a machine that
    is shared also makes it wait for a core, and libraries that are loaded elsewhere hold Python's
    lock. While a window that was closed waits for its training to end, nobody sees it stand still.
    """

    def __init__(self, faults: Faults, is_seen: Callable[[], bool]) -> None:
        super().__init__()
        self._faults = faults
        self._is_seen = is_seen
        self.longest = (0.0, 0.0, 0.0, "")  # seconds, own seconds, seconds without a core, action
        self.busiest = (0.0, "")
        self.alive = time.monotonic()
        self.is_counting = False
        self.begin()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.on_tick)
        self._timer.start(TICK_MS)

    def begin(self) -> None:
        """Count from now on."""
        self._before = time.monotonic(), time.thread_time(), waited_for_a_core()

    @Slot()
    def on_tick(self) -> None:
        gap, own, queue = (
            now - before
            for now, before in zip(
                (time.monotonic(), time.thread_time(), waited_for_a_core()),
                self._before,
                strict=True,
            )
        )
        self.begin()
        self.alive = time.monotonic()
        if not self.is_counting or not self._is_seen():
            return
        self.longest = max(self.longest, (gap, own, queue, self._faults.action))
        self.busiest = max(self.busiest, (own, self._faults.action))
        if own > STALL:
            self._faults.exceptions.append(
                f"after {self._faults.action}: the window stood still for {gap:.2f} s, "
                f"{own:.2f} s of it its own work"
            )

    def stop(self) -> None:
        self._timer.stop()


def is_there(handle: QWindow) -> bool:
    """Whether a window on the screen has not been destroyed meanwhile."""
    known = shiboken6.getCppPointer(handle)[0]
    return any(shiboken6.getCppPointer(one)[0] == known for one in QGuiApplication.allWindows())


class Monkey(QObject):
    """Does one action after the other from the event loop, also inside of menus and dialogs."""

    def __init__(self, app: QApplication, paths: AppPaths, faults: Faults, outside: Path) -> None:
        super().__init__()
        self._app = app
        self._paths = paths
        self._faults = faults
        self._outside = outside  # the folder that file dialogs know
        self.watch = Watch(faults, lambda: self.window.isVisible())  # noqa: PLW0108 - it changes
        self.log: list[str] = []
        self.counts: Counter[str] = Counter()
        self.rng = random.Random(SEED)
        self._number = 0
        self._busy_level = -1
        self._is_ending = False
        self._reached: QWidget | None = None
        self._loop = QEventLoop()
        self._writer = (outside.parent / "actions.txt").open("w", encoding="utf-8", buffering=1)
        self.window = self._open()
        self._weights = {
            self._click: 14, self._double_click: 3, self._right_click: 4, self._drag: 5,
            self._wheel: 5, self._key: 14, self._type: 6, self._spin: 4, self._choose: 3,
            self._turn_page: 5, self._resize: 2, self._switch_theme: 1, self._stroke: 6,
            self._train: 3, self._pause: 2, self._stop: 2, self._treat_run: 6, self._press: 8,
            self._open_menu: 3, self._fill_clipboard: 2, self._dismiss: 5, self._wait: 1,
            self._close: 1, self._open_model: 1,
        }  # fmt: skip

    # Running

    def run(self) -> None:
        """Do all actions; come back when every menu and dialog is closed again."""
        self.watch.is_counting = True
        QTimer.singleShot(0, self, self._step)
        self._loop.exec()
        self.watch.is_counting = False
        self._writer.close()

    def _open(self) -> MainWindow:
        """Start the program, as it were."""
        window = make_window(self._app, self._paths, DatasetRequest(self._paths.digits, SAMPLE))
        window.show()
        QTest.qWaitForWindowExposed(window)
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        window.start_services()
        window._services.training.started.connect(self._on_training_started)
        window._services.training.succeeded.connect(self._on_training_succeeded)
        self.counts["windows"] += 1
        return window

    @Slot()
    def _on_training_started(self) -> None:
        self.counts["trainings"] += 1

    @Slot(object)
    def _on_training_succeeded(self, _result: object) -> None:
        self.counts["kept"] += 1

    @Slot()
    def _step(self) -> None:
        level = QThread.currentThread().loopLevel()
        if self._busy_level == level:  # within an action that lets events pass
            QTimer.singleShot(1, self, self._step)
            return
        if self._is_ending and self._is_closed_up():
            self._loop.quit()
            return
        QTimer.singleShot(1, self, self._step)  # first: the action may open a loop of its own
        before, self._busy_level = self._busy_level, level
        try:
            if self._is_ending:
                self._close_one()
            elif not self.window.isVisible():
                self._begin_again()
            else:
                self._act()
        finally:
            self._busy_level = before

    def _act(self) -> None:
        self._number += 1
        self.rng = random.Random(f"{SEED}/{self._number}")
        kinds = list(self._weights)
        (act,) = self.rng.choices(kinds, list(self._weights.values()))
        self._note(f"{self._number} {act.__name__.strip('_')}")
        act()
        if self._number >= ACTIONS or len(self._faults.all()) >= MOST_FAULTS:
            self._is_ending = True

    def _note(self, words: str) -> None:
        self.log.append(words)
        self._faults.action = words
        self._writer.write(words + "\n")

    def _add(self, words: str) -> None:
        """Say more of the action that is under way."""
        self.log[-1] += f" {words}"
        self._faults.action = self.log[-1]
        self._writer.write(f"    {words}\n")

    def _begin_again(self) -> None:
        """The window was closed: the program is started again, once no menu is open any more."""
        if not self._is_closed_up():
            self._close_one()
            return
        self.watch.is_counting = False
        self._note("the window was closed and is opened again")
        self.window.deleteLater()
        self.window = self._open()
        self.watch.begin()
        self.watch.is_counting = True

    def _is_closed_up(self) -> bool:
        """Whether no menu, dialog or drag is under way any more."""
        opened = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        return opened is None and QThread.currentThread().loopLevel() <= self._level

    @property
    def _level(self) -> int:
        return 1  # of the loop in `run`

    def _close_one(self) -> None:
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            popup.close()
        elif isinstance(modal, QDialog):
            modal.reject()
        elif modal is not None:
            modal.close()
        elif self.window.isVisible():
            self._hit(self.window.windowHandle(), Key.Key_Escape)

    # Where to

    def _top(self) -> QWidget:
        """The window that a user could reach now."""
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        return popup or modal or self.window

    def _is_covered(self) -> bool:
        """Whether a menu or a dialog keeps the main window from being used."""
        return self._top() is not self.window

    def _widgets(self, *kinds: type[QWidget]) -> list[QWidget]:
        top = self._top()
        seen = [one for kind in kinds or (QWidget,) for one in top.findChildren(kind)]
        seen = [w for w in seen if w.window() is top and w.isVisible()]
        return [w for w in seen if not w.visibleRegion().isEmpty()]

    def _pick(self, *kinds: type[QWidget]) -> QWidget | None:
        share = self.rng.random()
        found = self._widgets(*kinds)
        if not found:
            return None if kinds else self._top()
        chosen = found[int(share * len(found))]
        name = chosen.objectName() or getattr(chosen, "text", str)()
        self._add(f"{type(chosen).__name__} {str(name)[:30]!r}")
        return chosen

    def _place(self, widget: QWidget) -> QPoint:
        """Some place of a widget that can be seen, as its window counts."""
        x, y = self.rng.random(), self.rng.random()
        seen = widget.visibleRegion().boundingRect()
        inside = seen.topLeft() + QPoint(int(x * seen.width()), int(y * seen.height()))
        self._add(f"at {inside.x()},{inside.y()}")
        return self._within(widget.window(), widget.mapTo(widget.window(), inside))

    @staticmethod
    def _within(top: QWidget, place: QPoint) -> QPoint:
        """The place, or the nearest of the window where its layout is still to follow its size."""
        x = min(max(place.x(), 0), top.width() - 1)
        return QPoint(x, min(max(place.y(), 0), top.height() - 1))

    # Mouse and keys; a press may close what it was pressed on

    def _press_and_release(
        self, handle: QWindow, button: Qt.MouseButton, keys: Qt.KeyboardModifier, place: QPoint
    ) -> None:
        QTest.mousePress(handle, button, keys, place)
        if is_there(handle):
            QTest.mouseRelease(handle, button, keys, place)

    def _hit(self, handle: QWindow, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:  # Alt closes it, and the rest of the keys would have no window
            QApplication.sendEvent(popup, QKeyEvent(QEvent.Type.KeyPress, key, keys))
            if popup is QApplication.activePopupWidget():
                QApplication.sendEvent(popup, QKeyEvent(QEvent.Type.KeyRelease, key, keys))
            return
        if keys != NONE:  # QTest looks at events between Ctrl and the key, and may lose the window
            QApplication.processEvents()
            if not is_there(handle):
                return
        QTest.keyPress(handle, key, keys)
        if is_there(handle):
            QTest.keyRelease(handle, key, keys)

    def _aim(self, *kinds: type[QWidget]) -> tuple[Any, QPoint] | None:
        widget = self._pick(*kinds)
        handle = None if widget is None else self._handle(widget.window())
        return None if widget is None or handle is None else (handle, self._place(widget))

    def _handle(self, top: QWidget) -> QWindow | None:
        """The window on the screen, unless it is just going."""
        handle = top.windowHandle()
        self._reached = top  # its handle is known to Python only as long as the window itself
        return handle if handle is not None and is_there(handle) else None

    def _click(self) -> None:
        keys = self.rng.choice((NONE, NONE, NONE, SHIFT, CTRL))
        if aim := self._aim():
            self._press_and_release(aim[0], LEFT, keys, aim[1])

    def _double_click(self) -> None:
        if aim := self._aim():
            for _ in range(2):
                if is_there(aim[0]):
                    self._press_and_release(aim[0], LEFT, NONE, aim[1])

    def _right_click(self) -> None:
        if aim := self._aim():
            self._press_and_release(aim[0], RIGHT, NONE, aim[1])

    def _drag(self) -> None:
        steps, button = self.rng.randint(1, 12), self.rng.choice((LEFT, LEFT, LEFT, RIGHT))
        start, end = self._aim(), self._aim()
        if start and end and start[0] is end[0]:
            QTest.mousePress(start[0], button, NONE, start[1])
            for step in range(1, steps + 1):
                if is_there(start[0]):
                    QTest.mouseMove(start[0], start[1] + (end[1] - start[1]) * (step / steps))
            if is_there(start[0]):
                QTest.mouseRelease(start[0], button, NONE, end[1])

    def _wheel(self) -> None:
        notches = self.rng.choice((-10, -3, -1, 1, 3, 10))
        widget = self._pick()
        if widget is not None:
            inside = QPoint(int(self.rng.random() * widget.width()), widget.height() // 2)
            turn_wheel(widget, inside, notches)

    def _press(self) -> None:
        """Click on some button."""
        if aim := self._aim(QAbstractButton):
            self._press_and_release(aim[0], LEFT, NONE, aim[1])

    def _open_menu(self) -> None:
        """Choose from the menu that is open, or open one."""
        share, top = self.rng.random(), self._top()
        if isinstance(top, QMenu) and top.actions():
            action = top.actions()[int(share * len(top.actions()))]
            self._add(f"choose {action.text()!r}")
            place = top.actionGeometry(action).center()
            self._press_and_release(top.windowHandle(), LEFT, NONE, place)
        elif not self._is_covered():
            buttons = [b for b in self._widgets(QToolButton) if b.menu() is not None]  # type: ignore[attr-defined]
            if buttons:
                button = buttons[int(share * len(buttons))]
                self._add(f"open {button.text()!r}")  # type: ignore[attr-defined]
                place = button.mapTo(self.window, button.rect().center())
                place = self._within(self.window, place)
                self._press_and_release(self.window.windowHandle(), LEFT, NONE, place)

    # Keys

    def _key(self) -> None:
        kind, rare = self.rng.random(), self.rng.random()
        if rare < 0.04:
            key, keys = self.rng.choice(((Key.Key_Q, CTRL), (Key.Key_F11, NONE)))
        elif kind < 0.55:
            key, keys = self.rng.choice(PLAIN_KEYS), self.rng.choice((NONE, NONE, NONE, SHIFT))
        elif kind < 0.8:
            key, keys = self.rng.choice(CTRL_KEYS), self.rng.choice((CTRL, CTRL, CTRL | SHIFT))
        elif kind < 0.92:
            key, keys = Key(ord(self.rng.choice("1234567"))), ALT
        else:
            key, keys = Key(ord(self.rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))), ALT
        self._add(f"{keys.name or ''} {key.name}")
        if handle := self._handle(self._top()):
            self._hit(handle, key, keys)

    def _type(self) -> None:
        text, how = self.rng.choice(TEXTS), self.rng.random()
        if self.rng.random() < 0.3:
            text = "".join(chr(self.rng.randint(32, 0x2FF)) for _ in range(self.rng.randint(1, 40)))
        widget = self._pick(QLineEdit, QTextEdit)
        if widget is None:
            return
        self._add(f"{text[:30]!r}, {len(text)} characters")
        widget.setFocus(Qt.FocusReason.MouseFocusReason)
        if how < 0.5 and isinstance(widget, QLineEdit | QTextEdit):
            widget.selectAll()
        typed = QInputMethodEvent()
        typed.setCommitString(text)
        QApplication.sendEvent(widget, typed)
        if how > 0.7:
            QTest.keyClick(widget, Key.Key_Return)

    # Controls

    def _spin(self) -> None:
        steps, number = self.rng.choice((-100, -3, -1, 1, 2, 50)), self.rng.randint(0, 20)
        box = self._pick(QAbstractSpinBox)
        if isinstance(box, QAbstractSpinBox):
            self._add(f"{steps} steps, then {number}")
            box.stepBy(steps)
            if number < 8:
                box.setFocus(Qt.FocusReason.TabFocusReason)
                box.selectAll()
                for digit in str(number):
                    QTest.keyClick(box, Key(ord(digit)))
                QTest.keyClick(box, Key.Key_Return)

    def _choose(self) -> None:
        share, box = self.rng.random(), self._pick(QComboBox)
        if isinstance(box, QComboBox) and box.count() and box.isEnabled():
            row = int(share * box.count())
            self._add(f"row {row} {box.itemText(row)[:30]!r}")
            box.setFocus(Qt.FocusReason.TabFocusReason)
            box.setCurrentIndex(row)

    def _turn_page(self) -> None:
        page = self.rng.randrange(self.window.tabs.count())
        if self._is_covered():
            self._dismiss()
        else:
            self._add(str(page))
            self.window.tabs.setCurrentIndex(page)

    def _resize(self) -> None:
        size = self.rng.randint(800, 1700), self.rng.randint(500, 1100)
        self._add(f"{size[0]} × {size[1]}")
        self.window.resize(*size)

    def _switch_theme(self) -> None:
        mode = self.rng.choice(("light", "dark", "system"))
        self._add(mode)
        self.window._services.theme.set_mode(mode)

    def _stroke(self) -> None:
        count, pad = self.rng.randint(1, 8), self.window.draw_panel.pad
        shares = [(self.rng.random(), self.rng.random()) for _ in range(count + 1)]
        if self._is_covered() or not pad.isVisible():
            self._dismiss()
            return
        handle = self.window.windowHandle()
        seen = pad.visibleRegion().boundingRect()
        corner = pad.mapTo(self.window, seen.topLeft())
        points = [corner + QPoint(int(x * seen.width()), int(y * seen.height())) for x, y in shares]
        points = [self._within(self.window, point) for point in points]
        QTest.mousePress(handle, LEFT, NONE, points[0])
        for start, end in itertools.pairwise(points):
            for step in range(1, 6):
                QTest.mouseMove(handle, start + (end - start) * (step / 5))
        QTest.mouseRelease(handle, LEFT, NONE, points[-1])

    # Training and runs

    def _train(self) -> None:
        panel, name, epochs = self.window.training_panel, self.rng.choice(SMALL), self.rng.choice
        number = epochs((1, 1, 2, 4))
        if self._is_covered():
            self._dismiss()
            return
        self._add(f"{name}, {number} epochs")
        panel.architecture.setCurrentIndex(panel.architecture.findData(name))
        panel.epochs.setValue(number)
        panel.train_button.click()

    def _pause(self) -> None:
        if not self._is_covered():
            self.window.training_panel.pause_button.click()

    def _stop(self) -> None:
        if not self._is_covered():
            self.window.training_panel.stop_button.click()

    def _treat_run(self) -> None:
        """Select a run or two, and do one of the things that the table offers."""
        first, second, which = self.rng.random(), self.rng.random(), self.rng.random()
        both, undo = self.rng.random() < 0.3, self.rng.random() < 0.15
        if self._is_covered():
            self._dismiss()
            return
        view = self.window.tabs.runs_view
        self.window.tabs.setCurrentWidget(view.parentWidget())
        count = view.table.model().rowCount()
        if undo:
            self._add("undo")
            view.undo_button.click()
        elif count:
            if view.is_comparing:
                view.show_table()
            ids = [run.record.id for run in view.table.runs.runs]
            view.table.untick_all()
            view.table.select(ids[int(first * len(ids))])
            if both:
                view.table.runs.tick((ids[int(first * len(ids))], ids[int(second * len(ids))]))
            actions = [one for one in view.table.actions() if one.isEnabled()]
            menus = [one for one in actions if one.menu()]
            actions += [entry for one in menus for entry in one.menu().actions()]
            actions = [one for one in actions if not (one.menu() or one.isSeparator())]
            if view.bar.compare_button.isEnabled() and which < 0.5:
                self._add("compare")
                view.bar.compare_button.click()
                return
            if actions:
                action = actions[int(which * len(actions))]
                self._add(f"{action.text()} {len(view.table.ticked_ids()) or 1} of {count}")
                action.trigger()

    # The rest

    def _fill_clipboard(self) -> None:
        kind, size = self.rng.randrange(5), self.rng.choice((1, 28, 300))
        data = QMimeData()
        if kind == 0:
            data.setText(self.rng.choice(TEXTS))
        elif kind == 1:
            image = QImage(size, size, QImage.Format.Format_ARGB32)
            image.fill(QColor(self.rng.choice(("white", "black", "red", "transparent"))))
            data.setImageData(image)
        else:
            data.setUrls([QUrl.fromLocalFile(self.file())])
        QGuiApplication.clipboard().setMimeData(data)

    def _dismiss(self) -> None:
        """Answer the dialog that is open with one of its buttons, or close what is open."""
        how, top = self.rng.random(), self._top()
        if not self._is_covered():
            return
        buttons = [one for one in self._widgets(QAbstractButton) if one.isEnabled()]
        if how < 0.5 and buttons:
            button = buttons[int(how * 2 * len(buttons))]
            self._add(f"press {button.text()!r}")  # type: ignore[attr-defined]
            place = self._within(top, button.mapTo(top, button.rect().center()))
            self._press_and_release(top.windowHandle(), LEFT, NONE, place)
        elif handle := self._handle(top):
            self._add("escape")
            self._hit(handle, Key.Key_Escape)

    def _close(self) -> None:
        """Close the window, which asks if a training is under way; it is opened again later."""
        if self._is_covered():
            self._dismiss()
        else:
            self.window.close()

    def _open_model(self) -> None:
        if not self._is_covered():
            self.window.header.open_button.click()

    def _wait(self) -> None:
        """Let a while pass."""
        QTest.qWait(self.rng.randint(10, 200))

    # Answers to the system's dialogs

    def file(self) -> str:
        """Some name of a file: none, a good one, one of a wrong kind, or one that is not there."""
        there = sorted(str(one) for one in self._outside.iterdir())
        missing = str(self._outside / "missing" / "file.png")
        return self.rng.choice(
            ("", *there[:12], missing, str(self._outside), str(self._outside / "ä 👩‍🔬.png"))
        )

    def new_file(self, _parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        kind, how = self.rng.choice(kinds.split(";;")), self.rng.random()
        folder = self._outside
        number = self.rng.randrange(4)
        name = Path(name).with_stem(f"file{number}").name
        answers = (
            (0.3, ""), (0.6, str(folder / name)), (0.75, str(folder / f"file{number}")),
            (0.8, str(folder)), (0.9, str(folder / "missing" / name)), (0.95, str(folder / "ä 🙂")),
            (1.01, str(folder / ("x" * 300))),
        )  # fmt: skip
        answer = next(path for limit, path in answers if how < limit)
        self._add(f"[{title}: {answer[-40:]!r} {kind}]")
        return answer, kind

    def old_file(self, *_asked: object) -> tuple[str, str]:
        answer = self.file()
        self._add(f"[file: {answer[-40:]!r}]")
        return answer, ""

    def folder(self, *_asked: object) -> str:
        answer = self.rng.choice(("", str(self._outside), str(self._outside / "missing")))
        self._add(f"[folder: {answer[-40:]!r}]")
        return answer

    def text(self, *_asked: object, **_named: object) -> tuple[str, bool]:
        answer, is_given = self.rng.choice(TEXTS), self.rng.random() < 0.7
        self._add(f"[text: {answer[:30]!r} {is_given}]")
        return answer, is_given

    def number(self, *_asked: object) -> tuple[int, bool]:
        answer = self.rng.randint(1, 3), self.rng.random() < 0.7
        self._add(f"[number: {answer}]")
        return answer


class Links(QObject):
    """Takes the links that would open another program."""

    @Slot(QUrl)
    def follow(self, _link: QUrl) -> None:
        pass


@pytest.fixture
def outside(home: Path, sample: Dataset, kept: Run) -> Path:
    """A folder with files of all kinds, good and bad."""
    folder = home / "files"
    folder.mkdir()
    picture = QImage(120, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    for place in range(3):
        for y in range(8, 32):
            picture.setPixelColor(20 + 40 * place, y, QColor("black"))
            picture.setPixelColor(21 + 40 * place, y, QColor("black"))
    assert picture.save(str(folder / "a picture.png"))
    (folder / "b empty.png").touch()
    (folder / "c text.png").write_text("no picture", encoding="utf-8")
    np.savez(
        folder / "d digits.npz",
        x_train=sample.train.images, y_train=sample.train.labels,
        x_test=sample.test.images, y_test=sample.test.labels,
    )  # fmt: skip
    (folder / "e bad.npz").write_bytes(os.urandom(200))
    (folder / "f folder").mkdir()
    shutil.copy(kept.folder / "model.keras", folder / "g model.keras")
    shutil.copy(kept.folder / "model.tflite", folder / "h model.tflite")
    (folder / "i bad.keras").write_bytes(b"PK\x03\x04" + os.urandom(200))
    onnx = as_pytorch_writes().model().SerializeToString()
    (folder / "j model.onnx").write_bytes(onnx)
    (folder / "k bad.onnx").write_bytes(onnx[:-200])
    (folder / "l bad.h5").write_bytes(SIGNATURE + os.urandom(200))
    (folder / "m model.json").write_text('{"modelTopology": {}}', encoding="utf-8")
    return folder


@pytest.fixture
def monkey(
    bare_application: QApplication,
    paths: AppPaths,
    faults: Faults,
    outside: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Monkey]:
    """A monkey before an open window, which stays in the test's home."""
    qapp, links = bare_application, Links()
    for scheme in ("file", "http", "https"):
        QDesktopServices.setUrlHandler(scheme, links, "follow")
    quits = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = Monkey(qapp, paths, faults, outside)
    for owner, name, answer in (
        (QFileDialog, "getSaveFileName", made.new_file),
        (QFileDialog, "getOpenFileName", made.old_file),
        (QFileDialog, "getExistingDirectory", made.folder),
        (QInputDialog, "getText", made.text),
        (QInputDialog, "getMultiLineText", made.text),
        (QInputDialog, "getInt", made.number),
    ):
        monkeypatch.setattr(owner, name, answer)
    yield made
    made.watch.stop()
    made.window.shut_down()
    made.window.deleteLater()
    QGuiApplication.clipboard().clear()
    qapp.setQuitOnLastWindowClosed(quits)
    for scheme in ("file", "http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)


def end_a_hang(monkey: Monkey, is_over: threading.Event) -> None:
    """End the program, with all stacks, when the main thread gives no sign of life any more."""
    while not is_over.wait(5):
        silent = time.monotonic() - monkey.watch.alive
        if silent > HANG:
            said = sys.__stderr__
            assert said is not None
            print(f"no sign of life for {silent:.0f} s after", file=said)
            print("\n".join(monkey.log[-LAST:]), file=said, flush=True)
            faulthandler.dump_traceback(said, all_threads=True)
            os._exit(3)


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # a box stands in its place
@pytest.mark.qt_log_ignore("grabbing the keyboard", "occurs outside target window")
@pytest.mark.timeout(600 + ACTIONS)
def test_nothing_that_a_monkey_does_is_unexpected(
    qtbot: QtBot, monkey: Monkey, faults: Faults
) -> None:
    is_over = threading.Event()
    guard = threading.Thread(target=end_a_hang, args=(monkey, is_over))
    guard.start()
    start = time.monotonic()
    try:
        monkey.run()
        seconds = time.monotonic() - start
        window = monkey.window
        training = window._services.training
        if training.is_busy:
            faults.action = "the end, stopping what is under way"
            training.stop()
            qtbot.waitUntil(lambda: not training.is_busy, timeout=120_000)
        qtbot.wait(50)
        faults.action = "closing"
        for dialog in window.findChildren(QDialog):
            dialog.reject()
        if window.isVisible():
            assert window.close()
        assert not window.isVisible()
    finally:
        is_over.set()
        guard.join()
    gap, own, queue, after = monkey.watch.longest
    counts = monkey.counts
    print(
        f"\n{monkey._number} actions, seed {SEED}, {seconds:.0f} s: {len(faults.exceptions)} "
        f"exceptions, {len(faults.messages)} Qt warnings; {counts['trainings']} trainings, "
        f"{counts['kept']} kept, {counts['windows']} windows opened; longest stall {gap:.2f} s "
        f"({own:.2f} s own work, {queue:.2f} s without a core) after {after!r}; most own work "
        f"{monkey.watch.busiest[0]:.2f} s after {monkey.watch.busiest[1]!r}"
    )
    told = "\n\n".join(faults.all())
    last = "\n".join(monkey.log[-LAST:])
    assert not told, f"{told}\n\nThe last actions:\n{last}"
