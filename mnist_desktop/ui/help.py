"""The dialog behind the question mark."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from mnist_desktop import __version__, edition
from mnist_desktop.paths import EXPOSED, AppPaths
from mnist_desktop.ui.parts.fonts import STRONG
from mnist_desktop.ui.parts.shortcuts import in_words

WIDTH = 640  # pixels

# What each edition is for.
WORDS = {
    True: f"""<p>Train a network that reads handwritten digits, see what it learnt, and draw digits
for it.</p>
<p><span style="{STRONG}">Train</span>: choose an architecture on the left and press Train.
Stop keeps what was learnt.<br>
<span style="{STRONG}">Understand</span>: click a cell of the matrix to see the digits behind
it.<br>
<span style="{STRONG}">Search</span>: have many settings tried on the page Search; the best are kept
as runs.<br>
<span style="{STRONG}">Draw</span>: draw a digit on the right; it is read while you draw.</p>""",
    False: f"""<p>Draw digits for a network that reads them, and see what it reads right and
wrong.</p>
<p><span style="{STRONG}">Draw</span>: draw a digit on the right; it is read while you draw.<br>
<span style="{STRONG}">Teach</span>: press the key of the digit that it is; the next one like it is
read so.<br>
<span style="{STRONG}">Understand</span>: click a cell of the matrix to see the digits behind
it.<br>
<span style="{STRONG}">Train</span>: that needs {edition.FULL}, the full program, whose runs are
shown here, too.</p>""",
}
# Keys and what they do, in rows; those of training are left out where nothing trains.
KEYS = (
    ("Ctrl+Return, Ctrl+Space, Ctrl+.", "train, pause, stop"),
    ("Ctrl+Shift+O", "open a network from a file"),
    ("Ctrl+Z, Ctrl+Shift+Z, Delete", "undo, redo, clear the drawing"),
    ("Ctrl+O, Ctrl+V, Ctrl+C, Ctrl+S", "open, paste, copy, save a drawing"),
    ("arrows, Space, Delete", "on the pad: move the pen, put it down, clear"),
    ("on a picture: S, J, Delete", "split, join, delete boxes"),
    ("on a picture: L, R, T, A, C", "turn, drag to turn, straighten, crop"),
    ("in the matrix: arrows, Shift, Return", "move, choose cells, see digits"),
    ("in the curves: drag, wheel, + and −, 0", "zoom, show everything"),
    ("0 … 9", "keep the drawing as this digit among yours"),
    ("Alt+1 … Alt+8", "go to a page"),
    ("Ctrl+,", "more settings of the training"),
    ("on layers: Insert, Delete, Alt+↑ ↓", "add, remove, move a layer"),
    ("on layers: Space, Ctrl+Shift+D", "switch off or on, duplicate"),
    ("on the page of runs: Space, F2, Delete", "tick, rename, delete"),
    ("Ctrl+1, Ctrl+2", "show or hide training, drawing"),
    ("Ctrl and +, −, 0", "larger, smaller, usual text"),
    ("Ctrl+D, F11, Ctrl+Q", "light or dark, full screen, quit"),
)
READER_KEYS = {
    "Ctrl+Return, Ctrl+Space, Ctrl+.": None,
    "Alt+1 … Alt+8": ("Alt+1 … Alt+7", "go to a page"),
    "Ctrl+,": None,
    "on layers: Insert, Delete, Alt+↑ ↓": None,
    "on layers: Space, Ctrl+Shift+D": None,
    "Ctrl+1, Ctrl+2": ("Ctrl+2", "show or hide drawing"),
}
LINKS = """<p><a href="{runs}">Folder of your runs</a> ·
<a href="{logs}">folder of the log</a>{exposed}</p>
<p>MNIST: Y. LeCun, C. Cortes, C. Burges (CC BY-SA 3.0). This program: MIT licence.<br>
It uses Qt (LGPL), {trainers}LiteRT, NumPy, matplotlib, Pillow, pooch,<br>
the font Inter (SIL Open Font License) and the icons of Lucide (ISC).</p>"""


def help_dialog(window: QWidget, paths: AppPaths, *, trains: bool = True) -> QMessageBox:
    """Make the dialog that says what the program does, which keys it has and where its files are.

    Parameters
    ----------
    window : QWidget
        Above which it is shown.
    paths : AppPaths
        Where files live.
    trains : bool
        Whether training is among what it does.
    """
    keys = KEYS if trains else filter(None, (READER_KEYS.get(one[0], one) for one in KEYS))
    rows = "\n".join(
        f'<tr><td style="padding-right: 16px">{key}</td><td>{what}</td></tr>' for key, what in keys
    )
    links = LINKS.format(
        runs=QUrl.fromLocalFile(str(paths.runs)).toString(),
        logs=QUrl.fromLocalFile(str(paths.logs)).toString(),
        trainers="TensorFlow, Keras, " if trains else "",
        exposed=f"<br>{EXPOSED}" if paths.are_exposed else "",
    )
    name = edition.title()
    text = in_words(
        f'<h3 style="{STRONG}">{name} {__version__}</h3>\n{WORDS[trains]}\n'
        f'<table cellpadding="1" style="margin-top: 8px">\n{rows}\n</table>\n{links}'
    )
    box = QMessageBox(QMessageBox.Icon.NoIcon, f"Help for {name}", text, parent=window)
    box.setObjectName("helpDialog")
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    words = box.findChild(QLabel, "qt_msgbox_label")
    if words is not None:  # Qt would break the lines so early that a small screen is too low for it
        words.setMinimumWidth(WIDTH)
    return box
