"""A network of one's own layers is trained, resumed, kept, taught and exported like any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.exports.export import export_run
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_text import layers_text
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.teaching_job import Teaching
from mnist_desktop.runs.training_job import LongerTraining, NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES, CUSTOM_LAYERS, plan_of
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.config import TrainingConfig, describe_settings
from mnist_desktop.training.network_names import name_of
from mnist_desktop.training.progress import BatchProgress
from mnist_desktop.training.trainer import train

DENSE = "noise 0.1; dense 24 gelu; layernorm; leaky-relu; dense 16 silu; dropout 0.2"
BRANCHED = (
    "conv 6 5x5 stride=2 tanh; spatial-dropout 0.1; residual 6; residual 8 stride=2; avgpool; "
    "depthwise 3x3 padding=same; separable 6 1x1 bias=no; batchnorm; silu; global-average"
)


@pytest.fixture(scope="module")
def few(sample: Dataset) -> Dataset:
    """Four hundred digits to learn from, and a hundred to test on."""
    train, test = (
        digits.take(np.arange(0, len(digits), 10)) for digits in (sample.train, sample.test)
    )
    return replace(sample, train=train, test=test)


def never() -> bool:
    return False


def custom(layers: str, **changes: object) -> TrainingConfig:
    return CUSTOM_LAYERS.recipe.changed(layers=layers, epochs=2, batch_size=64, **changes)


def test_it_is_kept_opened_trained_on_taught_and_exported(few: Dataset, tmp_path: Path) -> None:
    layers = BRANCHED
    store = RunStore(tmp_path / "runs")
    context = TrainingContext(few, store)
    kept = NewTraining(custom(layers)).run(context, on_progress=print, should_stop=never)
    record = RunStore(store.root).get(kept.record.id).record
    assert record.config == custom(layers)
    assert record.parameters == plan_of(record.config).parameters
    assert record.name == name_of(record.config)

    for file_format in ("keras", "litert", "onnx", "html"):  # each is compared with the network
        export_run(kept, file_format, tmp_path / f"net.{file_format}")
    scores = open_model(ModelRef(record.id), store).scores(few.test.images)
    accuracy = (scores.argmax(axis=1) == few.test.labels).mean()
    assert accuracy == pytest.approx(record.test_accuracy, abs=0.002)

    longer = LongerTraining(kept, 1).run(context, on_progress=print, should_stop=never)
    assert len(longer.record.history) == 3
    seven = Ink.from_points([[[0.3, 0.2], [0.7, 0.2], [0.45, 0.8]]])
    taught = Teaching(ModelRef(record.id), [Drawing(seven, 7)] * 3).run(
        context, on_progress=print, should_stop=never
    )
    assert taught.learnt == 3


@pytest.mark.parametrize("layers", [DENSE, BRANCHED], ids=["dense", "branched"])
def test_it_is_resumed_as_if_it_had_never_been_interrupted(layers: str, few: Dataset) -> None:
    class KilledError(Exception):
        pass

    def kill(progress: object) -> None:
        if isinstance(progress, BatchProgress) and progress.epoch == 2:
            raise KilledError

    states: list[TrainingState] = []
    config = custom(layers)
    whole = train(config, few, on_progress=print, should_stop=never)
    with pytest.raises(KilledError):
        train(config, few, on_progress=kill, should_stop=never, keep_state=states.append)
    resumed = train(config, few, on_progress=print, should_stop=never, state=states[-1])
    for mine, theirs in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_preset_that_was_typed_learns_as_the_preset_does(few: Dataset) -> None:
    recipe = ARCHITECTURES["cnn-fast"].recipe.changed(epochs=1)
    typed = recipe.changed(architecture="custom", layers=layers_text(cards_of(plan_of(recipe))))
    one, other = (
        train(config, few, on_progress=print, should_stop=never) for config in (recipe, typed)
    )
    for mine, theirs in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_it_is_described_and_kept_with_all_of_its_layers() -> None:
    many = "conv 16 5x5 relu; pool; conv 32 3x3 relu; pool; flatten; dense 64 relu"
    assert describe_settings(custom(many))["Layers"] == many
    assert TrainingConfig.from_json(custom(many).as_json()) == custom(many)


def test_what_is_no_text_or_no_network_is_refused() -> None:
    for wrong in (5, "dense 5\ndense 6", "d" * 50_000):
        with pytest.raises(InvalidSettingError, match="Layers must be one line of text"):
            custom(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidSettingError, match="is no layer; is “dense” meant"):
        plan_of(custom("denes 5"))
