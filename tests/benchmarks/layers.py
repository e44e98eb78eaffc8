"""What an edit costs in the layer editor: ``make bench-layers``.

The real page, with its style, lies in a window of its own. Each figure is the time from an edit to
the end of the repaint that it causes, as seen by a user: shapes, parameters, multiplications and
totals are then on the screen. Beside it stands the processor time that the main thread, which does
all of it, took: other programs on the machine do not count there. The window is on the platform
that ``QT_QPA_PLATFORM`` names.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mnist_desktop.app import make_application
from mnist_desktop.demo import pause
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import ThemeController
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_editor import LayerEditor
from mnist_desktop.workers.figures import FigureController

SIZES = ((528, 620), (1100, 900))  # pixels: in the smallest window, and in a large one
ROUNDS = 60
HEADS = ("median", "95%", "worked", "95%")
BLOCK = "conv 16 3x3 relu padding=same; batchnorm; relu; dropout 0.1; noise 0.1; "
THIRTY = BLOCK * 5 + "pool; flatten; dense 64 relu; dropout 0.2; dense 32"
TWO_HUNDRED = "conv 4 3x3 relu padding=same; relu; " * 99 + "flatten; dense 10"


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNIST_DESKTOP_HOME"] = home
        app = make_application()
        theme = ThemeController(app, Settings(Path(home) / "settings.ini"))
        theme.apply()
        for width, height in SIZES:
            figures = FigureController()
            document = LayerDocument(THIRTY)
            editor = LayerEditor(document, figures)
            editor.set_theme(theme.theme)
            editor.resize(width, height)
            editor.show()
            pause(0.5)
            heads = "".join(f"{head:>10}" for head in HEADS)
            print(f"{f'{width} x {height} pixels, ms':44}{heads}")
            for name, act in edits(editor, document).items():
                taken = np.array([timed(act, number) for number in range(ROUNDS)])
                found = np.percentile(taken, (50, 95), axis=0).T.ravel()
                print(f"{name:44}{''.join(f'{one:10.1f}' for one in found)}")
            figures.close()
            editor.close()


def edits(editor: LayerEditor, document: LayerDocument) -> dict[str, Callable[[int], object]]:
    """What is measured, by name; each is given the number of its round."""
    first = editor.cards.widget_of(0)
    filters, kernel = first.fields["filters"], first.fields["kernel"]
    long, short = parse_layers(TWO_HUNDRED), parse_layers(THIRTY)
    bar = editor.cards.verticalScrollBar()
    up = Qt.Key.Key_Up
    return {
        "30 layers: one step of a number": lambda _: QTest.keyClick(filters, up),
        "30 layers: one digit typed": lambda number: type_digit(filters, number),
        "30 layers: a problem comes or goes": lambda number: document.change(
            0, padding="same" if number % 2 else "valid", kernel=(3, 3) if number % 2 else (64, 64)
        ),
        "30 layers: a size is typed, and does not fit": lambda number: type_digit(kernel, number),
        "30 layers: one more": lambda number: again(
            document, number, lambda: document.insert(3, LayerCard("conv", {"padding": "same"}))
        ),
        "30 layers: one less": lambda number: again(document, number, lambda: document.remove(3)),
        "30 layers: one moved": lambda number: document.move(3 + number % 2, 4 - number % 2),
        "30 layers: one switched off or on": lambda number: document.switch(
            3, is_on=bool(number % 2)
        ),
        "200 layers opened": lambda number: document.load(
            short if number % 2 else long, "open layers"
        ),
        "200 layers scrolled by a page": lambda number: bar.setValue(
            number * 400 % max(bar.maximum(), 1)
        ),
    }


def type_digit(box: object, number: int) -> None:
    """Type one digit in place of what there is."""
    box.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(box, str(1 + number % 9))  # type: ignore[call-overload]


def again(document: LayerDocument, number: int, act: Callable[[], object]) -> None:
    """Do something, and every tenth time what brings thirty layers back instead."""
    if number % 10 == 9:
        document.load(parse_layers(THIRTY), "open layers")
    else:
        act()


def timed(act: Callable[[int], object], number: int) -> tuple[float, float]:
    """Milliseconds from an edit to the end of the repaint, and those that it worked."""
    started, worked = time.perf_counter(), time.thread_time()
    act(number)
    QApplication.processEvents()  # layouts and paints
    return (time.perf_counter() - started) * 1000, (time.thread_time() - worked) * 1000


if __name__ == "__main__":
    main()
