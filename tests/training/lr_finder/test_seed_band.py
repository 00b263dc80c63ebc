"""Seeds make a band; a rule's answer stands beside what it says where there is nothing to find."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.training.lr_finder.rules import RULES, smoothed, suggestions
from plantedu.training.lr_finder.seed_band import Finder, find_band
from plantedu.training.lr_finder.sweep import LrCurve, ramp
from plantedu.training.recipe import Recipe

RATES = np.array([ramp(k, start=1e-7, end=10.0, iterations=100) for k in range(100)])


def planted(fall):
    """Curves with a drop of `fall` around a rate of 1e-3 and the noise of the seed."""

    def curve_of(recipe):
        x = np.log10(RATES / 1e-3)
        losses = 4 - fall / (1 + np.exp(-3 * x)) + np.where(x > 1.5, fall * (x - 1.5) ** 2, 0)
        losses += 0.02 * np.random.default_rng(recipe.seed).standard_normal(100)
        smooth = smoothed(losses)
        found = suggestions(RATES, smooth, iterations=100)
        return LrCurve(tuple(RATES), tuple(losses), tuple(smooth), found, False)

    return curve_of


def test_a_planted_drop_is_found_with_a_narrow_band():
    band = find_band(Finder(Recipe(seed=3), seeds=6), planted(2.0))
    assert band.seeds == (3, 4, 5, 6, 7, 8)
    for rule in ("valley", "steep"):
        low, high = band.found[rule].interval
        assert low <= band.found[rule].value <= high < 3 * low
        assert 1e-5 < band.found[rule].value < 1e-1
        assert band.flat[rule][1] > 100 * band.flat[rule][0]  # the null could be anything
    values = [curve.suggestions["valley"] for curve in band.curves]
    assert band.found["valley"].value == pytest.approx(np.exp(np.log(values).mean()))


def test_on_a_flat_curve_the_band_is_as_wide_as_the_null():
    band = find_band(Finder(seeds=6), planted(0.0))
    low, high = band.found["steep"].interval
    assert high > 10 * low


def test_it_is_plain_json_with_a_null_for_every_rule():
    band = find_band(Finder(Recipe(queue_length=256, queue_start=0.0), seeds=1), planted(1.0))
    words = json.loads(json.dumps(band.as_json()))
    assert set(words["found"]) == set(RULES)
    assert words["found"]["slide"]["null"] > 0
    assert words["found"]["slide"]["interval"] is None
    assert words["switches"] == [[2, "queue on"]]


def test_a_finder_is_read_back_and_places_a_rate_where_the_ramp_has_it():
    finder = Finder(Recipe(seed=7, pairing="rgb_only"), seeds=2, iterations=50, highest=1.0)
    assert Finder.from_json(json.loads(json.dumps(finder.as_json()))) == finder
    for k in (0, 20, 49):
        assert finder.place(ramp(k, start=1e-7, end=1.0, iterations=50)) == k
    assert finder.place(1e-9) == 0
    assert finder.place(100.0) == 49


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"seeds": 0}, "1 to 100 seeds"),
        ({"lowest": 1.0, "highest": 0.1}, "has to rise"),
        ({"iterations": 3}, "30 iterations"),
        ({"stop": True}, "no knob"),
        ({"recipe": {"colour": 1}}, "no knob"),
    ],
)
def test_what_cannot_be_asked_is_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Finder.from_json(knobs)
