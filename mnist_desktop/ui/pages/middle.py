"""The middle of the window: the pages or, in their place, what covers them for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget
from shiboken6 import isValid

from mnist_desktop.ui.pages.page_tabs import PageTabs
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services
from mnist_desktop.ui.parts.theme import Theme
from mnist_desktop.ui.parts.why_subject import NOTHING, WhySubject

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.why_view import WhyView


class Middle(QStackedWidget):
    """Holds the pages, the view of why and other covers, one of them in sight.

    Parameters
    ----------
    tabs : PageTabs
        The pages.
    services : Services
        What the window works with.
    """

    def __init__(self, tabs: PageTabs, services: Services) -> None:
        super().__init__()
        self._tabs = tabs
        self._services = services
        self._why = Page("whyView", self._make, lambda _view: None)
        self._on_pad = NOTHING
        self._follows_pad = False
        self._came_from: QWidget | None = None  # what had the focus
        self._covers: list[Page[Any]] = []
        self.addWidget(tabs)
        self.add_cover(self._why)
        tabs.currentChanged.connect(self.show_pages)
        tabs.turned.connect(self.show_pages)
        tabs.why_requested.connect(self.explain)

    def _make(self) -> WhyView:
        from mnist_desktop.ui.pages.why_view import WhyView  # not needed to start the window

        view, prediction = WhyView(), self._services.prediction
        view.back_requested.connect(self.uncover)
        view.reading_requested.connect(prediction.read_image)
        view.explanation_requested.connect(prediction.explain)
        view.similar_requested.connect(self._on_view_similar_requested)
        prediction.image_read.connect(view.show_reading)
        prediction.explained.connect(view.show_explanation)
        prediction.similar_found.connect(view.show_similar)
        prediction.model_opened.connect(self._on_prediction_model_opened)
        self._services.data.changed.connect(self._on_data_changed)
        return view

    @property
    def why_view(self) -> WhyView:
        """The view of why."""
        return self._why.view

    @property
    def is_explaining(self) -> bool:
        """Whether the view of why is in sight."""
        return self.currentWidget() is self._why

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._tabs.set_theme(theme)
        for cover in self._covers:
            cover.set_theme(theme)

    def add_cover(self, page: Page[Any]) -> None:
        """Have one more page that can cover the others."""
        self._covers.append(page)
        self.addWidget(page)

    def cover(self, page: Page[Any]) -> None:
        """Show a cover until `uncover`, or until a page is turned to."""
        if self.currentWidget() is self._tabs:
            self._came_from = QApplication.focusWidget()
        self.setCurrentWidget(page)

    @Slot(object)
    def explain(self, subject: WhySubject) -> None:
        """Show why a digit is read as it is."""
        self._follows_pad = subject is self._on_pad
        self.why_view.show_subject(subject)
        self.cover(self._why)
        self.why_view.digit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def show_pad(self, subject: WhySubject) -> None:
        """Note what is on the pad, and explain it from now on if it is another digit."""
        is_other = (subject.image != self._on_pad.image).any()
        if not is_other:
            return
        self._on_pad = subject
        if self.is_explaining and (self._follows_pad or subject.image.any()):
            self._follows_pad = True
            self.why_view.show_subject(subject, at_once=False)

    @Slot()
    def explain_pad(self) -> None:
        """Show why what is on the pad is read as it is."""
        self.explain(self._on_pad)

    @Slot()
    def show_pages(self) -> None:
        """Show the pages."""
        self.setCurrentWidget(self._tabs)

    @Slot()
    def uncover(self) -> None:
        """Go back to the page, and to what had the focus there."""
        self.show_pages()
        if self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_prediction_model_opened(self) -> None:
        """Explain how the network reads that is in use now."""
        if self.is_explaining:
            self.why_view.read_again()

    @Slot()
    def _on_data_changed(self) -> None:
        if self.is_explaining:
            self.why_view.ask_for_similar()

    @Slot(object)
    def _on_view_similar_requested(self, image: NDArray[np.uint8]) -> None:
        dataset = self._services.data.dataset
        if dataset is None:
            self.why_view.similar.show_note("No training digits are loaded.")
        else:
            self._services.prediction.find_similar(image, dataset)
