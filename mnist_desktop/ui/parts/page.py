"""A page of the window, built when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import Theme

View = TypeVar("View", bound=QWidget)


@guarded
class Page(QWidget, Generic[View]):
    """Holds the place of a view that is made when it is first seen, or asked for.

    Starting the window and switching the theme cost time only for the pages that have been shown.
    However large the view wants to be, the page asks for no room, so that the window keeps its size
    when the view comes.

    Parameters
    ----------
    name : str
        Its object name, by which the page is found before the view is there.
    make : callable
        Makes the view and connects it.
    fill : callable
        Has the view show what there is to show, once it is in its place.
    """

    def __init__(self, name: str, make: Callable[[], View], fill: Callable[[View], None]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._make = make
        self._fill = fill
        self._view: View | None = None
        self._theme: Theme | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    @property
    def view(self) -> View:
        """The view, which is made now unless it has been."""
        if self._view is None:
            self._view = self._make()
            self._wear_theme()
            self._layout.addWidget(self._view)
            self._view.show()
            self._layout.activate()
            self._fill(self._view)
        return self._view

    @property
    def built_view(self) -> View | None:
        """The view, or None if the page has never been shown."""
        return self._view

    def set_theme(self, theme: Theme) -> None:
        """Have the view wear the theme's colours, now or once it is there."""
        self._theme = theme
        self._wear_theme()

    def _wear_theme(self) -> None:
        set_theme = getattr(self._view, "set_theme", None)
        if self._theme is not None and set_theme is not None:
            set_theme(self._theme)

    def minimumSizeHint(self) -> QSize:
        """Ask for no room."""
        return QSize(0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view."""
        super().showEvent(event)
        _ = self.view
