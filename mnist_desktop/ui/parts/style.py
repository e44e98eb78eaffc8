"""What a style sheet cannot say: when mnemonics are underlined."""

from __future__ import annotations

from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleHintReturn, QStyleOption, QWidget

from mnist_desktop.ui.parts.guarded import guarded


@guarded
class AppStyle(QProxyStyle):
    """Fusion, with mnemonics underlined only while Alt is held.

    Attributes
    ----------
    shows_mnemonics : bool
        Whether they are underlined now.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")
        self.shows_mnemonics = False

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        """Answer for the underlines, and leave all else to Fusion."""
        if hint == QStyle.StyleHint.SH_UnderlineShortcut:
            return int(self.shows_mnemonics)
        return super().styleHint(hint, option, widget, data)

    def show_mnemonics(self, window: QWidget, *, shown: bool) -> None:
        """Underline the mnemonics of a window, or no longer."""
        if self.shows_mnemonics != shown:
            self.shows_mnemonics = shown
            for part in window.findChildren(QWidget):
                part.update()
