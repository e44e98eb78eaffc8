"""What a search of 5,000 trials costs on the screen: ``make bench-search``.

The trials are made up, from a seed, and kept in a journal of the program's own: presets and
convolutional networks, some pruned, a few failed. Printed is the median of five times, in
milliseconds: from a figure being wanted to its being drawn, as in the window's drawing thread, and
how long finding the trial under the mouse takes.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.digits.find_dataset import SAMPLE, find_dataset
from mnist_desktop.evaluation.figures.frame import LIGHT, Frame, draw_in_memory
from mnist_desktop.search.figures.plots import plots_of
from mnist_desktop.search.figures.trial_arrays import TrialArrays
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.importance import importances_of
from mnist_desktop.search.settings import SETTINGS
from mnist_desktop.search.space import Space
from mnist_desktop.search.study import Search, begin_search, without_test_digits

TRIALS, ROUNDS, SEED = 5_000, 5, 20
SIZE = (640, 420)  # pixels: the middle column of a window of 1280×800
