"""The table of factors, and what it refuses."""

import pytest

from plantedu.data.renderer.factors import COLUMNS, FACTORS, factor
from plantedu.errors import PlantEduError


def test_names_are_unique_and_per_sensor_factors_have_two_columns():
    assert len({f.name for f in FACTORS}) == len(FACTORS)
    assert factor("light").columns == ("light_rgb", "light_rgn")
    assert factor("angle").columns == ("angle",)
    assert len(COLUMNS) == len(FACTORS) + sum(f.role == "per_sensor" for f in FACTORS)


def test_who_sees_what():
    assert factor("disease").sees == ("rgb", "rgn")
    assert factor("bloom").sees == ("rgb",)
    assert factor("mesophyll").sees == ("rgn",)
    assert factor("light_rgn") is factor("light")


def test_codes():
    assert factor("disease").code("brown") == 2
    assert factor("severity").code(0.25) == 0.25
    assert factor("lesion_count").code(5) == 5


def test_an_unknown_factor_names_those_that_are():
    with pytest.raises(PlantEduError, match=r"'colour'.*disease, lesion_count"):
        factor("colour")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("disease", "rust", "healthy, blast, brown; got 'rust'"),
        ("disease", 1, "healthy, blast, brown; got 1"),
        ("severity", 1.5, "0 to 1; got 1.5"),
        ("severity", float("nan"), "got nan"),
        ("severity", "high", "is a number; got 'high'"),
        ("chlorophyll", 3, "18 to 55 ug/cm2"),
        ("lesion_count", 4.5, "whole; got 4.5"),
    ],
)
def test_values_that_are_refused(name, value, words):
    with pytest.raises(PlantEduError, match=words):
        factor(name).code(value)
