"""The diagram of a network in the window, as high as it needs to be."""

from __future__ import annotations

import functools
import math
from typing import Any

from PySide6.QtCore import QEvent, Slot
from PySide6.QtGui import QResizeEvent

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.network import network_figure, network_frame
from mnist_desktop.networks.blocks import describe_blocks
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.workers.figures import FigureController


@guarded
class NetworkFigure(FigureHolder):
    """Holds the diagram of a network; its width decides how high it is."""

    def __init__(self, figures: FigureController) -> None:
        super().__init__("Diagram of the network", figures)
        self._plan: NetworkPlan | None = None
        self._classes = DIGITS
        self.shown.connect(self._on_shown)

    def show_plan(self, plan: NetworkPlan, classes: ClassNames = DIGITS) -> None:
        """Show a network; until it is drawn, what was to be seen before stays.

        Parameters
        ----------
        plan : NetworkPlan
            The network.
        classes : ClassNames, optional
            What its outputs stand for.
        """
        self._plan, self._classes = plan, classes
        self.setAccessibleDescription(describe_blocks(plan, classes.names))
        self._fit_height()
        self.show_figure(functools.partial(_make_figure, plan, classes))

    def clear(self) -> None:
        """Let nothing be seen until another network is drawn."""
        self._plan = self.make = None
        if self.canvas is not None:
            self.canvas.hide()

    def forget(self) -> None:
        """Show no network, and take no room."""
        self._plan = self.make = None
        self.setAccessibleDescription("")
        self.setFixedHeight(0)

    @property
    def file_frame(self) -> Frame:
        """Size of the diagram in a file."""
        if self._plan is None:
            return Frame()
        return network_frame(self._plan, classes=self._classes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the new width needs."""
        super().resizeEvent(event)
        self._fit_height()

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as the new text needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def _fit_height(self) -> None:
        if self._plan is not None:
            frame = self.frame
            inches = network_frame(self._plan, frame.width, self._classes).height
            self.setFixedHeight(math.ceil(inches * frame.dots_per_inch / self.devicePixelRatioF()))

    @Slot()
    def _on_shown(self) -> None:
        if self.is_current:  # and not of a network that was chosen before
            self.canvas.show()


def _make_figure(plan: NetworkPlan, classes: ClassNames, frame: Frame) -> Any:
    return network_figure(plan, classes=classes, frame=frame)
