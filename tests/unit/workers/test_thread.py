"""A worker's thread is one thread to Python, from its start to its end."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal, Slot
from pytestqt.qtbot import QtBot

from mnist_desktop.workers.thread import WorkerThread, end_thread


class Asked(QObject):
    """Answers on the thread it lives in."""

    answered = Signal(object)

    @Slot()
    def tell_state(self) -> None:
        get_id = ctypes.pythonapi.PyThreadState_GetID
        get_id.restype, get_id.argtypes = ctypes.c_uint64, [ctypes.c_void_p]
        current = ctypes.pythonapi.PyThreadState_Get
        current.restype = ctypes.c_void_p
        self.answered.emit(get_id(current()))

    @Slot()
    def tell_name(self) -> None:
        comm = Path(f"/proc/self/task/{threading.get_native_id()}/comm")
        self.answered.emit(comm.read_text().strip())


class Asker(QObject):
    """Asks from the main thread, and notes the answers there."""

    wanted = Signal()
    noted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    @Slot(object)
    def on_asked_answered(self, answer: object) -> None:
        self.answers.append(answer)
        self.noted.emit()


def test_all_slots_of_a_thread_have_one_python_thread_state(qtbot: QtBot) -> None:
    owner, asker, asked = QObject(), Asker(), Asked()
    thread = WorkerThread(owner)
    asked.moveToThread(thread)
    asker.wanted.connect(asked.tell_state)
    asked.answered.connect(asker.on_asked_answered)
    thread.start()
    for _ in range(3):
        with qtbot.waitSignal(asker.noted):
            asker.wanted.emit()
    end_thread(thread, owner)
    assert len(asker.answers) == 3
    assert len(set(asker.answers)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how it calls the thread")
def test_a_thread_has_a_name_before_it_starts(qtbot: QtBot) -> None:
    """Else it asks PySide for one without the interpreter's lock, and sometimes crashes."""
    owner, asker, asked = Asker(), Asker(), Asked()
    thread = WorkerThread(owner)
    asked.moveToThread(thread)
    asker.wanted.connect(asked.tell_name)
    asked.answered.connect(asker.on_asked_answered)
    thread.start()
    with qtbot.waitSignal(asker.noted):
        asker.wanted.emit()
    end_thread(thread, owner)
    assert asker.answers == ["Asker"]


def test_libraries_loaded_in_one_slot_are_called_from_the_next() -> None:
    """In a process of its own: what is loaded first there, and on which thread, is the point."""
    program = textwrap.dedent("""
        from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

        from mnist_desktop.workers.thread import WorkerThread, end_thread

        class Worker(QObject):
            @Slot()
            def load_litert(self):
                import ai_edge_litert.interpreter

            @Slot()
            def compute(self):
                import tensorflow as tf

                print((tf.constant([1.0]) + 1).numpy())
                app.quit()

        class Asker(QObject):
            wanted = Signal()

        app = QCoreApplication([])
        owner, first, second, worker = QObject(), Asker(), Asker(), Worker()
        thread = WorkerThread(owner)
        worker.moveToThread(thread)
        first.wanted.connect(worker.load_litert)
        second.wanted.connect(worker.compute)
        thread.start()
        first.wanted.emit()
        second.wanted.emit()
        app.exec()
        end_thread(thread, owner)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        timeout=200,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[2.]"), done.stderr
