"""Verdicts and the grade: known answers, the null, the plain formula."""

import numpy as np
import pytest
import scipy.stats
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.interventional_effects import Effects
from plantedu.topics.generation.results.invariances import BLIND, UNCLEAR
from plantedu.topics.generation.variance_components import Ground
from plantedu.topics.generation.verdicts import (
    effect_evidence,
    explained_evidence,
    explained_less,
    finite,
    graded,
    less,
    narrow_evidence,
    settled_evidence,
    spearman,
    verdict,
)

NAMES = [f"factor {k}" for k in range(8)]
REAL = Ground(dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 0.2))


def drawn(between, within, *, n=40, samples=8, seed=0):
    """Readings whose conditions differ by `between`, and samples by `within`."""
    rng = np.random.default_rng(seed)
    source = between * rng.normal(size=(n, 1, 1))
    return torch.from_numpy(source + within * rng.normal(size=(n, samples, 1)))


def test_factors_that_move_most_and_are_pinned_most_grade_1_and_reversed_minus_1():
    pinned, effect = [0.9 - 0.1 * k for k in range(8)], [0.5**k for k in range(8)]
    grade, p = graded(pinned, effect, seed=0)
    assert grade.value == pytest.approx(1)
    assert grade.interval == pytest.approx((1, 1))
    assert p < 0.001
    assert abs(grade.null) < 0.05
    reverse, p = graded(pinned[::-1], effect, seed=0)
    assert reverse.value == pytest.approx(-1)
    assert p > 0.99


def test_the_grade_is_spearmans_and_a_random_order_is_no_evidence():
    pinned, effect = [3, 0, 6, 1, 7, 2, 5, 4], list(range(8))
    grade, p = graded(pinned, effect, seed=1)
    assert grade.value == pytest.approx(scipy.stats.spearmanr(pinned, effect).statistic)
    assert p > 0.05
    assert grade.interval[0] < 0 < grade.interval[1]
    with pytest.raises(PlantEduError, match="4 factors that can be read; got 3"):
        graded(pinned[:3], effect[:3], seed=1)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_the_interval_of_a_grade_is_over_factors_and_covers(rho):
    """It was over plants, the factors held: .81 [.71, .85] of 24 factors."""
    n, runs, rng = 24, 1000, np.random.default_rng(0)
    x = rng.normal(size=(runs, n))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(runs, n))
    truth = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's rho of a normal pair
    ends = np.array([spearman(a, b)[1] for a, b in zip(x, y, strict=True)])
    covered = float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())
    assert 0.925 <= covered <= 0.975, "1,000 runs: 95 % -+ 1.4 %, and the formula's own error"


def test_trained_less_random_holds_nothing_where_tables_are_alike():
    rng = np.random.default_rng(0)
    effect = rng.random(24)
    good, noisy = effect + 0.01 * rng.random(24), rng.random(24)
    same = less((good, effect), (good, effect), seed=0)
    assert same.value == 0
    assert same.interval == (0, 0)
    better = less((good, effect), (noisy, effect), seed=0)
    assert better.interval[0] > 0.2
    assert better.control == "the same of random weights"


def test_a_word_for_each_case():
    def evidence(value, low, high, null=0.0):
        return Evidence(
            question="?", value=value, null=null, control="c", n=9, interval=(low, high)
        )

    more = evidence(0.3, 0.1, 0.5)
    assert verdict(evidence(0.8, 0.7, 0.9), more, 0.001, 0.9) == "pinned"
    assert verdict(evidence(0.4, 0.3, 0.6), more, 0.001, 0.9) == "partly"
    assert verdict(evidence(0.8, 0.7, 0.9), more, 0.9, 0.9) == UNCLEAR, "settled, and not told"
    no_more = evidence(0.02, -0.1, 0.1)
    assert verdict(evidence(0.8, 0.7, 0.9, null=0.78), no_more, 0.9, 0.9) == "free", "as without it"
    assert verdict(evidence(0.4, 0.3, 0.5), no_more, 0.001, 0.9) == "partly", (
        "the source is explained"
    )
    assert verdict(evidence(0.9, 0.8, 1.0), more, 0.001, 0.1) == BLIND


def test_what_the_input_cannot_hold_is_free_however_consistent_it_looks():
    """Mesophyll, conditioned on X1, was partly pinned: .23 [.11, .33], at random 0."""
    rng = np.random.default_rng(0)
    spill = drawn(0.6, 1.0, n=48)  # a reading that answers to another factor, which is explained
    same = [spill + 0.0]  # do() moves the input by 0, so the samples are the same
    pinned, above, lot = settled_evidence("mesophyll", spill, same, rng, alpha=0.05 / 24)
    assert pinned.interval[0] > 0.1
    assert pinned.null == pytest.approx(pinned.value)
    assert abs(lot) < 0.05
    assert verdict(pinned, above, 0.3, 0.8) == "free"
    held = drawn(1.5, 1.0, n=48)
    pinned, above, _ = settled_evidence("mesophyll", held, [drawn(0.3, 1.0, n=48, seed=1)], rng)
    assert pinned.null < 0.1
    assert above.interval[0] > 0
    assert verdict(pinned, above, 0.001, 0.8) == "pinned"


