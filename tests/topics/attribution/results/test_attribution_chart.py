"""Charts of lesson 09 draw their null and say what they show."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.results.attribution_chart import cascade_chart, grades_chart


def evidence(value):
    return Evidence(
        question="?", value=value, null=0.1, control="uniform map", n=9, seeds=3, interval=(0, 1)
    )


LINES = [("IG", True, evidence(0.4), (0.3, 0.5)), ("edges", False, evidence(0.2), (0.2,))]


def test_the_best_baseline_is_drawn():
    drawing = grades_chart(
        [*LINES, ("leaf", False, evidence(0.15), (0.15,))], used=True, cue="lesions"
    )
    assert drawing.rows[drawing.rows["kind"] == "null"]["mass"].tolist() == [0.2]
    assert (drawing.rows["kind"] == "seed").sum() == 2
    assert "best baseline, 0.200" in drawing.alt
    assert "n = 9 plants, 3 seeds" in drawing.alt


def test_a_cue_that_is_not_used_is_said_to_be():
    assert "NOT used" in grades_chart(LINES, used=False, cue="mark", dark=True).alt


def test_a_cascade_starts_at_one():
    drawing = cascade_chart(
        {"IG": {"head": 0.5, "stem": 0.1}, "guided": {"head": 0.9, "stem": 0.6}}
    )
    assert drawing.rows[drawing.rows["stage"] == "trained"]["rho"].tolist() == [1.0, 1.0]
    assert "guided 0.60" in drawing.alt


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="no baseline"):
        grades_chart(LINES[:1], used=True, cue="mark")
    with pytest.raises(PlantEduError, match="No cascade"):
        cascade_chart({})
