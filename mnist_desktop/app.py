"""Puts the program together: application, logging, error hooks, services, window."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from mnist_desktop import __version__, edition
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.errors import OTHER_HOME, MnistDesktopError, as_reported, unwritable
from mnist_desktop.log_files import open_log
from mnist_desktop.native import restore_library_path
from mnist_desktop.paths import EXPOSED, AppPaths, resource
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.store import RunStore
from mnist_desktop.signals import on_ending
from mnist_desktop.ui.application import Application
from mnist_desktop.ui.faults import FaultDialog
from mnist_desktop.ui.instance import WindowInstance
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.fonts import system_has_fonts, use_bundled_font
from mnist_desktop.ui.parts.message import Icon, ask, message_box
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.settings import StartMark, open_settings
from mnist_desktop.ui.parts.theme import ThemeController
from mnist_desktop.workers.augmentation import AugmentationController
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.dataset import DatasetController
from mnist_desktop.workers.evaluation import EvaluationController
from mnist_desktop.workers.figures import FigureController
from mnist_desktop.workers.garbage import MainThreadGarbageCollector
from mnist_desktop.workers.plans import PlanController
from mnist_desktop.workers.prediction import PredictionController
from mnist_desktop.workers.runs import RunList
from mnist_desktop.workers.search import SearchController, WatchController
from mnist_desktop.workers.training import TrainingController

logger = logging.getLogger("mnist_desktop")

# Seconds until a thread that computes in Python yields to another one. With a style sheet, Qt asks
# Python about each widget that it styles: with a busy thread, a switch of the theme took 3 to 7
# seconds with Python's usual 5 ms, and takes 0.9 with this; trainings are as fast as before. On
# Windows Python waits for whole milliseconds (CPython's condvar.h): with less than one, a thread
# that waits for its turn would ask for it without a pause, and keep a core busy with that.
SWITCH_INTERVAL = 0.001 if sys.platform == "win32" else 0.0001
# What a window was closed with is shown at once; what it does on other threads, such as opening the
# network and drawing its results, takes a second. Until then the start may still fail.
UP_MS = 2000
FORGOTTEN = (
    "The program did not come up the last time it was started, so it begins without the window's "
    "size, page and network that it was closed with; choose the network at the top."
)
NO_DISPLAY = (
    "There is no display to open the window on; '{0} demo' plays it without one, and '{0} --help' "
    "lists what works in a terminal.\n"
)


def main() -> int:
    """Open the window, stay until it is closed, and return the exit code."""
    restore_library_path()
    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    if not has_display():
        sys.stderr.write(NO_DISPLAY.format(edition.command()))
        return 1
    app = make_application()
    let_inspect(app)
    try:
        paths.check_writable()
    except MnistDesktopError as error:
        tell(str(error))
        return error.exit_code
    # The Reader's window is one of its own: whoever opens the full program wants to train.
    instance = WindowInstance(paths.data, app, name="window" if edition.can_train() else "reader")
    if not instance.claim():
        if instance.raise_other():
            return 0
        if not instance.claim() and not take_over(instance):  # it was not just ending
            return 1
    notice = start_logging(paths)
    start = StartMark(paths.start_mark)
    has_failed = start.begin()
    if not system_has_fonts():
        logger.info("No font is installed; the program's own are used for everything")
    try:
        window = make_window(app, paths, notice=notice, remembers=not has_failed)
    except Exception as error:
        logger.exception("The window could not be made")
        _report_failed_start(error, paths)
        return 1
    faults = FaultDialog(window, paths.logs)
    watch_for_faults(faults.happened.emit)
    instance.raise_requested.connect(window.come_to_front)
    app.commitDataRequest.connect(window.close_without_question)  # the session ends
    close_when_told(window)
    if isinstance(app, Application):
        app.file_opened.connect(window.open_file)
    window.show()
    # After the first paint: the window is up and takes ink before TensorFlow takes the processor.
    QTimer.singleShot(0, window, window.start_services)
    QTimer.singleShot(UP_MS, window, start.end)
    code = app.exec()
    start.end()
    instance.release()
    return code


def close_when_told(window: MainWindow) -> Callable[[], None]:
    """Close the window when the system tells the program to end; what is returned undoes it.

    Python answers a signal between any two instructions of the main thread, in the middle of
    whatever that is doing: here it is only noted, and the window closes once that is done.
    """
    return on_ending(lambda: QTimer.singleShot(0, window, window.close_without_question))


def _report_failed_start(error: Exception, paths: AppPaths) -> None:
    tell(
        f"The program cannot start ({type(error).__name__}: {error}). Start it again: it then "
        "begins without the page and the network that it was closed with. The log in "
        f"{paths.logs} has the details; moving {paths.settings_file} and {paths.runs} away may "
        "help."
    )


def let_inspect(app: QApplication) -> None:
    """Let a test that drives the program from outside see what there is to see, if one asks."""
    path = os.environ.get("MNIST_DESKTOP_INSPECT")
    if path:
        from mnist_desktop.ui.inspection import Inspector

        Inspector(Path(path), app)


def tell(text: str) -> None:
    """Show an error before there is a window, and wait until it is dismissed."""
    message_box(Icon.Critical, text, None, "startDialog").exec()


def take_over(instance: WindowInstance) -> bool:
    """Ask whether to open a window although there seems to be one, and do so."""
    words = (
        f"{edition.title()} seems to be running already, but its window does not answer. Open "
        "another window? Nothing is lost by that."
    )
    return ask(None, words, "startDialog") and instance.take_over()


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, on Linux with a display."""
    if not sys.platform.startswith("linux"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def make_application() -> QApplication:
    """Make the one QApplication, or take the one there is."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # Without any locale Qt takes UTF-8 by itself, but not without a paragraph about it.
        names = ("LC_ALL", "LC_CTYPE", "LANG")
        if sys.platform.startswith("linux") and not any(map(os.environ.get, names)):
            os.environ["LC_CTYPE"] = "C.UTF-8"
        app = Application(sys.argv[:1])
    # Under X11 alone, Qt keeps only the last of the moves that come while the window is busy:
    # strokes would lose their corners, and the eraser would jump over ink.
    app.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    # A Mac's Tab key reaches only texts and lists, unless its user has found the setting; here
    # everything can be reached by key.
    app.styleHints().setTabFocusBehavior(Qt.TabFocusBehavior.TabFocusAllControls)
    app.setApplicationName(edition.title())
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(edition.command())
    use_bundled_font(app)
    if not (sys.platform == "darwin" and getattr(sys, "frozen", False)):  # the Dock has its own
        app.setWindowIcon(QIcon(str(resource("icons", "mnist-desktop.svg"))))
    if app.findChild(MainThreadGarbageCollector) is None:
        MainThreadGarbageCollector(app)
    return app


def make_window(
    app: QApplication,
    paths: AppPaths,
    request: DatasetRequest | None = None,
    notice: str = "",
    *,
    remembers: bool = True,
) -> MainWindow:
    """Make the window with all it works with; the parameters are those of `make_services`."""
    services = make_services(app, paths, request, notice, remembers=remembers)
    try:
        return MainWindow(services)
    except BaseException:
        services.close()  # Qt ends a program whose threads outlive their objects
        raise


def make_services(
    app: QApplication,
    paths: AppPaths,
    request: DatasetRequest | None = None,
    notice: str = "",
    *,
    remembers: bool = True,
) -> Services:
    """Make what the window works with; none of it has begun its work.

    Parameters
    ----------
    app : QApplication
        The application.
    paths : AppPaths
        Where files live.
    request : DatasetRequest, optional
        Where to look for digits; the usual folders otherwise.
    notice : str, optional
        What the user should read once the window is up.
    remembers : bool, optional
        Whether the window begins with the size, page and network that it was closed with; False
        where that may be why the last start failed, of which the user is notified.
    """
    settings, about_settings = open_settings(paths.settings_file)
    store = RunStore(paths.runs)
    training = TrainingController(store)
    request = request or DatasetRequest(paths.digits)
    _collect_garbage_of(training, app)
    return Services(
        paths=paths,
        store=store,
        runs=RunList(store),
        settings=settings,
        theme=ThemeController(app, settings),
        data=DatasetController(replace(request, my_digits=paths.my_digits)),
        training=training,
        prediction=PredictionController(store),
        evaluation=EvaluationController(),
        figures=FigureController(),
        plans=PlanController(store),
        previews=AugmentationController(training),
        search=SearchController(),
        watch=WatchController(paths),
        releases=JobController(),
        my_digits=MyDigits(paths.my_digits),
        can_train=edition.can_train(),
        notices=tuple(filter(None, (notice, about_settings, "" if remembers else FORGOTTEN))),
        remembers=remembers,
    )


def _collect_garbage_of(training: TrainingController, app: QApplication) -> None:
    """Collect no garbage while TensorFlow is imported, and all of it after a training."""
    collector = app.findChild(MainThreadGarbageCollector)
    if collector is not None:
        training.engine_started.connect(collector.pause)
        training.engine_ready.connect(collector.go_on)
        training.engine_failed.connect(collector.go_on)
        training.finished.connect(collector.collect_all)


def start_logging(paths: AppPaths) -> str:
    """Write to a rotating file, and let nothing that goes wrong go unwritten.

    Returns
    -------
    str
        What the user should know of it, in a sentence; mostly empty.
    """
    notice = ""
    try:
        open_log(paths.logs)
    except OSError as error:
        notice = f"There is no log this time: {unwritable(paths.logs, error, OTHER_HOME)}"
    logging.getLogger().setLevel(logging.WARNING)
    logger.setLevel(logging.INFO)
    logger.info("%s %s starts, process %s", edition.title(), __version__, os.getpid())
    if paths.are_exposed:
        logger.warning("Runs and drawings are kept in %s. %s", paths.data, EXPOSED)
    watch_for_faults(lambda _: None)
    qInstallMessageHandler(_log_qt_message)
    return notice


def watch_for_faults(report: Callable[[str], None]) -> None:
    """Log uncaught errors, and report them.

    Parameters
    ----------
    report : callable
        Called with what went wrong in a sentence, on whichever thread it happened.
    """

    def on_exception(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        found = error or kind()
        logger.critical("Unexpected error", exc_info=(kind, found, trace))
        report(str(as_reported(found)))

    def on_thread_exception(hook: threading.ExceptHookArgs) -> None:
        if hook.exc_type is not SystemExit:
            on_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)

    def on_unraisable(hook: sys.UnraisableHookArgs) -> None:
        on_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)

    sys.excepthook = on_exception
    threading.excepthook = on_thread_exception
    sys.unraisablehook = on_unraisable


def _log_qt_message(kind: QtMsgType, _context: object, text: str) -> None:
    level = logging.WARNING if kind != QtMsgType.QtDebugMsg else logging.DEBUG
    logging.getLogger("mnist_desktop.qt").log(level, "%s", text)
