"""A training that would take more memory than there is is refused before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import LowMemoryError
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.runs.unfinished import find_unfinished
from mnist_desktop.training import memory
from mnist_desktop.training.architectures import ARCHITECTURES, count_parameters
from mnist_desktop.training.config import TrainingConfig


def needed(config: TrainingConfig) -> float:
    return memory.memory_needed(config, count_parameters(config))


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_every_recipe_fits_into_a_small_computer(name: str) -> None:
    assert 150e6 < needed(ARCHITECTURES[name].recipe) < 500e6


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_larger_batch_takes_more(name: str) -> None:
    recipe = ARCHITECTURES[name].recipe
    assert needed(recipe.changed(batch_size=10_000)) > needed(recipe) + 50e6


def test_the_largest_network_takes_gigabytes() -> None:
    config = ARCHITECTURES["mlp"].recipe.changed(hidden_units=(4096,) * 8)
    assert needed(config) > 5e9


def test_what_is_free_is_known() -> None:
    assert 1e8 < memory.free_memory() < 1e14


def test_a_training_that_does_not_fit_is_refused_in_words_and_leaves_nothing(
    sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 0.5e9)
    config = ARCHITECTURES["cnn"].recipe.changed(batch_size=4000)
    context = TrainingContext(sample, RunStore(tmp_path))
    with pytest.raises(LowMemoryError, match=r"1\.5 GB .* 0\.5 GB are free; close .* smaller"):
        NewTraining(config).run(context, on_progress=lambda _: None, should_stop=lambda: False)
    assert find_unfinished(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
