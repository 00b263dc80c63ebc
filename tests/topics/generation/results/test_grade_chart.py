"""The chart of a grade: its numbers in words, what lies beyond its axes, and nothing at all."""

import json

import altair as alt
import pytest

from plantedu.charts.edges import beyond
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.grade_chart import dashed_rule, grade_chart

GRADE = Evidence(question="?", value=0.8, null=0.01, control="shuffled", n=9, interval=(0.6, 0.9))


def test_the_grade_is_in_the_words_and_edges_hold():
    dots = [("soil_rgb", "rgb", 0.0, -3.0), ("angle", "both", 0.2, 0.5)]
    drawing = grade_chart(dots, grade=GRADE, p=0.002)
    assert "Spearman 0.80 [0.60, 0.90]" in drawing.alt
    assert "RGB, soil_rgb -3" in beyond(drawing)
    assert drawing.rows["effect"].min() > 0  # a logarithm wants that
    assert json.loads(drawing.vega_lite())["data"]["values"][0]["factor"] == "soil_rgb"


def test_without_factors_there_is_nothing_to_show():
    with pytest.raises(PlantEduError, match="nothing to show"):
        grade_chart([], grade=GRADE, p=0.5)


@pytest.mark.parametrize("dark", [False, True])
def test_the_ends_of_the_scale_are_dashed(dark):
    assert dashed_rule(x=alt.datum(1), dark=dark).mark.strokeDash == [4, 3]
