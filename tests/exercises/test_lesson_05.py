"""Wrong versions of lesson 05's functions, by the name under which a check must know them."""

import numpy as np
import pytest

from plantedu.exercises import check


def _walk(direction, noise, times, *, sign=1, asked=0, restart=False):
    x = noise
    for k in range(len(times) - 1):
        now, later = times[k], times[k + 1]
        x = (noise if restart else x) + sign * (later - now) * direction(x, times[k + asked])
    return x


def away(direction, noise, steps):
    return _walk(direction, noise, np.linspace(1, 0, steps + 1), sign=-1)


def upwards(direction, noise, steps):
    return _walk(direction, noise, np.linspace(0, 1, steps + 1), sign=-1)


def at_the_end(direction, noise, steps):
    return _walk(direction, noise, np.linspace(1, 0, steps + 1), asked=1)


def one_more(direction, noise, steps):
    return _walk(direction, noise, 1 - np.arange(steps + 2) / steps)


def restarts(direction, noise, steps):
    return _walk(direction, noise, np.linspace(1, 0, steps + 1), restart=True)


def _share(readings, *, off=True, ddof=1, root=1.0, floor=-np.inf):
    within = readings.var(1, ddof=ddof).mean()
    between = readings.mean(1).var(ddof=ddof) - (within / readings.shape[1] if off else 0)
    if root != 1:
        within, between = within**root, max(between, 0) ** root
    return float(max(between / (between + within), floor))


def _ranks(similarity, *, ties=0.5):
    own = np.diag(similarity)[:, None]
    return 1 + (similarity > own).sum(1) + ties * ((similarity == own).sum(1) - 1)


def _expected(similarity):
    own = np.diag(similarity)[:, None]
    before, ties = (similarity > own).sum(1), (similarity == own).sum(1) - 1
    pairs = zip(before, ties, strict=True)
    return float(np.mean([np.mean(1 / np.arange(b + 1, b + t + 2)) for b, t in pairs]))


WRONG = {
    "05.5": {
        "the step goes away from the picture": away,
        "t runs from 0 to 1": upwards,
        "asked at the end of the step": at_the_end,
        "one step too many": one_more,
        "every step starts from the noise": restarts,
    },
    "05.6": {
        "means scatter by themselves": lambda r: _share(r, off=False),
        "variances divide by n": lambda r: _share(r, ddof=0),
        "standard deviations": lambda r: _share(r, root=0.5),
        "rows and columns are exchanged": lambda r: _share(r.T),
        "cut off at 0": lambda r: _share(r, floor=0),
    },
    "05.7": {
        "ties are won": lambda s: float((1 / _ranks(s, ties=0)).mean()),
        "ties are lost": lambda s: float((1 / _ranks(s, ties=1)).mean()),
        "one over the mean rank": lambda s: float(1 / _ranks(s).mean()),
        "the smallest similarity is the best": lambda s: _expected(-s),
        "sources look for queries": lambda s: _expected(s.T),
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)
