"""The thread that every worker lives on: to Python, one thread from its start to its end."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread

# As much as a main thread may have: macOS gives others half a megabyte, and TensorFlow compiles
# networks on the worker's.
STACK_BYTES = 16 * 1024 * 1024


class WorkerThread(QThread):
    """A thread whose Python state lives as long as the thread itself.

    Python knows a thread by a ``PyThreadState``. On a plain `QThread`, PySide makes one for each
    slot and deletes it when the slot returns. Native libraries keep longer hold of it: pybind11
    stores the state of the thread that first loads one of its modules, and takes the interpreter's
    lock with it ever after (``gil_scoped_acquire``; pybind11 issue 2888). A library that was loaded
    in one slot and called from the next then used a deleted state, and the program crashed in
    ``take_gil``: LiteRT was loaded by the first drawing, and TensorFlow, which shares pybind11's
    records with it, opened a Keras file on the same thread.

    Here Python's own frame is below all slots: `run` is entered once, PySide makes the state for
    it, and every slot that `exec` calls finds that one. It is deleted when the thread ends, as is
    pybind11's note of it, which is local to the thread. ``docs/decisions`` has the details.

    It is named after its owner, and not only for whoever looks at it in a debugger: a thread
    without a name takes that of its class, and asks PySide for it while it starts, without the
    interpreter's lock. PySide may be making a class in the main thread just then, and one start of
    the program in about a hundred crashed in ``MetaObjectBuilder::update``.

    Parameters
    ----------
    parent : QObject
        Owns it, and lives in the main thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(type(parent).__name__)
        self.setStackSize(STACK_BYTES)

    def run(self) -> None:
        """Handle events until the thread is asked to quit; Qt calls this on the new thread."""
        self.exec()


def end_thread(thread: WorkerThread, owner: QObject) -> None:
    """End a thread, wait for it, and let its owner hear nothing more of what it did.

    Signals that are still under way name the worker as their sender: they go before it does.
    """
    thread.quit()
    thread.wait()
    QCoreApplication.removePostedEvents(owner, QEvent.Type.MetaCall.value)
