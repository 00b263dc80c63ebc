"""Intervals by kind of number: they hold the truth as often as they say, and are no point."""

import numpy as np
import pytest
import scipy.stats

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import bootstrap_interval, mean_over_plants, t_interval
from plantedu.statistics.intervals import (
    count_interval,
    difference_interval,
    mean_interval,
    r2_parts,
    share_interval,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_constant_plants_of_no_known_bounds_have_a_point_for_an_interval():
    assert mean_interval(np.full(5, 0.5)) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[0.1], [[0.1, 0.2]], [0.1, float("nan")], []])
@pytest.mark.parametrize("interval", [share_interval, difference_interval, mean_interval])
def test_what_has_no_interval_is_refused(values, interval):
    with pytest.raises(PlantEduError, match=r"Need one number for each|not finite"):
        interval(np.array(values))


def test_what_is_no_share_is_refused():
    with pytest.raises(PlantEduError, match="0 to 1"):
        share_interval([0.5, 1.2])
    with pytest.raises(PlantEduError, match="-1 to 1"):
        difference_interval([0.5, -1.2])


def test_shares_are_recognised_and_have_a_width():
    """Every plant right was [1, 1]: a point, whatever the number of plants."""
    for per_plant in (np.ones(24), np.ones(24, bool)):
        found = mean_over_plants("Right?", per_plant, 0.0, "chance")
        assert found.interval == count_interval(24, 24) == pytest.approx((0.8827, 1), abs=1e-4)
    thirds = np.array([1, 1, 2 / 3, 1 / 3, 1, 1])
    shared = mean_over_plants("Right?", thirds, 0.0, "chance", seeds=3)
    assert shared.interval == share_interval(thirds)
    assert mean_over_plants("?", thirds, 0, "c").interval == mean_interval(thirds)
    one = mean_over_plants("?", np.zeros(9), 0, "c", kind="difference")
    assert one.interval == difference_interval(np.zeros(9))


def share_coverage(n, p, interval):
    """Exact: the chance of each count, summed over those whose interval holds p."""
    counts = np.arange(n + 1)
    ends = np.array([interval(k, n) for k in counts])
    chance = scipy.stats.binom.pmf(counts[:, None], n, p)
    return (chance * ((ends[:, :1] <= p) & (p <= ends[:, 1:]))).sum(0)


@pytest.mark.parametrize("n", [12, 24, 48, 96])
def test_shares_hold_the_truth_as_often_as_they_say(n):
    """The old interval held .98 in .40 of the cases with 24 plants, .58 with 48."""
    shares = np.linspace(0.5, 0.99, 50)
    held = share_coverage(n, shares, count_interval)
    assert held.min() > 0.91
    assert 0.93 < held.mean() < 0.97
    if n == 24:
        old = share_coverage(
            n,
            np.array([0.98]),
            lambda k, n: bootstrap_interval(np.arange(n) < k, generator=rng(), resamples=99),
        )
        assert old < 0.5


def test_the_share_is_the_mid_p_interval_of_clopper_and_pearsons_tails():
    """Slow twin: at the low end half of P(X = k) and all of P(X > k) make up .025."""
    low, high = count_interval(17, 24)
    binom = scipy.stats.binom
    assert binom.sf(17, 24, low) + binom.pmf(17, 24, low) / 2 == pytest.approx(0.025, abs=1e-9)
    assert binom.cdf(16, 24, high) + binom.pmf(17, 24, high) / 2 == pytest.approx(0.025, abs=1e-9)
    assert count_interval(7, 24) == pytest.approx((1 - high, 1 - low))
    with pytest.raises(PlantEduError, match="no share"):
        count_interval(5, 4)


