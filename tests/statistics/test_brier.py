"""Brier's score taken apart: it adds up exactly, and known forecasters get known parts."""

import itertools
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats

from plantedu.errors import PlantEduError
from plantedu.statistics.brier import (
    EDGES,
    TAIL,
    calibration_error,
    choice_score,
    even_score,
    reliability,
    tails,
)


def forecasts(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    c = rng.uniform(0, 1, n)
    return c, rng.random(n) < c


def slow(c, o, edges) -> tuple[float, float, float]:
    """The three parts with plain loops; within-bin terms by their definition."""
    n, base = len(c), sum(o) / len(o)
    rel = res = wbv = wbc = 0.0
    for low, high in pairwise(edges):
        inside = [k for k in range(n) if low < c[k] <= high or (low == 0 and c[k] == 0)]
        if not inside:
            continue
        c_k = sum(c[k] for k in inside) / len(inside)
        o_k = sum(o[k] for k in inside) / len(inside)
        rel += len(inside) * (c_k - o_k) ** 2
        res += len(inside) * (o_k - base) ** 2
        wbv += sum((c[k] - c_k) ** 2 for k in inside)
        wbc += sum((c[k] - c_k) * (o[k] - o_k) for k in inside)
    return rel / n, (res - wbv + 2 * wbc) / n, base * (1 - base)


@pytest.mark.parametrize("seed", range(8))
def test_the_parts_add_up_exactly_and_are_those_of_the_slow_twin(seed):
    c, o = forecasts(seed, n=7 + 5 * seed)
    found = reliability(c, o)
    total = found.reliability - found.resolution + found.uncertainty
    assert total == pytest.approx(found.brier, abs=1e-12)
    parts = (found.reliability, found.resolution, found.uncertainty)
    assert parts == pytest.approx(slow(c.tolist(), [float(x) for x in o], EDGES), abs=1e-12)


def test_known_forecasters():
    o = np.array([1.0] * 6 + [0.0] * 4)
    nine = reliability(np.full(10, 0.9), o)
    assert nine.brier == pytest.approx(0.33)
    assert nine.reliability == pytest.approx(0.09)
    assert nine.resolution == pytest.approx(0)
    assert nine.uncertainty == pytest.approx(0.24)
    base = reliability(np.full(10, 0.6), o)
    assert base.brier == pytest.approx(base.uncertainty)
    perfect = reliability(o, o)
    assert perfect.brier == 0
    assert perfect.resolution == pytest.approx(perfect.uncertainty)
    coin = reliability(np.full(10, 0.5), o)
    assert coin.brier == 0.25
    assert coin.against_coin.value == 0


def test_confidence_beyond_knowledge_is_told():
    rng = np.random.default_rng(0)
    c = rng.uniform(0.7, 0.99, 200)
    assert reliability(c, rng.random(200) < 0.5).verdict == "overconfident"
    assert reliability(c, rng.random(200) < 0.999).verdict == "underconfident"
    assert reliability(c, rng.random(200) < c).verdict == "not told apart from calibrated"
    mixed = np.repeat([0.55, 0.95], 100)
    judged = reliability(mixed, rng.random(200) < np.repeat([0.95, 0.55], 100))
    assert judged.verdict == "too sure of some answers and not sure enough of others"
    assert judged.p <= 0.01
    few = reliability(c[:9], np.ones(9))
    assert few.verdict.startswith("too few to say")
    assert few.overconfidence.interval is few.against_coin.interval is None


@pytest.mark.parametrize("said", [0.95, 0.8, 0.5])
@pytest.mark.parametrize("n", [10, 36])
def test_who_means_the_one_thing_she_says_is_judged_otherwise_in_a_twentieth(said, n):
    """Exact: the chance of each count of right answers, where it is judged. Before, .58 of those
    who said 95 % ten times were called underconfident."""
    level = 0.0
    for right in range(n + 1):
        verdict = reliability(np.full(n, said), np.arange(n) < right).verdict
        chance = scipy.stats.binom.pmf(right, n, said)
        level += chance * (verdict != "not told apart from calibrated")
    assert level <= 0.05


@pytest.mark.slow
def test_who_means_many_different_things_is_judged_otherwise_in_a_twentieth():
    """120 learners; .05 and two standard errors are .09."""
    rng, judged = np.random.default_rng(5), 0
    for _ in range(120):
        c = rng.uniform(0.34, 0.99, 20)
        judged += reliability(c, rng.random(20) < c).verdict != "not told apart from calibrated"
    assert judged <= 0.09 * 120


def test_ten_right_answers_called_95_are_no_underconfidence():
    found = reliability([0.95] * 10, [1] * 10)
    assert found.verdict == "not told apart from calibrated"
    assert found.p_under == pytest.approx(0.95**10)
    low, high = found.overconfidence.interval
    assert low < 0 < high
    assert reliability([0.95] * 10, [1] * 6 + [0] * 4).verdict == "overconfident"


def test_the_tails_are_those_of_all_outcomes():
    """Slow twin: every outcome of five unequal coins, with its chance."""
    c, right = np.array([0.2, 0.5, 0.6, 0.9, 0.95]), 3
    few = many = 0.0
    for k in range(32):
        o = np.array([k >> j & 1 for j in range(5)])
        chance = np.prod(np.where(o, c, 1 - c))
        few += chance * (o.sum() <= right)
        many += chance * (o.sum() >= right)
    assert tails(c, right) == pytest.approx((few, many))
    assert tails(c, 2.5) == pytest.approx((tails(c, 3)[0], tails(c, 2)[1]))


def test_the_interval_is_the_test_turned_round():
    c = np.linspace(0.5, 0.95, 20)
    found = reliability(c, np.arange(20) % 2)
    low, _ = found.overconfidence.interval
    assert (low > 0) == (found.verdict == "overconfident")
    odds = np.log(c / (1 - c))
    shifted = [1 / (1 + np.exp(-(odds + d))) for d in np.linspace(-6, 6, 2001)]
    held = [c.mean() - s.mean() for s in shifted if min(tails(s, 10)) > TAIL]
    assert found.overconfidence.interval == pytest.approx((min(held), max(held)), abs=0.01)


def test_a_class_before_one_trap_is_one_answer():
    """Thirty calibrated people who meet the same ten traps: no verdict on ten coins."""
    rng, judged = np.random.default_rng(8), 0
    units = np.repeat(np.arange(12), 30)
    for _ in range(40):
        c = np.repeat(rng.uniform(0.5, 0.9, 12), 30)
        right = np.repeat(rng.random(12), 30) < c
        found = reliability(c, right, units=units.tolist())
        judged += found.verdict != "not told apart from calibrated"
    assert judged <= 5
    assert (found.n, found.units, found.overconfidence.n) == (360, 12, 12)
    assert reliability([0.9] * 27, [0] * 27, units=[0, 1, 2] * 9).verdict.startswith("too few")


def test_the_band_holds_a_calibrated_forecaster_about_as_often_as_it_says():
    inside = []
    for seed in range(25):
        found = reliability(*forecasts(seed, n=60))
        inside += [b.low <= b.right <= b.high for b in found.bins]
    assert 0.9 <= np.mean(inside) <= 1.0


def test_with_few_forecasts_even_the_calibrated_look_unreliable():
    few, many = (reliability(*forecasts(1, n=n)) for n in (20, 2000))
    assert few.expected_reliability > 5 * many.expected_reliability


@pytest.mark.parametrize(
    ("c", "o", "said"),
    [
        ([], [], "There is no forecast yet"),
        ([0.5], [1, 0], "as many outcomes"),
        ([1.2], [1], "from 0 to 1"),
        ([float("nan")], [1], "from 0 to 1"),
        ([0.5], [0.5], "right or wrong"),
    ],
)
def test_what_is_no_forecast_is_a_sentence(c, o, said):
    with pytest.raises(PlantEduError, match=said):
        reliability(c, o)


@pytest.mark.parametrize(
    ("options", "confidence"), list(itertools.product((2, 3, 5), (0.2, 0.7, 1.0)))
)
def test_a_choices_score_is_the_sum_over_all_options(options, confidence):
    keys = [str(index) for index in range(options)]
    for answer in keys:
        slow = sum(
            ((confidence if key == "0" else (1 - confidence) / (options - 1)) - (key == answer))
            ** 2
            for key in keys
        )
        assert choice_score(answer == "0", confidence, options=options) == pytest.approx(slow)


def test_known_scores():
    assert choice_score(True, 1.0, options=4) == 0
    assert choice_score(False, 1.0, options=4) == 2
    assert choice_score(False, 0.25, options=4) == pytest.approx(even_score(4)) == 0.75


def test_honest_confidence_scores_best_on_average():
    """Brier's rule is proper: with a belief of .7, saying .7 beats saying anything else."""

    def expected(said):
        right, wrong = (choice_score(hit, said, options=2) for hit in (True, False))
        return 0.7 * right + 0.3 * wrong

    assert min((0.5, 0.6, 0.7, 0.8, 0.99), key=expected) == 0.7


def test_calibration_error_counts_bins_with_their_upper_ends():
    confidence, right = np.array([0.1, 0.2, 0.9, 1.0]), np.array([False, True, True, True])
    gaps = [abs(0 - 0.1), abs(1 - 0.2), abs(1 - 0.9) + 0, abs(1 - 1.0)]
    assert calibration_error(confidence, right, bins=10) == pytest.approx(sum(gaps) / 4)
    assert calibration_error(confidence, right, bins=1) == pytest.approx(abs(3 - 2.2) / 4)


@pytest.mark.parametrize(("said", "right"), [(0.7, True), (0.95, False), (0.5, True)])
def test_what_comes_apart_is_half_of_the_one_score(said, right):
    whole = choice_score(right, said, options=2)
    assert 2 * reliability([said], [right]).brier == pytest.approx(whole)
