"""How a trial is described to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_desktop import formats
from mnist_desktop.formats import percent
from mnist_desktop.search.settings import CONVOLUTIONAL, DENSE
from mnist_desktop.search.study import (
    COMPLETE,
    FAILED,
    INTERRUPTED,
    PRUNED,
    RUNNING,
    WAITING,
    TrialSummary,
)
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import NONE

STATE_WORDS = {
    COMPLETE: "complete",
    PRUNED: "pruned",
    FAILED: "failed",
    INTERRUPTED: "interrupted",
    RUNNING: "running",
    WAITING: "waiting",
}


@dataclass(frozen=True)
class TrialColumn:
    """A column of a table of trials.

    Attributes
    ----------
    name : str
        Its heading.
    key : callable
        What a trial is sorted by; None for one that has no value there.
    text : callable
        What is shown of a trial.
    tip : str
        What it means.
    is_number : bool
        Whether it stands on the right.
    """

    name: str
    key: Callable[[TrialSummary], Any]
    text: Callable[[TrialSummary], str]
    tip: str
    is_number: bool = False


def network_words(settings: Mapping[str, Any]) -> str:
    """Say which network settings stand for; nothing while they are not drawn yet."""
    name = settings.get("architecture", "")
    if name not in (CONVOLUTIONAL, DENSE):
        return ARCHITECTURES[name].name if name in ARCHITECTURES else str(name)
    parts = []
    if name == CONVOLUTIONAL and "kernel" in settings:
        kernel = settings["kernel"]
        parts.append(
            f"{formats.count(settings['conv_layers'], 'convolution')} with {settings['filters']} "
            f"filters of {kernel}×{kernel}"
        )
    if settings.get("dense_layers"):
        layers = formats.count(settings["dense_layers"], "dense layer")
        parts.append(f"{layers} with {settings.get('dense_units', '…')} units")
    if settings.get("batch_norm"):
        parts.append("batch normalisation")
    if settings.get("dropout"):
        parts.append(f"dropout {settings['dropout']:.2f}")
    return ", ".join(parts) or "no hidden layer"


def training_words(settings: Mapping[str, Any]) -> str:
    """Say how a network is trained, as far as that is drawn."""
    found: Mapping[str, Callable[[Any], str]] = {
        "epochs": lambda value: formats.count(value, "epoch"),
        "learning_rate": lambda value: f"learning rate {value:.3g}",
        "batch_size": lambda value: f"batch {value:,}",
        "optimizer": str,
        "schedule": str,
        "label_smoothing": lambda value: f"label smoothing {value:.3f}" if value else "",
        "weight_decay": lambda value: f"weight decay {value:g}" if value else "",
        "augment": lambda value: "no augmentation" if value == NONE else f"{value} augmentation",
    }
    words = [say(settings[name]) for name, say in found.items() if name in settings]
    return ", ".join(filter(None, words))


def settings_words(settings: Mapping[str, Any]) -> str:
    """Say all settings of a trial in a line."""
    return "; ".join(filter(None, (network_words(settings), training_words(settings))))


def short_words(settings: Mapping[str, Any]) -> str:
    """Say in a few words what is tried, the network first: for a narrow column."""
    name = str(settings.get("architecture", ""))
    parts = [name] if name != DENSE or "dense_units" not in settings else []
    if name == CONVOLUTIONAL and "kernel" in settings:
        parts.append("{conv_layers}×{filters}".format_map(settings))
    if settings.get("dense_layers") and "dense_units" in settings:
        parts.append("dense {dense_layers}×{dense_units}".format_map(settings))
    network = " ".join(parts)
    return "; ".join(filter(None, (network, training_words(settings))))


def counts_words(trials: Sequence[TrialSummary]) -> str:
    """Say how many trials have ended in which way; those that are made again count once."""
    shown = (COMPLETE, PRUNED, FAILED, RUNNING, WAITING)
    counts = Counter(one.state for one in trials)
    words = [f"{counts[state]:,} {STATE_WORDS[state]}" for state in shown if counts[state]]
    total = formats.count(len(trials) - counts[INTERRUPTED], "trial")
    return f"{total}: {', '.join(words)}" if words else total


def best_words(best: TrialSummary) -> str:
    """Say what the best trial has come to."""
    size = "" if best.parameters is None else f" with {formats.count(best.parameters, 'parameter')}"
    return (
        f"Best so far: trial {best.number}, {percent(best.score)} of the validation digits read "
        f"correctly{size}"
    )


def _kind(trial: TrialSummary) -> tuple[str, int, int, int]:
    """What settings are sorted by: the kind of network, its size, and how long it is trained."""
    get = trial.settings.get
    layers = get("conv_layers", 0) + get("dense_layers", 0)
    return get("architecture", ""), layers, get("filters", 0), get("epochs", 0)


def _time(trial: TrialSummary) -> str:
    return formats.NOT_MEASURED if trial.seconds is None else formats.seconds(trial.seconds)


def _size(trial: TrialSummary) -> str:
    return formats.NOT_MEASURED if trial.parameters is None else f"{trial.parameters:,}"


TRIAL_COLUMNS: Sequence[TrialColumn] = (
    TrialColumn(
        "Trial", lambda t: t.number, lambda t: str(t.number), "In the order in which they began",
        is_number=True,
    ),
    TrialColumn(
        "State", lambda t: t.state, lambda t: STATE_WORDS[t.state],
        "Pruned ones ended early: they were worse than most, or outside the limits",
    ),
    TrialColumn(
        "Score", lambda t: t.score, lambda t: percent(t.score),
        "Fraction of the validation digits that are read correctly", is_number=True,
    ),
    TrialColumn(
        "Parameters", lambda t: t.parameters, _size, "How many weights the network has",
        is_number=True,
    ),
    TrialColumn("Time", lambda t: t.seconds, _time, "How long the training took", is_number=True),
    TrialColumn(
        "Curve", lambda t: t.curve[-1] if t.curve else None, lambda _: "",
        "Accuracy on the validation digits in the course of the training",
    ),
    TrialColumn(
        "Settings", _kind, lambda t: short_words(t.settings),
        "What is tried",
    ),
)  # fmt: skip
NUMBER, STATE, SCORE, CURVE = 0, 1, 2, 5
