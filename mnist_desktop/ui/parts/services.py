"""What the window works with."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.store import RunStore
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import ThemeController
from mnist_desktop.workers.augmentation import AugmentationController
from mnist_desktop.workers.base import JobController
from mnist_desktop.workers.dataset import DatasetController
from mnist_desktop.workers.evaluation import EvaluationController
from mnist_desktop.workers.figures import FigureController
from mnist_desktop.workers.plans import PlanController
from mnist_desktop.workers.prediction import PredictionController
from mnist_desktop.workers.runs import RunList
from mnist_desktop.workers.search import SearchController, WatchController
from mnist_desktop.workers.training import TrainingController


@dataclass(frozen=True)
class Services:
    """What the window works with; made by `mnist_desktop.app` and handed in.

    ``can_train`` says whether the program can train networks, or is the Reader, whose window goes
    without all that would; parts of the window are told, and do not ask `mnist_desktop.edition`.
    ``notices`` are sentences the user should read once the window is up; ``remembers`` says
    whether it begins with the size, page and network that it was closed with.
    """

    paths: AppPaths
    store: RunStore
    runs: RunList
    settings: Settings
    theme: ThemeController
    data: DatasetController
    training: TrainingController
    prediction: PredictionController
    evaluation: EvaluationController
    figures: FigureController
    plans: PlanController
    previews: AugmentationController
    search: SearchController
    watch: WatchController
    releases: JobController
    my_digits: MyDigits
    can_train: bool = True
    notices: tuple[str, ...] = ()
    remembers: bool = True

    def hand_over(self, owner: QObject) -> None:
        """Have these objects go when their owner goes, not when Python gets to it."""
        for one in (
            self.theme,
            self.runs,
            self.data,
            self.training,
            self.prediction,
            self.evaluation,
            self.figures,
            self.plans,
            self.previews,
            self.search,
            self.watch,
            self.releases,
        ):
            one.setParent(owner)

    def close(self) -> None:
        """End all jobs and wait for their threads and processes."""
        self.releases.close()
        self.watch.close()
        self.search.close()
        self.evaluation.close()
        self.figures.close()
        self.plans.close()
        self.previews.close()
        self.data.close()
        self.training.close()
        self.runs.close()
        self.prediction.close()
