"""Ranks over steps, with interval and null."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.results.collapse import ranks_chart


def one(value, interval=(1.0, 3.0)):
    return Evidence(
        question="?", value=value, null=9.0, control="random init", n=40, interval=interval
    )


@pytest.mark.parametrize("dark", [False, True])
def test_every_measure_has_its_panel_and_its_null(dark):
    stops = [
        ("a", 0, {"rankme": one(2.0), "horn": one(3.0, None)}),
        ("b", 9, {"rankme": one(1.5), "horn": one(2.0, None)}),
    ]
    drawing = ranks_chart(stops, "z", dark=dark)
    assert len(drawing.rows) == 4
    assert set(drawing.rows["null"]) == {9.0}
    assert "RankMe 2.0 to 1.5 (random init 9.0)" in drawing.alt
    assert "n = 40" in drawing.alt


def test_no_checkpoints_are_refused():
    with pytest.raises(PlantEduError, match="no checkpoints"):
        ranks_chart([], "z")
