"""How long trainings are expected to take, before and after some were done on this machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_text import layers_text
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.runs.expectation import ANY, AROUND_SECONDS, OWN_ERROR, REFERENCE_DIGITS, Pace
from mnist_desktop.runs.record import DatasetInfo, RunRecord
from mnist_desktop.training.architectures import ARCHITECTURES, CUSTOM_LAYERS, Architecture
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import EpochMetrics

CNN = ARCHITECTURES["cnn"]
DENSE = ARCHITECTURES["dense-100"]


def record(config: TrainingConfig, *seconds: float, validation: int = 3_000) -> RunRecord:
    """A run whose epochs took so long."""
    return RunRecord(
        id="one",
        name="One",
        created="2026-01-01T00:00:00+00:00",
        config=config,
        dataset=DatasetInfo("mnist", "MNIST", REFERENCE_DIGITS, validation, 10),
        parameters=1,
        history=tuple(
            EpochMetrics(number, 0.1, 0.9, None, None, took)
            for number, took in enumerate(seconds, start=1)
        ),
        stopped=False,
        train_accuracy=1.0,
        train_loss=0.1,
        test_accuracy=1.0,
        test_loss=0.1,
        confusion=np.eye(10, dtype=np.int64),
        fit_seconds=1.0,
        total_seconds=1.0,
        versions={},
    )


def fit_seconds(pace: Pace, config: TrainingConfig, digits: int = REFERENCE_DIGITS) -> float:
    low, high = (seconds - AROUND_SECONDS for seconds in pace.span(config, digits))
    return float(np.sqrt(low * high))


def test_before_any_training_the_reference_machine_is_spoken_of() -> None:
    assert Pace.from_records([]) == Pace()
    for one in ARCHITECTURES.values():
        assert fit_seconds(Pace(), one.recipe) == pytest.approx(one.seconds)


def test_time_grows_with_epochs_digits_and_layers() -> None:
    usual = fit_seconds(Pace(), CNN.recipe)
    assert fit_seconds(Pace(), CNN.recipe.changed(epochs=16)) == pytest.approx(2 * usual)
    assert fit_seconds(Pace(), CNN.recipe, REFERENCE_DIGITS // 2) == pytest.approx(usual / 2)
    mlp = ARCHITECTURES["mlp"].recipe
    wide = mlp.changed(hidden_units=(1280, 640))
    assert fit_seconds(Pace(), wide) > 8 * fit_seconds(Pace(), mlp)


def test_a_run_sets_the_pace_of_its_own_recipe_and_of_all_others() -> None:
    epoch = 3 * CNN.seconds / CNN.recipe.epochs
    pace = Pace.from_records([record(CNN.recipe, 50.0, epoch, epoch)])  # the first includes more
    assert fit_seconds(pace, CNN.recipe) == pytest.approx(3 * CNN.seconds)
    assert fit_seconds(pace, DENSE.recipe) == pytest.approx(3 * DENSE.seconds)
    own = record(DENSE.recipe, 1.0, DENSE.seconds / DENSE.recipe.epochs)
    pace = Pace.from_records([own, record(CNN.recipe, 50.0, epoch)])
    assert fit_seconds(pace, DENSE.recipe) == pytest.approx(DENSE.seconds)
    assert fit_seconds(pace, CNN.recipe) == pytest.approx(3 * CNN.seconds)


def test_only_the_latest_runs_count() -> None:
    epoch = CNN.seconds / CNN.recipe.epochs
    new = [record(CNN.recipe, 1.0, 2 * epoch)] * 5
    assert Pace.from_records([*new, *[record(CNN.recipe, 1.0, 9 * epoch)] * 20]).ends[ANY] == (2, 2)


def test_runs_that_cannot_tell_are_left_out() -> None:
    taught = record(DENSE.recipe, 9.0, 9.0, validation=0)
    foreign = record(TrainingConfig("reader"), 9.0, 9.0)
    assert Pace.from_records([record(CNN.recipe, 9.0), taught, foreign]) == Pace()


def test_an_epoch_that_was_cut_short_sets_no_pace() -> None:
    epoch = CNN.seconds / CNN.recipe.epochs
    stopped = replace(record(CNN.recipe, 50.0, 2 * epoch, epoch / 10), stopped=True)
    assert Pace.from_records([stopped]).ends[ANY] == pytest.approx((2, 2))
    assert Pace.from_records([replace(record(CNN.recipe, 50.0, epoch), stopped=True)]) == Pace()


def test_runs_that_do_not_count_any_more_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[str] = []
    plan = Architecture.plan

    def note(one: Architecture, config: TrainingConfig) -> NetworkPlan:
        planned.append(one.id)
        return plan(one, config)

    monkeypatch.setattr(Architecture, "plan", note)
    epoch = CNN.seconds / CNN.recipe.epochs
    Pace.from_records([record(CNN.recipe, 1.0, 2 * epoch)] * 1000)
    assert len(planned) < 12


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_of_ones_own_takes_about_as_long_as_a_recipe_like_it(name: str) -> None:
    recipe = ARCHITECTURES[name].recipe
    layers = layers_text(cards_of(ARCHITECTURES[name].plan(recipe)))
    typed = recipe.changed(architecture="custom", layers=layers)
    ratio = fit_seconds(Pace(), typed) / ARCHITECTURES[name].seconds
    assert 1 / OWN_ERROR < ratio < OWN_ERROR


def test_networks_of_ones_own_say_how_fast_this_machine_is() -> None:
    config = CUSTOM_LAYERS.recipe.changed(layers="conv 8 3x3; flatten", epochs=2)
    epoch = fit_seconds(Pace(), config) / 2
    pace = Pace.from_records([record(config, 9.0, 3 * epoch)])
    assert pace.ends[ANY] == pytest.approx((3, 3))
    nonsense = config.changed(layers="from a later version")
    assert Pace.from_records([record(nonsense, 9.0, 3.0)]) == Pace()


def test_an_estimate_is_as_wide_as_what_was_measured() -> None:
    epoch = CNN.seconds / CNN.recipe.epochs
    runs = [record(CNN.recipe, 9.0, 4 * epoch), record(CNN.recipe, 9.0, epoch, 2 * epoch)]
    low, high = Pace.from_records(runs).epoch_span(CNN.recipe, REFERENCE_DIGITS)
    assert (low, high) == pytest.approx((epoch, 4 * epoch))
    config = CUSTOM_LAYERS.recipe.changed(layers="conv 8 3x3; flatten")
    low, high = Pace().epoch_span(config, REFERENCE_DIGITS)
    assert high / low == pytest.approx(OWN_ERROR**2)


def test_the_epoch_of_a_training_corrects_what_is_expected_of_it_alone() -> None:
    epoch = CNN.seconds / CNN.recipe.epochs
    usual = Pace.from_records([record(CNN.recipe, 9.0, epoch, 4 * epoch)])
    pace = usual.corrected(CNN.recipe, REFERENCE_DIGITS, 2.5 * epoch)
    longer = CNN.recipe.changed(epochs=20)
    assert pace.epoch_span(longer, REFERENCE_DIGITS) == pytest.approx((2.5 * epoch,) * 2)
    assert pace.span(DENSE.recipe, 100) == usual.span(DENSE.recipe, 100)