def test_what_goes_with_factors_that_are_set_along_with_it_is_not_kept():
    """Mesophyll from RGB was "partly": the null sets what it is drawn with, and R2 was -.01.

    The reading answers to another factor, drawn independently, which the input of the null does not
    hold either; the source's own value is nowhere.
    """
    rng, torch_rng = np.random.default_rng(0), torch.Generator().manual_seed(0)
    reading = drawn(0.9, 1.0, n=96)  # all that the samples of a plant share is the other factor
    without = drawn(0.3, 1.0, n=96, seed=1)
    own = torch.randn(96, generator=torch_rng, dtype=torch.float64).numpy()
    pinned, above, _ = settled_evidence("mesophyll", reading, [without], rng, alpha=0.05 / 42)
    assert above.interval[0] > 0, "more is settled than by an input that cannot hold it"
    r2, p = explained_evidence("mesophyll", reading, own, rng)
    assert r2.value < 0.05
    assert verdict(pinned, above, p, 0.8, alpha=0.05 / 42) == UNCLEAR


def test_the_level_of_free_is_held_where_nothing_is_held():
    """Both draws of a condition are noise of the same size: seldom more than the null."""
    rng, wrong, runs = np.random.default_rng(0), 0, 60
    for seed in range(runs):
        own, other = (drawn(0.4, 1.0, n=48, samples=4, seed=2 * seed + k) for k in (0, 1))
        _, above, _ = settled_evidence("mesophyll", own, [other], rng, alpha=0.05 / 24)
        wrong += above.interval[0] > 0
    assert wrong <= 1, "60 runs at .05 / 24, one-sided: .06 expected"


def test_narrow_has_its_interval_the_right_way_round_and_its_null():
    spread = np.array([0.2, 0.3, 0.4, np.nan, 0.3])
    found = narrow_evidence("factor 0", spread, 0.9, REAL)
    assert found.value == pytest.approx((1 - 0.3) / 0.8)
    assert found.null == pytest.approx((1 - 0.9) / 0.8)
    assert found.interval[0] < found.value < found.interval[1]
    assert found.n == 4
    assert narrow_evidence("factor 0", spread, float("nan"), REAL).null == 0
    assert finite(float("nan")) == 0


def test_r2_of_the_source_and_what_a_consistent_stranger_tells():
    truth, rng = np.random.default_rng(1).normal(size=40), np.random.default_rng(0)
    own = torch.from_numpy(truth)[:, None, None] + 0.5 * drawn(0, 1.0)
    right, p = explained_evidence("angle", own, truth, rng)
    assert p == 1 / 5000
    assert right.value == pytest.approx(1 / (1 + 0.25 / 8), abs=0.05)
    assert right.interval[0] < right.value < right.interval[1]
    assert abs(right.null) < 0.06
    stranger, p = explained_evidence("angle", drawn(3.0, 0.1, seed=7), truth, rng)
    assert p > 0.01
    assert stranger.value < 0.15, "pinned, and of another plant"
    levels = np.arange(40) % 3
    vectors = torch.from_numpy(np.eye(3)[levels])[:, None].expand(-1, 4, -1)
    assert explained_evidence("disease", vectors, levels, rng)[0].value == pytest.approx(1)


def test_two_layers_are_compared_over_the_same_plants():
    truth, rng = np.random.default_rng(1).normal(size=48), np.random.default_rng(0)
    source = torch.from_numpy(truth)[:, None, None]
    clear, dull = (source + noise * drawn(1, 0.2, n=48, seed=3) for noise in (0.3, 1.5))
    fell, p = explained_less("angle", (clear, dull), truth, rng)
    assert fell.value < -0.3
    assert fell.interval[1] < 0
    assert p < 0.01
    same, p = explained_less("angle", (clear, clear + 0.0), truth, rng)
    assert (same.value, p) == (0, 1)


def test_an_effect_stands_beside_do_of_its_own_value():
    each = np.array([0.1, np.nan, 0.3])
    moved = Effects({"phi": {"angle": each}}, {"phi": {"angle": 0.0}})
    found = effect_evidence("angle", moved, "phi")
    assert (found.value, found.null, found.n) == (pytest.approx(0.2), 0.0, 2)
