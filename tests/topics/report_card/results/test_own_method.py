"""A method of one's own on the card: settings out of range, charts, names of rows."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.paired_differences import Difference
from plantedu.topics.report_card.grade import grade
from plantedu.topics.report_card.results.own_method import (
    EXAMPLES,
    KINDS,
    ExamResult,
    OwnMethodResult,
    OwnSettings,
)
from plantedu.topics.report_card.trial import Mark, Trial

MARKS = [Mark(True, True, 1.0, 1.0, (0.5, 2.0)), Mark(False, False)] * 5


def exam(name):
    own, ours = (
        grade(Trial(one, "11_report", "a step", "none", lambda seed: MARKS), MARKS, 5)
        for one in ("yours, f", "ours")
    )
    return ExamResult(name, own, (ours,), (Difference("f less ours", (1, 1), own.right, 1, 1),))


def result(*names):
    settings = OwnSettings("changepoints", 5, 0, ("ours",))
    return OwnMethodResult("f", settings, tuple(map(exam, names)), (), 1.0, "code")


def test_rows_carry_the_trial_where_there_are_several():
    assert [name for name, _ in result("one").rows()] == ["yours, f", "ours"]
    assert result("one", "two").rows()[2][0] == "yours, f: two"
    assert len(result("one").lines()) == 7
    with pytest.raises(PlantEduError, match="there are one, two"):
        result("one", "two").of("three")


def test_charts_have_their_nulls():
    found = result("one")
    assert "Null: a coin" in found.chart().alt
    assert "stated .95" in found.coverage_chart().alt
    assert "yours less ours" in found.differences_chart().alt


@pytest.mark.parametrize("knobs", [{"kind": "map"}, {"worlds": 0}, {"seed": -1}])
def test_settings_out_of_range_are_a_sentence(knobs):
    with pytest.raises(PlantEduError):
        OwnSettings(**{"kind": "attack", **knobs})


def test_every_kind_has_an_example():
    assert tuple(EXAMPLES) == KINDS
