"""Drawing figures on a thread of its own: a figure takes matplotlib a tenth of a second."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.evaluation.figures.frame import Frame, MakeFigure, draw_in_memory
from mnist_desktop.native import import_library
from mnist_desktop.workers.thread import WorkerThread, end_thread

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FigureOrder:
    """A figure that is wanted.

    Attributes
    ----------
    holder : int
        Who wants it.
    make : callable
        Takes a `Frame` and makes the figure; runs on the drawing thread.
    frame : Frame
        Size and colours.
    """

    holder: int
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
        Its canvas holds the picture.
    """

    order: FigureOrder
    figure: Any


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

    @Slot(object)
    def draw(self, order: FigureOrder) -> None:
        """Draw one figure; the first one imports matplotlib."""
        try:
            # What the window shows it with; imported here, it does not stand still for that.
            import_library("matplotlib.backends.backend_qtagg")
            figure = order.make(order.frame)
            draw_in_memory(figure)
        except Exception:
            logger.exception("A figure could not be drawn")
            self.failed.emit(order)
        else:
            self.drawn.emit(DrawnFigure(order, figure))


class FigureController(QObject):
    """Has figures drawn, the newest order of each holder; lives in the main thread.

    Signals
    -------
    drawn(object)
        A `DrawnFigure`.
    """

    drawn = Signal(object)
    _wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: set[int] = set()
        self._next: dict[int, FigureOrder] = {}
        self._thread = WorkerThread(self)
        self._worker = FigureWorker()
        self._worker.moveToThread(self._thread)
        self._thread.finished.connect(self._worker.deleteLater)
        self._wanted.connect(self._worker.draw)
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

    def close(self) -> None:
        """End the thread, wait for it, and say nothing more of what it did."""
        end_thread(self._thread, self)

    @Slot(object)
    def _on_worker_drawn(self, drawn: DrawnFigure) -> None:
        if not self._order_next(drawn.order.holder):
            self.drawn.emit(drawn)

    @Slot(object)
    def _on_worker_failed(self, order: FigureOrder) -> None:
        self._order_next(order.holder)

    def _order_next(self, holder: int) -> bool:
        """Begin the order that waits, if there is one."""
        self._under_way.discard(holder)
        waiting = self._next.pop(holder, None)
        if waiting is None:
            return False
        self.order(waiting)
        return True
