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
    mean,
    narrow_evidence,
    settled_evidence,
    settled_grade,
    verdict,
)
from plantedu.training.spread import Ground

NAMES = [f"factor {k}" for k in range(8)]
REAL = Ground(dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.2))


def planted(order, seed=0, n=30):
    """How pinned factor k is, and effects: factor k of `order` has the k-th largest."""
    rng = np.random.default_rng(seed)
    noise = 0.001 * rng.random((n, 8))

    def pinned(rows):
        return [0.9 - 0.1 * k + noise[rows, k].mean() for k in range(8)]

    moved = {NAMES[c]: 0.5**k * (1 + 0.1 * rng.random(n)) for k, c in enumerate(order)}
    return pinned, n, moved, NAMES


def test_factors_that_move_most_and_are_pinned_most_grade_1_and_reversed_minus_1():
    grade, p = graded(*planted(range(8)), seed=0, resamples=50)
    assert grade.value == pytest.approx(1)
    assert grade.interval == pytest.approx((1, 1))
    assert p < 0.001
    assert abs(grade.null) < 0.05
    reverse, p = graded(*planted(range(7, -1, -1)), seed=0, resamples=50)
    assert reverse.value == pytest.approx(-1)
    assert p > 0.99


def test_the_grade_is_spearmans_of_means_and_a_random_order_is_no_evidence():
    pinned, n, moved, names = planted([3, 0, 6, 1, 7, 2, 5, 4])
    rho = scipy.stats.spearmanr(pinned(np.arange(n)), [moved[c].mean() for c in names]).statistic
    grade, p = graded(pinned, n, moved, names, seed=1, resamples=50)
    assert grade.value == pytest.approx(rho)
    assert p > 0.05
    with pytest.raises(PlantEduError, match="4 factors that can be read; got 3"):
        graded(pinned, n, moved, names[:3], seed=1)


def test_the_grade_of_readings_counts_lesions_on_diseased_plants_alone():
    rng = np.random.default_rng(0)
    disease = torch.arange(24) % 3
    columns = ("severity", "angle", "soil_rgb", "mark")
    readings, moved = {}, {}
    for place, column in enumerate(columns):
        width = 2 if column == "mark" else 1
        source = rng.normal(size=(24, 1, width)) * (3 - place)
        readings[column] = torch.from_numpy(source + rng.normal(size=(24, 6, width)))
        moved[column] = np.full(24, 0.5**place)
    readings["severity"][disease == 0] = 1e3 * torch.rand(8, 6, 1).double()
    grade, _ = settled_grade(readings, disease, moved, columns, seed=0)
    assert grade.value == pytest.approx(1)
    table = np.array([[1.0, np.nan], [3.0, np.nan]])
    assert mean(table, np.array([[1.0, 5.0], [3.0, np.nan]])).tolist() == [2, 5]


def test_a_word_for_each_case():
    def told(value, low, high, null=0.0):
        return Evidence(
            question="?", value=value, null=null, control="c", n=9, interval=(low, high)
        )

    assert verdict(told(0.8, 0.7, 0.9), 0.9) == "pinned"
    assert verdict(told(0.4, 0.3, 0.6), 0.9) == "partly"
    assert verdict(told(0.1, 0.0, 0.2), 0.9) == "free"
    assert verdict(told(0.07, 0.05, 0.09), 0.9) == "free"
    assert verdict(told(0.4, 0.35, 0.45, null=0.4), 0.9) == "free"  # no more than by lot
    assert verdict(told(0.9, 0.8, 1.0), 0.1) == BLIND


def test_narrow_has_its_interval_the_right_way_round_and_its_null():
    spread = np.array([0.2, 0.3, 0.4, np.nan, 0.3])
    found = narrow_evidence("factor 0", spread, 0.9, REAL)
    assert found.value == pytest.approx((1 - 0.3) / 0.8)
    assert found.null == pytest.approx((1 - 0.9) / 0.8)
    assert found.interval[0] < found.value < found.interval[1]
    assert found.n == 4
    assert narrow_evidence("factor 0", spread, float("nan"), REAL).null == 0
    assert finite(float("nan")) == 0


def test_agreement_and_effect_stand_beside_their_nulls():
    truth = np.linspace(-30, 30, 20)
    readings = torch.from_numpy(truth)[:, None, None].expand(-1, 3, 1)
    agrees = agreement_evidence("angle", readings, truth, np.random.default_rng(0))
    assert agrees.value == pytest.approx(1)
    assert abs(agrees.null) < 0.15
    each = np.array([0.1, np.nan, 0.3])
    moved = Effects({"phi": {"angle": each}}, {"phi": {"angle": 0.0}})
    found = effect_evidence("angle", moved, "phi")
    assert (found.value, found.null, found.n) == (pytest.approx(0.2), 0.0, 2)


def test_what_is_settled_stands_beside_samples_dealt_by_lot():
    rng = np.random.default_rng(0)
    source = rng.normal(size=(40, 1, 1))
    readings = torch.from_numpy(source + 0.5 * rng.normal(size=(40, 8, 1)))
    found = settled_evidence("angle", readings, rng)
    assert found.value == pytest.approx(0.8, abs=0.1)
    assert found.interval[0] < found.value < found.interval[1]
    assert abs(found.null) < 0.05
