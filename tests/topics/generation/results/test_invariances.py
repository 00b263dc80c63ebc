"""Charts of what is kept: both nulls on the chart, blind factors in words, edges."""

import json

import pytest

from plantedu.charts.edges import beyond
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.invariances import grade_chart, kept_chart


def evidence(value, null=0.0):
    ends = (value - 0.1, value + 0.1)
    return Evidence(
        question="?", value=value, null=null, control="unconditional", n=9, interval=ends
    )


LINES = [
    ("soil_rgb", "pinned", evidence(2.0), 0.4),
    ("angle", "free", evidence(0.1), 0.9),
    ("noise_rgb", "cannot be read", evidence(-9.0), 0.0),
]


@pytest.mark.parametrize("dark", [False, True])
def test_factors_nulls_and_blind_ones(dark):
    drawing = kept_chart(LINES, condition="cross-0 h of rgb", dark=dark)
    factors = drawing.rows[drawing.rows["kind"] == "factor"]
    assert set(factors["factor"]) == {"soil_rgb", "angle"}
    assert factors["pinned"].max() == 2.0
    assert "soil_rgb" in beyond(drawing)  # drawn on the edge, the number is said
    assert "pinned: soil_rgb 2.00" in drawing.alt
    assert "Cannot be read: noise_rgb" in drawing.alt
    assert set(drawing.rows["of"].dropna()) == {"factor set to one value", "random weights"}
    narrow = kept_chart([(*LINES[0][:3], None)], condition="x", narrow=True, dark=dark)
    assert set(narrow.rows["of"].dropna()) == {"unconditional"}


def test_the_grade_is_in_the_words_and_edges_hold():
    grade = Evidence(
        question="?", value=0.8, null=0.01, control="shuffled", n=9, interval=(0.6, 0.9)
    )
    dots = [("soil_rgb", "rgb", 0.0, -3.0), ("angle", "both", 0.2, 0.5)]
    drawing = grade_chart(dots, grade=grade, p=0.002)
    assert "Spearman 0.80 [0.60, 0.90]" in drawing.alt
    assert "RGB, soil_rgb -3" in beyond(drawing)
    assert drawing.rows["effect"].min() > 0  # a logarithm wants that
    assert json.loads(drawing.vega_lite())["data"]["values"][0]["factor"] == "soil_rgb"


def test_nothing_is_said():
    with pytest.raises(PlantEduError, match="nothing to show"):
        kept_chart([], condition="x")
    with pytest.raises(PlantEduError, match="nothing to show"):
        grade_chart([], grade=evidence(0.5), p=0.5)
