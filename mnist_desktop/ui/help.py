"""The dialog behind the question mark."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QMessageBox, QWidget

from mnist_desktop import __version__
from mnist_desktop.paths import APP_NAME, EXPOSED, AppPaths
from mnist_desktop.ui.parts.fonts import STRONG

HELP = f"""<h3 style="{STRONG}">{APP_NAME} {__version__}</h3>
<p>Train a network that reads handwritten digits, see what it learnt, and draw digits for it.</p>
<p><span style="{STRONG}">Train</span>: choose an architecture on the left and press Train.
Stop keeps what was learnt.<br>
<span style="{STRONG}">Understand</span>: click a cell of the matrix to see the digits behind
it.<br>
<span style="{STRONG}">Search</span>: have many settings tried on the page Search; the best are kept
as runs.<br>
<span style="{STRONG}">Draw</span>: draw a digit on the right; it is read while you draw.</p>
<table cellpadding="3">
<tr><td>Ctrl+Return, Ctrl+Space, Ctrl+.</td><td>train, pause, stop</td></tr>
<tr><td>Ctrl+Shift+O</td><td>open a network from a file</td></tr>
<tr><td>Ctrl+Z, Ctrl+Shift+Z, Delete</td><td>undo, redo, clear the drawing</td></tr>
<tr><td>Ctrl+O, Ctrl+V, Ctrl+C, Ctrl+S</td><td>open, paste, copy, save a drawing</td></tr>
<tr><td>arrows, Space, Delete</td><td>on the pad: move the pen, put it down, clear</td></tr>
<tr><td>on a picture: S, J, Delete</td><td>split, join, delete boxes</td></tr>
<tr><td>on a picture: L, R, T, A, C</td><td>turn, drag to turn, straighten, crop</td></tr>
<tr><td>in the matrix: arrows, Shift, Return</td><td>move, choose cells, see digits</td></tr>
<tr><td>in the curves: drag, wheel, + and −, 0</td><td>zoom, show everything</td></tr>
<tr><td>0 … 9</td><td>keep the drawing as this digit among yours</td></tr>
<tr><td>Alt+1 … Alt+8</td><td>go to a page</td></tr>
<tr><td>Ctrl+,</td><td>more settings of the training</td></tr>
<tr><td>on layers: Insert, Delete, Alt+↑ ↓</td><td>add, remove, move a layer</td></tr>
<tr><td>on layers: Space, Ctrl+Shift+D</td><td>switch off or on, duplicate</td></tr>
<tr><td>on the page of runs: Space, F2, Delete</td><td>tick, rename, delete</td></tr>
<tr><td>Ctrl+1, Ctrl+2</td><td>show or hide training, drawing</td></tr>
<tr><td>Ctrl and +, −, 0</td><td>larger, smaller, usual text</td></tr>
<tr><td>Ctrl+D, F11, Ctrl+Q</td><td>light or dark, full screen, quit</td></tr>
</table>
<p><a href="{{runs}}">Folder of your runs</a> ·
<a href="{{logs}}">folder of the log</a>{{exposed}}</p>
<p>MNIST: Y. LeCun, C. Cortes, C. Burges (CC BY-SA 3.0). This program: MIT licence.<br>
It uses Qt (LGPL), TensorFlow, Keras, LiteRT, NumPy, matplotlib, Pillow, pooch,<br>
the font Inter (SIL Open Font License) and the icons of Lucide (ISC).</p>"""


def help_dialog(window: QWidget, paths: AppPaths) -> QMessageBox:
    """Make the dialog that says what the program does, which keys it has and where its files are.

    Parameters
    ----------
    window : QWidget
        Above which it is shown.
    paths : AppPaths
        Where files live.
    """
    text = HELP.format(
        runs=QUrl.fromLocalFile(str(paths.runs)).toString(),
        logs=QUrl.fromLocalFile(str(paths.logs)).toString(),
        exposed=f"<br>{EXPOSED}" if paths.are_exposed else "",
    )
    box = QMessageBox(QMessageBox.Icon.NoIcon, f"Help for {APP_NAME}", text, parent=window)
    box.setObjectName("helpDialog")
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
