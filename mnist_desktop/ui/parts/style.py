"""What a style sheet cannot say: when mnemonics are underlined."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QProxyStyle, QWidget

from mnist_desktop.ui.parts.guarded import guarded

SHOWN, HIDDEN = Qt.TextFlag.TextShowMnemonic.value, Qt.TextFlag.TextHideMnemonic.value


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

    def drawItemText(  # noqa: PLR0917 - Qt's signature
        self,
        painter: QPainter,
        rectangle: QRect,
        flags: int,
        palette: QPalette | Qt.GlobalColor | QColor,
        enabled: bool,
        text: str,
        role: QPalette.ColorRole = QPalette.ColorRole.NoRole,
    ) -> None:
        """Draw text with or without its underline.

        The style's hint on underlines would do, but Qt asks for one hint or another 24,000 times
        while the window is opened; a style in Python is then a tenth of that time.
        """
        if flags & SHOWN and not self.shows_mnemonics:
            flags = flags & ~SHOWN | HIDDEN
        super().drawItemText(painter, rectangle, flags, palette, enabled, text, role)

    def show_mnemonics(self, window: QWidget, *, shown: bool) -> None:
        """Underline the mnemonics of a window, or no longer."""
        if self.shows_mnemonics != shown:
            self.shows_mnemonics = shown
            for part in window.findChildren(QWidget):
                part.update()
