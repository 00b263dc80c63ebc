"""Brier's score taken apart: it adds up exactly, and known forecasters get known parts."""

from itertools import pairwise

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.reliability import EDGES, reliability


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
    told = (found.reliability, found.resolution, found.uncertainty)
    assert told == pytest.approx(slow(c.tolist(), [float(x) for x in o], EDGES), abs=1e-12)


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
    told = reliability(mixed, rng.random(200) < np.repeat([0.95, 0.55], 100))
    assert told.verdict == "too sure of some answers and not sure enough of others"
    assert told.p <= 0.01
    assert reliability(c[:9], np.ones(9)).verdict.startswith("too few to say")


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
