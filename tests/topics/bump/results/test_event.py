"""Charts of an event: both pairs drawn, in words too."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.results.event import change_chart, shift_chart

CHANGE = Evidence(question="?", value=0.4, null=0.01, control="a pair", n=50, interval=(0.3, 0.5))
MEASURES = [
    ("disease", "accuracy", (0.4, 0.8), (0.8, 0.81), 0.36, CHANGE),
    ("directions", "RankMe", (17.0, 16.0), (16.0, 16.5), None, CHANGE),
]


@pytest.mark.parametrize("dark", [False, True])
def test_both_pairs_are_drawn_on_the_scale_of_their_unit(dark):
    drawing = change_chart(MEASURES, dark=dark)
    assert len(drawing.rows) == 4
    assert "disease 0.40 to 0.80 (control 0.80 to 0.81)" in drawing.alt
    assert "n = 50" in drawing.alt
    assert drawing.spec["facet"]["row"]["sort"] == ["accuracy", "RankMe"]
    assert json.loads(drawing.vega_lite())["data"]["values"][0]["unit"] == "accuracy"


def test_every_plant_is_drawn_beside_the_controls():
    spread = ("log", (-2.0, -1.0, 0.0), (-0.1, 0.0, 0.1), "uniform", CHANGE, (0.1, 0.2))
    drawing = shift_chart([spread, ("ruler alone", *spread[1:])])
    assert (drawing.rows["kind"] == "plant").sum() == 12
    assert "as the log has it uniform: mean -1.00 nats (control +0.00)" in drawing.alt
    assert set(drawing.rows["pair"].dropna()) == {"event", "control"}


def test_nothing_to_draw_is_said():
    for chart in (change_chart, shift_chart):
        with pytest.raises(PlantEduError, match="nothing to compare"):
            chart([])
