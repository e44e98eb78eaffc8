from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from PIL import Image

from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.frame import (
    FigureColors,
    Frame,
    draw_in_memory,
    readable_on,
    save_figure,
)

PROJECT = Path(__file__).parents[4]
MATRIX = np.diag(np.arange(1, 11)).astype(np.int64)


# Some of these are a little less once they were inches: 29, 57, 73, 82.
@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2])
@pytest.mark.parametrize("size", [(29, 57), (73, 82), (640, 480), (801, 201), (1023, 333)])
def test_a_windows_figure_has_exactly_its_pixels(
    size: tuple[int, int], ratio: float, colors: FigureColors
) -> None:
    width, height = size
    figure = Frame.of_pixels(width, height, ratio, colors).figure()
    draw_in_memory(figure)

    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    picture = np.asarray(canvas.buffer_rgba())
    assert picture.shape == (round(height * ratio), round(width * ratio), 4)
    assert to_hex(picture[0, 0] / 255) == colors.surface


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_every_width_stays_whole(ratio: float, colors: FigureColors) -> None:
    for width in range(1, 3001):
        frame = Frame.of_pixels(width, 100, ratio, colors)
        assert int(frame.width * frame.dots_per_inch) == round(width * ratio)


def test_letters_are_as_large_on_every_screen(colors: FigureColors) -> None:
    plain, fine = (Frame.of_pixels(600, 400, ratio, colors) for ratio in (1, 2))

    assert fine.dots_per_inch == 2 * plain.dots_per_inch
    assert (fine.width, fine.height) == pytest.approx((plain.width, plain.height), abs=1e-3)


def test_a_picture_is_saved_in_the_size_and_colour_of_its_frame(
    tmp_path: Path, colors: FigureColors
) -> None:
    path = tmp_path / "matrix.png"

    save_figure(confusion_figure(MATRIX, frame=Frame(4.0, 3.0, colors=colors)), path)

    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with Image.open(path) as picture:
        assert picture.size == (600, 450)
        corner = np.asarray(picture.convert("RGB"))[0, 0]
    assert to_hex(corner / 255) == colors.surface


def test_the_words_of_an_svg_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "matrix.svg"

    save_figure(confusion_figure(MATRIX, title="Mein Netz – 98%"), path)

    content = path.read_text(encoding="utf-8")
    assert content.startswith("<?xml")
    assert "<svg" in content
    for words in ("True digit", "Predicted digit", "Mein Netz – 98%", "100.0%"):
        assert f">{words}</text>" in content


def test_the_letters_of_a_pdf_are_those_of_a_font(tmp_path: Path) -> None:
    path = tmp_path / "matrix.pdf"

    save_figure(confusion_figure(MATRIX), path)

    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content


@pytest.mark.parametrize(
    ("file_format", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF-")]
)
def test_a_format_that_is_named_counts_more_than_the_suffix(
    tmp_path: Path, file_format: str, begins: bytes
) -> None:
    path = tmp_path / "matrix.part"

    save_figure(confusion_figure(MATRIX), path, file_format)

    assert path.read_bytes().startswith(begins)


def test_a_figure_that_was_saved_can_still_be_shown(tmp_path: Path) -> None:
    figure = Frame.of_pixels(300, 200, 1.5, FigureColors()).figure()
    for suffix in ("png", "svg", "pdf"):
        save_figure(figure, tmp_path / f"figure.{suffix}")

    draw_in_memory(figure)

    assert figure.get_dpi() == 150
    assert figure.canvas.get_width_height() == (450, 300)


@pytest.mark.parametrize("grey", range(0, 256, 5))
def test_a_number_can_be_read_on_any_colour(
    grey: int, contrast: Callable[[object, object], float]
) -> None:
    for color in ([grey] * 3, [grey, 0, 255], [255, grey, 0], [0, 255, grey]):
        background = np.array(color) / 255
        assert contrast(readable_on(background), background) >= 4.5


def test_figures_never_import_pyplot(tmp_path: Path) -> None:
    program = """
import sys
from functools import partial
from pathlib import Path
import numpy as np
from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.statistics import describe_split
from mnist_desktop.evaluation.figures.confusion import (
    MatrixMaker,
    confusion_figure,
    difference_cells,
)
from mnist_desktop.evaluation.figures.curves import LearningCurves, curves_figure
from mnist_desktop.evaluation.figures.digits import mistakes_figure, split_figure
from mnist_desktop.evaluation.figures.frame import Frame, draw_in_memory, save_figure
from mnist_desktop.evaluation.figures.network import network_figure, network_frame
from mnist_desktop.evaluation.figures.reliability import reliability_figure
from mnist_desktop.evaluation.reliability import reliability
from mnist_desktop.networks.presets import preset
plan = preset("cnn", (), "softmax")
assert network_frame(plan).height > 1
print("matplotlib" in sys.modules)  # it takes long, and is not needed yet
matrix, scores = np.eye(10, dtype=np.int64), np.full((3, 10), 0.1)
digits = Digits(np.full((3, 28, 28), 9, np.uint8), np.arange(3, dtype=np.uint8))
figures = [
    confusion_figure(matrix, title="a title"),
    MatrixMaker(partial(difference_cells, matrix, 2 * matrix))(Frame()),
    curves_figure([LearningCurves("a run", [1.0, 2.0], [0.1, 0.2])]),
    split_figure(describe_split(digits, np.arange(3))),
    mistakes_figure(digits.images, digits.labels, scores),
    reliability_figure(reliability(scores, digits.labels)),
    network_figure(plan),
]
for figure in figures:
    draw_in_memory(figure)
    for suffix in ("png", "svg", "pdf"):
        save_figure(figure, Path(sys.argv[1], "figure." + suffix))
print([name for name in ("matplotlib.pyplot", "PySide6", "tkinter") if name in sys.modules])
"""
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout == "False\n[]\n"
