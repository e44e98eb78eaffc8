"""A digit of which a user can ask why it is read as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import SIDE


@dataclass(frozen=True, eq=False)
class WhySubject:
    """A digit whose reading is to be explained.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        Grey values.
    name : str
        Which digit it is, such as ``"Test digit 1,234"``.
    label : int or None
        What it is, where that is known.
    is_drawn : bool
        Whether it is a drawing, whose scores on the pad also depend on the pen's path.
    classes : ClassNames
        What its label stands for.
    """

    image: NDArray[np.uint8]
    name: str
    label: int | None = None
    is_drawn: bool = False
    classes: ClassNames = DIGITS


NOTHING = WhySubject(np.zeros((SIDE, SIDE), np.uint8), "")
