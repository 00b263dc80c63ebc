"""Charts of faithfulness: chance drawn, every judge and sampler, words."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.source_retrieval_chart import ladder_chart, mrr_chart


def evidence(value):
    ends = (value / 2, value * 2)
    return Evidence(question="?", value=value, null=0.007, control="lot", n=9, interval=ends)


@pytest.mark.parametrize("dark", [False, True])
def test_mrr_stands_beside_chance_nothing_and_the_nearest_training_plant(dark):
    lines = [
        ("own", evidence(0.3), evidence(0.02), 0.008),
        ("other", evidence(0.2), evidence(0.01), 0.009),
    ]
    drawing = mrr_chart(lines, gallery=1024, condition="cross-0 h of rgb", dark=dark)
    assert len(drawing.rows) == 7
    assert (drawing.rows["kind"] == "chance").sum() == 1
    assert "by own 0.300 (nearest training plant 0.020, nothing 0.0080)" in drawing.alt
    assert "Chance 0.0070" in drawing.alt


def test_the_ladder_has_a_line_a_sampler():
    drawing = ladder_chart([("euler", 4, evidence(0.1)), ("heun", 8, evidence(0.2))], gallery=64)
    assert "euler 4 steps 0.100; heun 8 steps 0.200" in drawing.alt
    assert set(drawing.rows["kind"]) == {"rung", "chance"}


def test_samplers_of_as_many_steps_stand_beside_each_other_in_their_order():
    """Four lay on one another at 8 steps; that of the page could not be seen."""
    rungs = [(name, 8, evidence(0.2)) for name in ("euler", "unipc", "heun")]
    rows = ladder_chart(rungs, gallery=64).rows.dropna(subset="steps")
    assert list(rows["steps"]) == [8, 8, 8]
    assert list(rows["beside"]) == sorted(set(rows["beside"]))
    assert rows["beside"].iloc[0] == 8
    assert rows["beside"].max() < 9


def test_nothing_is_said():
    with pytest.raises(PlantEduError, match="nothing to show"):
        mrr_chart([], gallery=9, condition="x")
    with pytest.raises(PlantEduError, match="nothing to show"):
        ladder_chart([], gallery=9)
