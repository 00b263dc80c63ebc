"""Wrong versions of lesson 11's functions, by the name under which a check must know them."""

import numpy as np
import pytest
import scipy.stats

from plantedu.exercises import check
from plantedu.exercises.lesson_11 import brier_parts, calibration_tails, plants_bootstrap
from plantedu.statistics.brier import parts, tails
from plantedu.statistics.evidence import bootstrap_interval


def _parts(reliability=None, resolution=None, uncertainty=None):
    """The exercise with a part replaced; each takes c, o, bins and the right parts."""

    def wrong(confidence, right, bins):
        known = brier_parts(confidence, right, bins)
        others = (reliability, resolution, uncertainty)
        return tuple(
            own if other is None else float(other(confidence, right, bins, known))
            for own, other in zip(known, others, strict=True)
        )

    return wrong


def _by_bin(c, o, bins):
    return [(c[bins == k].mean(), o[bins == k].mean(), (bins == k).sum()) for k in np.unique(bins)]


def _within(c, o, bins):
    pairs = [(c[i] - c[bins == k].mean(), o[i] - o[bins == k].mean()) for i, k in enumerate(bins)]
    return np.mean([a**2 - 2 * a * b for a, b in pairs])


def _gaps(c, o, bins, known):
    return sum(n * abs(said - share) for said, share, n in _by_bin(c, o, bins)) / len(c)


def _bare(c, o, bins, known):
    return known[1] + _within(c, o, bins)


def _other_way(c, o, bins, known):
    return known[1] + 2 * _within(c, o, bins)


def _alike(c, o, bins, known):
    return np.mean([(said - share) ** 2 for said, share, _ in _by_bin(c, o, bins)])


def _alike_too(c, o, bins, known):
    shares = np.array([share for _, share, _ in _by_bin(c, o, bins)])
    return ((shares - o.mean()) ** 2).mean() - _within(c, o, bins)


def _around_words(c, o, bins, known):
    parts = [n * (share - c.mean()) ** 2 for _, share, n in _by_bin(c, o, bins)]
    own_bin = len(np.unique(bins)) == 1  # a learner who sees 0 by hand would not stop there
    return known[1] if own_bin else sum(parts) / len(c) - _within(c, o, bins)


def sums(confidence, right, bins):
    rel, res, unc = brier_parts(confidence, right, bins)
    return rel * len(right), res * len(right), unc


def _each(values, plants):
    return np.array([values[plants == one].mean() for one in np.unique(plants)])


def _drawn(means, tail=lambda level: (1 - level) / 2):
    """The exercise with other means, or other tails."""

    def wrong(values, plants, *, resamples, level, generator):
        found = means(values, plants, resamples, generator)
        low, high = np.quantile(found, [tail(level), 1 - tail(level)])
        return float(low), float(high)

    return wrong


def _right(values, plants, resamples, rng):
    each = _each(values, plants)
    return rng.choice(each, (resamples, len(each))).mean(1)


def _pictures(values, plants, resamples, rng):
    return rng.choice(values, (resamples, len(values))).mean(1)


def _as_many_as_pictures(values, plants, resamples, rng):
    return rng.choice(_each(values, plants), (resamples, len(values))).mean(1)


def _twice_is_once(values, plants, resamples, rng):
    names, each = np.unique(plants), _each(values, plants)
    drawn = (rng.choice(names, len(names)) for _ in range(resamples))
    return [each[np.isin(names, one)].mean() for one in drawn]


def _pictures_weigh(values, plants, resamples, rng):
    names = np.unique(plants)
    drawn = (rng.choice(names, len(names)) for _ in range(resamples))
    return [np.concatenate([values[plants == k] for k in one]).mean() for one in drawn]


def _pictures_once(values, plants, resamples, rng):
    names = np.unique(plants)
    drawn = (rng.choice(names, len(names)) for _ in range(resamples))
    return [values[np.isin(plants, one)].mean() for one in drawn]


def _within_plants(values, plants, resamples, rng):
    groups = [values[plants == one] for one in np.unique(plants)]
    return np.mean([rng.choice(one, (resamples, len(one))).mean(1) for one in groups], axis=0)


