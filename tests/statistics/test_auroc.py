"""AUROC: counted pair by pair, scikit-learn's, and the mean of placements."""

import numpy as np
import pytest
import sklearn.metrics

from plantedu.errors import PlantEduError
from plantedu.statistics.auroc import area, auroc, placements


def test_auroc_equals_counting_pairs():
    rng = np.random.default_rng(0)
    units, wanted = rng.integers(0, 4, (30, 3)).astype(float), rng.random(30) < 0.4
    found = auroc(units, wanted)
    for k in range(3):
        pairs = [(a > b) + (a == b) / 2 for a in units[wanted, k] for b in units[~wanted, k]]
        assert found[k] == pytest.approx(np.mean(pairs))
    with pytest.raises(PlantEduError, match="0 of 30 are positives"):
        auroc(units, np.zeros(30, bool))


def test_equals_scikit_learns_and_the_mean_of_placements():
    rng = np.random.default_rng(1)
    values, positive = rng.integers(0, 9, 60).astype(float), rng.random(60) < 0.4
    wanted = sklearn.metrics.roc_auc_score(positive, values)
    assert auroc(values, positive) == pytest.approx(wanted, abs=1e-12)
    found = placements(values[~positive], values[positive])
    assert found.mean() == pytest.approx(wanted, abs=1e-12)
    assert area(values[~positive], values[positive]) == pytest.approx(wanted, abs=1e-12)


def test_near_values_tie_where_asked():
    near = np.array([1.0]), np.array([1.0 + 1e-12, 0.0, 2.0])
    assert placements(*near)[0] == pytest.approx(2 / 3)
    assert placements(*near, tie=1e-9)[0] == pytest.approx(0.5)
