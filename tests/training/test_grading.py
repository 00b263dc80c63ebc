"""Verdicts and the grade: known answers, the null, the plain formula."""

import numpy as np
import pytest
import scipy.stats
import torch

from plantedu.errors import PlantEduError
from plantedu.evidence import Evidence
from plantedu.training.effects import Effects
from plantedu.training.grading import (
    BLIND,
    agreement_evidence,
    effect_evidence,
    finite,
    graded,
    pinned_evidence,
    verdict,
)
from plantedu.training.spread import Ground

NAMES = [f"factor {k}" for k in range(8)]
REAL = Ground(dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.2))


def planted(order, seed=0, n=30):
    """Spreads and effects of plants; factor k of `order` has the k-th largest effect."""
    rng = np.random.default_rng(seed)
    spread = {c: 0.2 + 0.1 * k + 0.01 * rng.random(n) for k, c in enumerate(NAMES)}
    moved = {NAMES[c]: 0.5**k * (1 + 0.1 * rng.random(n)) for k, c in enumerate(order)}
    return spread, moved


def test_factors_that_move_most_and_are_pinned_most_grade_1_and_reversed_minus_1():
    grade, p = graded(*planted(range(8)), NAMES, REAL, seed=0, resamples=50)
    assert grade.value == pytest.approx(1)
    assert grade.interval == pytest.approx((1, 1))
    assert p < 0.001
    assert abs(grade.null) < 0.05
    reverse, p = graded(*planted(range(7, -1, -1)), NAMES, REAL, seed=0, resamples=50)
    assert reverse.value == pytest.approx(-1)
    assert p > 0.99


def test_the_grade_is_spearmans_of_means_and_a_random_order_is_no_evidence():
    order = [3, 0, 6, 1, 7, 2, 5, 4]
    spread, moved = planted(order)
    pinned = [(1 - spread[c].mean()) / 0.8 for c in NAMES]
    rho = scipy.stats.spearmanr(pinned, [moved[c].mean() for c in NAMES]).statistic
    grade, p = graded(spread, moved, NAMES, REAL, seed=1, resamples=50)
    assert grade.value == pytest.approx(rho)
    assert p > 0.05
    with pytest.raises(PlantEduError, match="4 factors that can be read; got 3"):
        graded(spread, moved, NAMES[:3], REAL, seed=1)


def test_a_word_for_each_case():
    def told(value, low, high, null=0.0):
        return Evidence(
            question="?", value=value, null=null, control="c", n=9, interval=(low, high)
        )

    assert verdict(told(0.8, 0.7, 0.9), 0.9) == "pinned"
    assert verdict(told(0.4, 0.3, 0.6), 0.9) == "partly"
    assert verdict(told(0.1, 0.0, 0.2), 0.9) == "free"
    assert verdict(told(0.4, 0.35, 0.45, null=0.4), 0.9) == "free"  # as narrow as from nothing
    assert verdict(told(0.9, 0.8, 1.0), 0.1) == BLIND


def test_pinned_has_its_interval_the_right_way_round_and_its_null():
    spread = np.array([0.2, 0.3, 0.4, np.nan, 0.3])
    rng = np.random.default_rng(0)
    found = pinned_evidence("factor 0", spread, 0.9, REAL, rng)
    assert found.value == pytest.approx((1 - 0.3) / 0.8)
    assert found.null == pytest.approx((1 - 0.9) / 0.8)
    assert found.interval[0] < found.value < found.interval[1]
    assert found.n == 4
    assert pinned_evidence("factor 0", spread, float("nan"), REAL, rng).null == 0
    assert finite(float("nan")) == 0


def test_agreement_and_effect_stand_beside_their_nulls():
    truth = np.linspace(-30, 30, 20)
    readings = torch.from_numpy(truth)[:, None, None].expand(-1, 3, 1)
    agrees = agreement_evidence("angle", readings, truth, np.random.default_rng(0))
    assert agrees.value == pytest.approx(1)
    assert abs(agrees.null) < 0.15
    each = np.array([0.1, np.nan, 0.3])
    moved = Effects({"phi": {"angle": each}}, {"phi": {"angle": 0.0}})
    found = effect_evidence("angle", moved, "phi", np.random.default_rng(0))
    assert (found.value, found.null, found.n) == (pytest.approx(0.2), 0.0, 2)
