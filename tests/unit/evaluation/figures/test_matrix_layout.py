from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.transforms import Bbox
from PIL import ImageFont

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.figures.confusion import cells_figure, confusion_cells, matrix_layout
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame, draw_in_memory
from mnist_desktop.evaluation.figures.matrix_layout import (
    MatrixLayout,
    Word,
    fitting_names,
    text_width,
)
from mnist_desktop.paths import resource
from tests.made_classes import NAMES

MATRIX = np.diag(np.arange(5900, 6800, 90)).astype(np.int64)
CELLS = list(itertools.product(range(10), repeat=2))


@pytest.mark.parametrize("size", [(547, 250), (560, 330), (596, 336), (566, 436), (900, 800)])
def test_counts_keep_their_size_where_the_window_is_small(size: tuple[int, int]) -> None:
    frame = Frame.of_pixels(*size, 1, FigureColors(), 12)
    layout = matrix_layout(frame)
    cells = confusion_cells(MATRIX, frame.colors)

    for word in layout.words(cells, frame.colors):
        if word.cell is None:
            continue
        _, _, width, height = layout.cell_area(*word.cell)
        assert text_width(word.text) * word.size < width
        assert word.size < height
        if not word.text.endswith("%"):
            assert word.size >= 12


@pytest.mark.parametrize("size", [(560, 330), (566, 436), (900, 800)])
def test_everything_has_a_place_inside_and_nothing_lies_on_a_cell(size: tuple[int, int]) -> None:
    frame = Frame.of_pixels(*size, 1, FigureColors(), 12)
    layout = matrix_layout(frame)
    cells = confusion_cells(MATRIX, frame.colors)

    assert 0 < layout.left < layout.right < layout.width
    assert 0 < layout.top < layout.bottom < layout.height
    for word in layout.words(cells, frame.colors):
        assert word.size <= word.y <= layout.height - word.size * 0.2
        if word.cell is None and not word.upright:
            is_beside = word.x < layout.left or word.x > layout.right
            assert is_beside or word.y < layout.top or word.y - word.size > layout.bottom - 4


def test_the_places_depend_on_the_size_alone() -> None:
    frame = Frame.of_pixels(640, 440, 1, FigureColors())
    one, other = MATRIX, np.zeros((10, 10), np.int64)

    layout = matrix_layout(frame)

    for matrix in (one, other):
        figure = cells_figure(confusion_cells(matrix, frame.colors), frame=frame)
        corner = (layout.left, layout.height - layout.bottom)
        far = (layout.right, layout.height - layout.top)
        np.testing.assert_allclose(
            figure.axes[0].get_window_extent().extents, Bbox([corner, far]).extents, atol=0.01
        )


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2])
def test_cells_begin_and_end_with_a_pixel_on_every_screen(
    ratio: float, colors: FigureColors
) -> None:
    frame = Frame.of_pixels(601, 437, ratio, colors, 12)
    layout = matrix_layout(frame)
    cells = confusion_cells(MATRIX, colors)

    figure = cells_figure(cells, frame=frame)
    pixels = np.asarray(draw_in_memory(figure).buffer_rgba())[..., :3] / 255

    assert pixels.shape[:2] == (layout.height, layout.width)
    for true, predicted in CELLS:
        left, top, width, height = layout.cell_area(true, predicted)
        for y, x in itertools.product((top, top + height - 1), (left, left + width - 1)):
            np.testing.assert_allclose(pixels[y, x], cells.colors[true, predicted], atol=0.005)
        for y, x in ((top - 1, left), (top, left - 1), (top + height, left), (top, left + width)):
            np.testing.assert_allclose(pixels[y, x], to_rgb(colors.surface), atol=0.005)


def test_a_point_is_found_in_its_cell_or_beside_its_row_or_column() -> None:
    layout = MatrixLayout.fit(640, 440, 100)

    for cell in CELLS:
        left, top, width, height = layout.cell_area(*cell)
        assert layout.ends_at(left, top) == (cell, cell)
        assert layout.ends_at(left + width - 1, top + height - 1) == (cell, cell)
    middle = layout.top + layout.cell_height * 3.5
    assert layout.ends_at(layout.left - 5, middle) == ((3, 0), (3, 9))
    across = layout.left + layout.cell_width * 7.5
    assert layout.ends_at(across, layout.bottom + 5) == ((0, 7), (9, 7))
    assert layout.ends_at(across, layout.top - 5) is None
    assert layout.ends_at(layout.right + 5, middle) is None


def test_the_widths_of_numbers_are_those_of_the_font() -> None:
    font = FT2Font(str(resource("fonts", "Inter-Regular.ttf")))
    for letter in "0123456789,.%+−":
        advance = font.load_char(ord(letter), flags=LoadFlags.NO_SCALE).horiAdvance
        assert text_width(letter) == pytest.approx(advance / font.units_per_EM, abs=0.003)


