"""Cosines: both nulls drawn, in words too."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.results.gradients import cosine_chart

SAME = Evidence(question="?", value=0.6, null=0.2, control="two batches", n=64)


@pytest.mark.parametrize("dark", [False, True])
def test_both_nulls_are_there(dark):
    lines = [
        ("encoder", "no queue / fresh queue", SAME, 0.8, (0.7, 0.9), 0.001),
        ("prototypes", "no queue / fresh queue", SAME, None, None, 0.01),
    ]
    drawing = cosine_chart(lines, dark=dark)
    assert drawing.rows["two batches"].tolist() == [0.2, 0.2]
    assert drawing.rows["above"].tolist() == [0.003, 0.03]
    assert "0.60 on one batch (two batches 0.20), angle 0.80" in drawing.alt
    assert drawing.alt.count("angle") == 1


def test_nothing_to_draw_is_said():
    with pytest.raises(PlantEduError, match="no cosines"):
        cosine_chart([])
