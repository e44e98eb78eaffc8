"""Drawing figures on a thread of its own: a figure takes matplotlib a tenth of a second."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.fonts import use_bundled_font
from mnist_desktop.evaluation.figures.frame import (
    ChangesFigure,
    Frame,
    MakeFigure,
    draw_in_memory,
)
from mnist_desktop.native import import_library
from mnist_desktop.workers.thread import WorkerThread, end_thread

logger = logging.getLogger(__name__)
WARM_UP_MS = 300  # after the window is up: it and the reader of drawings come first


class Holder:
    """Whom figures are drawn for; what was drawn is forgotten with it."""


@dataclass(frozen=True)
class FigureOrder:
    """A figure that is wanted.

    Attributes
    ----------
    holder : Holder
        For whom it is drawn.
    make : callable
        Takes a `Frame` and makes the figure; runs on the drawing thread.
    frame : Frame
        Size and colours.
    """

    holder: Holder
    make: MakeFigure
    frame: Frame


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that is drawn.

    Attributes
    ----------
    order : FigureOrder
        What was wanted.
    figure : matplotlib.figure.Figure
        The figure; the next one of its holder may be the same, changed.
    renderer : matplotlib.backends.backend_agg.RendererAgg
        Holds the picture.
    """

    order: FigureOrder
    figure: Any
    renderer: Any


class FigureWorker(QObject):
    """Draws what is ordered; lives in the drawing thread.

    Signals
    -------
    drawn(object)
        A `DrawnFigure`.
    failed(object)
        The `FigureOrder` that could not be drawn; the log says why.
    """

    drawn = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        # Those that can be changed; nothing in here may refer to its holder.
        self._kept: WeakKeyDictionary[Holder, tuple[Frame, Any]] = WeakKeyDictionary()

    @Slot()
    def warm_up(self) -> None:
        """Import matplotlib and draw a figure: the first one, which opens fonts, takes longest."""
        try:
            _import_matplotlib()
            draw_in_memory(confusion_figure(np.eye(CLASSES, dtype=np.int64)))
        except Exception:
            logger.exception("matplotlib cannot be used")

    @Slot(object)
    def draw(self, order: FigureOrder) -> None:
        """Draw one figure; the first one imports matplotlib."""
        try:
            _import_matplotlib()
            figure = self._make(order)
            drawn = DrawnFigure(order, figure, draw_in_memory(figure))
        except Exception:
            logger.exception("A figure could not be drawn")
            self._kept.pop(order.holder, None)
            self.failed.emit(order)
        else:
            if isinstance(order.make, ChangesFigure):
                self._kept[order.holder] = order.frame, figure
            self.drawn.emit(drawn)

    def _make(self, order: FigureOrder) -> Any:
        """Change the figure that the holder has, if only its data differs, or make a new one."""
        kept, make = self._kept.get(order.holder), order.make
        if kept is None or not isinstance(make, ChangesFigure) or kept[0] != order.frame:
            return make(order.frame)
        _, figure = kept
        make.change(figure, order.frame)
        return figure


def _import_matplotlib() -> None:
    """Import what figures are drawn with and shown in; the window does not stand still for it."""
    import_library("matplotlib")
    use_bundled_font()
    import_library("matplotlib.backends.backend_qtagg")


class FigureController(QObject):
    """Has figures drawn, the newest order of each holder; lives in the main thread.

    Signals
    -------
    drawn(object)
        A `DrawnFigure`.
    """

    drawn = Signal(object)
    _wanted = Signal(object)
    _warm_up_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: set[Holder] = set()
        self._next: dict[Holder, FigureOrder] = {}
        self._thread = WorkerThread(self)
        self._worker = FigureWorker()
        self._worker.moveToThread(self._thread)
        self._thread.finished.connect(self._worker.deleteLater)
        self._wanted.connect(self._worker.draw)
        self._warm_up_wanted.connect(self._worker.warm_up)
        self._warm_up = QTimer(self, singleShot=True, interval=WARM_UP_MS)
        self._warm_up.timeout.connect(self._on_warm_up_timeout)
        self._worker.drawn.connect(self._on_worker_drawn)
        self._worker.failed.connect(self._on_worker_failed)

    @property
    def is_busy(self) -> bool:
        """Whether a figure is being drawn."""
        return bool(self._under_way)

    def order(self, order: FigureOrder) -> None:
        """Have a figure drawn; an older order of its holder that still waits is dropped."""
        if order.holder in self._under_way:
            self._next[order.holder] = order
            return
        self._under_way.add(order.holder)
        self._thread.start()  # does nothing when it runs
        self._wanted.emit(order)

    @Slot()
    def warm_up(self) -> None:
        """Have matplotlib imported before the first figure is wanted, in a moment."""
        self._warm_up.start()

    @Slot()
    def _on_warm_up_timeout(self) -> None:
        self._thread.start()
        self._warm_up_wanted.emit()

    def close(self) -> None:
        """End the thread, wait for it, and say nothing more of what it did."""
        self._warm_up.stop()
        end_thread(self._thread, self)

    @Slot(object)
    def _on_worker_drawn(self, drawn: DrawnFigure) -> None:
        if not self._order_next(drawn.order.holder):
            self.drawn.emit(drawn)

    @Slot(object)
    def _on_worker_failed(self, order: FigureOrder) -> None:
        self._order_next(order.holder)

    def _order_next(self, holder: Holder) -> bool:
        """Begin the order that waits, if there is one."""
        self._under_way.discard(holder)
        waiting = self._next.pop(holder, None)
        if waiting is None:
            return False
        self.order(waiting)
        return True