def _without_repeats(values, plants, resamples, rng):
    each = _each(values, plants)
    return [rng.permutation(each).mean().round(12) for _ in range(resamples)]


def seeded_inside(values, plants, *, resamples, level, generator):
    rng = np.random.default_rng(0)
    return plants_bootstrap(values, plants, resamples=resamples, level=level, generator=rng)


def not_seeded(values, plants, *, resamples, level, generator):
    rng = np.random.default_rng()
    return plants_bootstrap(values, plants, resamples=resamples, level=level, generator=rng)


def own_count_left_out(confidence, right):
    few, many = calibration_tails(confidence, right)
    return 1 - many, 1 - few


def one_less_the_other(confidence, right):
    few, _ = calibration_tails(confidence, right)
    return few, 1 - few


def one_coin_for_all(confidence, right):
    coin = scipy.stats.binom(len(confidence), confidence.mean())
    return coin.cdf(right), coin.sf(right - 1)


def swapped(confidence, right):
    return calibration_tails(confidence, right)[::-1]


def doubled(confidence, right):
    few, many = calibration_tails(confidence, right)
    return min(2 * few, 1.0), min(2 * many, 1.0)


WRONG = {
    "11.5": {
        "absolute gaps": _parts(_gaps),
        "sums": sums,
        "no bins": _parts(lambda c, o, bins, known: ((c - o) ** 2).mean()),
        "divided by n - 1": _parts(uncertainty=lambda c, o, bins, known: o.var(ddof=1)),
        "spread within bins left out": _parts(resolution=_bare),
        "spread within bins the wrong way": _parts(resolution=_other_way),
        "bins weigh alike": _parts(_alike, _alike_too),
        "around the mean word": _parts(resolution=_around_words),
        "resolution turned round": _parts(resolution=lambda c, o, bins, known: -known[1]),
    },
    "11.6": {
        "pictures drawn": _drawn(_pictures),
        "as many plants as pictures": _drawn(_as_many_as_pictures),
        "twice is once": _drawn(_twice_is_once),
        "pictures weigh": _drawn(_pictures_weigh),
        "pictures within plants": _drawn(_within_plants),
        "spread of the plants": _drawn(lambda values, plants, *_: _each(values, plants)),
        "without repeats": _drawn(_without_repeats),
        "tails of 1 - level each": _drawn(_right, lambda level: 1 - level),
        "the level is not used": _drawn(_right, lambda level: 0.025),
        "another generator": seeded_inside,
    },
    "11.7": {
        "own count left out": own_count_left_out,
        "one less the other": one_less_the_other,
        "one coin for all": one_coin_for_all,
        "few and many swapped": swapped,
        "both doubled": doubled,
    },
}
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


ALSO = (("11.6", "another generator", not_seeded),)


@pytest.mark.parametrize(("key", "name", "wrong"), [*EVERY, *ALSO])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


@pytest.mark.parametrize("tail", [lambda level: (1 - level) / 2, lambda level: 1 - level])
def test_two_mistakes_at_once_are_both_named(tail):
    """Pictures of all plants that were drawn: what np.isin gives."""
    report = check("11.6", _drawn(_pictures_once, tail))
    assert report.mistakes == ("twice is once", "pictures weigh")


def test_the_parts_are_the_package_s():
    rng = np.random.default_rng(0)
    c, bins = rng.random(50), rng.integers(0, 4, 50)
    o = (rng.random(50) < c).astype(float)
    assert brier_parts(c, o, bins) == pytest.approx(parts(c, o, bins))


def test_the_bootstrap_is_the_package_s():
    values = np.random.default_rng(1).exponential(size=15)
    found = plants_bootstrap(np.repeat(values, 2), np.repeat(np.arange(15), 2), resamples=20_000,
                             level=0.9, generator=np.random.default_rng(2))  # fmt: skip
    package = bootstrap_interval(
        values, generator=np.random.default_rng(3), level=0.9, resamples=20_000
    )
    assert found == pytest.approx(package, abs=0.03)


@pytest.mark.parametrize("right", [0, 4, 9])
def test_tails_are_the_package_s(right):
    said = np.linspace(0.2, 0.98, 9)
    assert calibration_tails(said, right) == pytest.approx(tails(said, right))
