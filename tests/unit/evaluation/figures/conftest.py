"""What the tests of figures share: two themes, and how well colours can be told apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from mnist_desktop.evaluation.figures.frame import LIGHT, FigureColors

DARK = FigureColors(
    surface="#171b22",
    text="#e8ecf3",
    muted="#9aa4b5",
    grid="#2a313c",
    right="#60a5fa",
    wrong="#fb923c",
    runs=("#77aadd", "#ff8fa0", "#66cc77", "#d884c4", "#e0c64f", "#66ccee"),
)


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def colors(request: pytest.FixtureRequest) -> FigureColors:
    """The colours of each theme in turn."""
    found: FigureColors = request.param
    return found


@pytest.fixture
def contrast() -> Callable[[object, object], float]:
    """Contrast of two colours as WCAG 2.1 defines it."""

    def luminance(color: object) -> float:
        channels = np.asarray(to_rgb(color))  # type: ignore[arg-type]
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ [0.2126, 0.7152, 0.0722])

    def find(first: object, second: object) -> float:
        low, high = sorted([luminance(first), luminance(second)])
        return (high + 0.05) / (low + 0.05)

    return find
