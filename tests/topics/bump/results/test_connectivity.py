"""The line's chart: every pair drawn, in words too."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.results.connectivity import line_chart

HILL = Evidence(question="?", value=0.2, null=0.01, control="a pair", n=50, interval=(0.1, 0.3))


@pytest.mark.parametrize("dark", [False, True])
def test_every_point_is_drawn_and_the_barrier_is_said(dark):
    walks = [
        (pair, "no queue", norm, (5.0, 5.3, 4.0), HILL)
        for pair in ("event", "control")
        for norm in ("recomputed", "averaged")
    ]
    drawing = line_chart((0, 0.5, 1), walks, dark=dark)
    assert len(drawing.rows) == 12
    assert "event, no queue, batch norm averaged: 5.00 to 4.00, barrier 0.200" in drawing.alt
    assert "n = 50" in drawing.alt


def test_nothing_to_draw_is_said():
    with pytest.raises(PlantEduError, match="no line"):
        line_chart((0, 1), [])
