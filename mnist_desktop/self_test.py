"""A small check of an installation from end to end: what it needs is there and works together."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mnist_desktop import edition
from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.files.held import temporary_folder
from mnist_desktop.formats import count, percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore


def run_self_test(paths: AppPaths) -> dict[str, Any]:
    """Check imports, digits, training, keeping, conversion, prediction and the window.

    The Reader, which does not train, converts a network that was trained before.

    Parameters
    ----------
    paths : AppPaths
        Where caches live; everything else is written to a temporary folder.

    Returns
    -------
    dict
        ``ok``, ``checks`` (a list of ``name``, ``ok``, ``detail``), ``text``, and ``exit_code``:
        0 if all checks passed, else 1.
    """
    checks: list[dict[str, Any]] = []

    def check(name: str, work: Callable[[], str]) -> None:
        try:
            detail, is_ok = work(), True
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the check's result
            detail, is_ok = f"{type(error).__name__}: {error}", False
        checks.append({"name": name, "ok": is_ok, "detail": detail})

    with temporary_folder("mnist-desktop-self-test-") as folder:
        steps = _Steps(replace(paths, data=folder, settings=folder))
        check("import", steps.load if edition.can_train() else steps.load_litert)
        check("digits", steps.read_digits)
        if edition.can_train():
            check("train and keep", steps.train)
            check("convert", steps.compare_conversion)
        else:
            check("open and convert", steps.convert_bundled)
            check("figures", steps.draw_figures)
        check("bundled reader", steps.read_with_bundled)
        check("window", steps.render_window)
    is_ok = all(one["ok"] for one in checks)
    lines = (f"{'ok    ' if c['ok'] else 'FAILED'}  {c['name']}: {c['detail']}" for c in checks)
    return {"ok": is_ok, "checks": checks, "text": "\n".join(lines), "exit_code": 1 - int(is_ok)}


class _Steps:
    """The checks, each building on what the one before left."""

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths
        self._dataset: Dataset | None = None
        self._run: Run | None = None

    def load(self) -> str:
        from mnist_desktop.training.engine import load_engine

        return load_engine(None, on_progress=lambda _: None, should_stop=lambda: False)

    def load_litert(self) -> str:
        from importlib.metadata import version

        from mnist_desktop.native import import_library

        import_library("ai_edge_litert.interpreter")
        return f"LiteRT {version('ai-edge-litert')}, NumPy {np.__version__}"

    def read_digits(self) -> str:
        self._dataset = sample_dataset()
        return self._dataset.title

    def train(self) -> str:
        from mnist_desktop.runs.training_job import NewTraining, TrainingContext
        from mnist_desktop.training.architectures import architecture

        if self._dataset is None:
            raise MnistDesktopError("There are no digits to train on.")
        config = architecture("cnn-fast").recipe.changed(epochs=1)
        context = TrainingContext(self._dataset, RunStore(self._paths.runs))
        self._run = NewTraining(config).run(
            context, on_progress=lambda _: None, should_stop=lambda: False
        )
        accuracy = self._run.record.test_accuracy
        if accuracy < 0.6:
            raise MnistDesktopError(f"Only {percent(accuracy, 1)} were correct after an epoch.")
        return f"{percent(accuracy, 1)} of the sample's test digits after one epoch"

    def compare_conversion(self) -> str:
        """Read back both of the run's files and compare what they say."""
        from mnist_desktop.runs.model_ref import ModelRef
        from mnist_desktop.runs.open_model import open_model
        from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE

        if self._run is None or self._dataset is None:
            raise MnistDesktopError("There is no run to read back.")
        images = self._dataset.test.images[:200]
        store = RunStore(self._paths.runs)
        scores = [
            open_model(ModelRef(file=self._run.folder / name), store).scores(images)
            for name in (KERAS_FILE, LITERT_FILE)
        ]
        kept, _ = self._run.test_scores()
        apart = max(float(np.abs(one - kept[:200]).max()) for one in scores)
        if apart > 1e-4:
            raise MnistDesktopError(f"The converted network differs by {apart:.1e}.")
        return f"Keras and LiteRT differ by {apart:.1e} at most"

    def convert_bundled(self) -> str:
        """Open a Keras file without Keras, and compute its network by LiteRT and by NumPy."""
        from mnist_desktop.evaluation import bundled_reader
        from mnist_desktop.exports.check import check_digits, keras_scores
        from mnist_desktop.foreign.keras_file import read_keras_file
        from mnist_desktop.networks.run_steps import run_steps
        from mnist_desktop.networks.steps import network_steps

        path, images = bundled_reader.keras_file(), check_digits()
        steps = network_steps(*read_keras_file(path))
        computed = run_steps(steps, as_network_input(images, (*images.shape[1:], 1)))
        apart = float(np.abs(keras_scores(path, images) - computed).max())
        if not apart <= 1e-3:
            raise MnistDesktopError(f"The converted network differs by {apart:.1e}.")
        return f"NumPy and LiteRT differ by {apart:.1e} at most"

    def draw_figures(self) -> str:
        """Write a matrix as pixels and as a PDF file, each by other parts of matplotlib."""
        from mnist_desktop.evaluation.figures.confusion import confusion_figure
        from mnist_desktop.exports.figures import write_figure
        from mnist_desktop.runs.reading_job import bundled_results

        confusion = bundled_results().evaluation.confusion
        sizes = {}
        for kind in ("png", "pdf"):
            path = self._paths.data / f"matrix.{kind}"
            write_figure(confusion_figure(confusion, title="Bundled reader"), path)
            sizes[kind] = path.stat().st_size
        if min(sizes.values()) < 5_000:
            raise MnistDesktopError(f"The figures are blank: {sizes}.")
        return ", ".join(f"{kind}: {count(size, 'byte')}" for kind, size in sizes.items())

    def read_with_bundled(self) -> str:
        from mnist_desktop.evaluation import bundled_reader
        from mnist_desktop.runs.model_ref import BUNDLED
        from mnist_desktop.runs.open_model import open_model

        bundled_reader.accuracy_on_mnist()  # which fail where its kept results are damaged
        bundled_reader.readings_of_mnist()
        test = sample_dataset().test
        scores = open_model(BUNDLED, RunStore(self._paths.runs)).scores(test.images)
        accuracy = float((best_labels(scores) == test.labels).mean())
        if accuracy < 0.98:
            raise MnistDesktopError(f"It read only {percent(accuracy, 1)} of the sample right.")
        return f"{percent(accuracy, 1)} of the sample read correctly (it learnt from such digits)"

    def render_window(self) -> str:
        from PySide6.QtGui import QFontInfo

        from mnist_desktop.app import has_display, make_application, make_window
        from mnist_desktop.ui.parts.fonts import FAMILY

        if not has_display():
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        self._paths.check_writable()
        app = make_application()
        window = make_window(app, self._paths)
        window.show()
        app.processEvents()
        picture = self._paths.settings / "window.png"
        is_saved = window.grab().save(str(picture))
        window.shut_down()
        window.close()
        window.deleteLater()
        app.processEvents()
        if not is_saved or picture.stat().st_size < 10_000:
            raise MnistDesktopError("The window was not painted.")
        family = QFontInfo(app.font()).family()
        if family != FAMILY:
            raise MnistDesktopError(f"The window is written in {family}, and not in {FAMILY}.")
        size = f"{window.width()}×{window.height()}"
        return f"{size} painted on {app.platformName()}, in {family}"
