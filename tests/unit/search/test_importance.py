"""How much settings matter: estimated without scikit-learn, in studies of every kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.figures.trial_arrays import TrialArrays
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.importance import LEAST_TRIALS, importances_of
from mnist_desktop.search.study import COMPLETE, Search, TrialSummary
from tests.made_trials import keep_trials, made_trials, with_score


def kept(
    folder: Path, trials: list[TrialSummary], digits: Dataset, goal: Goal | None = None
) -> Search:
    return keep_trials(f"journal:{folder / 'made.journal'}", "made", trials, digits, goal)


@pytest.mark.parametrize("goal", [Goal(), Goal(front="parameters"), Goal(front="seconds")])
def test_what_decides_the_score_matters_most(tmp_path: Path, sample: Dataset, goal: Goal) -> None:
    found = importances_of(kept(tmp_path, made_trials(400), sample, goal).study)

    assert sum(found.values()) == pytest.approx(1)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert set(list(found)[:3]) <= {"epochs", "learning_rate", "architecture", "augment"}
    assert found["weight_decay"] < found["epochs"] / 3


def test_settings_that_only_some_trials_have_are_among_them(
    tmp_path: Path, sample: Dataset
) -> None:
    trials = [
        with_score(one, 0.9 + one.settings["filters"] / 1000 if "filters" in one.settings else 0.5)
        for one in made_trials(200)
    ]
    found = importances_of(kept(tmp_path, trials, sample).study)

    assert next(iter(found)) == "filters"
    assert found["filters"] > 3 * found["epochs"]


def test_few_complete_trials_tell_nothing(tmp_path: Path, sample: Dataset) -> None:
    complete = [one for one in made_trials(60) if one.state == COMPLETE]
    others = [one for one in made_trials(60) if one.state != COMPLETE]
    few = complete[: LEAST_TRIALS - 1] + others

    assert importances_of(kept(tmp_path, few, sample).study) == {}
    (tmp_path / "more").mkdir()
    assert importances_of(kept(tmp_path / "more", complete[:LEAST_TRIALS], sample).study)


def test_scores_that_are_all_equal_can_be_asked_about(tmp_path: Path, sample: Dataset) -> None:
    trials = [with_score(one, 0.9) for one in made_trials(30)]
    found = importances_of(kept(tmp_path, trials, sample).study)

    assert found == {} or sum(found.values()) == pytest.approx(1)


def test_scikit_learn_is_not_needed_and_figures_do_not_need_optuna(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['sklearn'] = None\n"
        "import mnist_desktop.search.importance, mnist_desktop.search.figures.plots\n"
        "assert 'optuna' not in sys.modules and 'matplotlib' not in sys.modules\n"
        "import optuna\n"
        "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
        "study = optuna.create_study(direction='maximize')\n"
        "study.optimize(lambda t: t.suggest_float('epochs', 0, 1), n_trials=12)\n"
        "assert mnist_desktop.search.importance.importances_of(study) == {'epochs': 1.0}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120, cwd=Path.cwd())


def test_trials_that_are_kept_are_read_back_as_they_were(tmp_path: Path, sample: Dataset) -> None:
    made = made_trials(50)
    search = kept(tmp_path, made, sample)
    found = [one for one in search.trials() if one.state != "waiting"]

    assert [(one.state, one.score, one.seconds) for one in found] == [
        (one.state, one.score, one.seconds) for one in made
    ]
    assert TrialArrays.of(found).setting_names == TrialArrays.of(made).setting_names
