"""How everything looks: two palettes, one style sheet, and the switch between them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy

from mnist_desktop.evaluation.figures.frame import FigureColors
from mnist_desktop.paths import resource
from mnist_desktop.ui.parts.settings import Settings

UNIT = 8  # pixels; every distance is a multiple of it or half of it
MODES = ("system", "light", "dark")


@dataclass(frozen=True)
class Theme:
    """Colours of the whole window, as ``#rrggbb``.

    Attributes
    ----------
    window, surface, field, border : str
        Behind everything, of cards, of inputs, and of lines.
    text, muted, faint : str
        Of what is read first, of what explains it, and of what cannot be pressed now.
    accent, on_accent : str
        Of the one thing to press, and of text on it.
    right, wrong : str
        Of digits read right, and misread: blue and orange, which the colour-blind can tell apart;
        numbers on them can be read in one colour, whatever their share.
    paper, ink : str
        Of the drawing pad.
    runs : tuple of str
        Of several runs in one figure.
    """

    name: str
    window: str
    surface: str
    field: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    right: str
    wrong: str
    paper: str
    ink: str
    runs: tuple[str, ...]

    @property
    def figure(self) -> FigureColors:
        """The same colours for matplotlib."""
        return FigureColors(
            surface=self.surface,
            text=self.text,
            muted=self.muted,
            grid=self.border,
            right=self.right,
            wrong=self.wrong,
            runs=self.runs,
        )


LIGHT = Theme(
    name="light",
    window="#eef1f6",
    surface="#ffffff",
    field="#ffffff",
    border="#d5dbe6",
    text="#1b2130",
    muted="#566074",
    faint="#a9b1c0",
    accent="#2563eb",
    on_accent="#ffffff",
    right="#1d4ed8",
    wrong="#c2410c",
    paper="#ffffff",
    ink="#141b2d",
    runs=FigureColors.runs,
)
DARK = Theme(
    name="dark",
    window="#11141b",
    surface="#1a1f2a",
    field="#232a38",
    border="#323b4d",
    text="#e8ebf2",
    muted="#9da7b9",
    faint="#566074",
    accent="#6b9bff",
    on_accent="#0b1324",
    right="#6b9bff",
    wrong="#f4955c",
    paper="#0d1016",
    ink="#f3f5fa",
    runs=("#77aadd", "#ff8fa0", "#66cc77", "#d884c4", "#e0c64f", "#66ccee"),
)


class ThemeController(QObject):
    """Applies a theme to the application and follows the system while it is set to.

    It is applied once the window is built (`apply`): with a style sheet in use, Qt styles a widget
    anew each time it is put into another, which took a third of the window's start.

    Signals
    -------
    theme_changed(object)
        Another `Theme` is in use.
    """

    theme_changed = Signal(object)

    def __init__(self, app: QApplication, settings: Settings) -> None:
        super().__init__()
        self._app = app
        self._settings = settings
        mode = str(settings.value("theme", "system"))
        self.mode = mode if mode in MODES else "system"
        self.theme = self._wanted()
        app.setStyle("Fusion")
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_color_scheme_changed)

    def set_mode(self, mode: str) -> None:
        """Follow the system, or stay light or dark."""
        self.mode = mode
        self._settings.change(theme=mode)
        self._update()

    def toggle(self) -> None:
        """Go to the other of light and dark; where that is the system's, follow it again."""
        other = LIGHT if self.theme is DARK else DARK
        self.set_mode("system" if other is _system_theme() else other.name)

    def _wanted(self) -> Theme:
        if self.mode == "system":
            return _system_theme()
        return DARK if self.mode == "dark" else LIGHT

    def _update(self) -> None:
        wanted = self._wanted()
        if wanted is not self.theme:
            self.theme = wanted
            self.apply()
            self.theme_changed.emit(wanted)

    def apply(self) -> None:
        """Give the application's widgets the colours of the theme.

        Without the old style sheet in between, each of them is styled by it once more when the
        palette changes: a switch then takes three to four times as long.
        """
        self._app.setStyleSheet("")
        self._app.setPalette(_palette(self.theme))
        self._app.setStyleSheet(_style_sheet(self.theme))

    @Slot(Qt.ColorScheme)
    def _on_color_scheme_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._update()


def _system_theme() -> Theme:
    is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if is_dark else LIGHT


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.field,
        QPalette.ColorRole.AlternateBase: theme.window,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.surface,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return palette


