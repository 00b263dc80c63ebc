"""Traces: every walk drawn, faults and control in words."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.results.llc import trace_chart

CHANGE = Evidence(question="?", value=-2.0, null=0.1, control="a pair", n=64, seeds=2)


@pytest.mark.parametrize("dark", [False, True])
def test_every_walk_is_drawn(dark):
    walks = [
        ("before", 4.9, ((0.0, 0.1, 0.2), (0.0, 0.2, 0.1)), ""),
        ("after", None, ((0.0, 9.0),), "a walk diverged"),
    ]
    drawing = trace_chart(walks, burn_in=1, change=CHANGE, dark=dark)
    assert len(drawing.rows) == 8
    assert drawing.rows["part"].tolist().count("burn-in") == 3
    assert "before 4.90; after diverged (a walk diverged)" in drawing.alt
    assert "control +0.10" in drawing.alt


def test_nothing_to_draw_is_said():
    with pytest.raises(PlantEduError, match="no walks"):
        trace_chart([], burn_in=0, change=None)