def test_matplotlib_lists_no_fonts_of_the_system_and_writes_in_the_bundled_one(
    tmp_path: Path,
) -> None:
    program = """
from mnist_desktop.paths import AppPaths
AppPaths.from_environment().prepare_libraries()
from mnist_desktop.evaluation.figures.fonts import use_bundled_font
use_bundled_font()
import os
from matplotlib import font_manager, get_data_path
from mnist_desktop.paths import resource
from tests.made_classes import NAMES
ours = (get_data_path(), str(resource("fonts")))
others = [one.fname for one in font_manager.fontManager.ttflist if not one.fname.startswith(ours)]
print(others, font_manager.findfont(font_manager.FontProperties()).endswith("Inter-Regular.ttf"),
      font_manager.findfont(font_manager.FontProperties(weight="bold"))[-18:],
      "MPL_IGNORE_SYSTEM_FONTS" in os.environ)
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "MNIST_DESKTOP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout == "[] True Inter-SemiBold.ttf False\n"
    assert "font" not in result.stderr


def test_in_a_notebook_matplotlib_stays_as_its_user_has_it(tmp_path: Path) -> None:
    """README invites to it: the fonts that they have are listed, their settings are as before."""
    program = """
import sys
from pathlib import Path
import numpy as np
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.figures.confusion import confusion_figure
from mnist_desktop.evaluation.figures.curves import LearningCurves, curves_figure
assert "matplotlib" not in sys.modules
matrix = confusion_figure(np.eye(10, dtype=np.int64), title="Matrix")
curves = curves_figure([LearningCurves("One", [1, 0.5], [0.5, 1.0])])
from matplotlib import font_manager, rcParams, rcParamsDefault, get_data_path
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
for figure in (matrix, curves):
    FigureCanvasAgg(figure).draw()
    print({text.get_family()[0] for text in figure.findobj(Text) if text.get_text().strip()})
print([key for key in ("font.family", "text.hinting") if rcParams[key] != rcParamsDefault[key]])
ours = next(Path(sys.argv[1]).glob("fontlist*.json")).read_text()
system = font_manager.findSystemFonts()
print(not system or any(Path(one).name in ours for one in system), "Inter" in ours)
"""
    result = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr.count("Traceback") == 0, result.stderr
    assert result.stdout == "{'Inter'}\n{'Inter'}\n[]\nTrue False\n"


def test_what_has_mistakes_is_never_written_as_all_right() -> None:
    frame = Frame.of_pixels(420, 250, 1, FigureColors(), 12)
    matrix = np.diag(np.full(10, 1000))
    matrix[4, 9] = 3
    cells = confusion_cells(matrix, frame.colors)

    words = [w.text for w in matrix_layout(frame).words(cells, frame.colors)]

    precision = words[words.index("Precision") + 2 :: 2][:10]
    assert precision == ["100%"] * 9 + ["99%"]  # 99.7%


WIDE_NAMES = tuple(f"{letter}ammamwwmmmwm mwmwm" for letter in "ABCDEFGHIJ")


def wide(word: Word) -> float:
    """How wide a word is in the bundled font, in pixels."""
    font = ImageFont.truetype(str(resource("fonts", "Inter-Regular.ttf")), 100)
    return font.getlength(word.text) * word.size / 100


@pytest.mark.parametrize("size", [(547, 250), (560, 330), (596, 336), (900, 800)])
@pytest.mark.parametrize("names", [NAMES, WIDE_NAMES])
def test_names_of_classes_have_room_and_move_nothing(
    size: tuple[int, int], names: tuple[str, ...]
) -> None:
    frame = Frame.of_pixels(*size, 1, FigureColors(), 12)
    layout = matrix_layout(frame)
    classes = ClassNames(names)

    def words_of(shown: ClassNames) -> list[Word]:
        cells = confusion_cells(MATRIX, frame.colors, classes=shown)
        return list(layout.words(cells, frame.colors))

    digits, named = words_of(DIGITS), words_of(classes)
    for word in digits:  # all numbers, and recall and precision beside them
        if word.cell is not None or "%" in word.text or word.text in ("Recall", "Precision"):
            assert word in named
    rows = [word for word in named if word.align == "right" and word.x < layout.left][:10]
    columns = [word for word in named if word.y > layout.bottom and word.text != "Precision"][:10]
    assert len({word.text for word in rows}) == len({word.text for word in columns}) == 10
    assert all(wide(word) <= word.x for word in rows)
    assert all(wide(word) <= layout.cell_width for word in columns)
    assert "Predicted class" in [word.text for word in named]
    if names == NAMES:
        assert [word.text for word in rows] == list(NAMES)


def test_as_much_of_a_name_as_there_is_room_for() -> None:
    classes = ClassNames(NAMES)

    assert fitting_names(classes, 1000, 12) == NAMES
    assert fitting_names(classes, 60, 12)[0] == "T-shirt"
    assert fitting_names(classes, 2, 12) == DIGITS.names