def _style_sheet(theme: Theme) -> str:
    down, up = (resource("icons", f"chevron-{way}.svg").as_posix() for way in ("down", "up"))
    check = resource("icons", f"check-{theme.name}.svg").as_posix()
    return f"""
    QFrame#header {{ background: {theme.surface}; border: none;
        border-bottom: 1px solid {theme.border}; }}
    QFrame[card="true"] {{ background: {theme.surface}; border: 1px solid {theme.border};
        border-radius: 8px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QSplitter::handle {{ background: transparent; }}
    QLabel[role="title"] {{ font-weight: 600; font-size: 11pt; }}
    QLabel[role="muted"], QLabel[role="field"] {{ color: {theme.muted}; }}
    QLabel[role="field"] {{ font-size: 9pt; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="figure"] {{ font-size: 17pt; font-weight: 600; }}
    QLabel[role="digit"] {{ font-size: 54pt; font-weight: 600; }}
    QPushButton, QToolButton {{ background: {theme.field}; border: 1px solid {theme.border};
        border-radius: 6px; padding: 5px 12px; }}
    QToolButton {{ padding: 5px 8px; }}
    QToolButton[popupMode="2"] {{ padding-right: 22px; }}
    QToolButton::menu-indicator {{ image: url("{down}"); width: 12px; height: 12px;
        subcontrol-origin: padding; subcontrol-position: right center; right: 6px; }}
    QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit[input="true"] {{ background: {theme.field};
        border: 1px solid {theme.border}; border-radius: 6px; padding: 4px 8px;
        min-height: 18px; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QComboBox:hover, QSpinBox:hover, QDoubleSpinBox:hover, QLineEdit[input="true"]:hover,
    QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit[input="true"]:focus
        {{ border-color: {theme.accent}; }}
    QComboBox:disabled {{ color: {theme.muted}; background: transparent; }}
    QComboBox#modelComboBox {{ combobox-popup: 0; }}  /* a list that scrolls, and no endless menu */
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow
        {{ image: url("{down}"); width: 12px; height: 12px; }}
    QSpinBox::up-arrow, QDoubleSpinBox::up-arrow
        {{ image: url("{up}"); width: 12px; height: 12px; }}
    QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-position: top right;
        border: none; background: transparent; width: 20px; }}
    QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-position: bottom right;
        border: none; background: transparent; width: 20px; }}
    QComboBox QAbstractItemView {{ background: {theme.field}; color: {theme.text};
        border: 1px solid {theme.border}; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {theme.border}; border-radius: 4px; min-height: 24px;
        min-width: 24px; margin: 1px; }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {theme.border}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {theme.accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ background: transparent;
        color: {theme.faint}; border-color: {theme.border}; }}
    QPushButton[link="true"] {{ background: transparent; border: 1px solid transparent;
        color: {theme.accent}; padding: 3px 0; text-align: left; }}
    QPushButton[link="true"]:hover {{ text-decoration: underline; }}
    QPushButton[link="true"]:focus {{ border-color: {theme.accent}; }}
    QPushButton[link="true"]:disabled {{ color: {theme.muted}; }}
    QPushButton[primary="true"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; font-weight: 600; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {theme.text}; padding: 4px 11px; }}
    QPushButton[primary="true"]:disabled {{ background: {theme.border}; color: {theme.muted};
        border-color: {theme.border}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; background: {theme.field};
        border: 1px solid {theme.muted}; border-radius: 3px; }}
    QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {theme.accent}; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
        image: url("{check}"); }}
    QCheckBox::indicator:disabled {{ border-color: {theme.border}; background: transparent; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.border}; }}
    QSlider::sub-page:horizontal {{ border-radius: 2px; background: {theme.muted}; }}
    QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
        background: {theme.field}; border: 1px solid {theme.muted}; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus
        {{ border-color: {theme.accent}; }}
    QProgressBar {{ background: {theme.border}; border: none; border-radius: 4px;
        max-height: 8px; min-height: 8px; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 4px; }}
    QTabWidget::pane {{ border: none; }}
    QTabWidget::tab-bar {{ left: 4px; }}
    QTabBar::tab {{ background: transparent; color: {theme.muted}; padding: 8px 14px;
        border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent};
        font-weight: 600; }}
    QTabBar::tab:focus {{ border-bottom: 2px solid {theme.text}; }}
    QHeaderView {{ background: {theme.surface}; border: none; }}
    QHeaderView::section {{ background: {theme.surface}; color: {theme.muted}; border: none;
        border-bottom: 1px solid {theme.border}; padding: 6px 8px; }}
    QTableView, QListView {{ background: {theme.surface}; border: none;
        alternate-background-color: {theme.window}; gridline-color: {theme.border}; }}
    QTableView::item {{ padding: 4px 8px; }}
    QStatusBar {{ background: {theme.surface}; border-top: 1px solid {theme.border};
        color: {theme.muted}; }}
    QStatusBar::item {{ border: none; }}
    QToolTip {{ background: {theme.surface}; color: {theme.text};
        border: 1px solid {theme.border}; padding: 4px; }}
    """


def label(text: str, role: str, *, wrap: bool = False) -> QLabel:
    """Make a label in one of the roles of the style sheet, such as title, muted or figure."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a run's name is no HTML
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def title_label() -> QLabel:
    """Make a title for a name of any length: it takes the width there is, and wraps."""
    made = label("", "title", wrap=True)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return made