DRAWN = {
    "normal": (lambda r, size: r.normal(size=size), 0.0),
    "skewed": (lambda r, size: r.exponential(size=size), 1.0),
    "bounded": (lambda r, size: r.random(size), 0.5),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("n", [8, 24])
def test_means_of_few_hold_the_truth_as_often_as_they_say(name, n):
    """1,000 draws: the count is within .02 of its chance. The percentile bootstrap holds it in
    .84 to .90 with 8 plants."""
    drawn, mean = DRAWN[name]
    tables = drawn(rng(7), (1000, n))
    interval = share_interval if name == "bounded" else mean_interval
    ends = np.array([interval(one) for one in tables])
    assert 0.92 < np.mean((ends[:, 0] <= mean) & (mean <= ends[:, 1])) < 0.98
    if n == 8:
        old = [bootstrap_interval(d, generator=rng(), resamples=199) for d in tables[:300]]
        assert np.mean([low <= mean <= high for low, high in old]) < 0.92


def test_a_mean_without_skewness_has_students_interval():
    values = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    assert mean_interval(values) == pytest.approx(t_interval(values))
    low, high = mean_interval(np.array([0.0, 0.1, 0.2, 0.3, 9.0]))
    assert high - 1.92 > 1.92 - low  # the long side is the one that few plants have not seen


def test_halls_cubic_is_turned_back():
    """Slow twin: the ends, put into h(t), give Student's quantiles."""
    values = rng(5).exponential(size=11)
    a = scipy.stats.skew(values) / np.sqrt(11)
    t = (values.mean() - np.array(mean_interval(values))) / (values.std(ddof=1) / np.sqrt(11))
    h = t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6
    np.testing.assert_allclose(h, scipy.stats.t.ppf([0.975, 0.025], 10), rtol=1e-9)


@pytest.mark.parametrize(("up", "down"), [(0.3, 0.1), (0.05, 0.05), (0.9, 0.02), (0.1, 0.0)])
def test_differences_of_shares_hold_the_truth(up, down):
    """24 plants; Student's holds .9 - .02 in .92, .1 - 0 in .92, and has no width when all stay."""
    chance = [up, down, 1 - up - down]
    tables = rng(9).choice([1.0, -1.0, 0.0], p=chance, size=(1000, 24))
    ends = np.array([difference_interval(one) for one in tables])
    assert np.mean((ends[:, 0] <= up - down) & (up - down <= ends[:, 1])) > 0.93
    assert difference_interval(np.zeros(24)) == pytest.approx((-0.1066, 0.1066), abs=1e-4)


def test_fractions_of_seeds_count_as_plants_of_the_same_variance():
    """Three seeds that always agree are one; three that never do are three plants."""
    agree = (np.arange(40) < 33).astype(float)
    assert share_interval(agree) == count_interval(33, 40)
    chance = rng(3).beta(1.8, 0.2, (600, 24))
    tables = rng(4).binomial(3, chance) / 3
    ends = np.array([share_interval(one) for one in tables])
    assert 0.91 < np.mean((ends[:, 0] <= 0.9) & (ends[:, 1] >= 0.9)) < 0.985
    low, high = share_interval(np.full(24, 0.5))
    assert low < 0.35
    assert high > 0.65


def test_r2_parts_have_the_spread_of_r2():
    """1 - error / mean total, the old parts, hold an R2 of .95 in .66 for a skewed target."""
    draws, held, old = rng(6), [], []
    for _ in range(300):
        signal = draws.exponential(size=128) - 1
        y = np.sqrt(0.95) * signal + np.sqrt(0.05) * draws.normal(size=128)
        error, total = (y - np.sqrt(0.95) * signal) ** 2, (y - y.mean()) ** 2
        parts = r2_parts(error, total)
        assert parts.mean() == pytest.approx(1 - error.sum() / total.sum())
        held.append(mean_interval(parts))
        old.append(mean_interval(1 - error / total.mean()))
    covers = [np.mean([low <= 0.95 <= high for low, high in ends]) for ends in (held, old)]
    assert covers[0] > 0.87
    assert covers[1] < 0.75


def test_weights_repeat_plants():
    """A run with twice the cases counts twice in the mean, not as two runs."""
    values, weights = np.array([0.0, 1.0, 1.0, 0.5, 1.0]), [1, 1, 2, 2, 1]
    for interval in (share_interval, mean_interval):
        assert interval(values, weights=np.full(5, 3.0)) == pytest.approx(interval(values))
        low, high = interval(values, weights=weights)
        assert low < 5 / 7 < high
    low, _ = share_interval(np.ones(4), weights=[1, 1, 1, 5])
    assert low < share_interval(np.ones(4))[0]
    with pytest.raises(PlantEduError, match="weight"):
        mean_interval(values, weights=[1, 1, 1, 0, 1])
