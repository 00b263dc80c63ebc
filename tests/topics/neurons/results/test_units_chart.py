"""Charts of units: rows, words, and nothing without units."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.units import Unit
from plantedu.topics.neurons.results.units_chart import (
    groups_chart,
    information_map,
    removed_chart,
    unit_chart,
    used_chart,
)

NAMES, LEVEL = ("disease", "angle", "mesophyll"), (0.02, 0.03, 0.02)


def unit(number, excess, significant):
    return Unit(number, excess, significant, 1.5, 0.2, 0.4, 0.01, 0.0, (1, 2), (3, 4), 2.0)


UNITS = [unit(7, (0.5, 0.1, 0.0), (0, 1)), unit(9, (0.01, -0.01, 0.0), ())]
USED = Evidence(question="?", value=0.1, null=0.2, control="units in another order", n=64)


def test_the_map_shows_what_is_beyond_luck_alone():
    drawing = information_map(UNITS, NAMES, LEVEL, "n = 64")
    cells = drawing.rows.set_index(["unit", "factor"])["excess"]
    assert cells["7", "disease"] == 0.5
    assert cells["9", "disease"] == 0
    assert "one tells 0 to 2 of 2 factors" in drawing.alt


def test_one_unit_names_its_factors_best_first():
    drawing = unit_chart(UNITS[0], NAMES, LEVEL, "n = 64", dark=True)
    assert "tells 2 factors beyond luck: disease, angle" in drawing.alt
    assert drawing.rows["excess"].min() == 0
    assert "tells 0 factors beyond luck. Spread" in unit_chart(UNITS[1], NAMES, LEVEL, "n").alt


def test_selective_beside_used():
    drawing = used_chart(UNITS, "disease", USED)
    assert "rank correlation 0.10 (units in another order: 0.20)" in drawing.alt
    assert len(drawing.rows) == 2
    with pytest.raises(PlantEduError, match="no unit to show"):
        used_chart([], "disease", USED)


def test_removed_units_beside_units_at_random():
    found = {"counts": [0, 256], "n": 64, "orders at random": 5}
    found |= {name: [0.9, k / 10] for k, name in enumerate(("stays", "anew"), 1)}
    found |= {name: [0.9, k / 10] for k, name in enumerate(("lots_stays", "lots_anew"), 5)}
    drawing = removed_chart(found, "disease")
    assert "at 256 gone: selective first 0.10" in drawing.alt
    assert "mean of 5 orders" in drawing.alt
    assert len(drawing.rows) == 8


def test_groups_say_their_correlation_beside_its_reliability():
    one = {"value": 0.6, "null": 0.3, "reliability": 0.99, "n": 64, "seeds": 1, "control": "luck"}
    asked = {"kind": "supervised", "selectivity": [0.1, 0.2], "moved": [0.0, 0.5], "at_random": 0.1}
    found = {"means": {"supervised": {"by_groups": one}}, "encoders": {"s-0": asked}}
    drawing = groups_chart(found, dark=True)
    assert "labels 0.60 (reliability 0.99); luck 0.30" in drawing.alt
    assert (drawing.rows["moved"] > 0).all()  # the axis is a logarithm
    with pytest.raises(PlantEduError, match="No encoder of the kind 'cross'"):
        groups_chart(found, "cross")
