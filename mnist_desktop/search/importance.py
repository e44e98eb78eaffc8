"""How much each setting of a search matters for the score."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna import Study

LEAST_TRIALS = 10  # that are complete; with fewer, chance decides
LEAST_GOOD, GOOD_FRACTION = 5, 0.1  # what counts as good: the best tenth, but at least five


def importances_of(study: Study) -> dict[str, float]:
    """Estimate how much each setting matters for becoming one of the best trials.

    Compares how the values of a setting are spread among the best trials and among all complete
    ones (PED-ANOVA [1]_): where they hardly differ, the setting hardly matters. A setting that only
    some trials have, such as the number of filters, counts by how many they are [2]_. Takes well
    below a second for 5,000 trials, and needs no scikit-learn.

    Parameters
    ----------
    study : optuna.Study
        Whose first value is the score, which is maximized.

    Returns
    -------
    dict of str to float
        From the setting that matters most; the sum is 1. Empty while fewer than `LEAST_TRIALS` are
        complete, or if no setting makes a difference.

    References
    ----------
    .. [1] S. Watanabe, A. Bansal, F. Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter
       Importance in Arbitrary Subspaces", IJCAI 2023.
    .. [2] K. Saito et al., "Conditional PED-ANOVA: Hyperparameter Importance in Hierarchical &
       Dynamic Search Spaces", KDD 2026.
    """
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.trial import TrialState

    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(complete) < LEAST_TRIALS:
        return {}
    fraction = max(GOOD_FRACTION, LEAST_GOOD / len(complete))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it minimizes, and of settings that few trials have
        found = get_param_importances(
            study,
            evaluator=PedAnovaImportanceEvaluator(target_quantile=fraction),
            target=lambda trial: -trial.values[0],
            normalize=False,
        )
    total = sum(found.values())
    if not (math.isfinite(total) and total > 0):
        return {}
    return {name: value / total for name, value in found.items()}
