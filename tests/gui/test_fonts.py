"""Words can be read also where no font is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from windows import services_of

import mnist_desktop.ui
from mnist_desktop.evaluation.figures.fonts import FILES
from mnist_desktop.paths import AppPaths, resource
from mnist_desktop.ui.help import help_dialog
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.fonts import strong, system_has_fonts, use_bundled_font

NO_FONTS = '<?xml version="1.0"?><fontconfig><cachedir>{cache}</cachedir></fontconfig>'

# Paints each sign of the window in a process of its own, and tells which look alike.
PAINT = """
import itertools, logging
from PySide6.QtWidgets import QLabel
from mnist_desktop.app import make_application, start_logging
from mnist_desktop.evaluation.figures.fonts import FILES
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.parts.fonts import system_has_fonts
app = make_application()
paths = AppPaths.from_environment()
paths.check_writable()
start_logging(paths)
def painted(sign):
    label = QLabel(sign)
    label.setFixedSize(40, 40)
    return label.grab().toImage()
seen = {sign: painted(sign) for sign in "ABab019 ?…–→×◐⋯Яא"}
alike = [a + b for a, b in itertools.combinations(seen, 2) if seen[a] == seen[b]]
print(system_has_fonts(), alike)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be without fonts")
@pytest.mark.parametrize("has_fonts", [False, True], ids=["no fonts", "the system's fonts"])
def test_letters_can_be_told_apart(has_fonts: bool, tmp_path: Path, home: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(NO_FONTS.format(cache=tmp_path / "cache"))
    more = {} if has_fonts else {"FONTCONFIG_FILE": str(config)}
    done = subprocess.run(
        [sys.executable, "-c", PAINT],
        env={**os.environ, **more, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(maxsplit=1) == [str(has_fonts), "[]\n"]
    log = (home / "program" / "logs" / "mnist-desktop.log").read_text(encoding="utf-8")
    assert " WARNING " not in log


def test_the_window_is_written_in_the_bundled_font(qapp: QApplication) -> None:
    before = qapp.font()
    assert system_has_fonts()
    try:
        use_bundled_font(qapp)
        font = qapp.font()
        assert font.pointSizeF() == before.pointSizeF()
        assert QFontInfo(font).family() == "Inter"
        font.setWeight(QFont.Weight.DemiBold)
        assert "Semi" in QFontInfo(font).styleName()
    finally:
        qapp.setFont(before)
    assert sum(resource("fonts", name).stat().st_size for name in FILES) < 1_500_000


def test_menus_and_the_status_bar_keep_the_font_where_the_system_has_others_for_them(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_sheet = QApplication.setStyleSheet

    def as_on_windows(app: QApplication, sheet: str) -> None:
        set_sheet(app, sheet)
        for kind in ("QMenu", "QStatusBar"):
            QApplication.setFont(QFont("monospace"), kind)

    monkeypatch.setattr(QApplication, "setStyleSheet", as_on_windows)
    wanted = QApplication.font().families()
    for _ in range(2):
        services_of(window).theme.toggle()
        assert QApplication.font().families() == wanted
        menu = QMenu(window)
        for widget in (menu, window.statusBar()):
            widget.ensurePolished()
            assert widget.font().families() == wanted


def test_all_digits_have_one_width(qapp: QApplication) -> None:
    metrics = QFontMetricsF(qapp.font())
    assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1


def test_nothing_asks_for_a_weight_that_the_font_lacks() -> None:
    """Qt makes bold letters of semi-bold ones by painting them twice."""
    asked = re.compile(
        r"setBold\(True|Weight\.(Bold|ExtraBold|Black)|</?b>|<b |<strong|bold;|<h\d>"
    )
    sources = [
        *Path(mnist_desktop.ui.__file__).parent.rglob("*.py"),
        resource("templates", "window.qss"),
    ]
    found = {
        str(path): one.group() for path in sources if (one := asked.search(path.read_text("utf-8")))
    }
    assert not {path: word for path, word in found.items() if not path.endswith("fonts.py")}


def test_what_stands_out_is_semi_bold(qapp: QApplication) -> None:
    use_bundled_font(qapp)
    regular = QFontInfo(qapp.font())
    found = QFontInfo(strong(qapp.font()))
    assert (regular.weight(), found.weight()) == (QFont.Weight.Normal, QFont.Weight.DemiBold)
    assert not found.bold() or found.weight() == QFont.Weight.DemiBold


def test_help_is_written_in_weights_that_the_font_has(qapp: QApplication, paths: AppPaths) -> None:
    window = QWidget()
    shown = QTextDocument()
    shown.setHtml(help_dialog(window, paths).text())
    weights, block = set(), shown.begin()
    while block.isValid():
        weights |= {one.format.fontWeight() for one in block.textFormats()}
        block = block.next()
    assert weights <= {QFont.Weight.Normal.value, QFont.Weight.DemiBold.value, 0}
    assert QFont.Weight.DemiBold.value in weights
