"""Takes README's pictures anew: ``python -m tools.screenshots`` (MNIST_DESKTOP_DATA names MNIST).

Trains two networks in the real window, off screen, with a home of its own that is thrown away, and
writes six pictures to ``resources/screenshots``: the window in light and dark, two runs compared,
a network put together from cards, the main job as an animation, and the diagram of a network.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from mnist_desktop.app import make_application, make_window
from mnist_desktop.demo import click, draw_stroke, is_painted, wait_until
from mnist_desktop.digits.ink import THREE
from mnist_desktop.evaluation.figures.frame import FILE_DOTS_PER_INCH, draw_in_memory
from mnist_desktop.evaluation.figures.network import network_figure, network_frame
from mnist_desktop.files.held import temporary_folder
from mnist_desktop.networks.examples import EXAMPLES
from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.networks.presets import preset
from mnist_desktop.paths import AppPaths, resource
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.config import CUSTOM
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.main_window import MainWindow

SIZE = (1280, 800)
SMALL = (960, 600)  # of the animation
COLORS = 96
DIAGRAM_WIDTH = 6.6  # inches
SECONDS = {"drawn": 1.2, "learning": 0.5, "matrix": 2.5, "mistakes": 2.5}


def main() -> int:
    """Take all pictures."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    write_diagram(resource("screenshots", "network.png"))
    with temporary_folder("screenshots-") as folder:
        usual = AppPaths.from_environment()
        paths = replace(usual, data=folder / "data", settings=folder / "settings")
        paths.check_writable()
        paths.prepare_libraries()
        app = make_application()
        window = make_window(app, paths)
        window.resize(*SIZE)
        window.show()
        try:
            take(window, resource("screenshots"))
        finally:
            window.shut_down()
            window.close()
    return 0


def take(window: MainWindow, folder: Path) -> None:
    """Play the main job, and write the pictures to a folder."""
    panel, services = window.training_panel, window._services
    services.theme.set_mode("light")
    window.start_services()
    wait_until(lambda: "looking" not in window.header.dataset_label.text(), "digits are found")
    frames: list[tuple[Image.Image, float]] = []

    def film(seconds: float) -> None:
        frames.append((as_picture(window.grab().toImage()), seconds))

    film(1.0)
    for count in range(3, len(THREE) + 1, 2):
        window.draw_panel.pad.clear()
        draw_stroke(window.draw_panel.pad, THREE[:count])
        film(0.12)
    wait_until(lambda: window.draw_panel.prediction.label is not None, "the drawing is read")
    film(SECONDS["drawn"])
    train(window, film)
    shot(window).save(str(folder / "window-light.png"))
    film(SECONDS["matrix"])
    see = window.findChild(QPushButton, "toastButton1")
    if see is not None:
        click(see)
    wait_until(lambda: is_painted(window), "the mistakes are there")
    film(SECONDS["mistakes"])
    write_animation(frames, folder / "main-job.gif")
    gallery = window.tabs.gallery_view.browser
    gallery.list.setCurrentIndex(gallery.list.model().index(0, 0))
    QTest.keyClick(gallery.list, Qt.Key.Key_Return)
    services.theme.set_mode("dark")
    shot(window).save(str(folder / "window-dark.png"))
    services.theme.set_mode("light")
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn-fast"))
    train(window, lambda _seconds: None)
    compare(window, services.store)
    shot(window).save(str(folder / "compare-light.png"))
    edit_layers(window)
    shot(window).save(str(folder / "layers-light.png"))


def train(window: MainWindow, film: Callable[[float], None]) -> None:
    """Train with the button, and film each epoch."""
    panel = window.training_panel

    def note(progress: object) -> None:
        if isinstance(progress, WatchedReading):
            film(SECONDS["learning"])

    window.training.presenter.progressed.connect(note)
    click(panel.train_button)
    wait_until(panel.train_button.isEnabled, "the training ends")
    window.training.presenter.progressed.disconnect(note)
    wait_until(lambda: is_painted(window), "the matrix is there")


def compare(window: MainWindow, store: RunStore) -> None:
    """Compare all runs there are."""
    window.tabs.setCurrentWidget(window.tabs.run_actions.page)
    wait_until(lambda: len(store.runs()) == 2, "both runs are kept")
    view = window.tabs.runs_view
    view.table.selectAll()
    button = next(one for one in view.findChildren(QPushButton) if one.text() == "Compare")
    click(button)


def edit_layers(window: MainWindow) -> None:
    """Put a network of one's own together."""
    form = window.training_panel.form
    form.layers.load(parse_layers(EXAMPLES[0].layers), "start")
    form.architecture.setCurrentIndex(form.architecture.findData(CUSTOM))
    click(form.layers_button)
    form.layers.select(2)


def shot(window: MainWindow) -> QImage:
    """Take a picture of the window once all of it is painted."""
    wait_until(lambda: is_painted(window), "all is painted")
    return window.grab().toImage()


def write_diagram(path: Path) -> None:
    """Draw the most accurate network that can be trained."""
    plan = preset("cnn-accurate", (), "softmax")
    frame = replace(network_frame(plan, DIAGRAM_WIDTH), dots_per_inch=FILE_DOTS_PER_INCH)
    pixels = np.asarray(draw_in_memory(network_figure(plan, frame=frame)).buffer_rgba())
    Image.fromarray(pixels).convert("RGB").quantize(COLORS).save(path, optimize=True)


def as_picture(image: QImage) -> Image.Image:
    """Make a small picture for the animation."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    size, data = (rgb.width(), rgb.height()), bytes(rgb.constBits())
    picture = Image.frombuffer("RGB", size, data, "raw", "RGB", rgb.bytesPerLine(), 1)
    return picture.resize(SMALL, Image.Resampling.LANCZOS)


def write_animation(frames: Sequence[tuple[Image.Image, float]], path: Path) -> None:
    """Write the frames, each with the seconds it is seen, in one palette."""
    palette = frames[-2][0].quantize(COLORS)
    small = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one, _ in frames]
    small[0].save(
        path,
        save_all=True,
        append_images=small[1:],
        duration=[round(1000 * seconds) for _, seconds in frames],
        loop=0,
        optimize=True,
    )


if __name__ == "__main__":
    sys.exit(main())
