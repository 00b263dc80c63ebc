"""Stages: every measure drawn with its null, in words too."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.results.escape import escape_chart


def found(value):
    return Evidence(question="?", value=value, null=4.2, control="ln K", n=50, interval=(0, 9))


@pytest.mark.parametrize("dark", [False, True])
def test_every_measure_has_its_null_and_its_half(dark):
    stops = [(step, {"loss": found(v), "rankme": found(v)}) for step, v in ((0, 4), (90, 2))]
    halves = {"loss": 45.0, "rankme": None}
    drawing = escape_chart(stops, ("no queue", "a queue"), halves, dark=dark)
    assert len(drawing.rows) == 4
    assert drawing.rows["null"].tolist() == [4.2] * 4
    assert "4.00 to 2.00 (ln K: 4.20), halfway at step 45" in drawing.alt
    assert drawing.alt.count("halfway") == 1


def test_nothing_to_draw_is_said():
    with pytest.raises(PlantEduError, match="no stages"):
        escape_chart([], ("", ""), {})
