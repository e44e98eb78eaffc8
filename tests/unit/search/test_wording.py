"""Trials are described in words that a reader knows."""

from __future__ import annotations

from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.wording import (
    TRIAL_COLUMNS,
    best_words,
    counts_words,
    settings_words,
    short_words,
)

BUILT = {
    "architecture": "conv", "conv_layers": 1, "filters": 8, "kernel": 3, "dense_layers": 2,
    "dense_units": 32, "batch_norm": True, "dropout": 0.25, "epochs": 1, "learning_rate": 0.00123,
    "batch_size": 64, "optimizer": "adam", "schedule": "cosine", "label_smoothing": 0.0,
    "weight_decay": 0.02, "augment": "none",
}  # fmt: skip


def trial(number: int, state: str, score: float | None = None) -> TrialSummary:
    return TrialSummary(number, state, score, 1, None, {}, "", True)


def test_settings_are_said_in_a_line() -> None:
    assert settings_words(BUILT) == (
        "1 convolution with 8 filters of 3×3, 2 dense layers with 32 units, batch normalisation, "
        "dropout 0.25; 1 epoch, learning rate 0.00123, batch 64, adam, cosine, weight decay 0.02, "
        "no augmentation"
    )
    assert settings_words({"architecture": "cnn-fast", "epochs": 2}).endswith("; 2 epochs")
    assert settings_words({"architecture": "dense", "dense_layers": 0}) == "no hidden layer"
    assert settings_words({}) == ""


def test_in_a_narrow_column_the_network_is_named_first() -> None:
    assert short_words(BUILT).startswith("conv 1×8 dense 2×32; 1 epoch, learning rate 0.00123")
    assert short_words({"architecture": "cnn-fast", "epochs": 2}) == "cnn-fast; 2 epochs"
    assert short_words({"architecture": "conv"}) == "conv"
    small = {"architecture": "dense", "dense_layers": 1, "dense_units": 16, "epochs": 2}
    assert short_words(small) == "dense 1×16; 2 epochs"
    assert short_words({}) == ""


def test_trials_are_counted_by_how_they_ended() -> None:
    trials = [trial(0, "complete"), trial(1, "pruned"), trial(2, "waiting"), trial(3, "complete")]
    assert counts_words(trials) == "4 trials: 2 complete, 1 pruned, 1 waiting"
    assert counts_words(trials[:1]) == "1 trial: 1 complete"
    assert counts_words([]) == "0 trials"


def test_the_best_is_named_with_its_split() -> None:
    words = best_words(trial(3, "complete", 0.9876))
    assert words == (
        "Best so far: trial 3, 98.76% of the validation digits read correctly with 1 parameter"
    )


def test_a_trial_that_waits_has_a_text_in_every_column() -> None:
    waiting = TrialSummary(1, "waiting", None, None, None, {}, "", True)
    assert [column.text(waiting) for column in TRIAL_COLUMNS] == [
        "1", "waiting", "–", "–", "–", "", "",
    ]  # fmt: skip
