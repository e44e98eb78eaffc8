"""How everything looks: two palettes, one style sheet, and the switch between them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy

from mnist_desktop.evaluation.figures.frame import FigureColors, luminance
from mnist_desktop.paths import resource
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.style import AppStyle

UNIT = 8  # pixels; every distance is a multiple of it or half of it
MODES = ("system", "light", "dark")
ZOOMS = (0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)  # of text; 1.5 and more for projectors
# Sizes of text as multiples of the system's, and of what grows with it, in pixels at a zoom of 1.
TEXT_SIZES = {"small": 0.95, "title": 1.2, "figure": 1.8, "digit": 4.8}
SIZES = {"control": 20, "tool": 17, "box": 14, "arrow": 12}


@dataclass(frozen=True)
class Theme:
    """Colours of the window, as ``#rrggbb``.

    Attributes
    ----------
    window, surface, field : str
        Behind everything, of cards, and of inputs.
    border, line : str
        Around what can be pressed or typed into, with a contrast of at least 3 to all of these; and
        of what only divides, such as the edges of cards and the grids of figures.
    text, muted, faint : str
        Of what is read first, of what explains it, and of what cannot be pressed now. The first
        two have a contrast of at least 4.5 to what is behind them (WCAG 2.1), the last one of 3.
    accent, on_accent : str
        Of the one thing to press and of the ring around what has the focus, and of text on it.
    selection : str
        Behind the rows that are selected.
    inverse, on_inverse, inverse_accent : str
        Behind an answer that lies over the window, of its text, and of its buttons.
    right, wrong : str
        Of digits read correctly, and misread: blue and orange, distinct to the colour-blind;
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
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    selection: str
    inverse: str
    on_inverse: str
    inverse_accent: str
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
            grid=self.line,
            right=self.right,
            wrong=self.wrong,
            runs=self.runs,
        )


LIGHT = Theme(
    name="light",
    window="#eef1f6",
    surface="#ffffff",
    field="#ffffff",
    border="#7f899d",
    line="#d5dbe6",
    text="#1b2130",
    muted="#566074",
    faint="#7f899d",
    accent="#2563eb",
    on_accent="#ffffff",
    selection="#e4edfe",
    inverse="#232a3b",
    on_inverse="#ffffff",
    inverse_accent="#9dbdff",
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
    border="#76829a",
    line="#323b4d",
    text="#e8ebf2",
    muted="#a3adbf",
    faint="#76829a",
    accent="#7ba6ff",
    on_accent="#0b1324",
    selection="#22335a",
    inverse="#e8ebf2",
    on_inverse="#1b2130",
    inverse_accent="#1d4ed8",
    right="#6b9bff",
    wrong="#f4955c",
    paper="#0d1016",
    ink="#f3f5fa",
    runs=("#77aadd", "#ff8fa0", "#66cc77", "#d884c4", "#e0c64f", "#66ccee"),
)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.1)."""
    colours = (QColor(one), QColor(other))
    low, high = sorted(luminance((c.redF(), c.greenF(), c.blueF())) for c in colours)
    return (high + 0.05) / (low + 0.05)


class ThemeController(QObject):
    """Applies a theme to the application and follows the system while it is set to.

    It is applied once the window is built (`apply`): with a style sheet in use, Qt styles a widget
    again each time it is put into another, which took a third of the window's start.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    theme : Theme
        In use.
    zoom : float
        How large text is, one of `ZOOMS`.
    style : AppStyle
        Draws what the style sheet leaves to it.

    Signals
    -------
    theme_changed(object)
        Another `Theme` is in use.
    zoomed()
        Text is of another size.
    """

    theme_changed = Signal(object)
    zoomed = Signal()

    def __init__(self, app: QApplication, settings: Settings) -> None:
        super().__init__()
        self._app = app
        self._settings = settings
        mode = str(settings.value("theme", "system"))
        self.mode = mode if mode in MODES else "system"
        self.theme = self._wanted()
        self._font = _usual_font(app)
        zoom = _number(settings.value("zoom", 1.0))
        self.zoom = zoom if zoom in ZOOMS else 1.0
        self.style = AppStyle()
        app.setStyle(self.style)
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

    def zoom_by(self, steps: int) -> None:
        """Make text larger or, with a negative number, smaller; it is remembered."""
        place = ZOOMS.index(self.zoom) + steps
        self.set_zoom(ZOOMS[min(max(place, 0), len(ZOOMS) - 1)])

    def set_zoom(self, zoom: float) -> None:
        """Show text in one of the sizes of `ZOOMS`; it is remembered."""
        if zoom != self.zoom:
            self.zoom = zoom
            self._settings.change(zoom=zoom)
            self.apply()
            self.zoomed.emit()

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
        font, size = QFont(self._font), QFontInfo(self._font).pointSizeF() * self.zoom
        font.setPointSizeF(size)
        if font != self._app.font():
            self._app.setFont(font)
        self._app.setStyleSheet(_font_rule(font) + _style_sheet(self.theme, size, self.zoom))

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
        QPalette.ColorRole.BrightText: theme.on_inverse,
        QPalette.ColorRole.Mid: theme.line,
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


def _usual_font(app: QApplication) -> QFont:
    """The font at a zoom of 1, which the application has before it is first zoomed."""
    font = app.property("usualFont")
    if not isinstance(font, QFont):
        font = app.font()
        app.setProperty("usualFont", font)
    return font


def _number(value: object) -> float:
    """Return a number from the file of settings, where it is text; 0 for anything else."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0


def _font_rule(font: QFont) -> str:
    """Give a font to what Windows, macOS and KDE have other fonts for.

    They give them to it anew with each style, as which a style sheet counts.
    """
    families = ", ".join(f'"{family}"' for family in font.families())
    return (
        "QAbstractItemView, QMenu, QMenuBar, QMessageBox, QStatusBar, QToolTip "
        f"{{ font-family: {families}; font-size: {font.pointSizeF()}pt; }}\n"
    )


def _style_sheet(theme: Theme, points: float, zoom: float) -> str:
    sizes = {name: f"{points * times:.1f}pt" for name, times in TEXT_SIZES.items()}
    sizes |= {name: f"{round(pixels * zoom)}px" for name, pixels in SIZES.items()}
    colours = {field.name: getattr(theme, field.name) for field in dataclasses.fields(theme)}
    icons = {"down": "chevron-down", "up": "chevron-up", "check": f"check-{theme.name}"}
    files = {name: resource("icons", f"{file}.svg").as_posix() for name, file in icons.items()}
    template = resource("templates", "window.qss").read_text(encoding="utf-8")
    return Template(template).substitute(colours | files | sizes)


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
