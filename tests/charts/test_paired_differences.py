"""The chart of differences: 0 in every panel, verdicts in words."""

from types import SimpleNamespace

import pytest

from plantedu.charts.paired_differences import difference_chart
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence

ONE = Evidence(question="?", value=0.3, null=0.0, control="flips", n=12, interval=(0.1, 0.5))


@pytest.mark.parametrize("dark", [False, True])
def test_every_measure_has_its_panel_and_its_zero(dark):
    more = SimpleNamespace(evidence=ONE, corrected=0.01, verdict="more")
    none = SimpleNamespace(evidence=ONE, corrected=0.6, verdict="no difference")
    lines = [("variance", "other", more), ("mrr", "other", none)]
    drawing = difference_chart(lines, against="matching pairs", dark=dark)
    assert (drawing.rows["kind"] == "zero").sum() == 2
    assert "variance, other: +0.300, more (p 0.010)" in drawing.alt
    assert "no difference (p 0.600)" in drawing.alt
    assert "1 of 2 differ" in drawing.caption  # what stands below it: number, null, meaning
    assert "variance, other: +0.300, more. n = 12" in drawing.caption
    assert "mrr" not in drawing.caption
    assert drawing.spec["facet"]["row"]["sort"] == ["variance", "mrr"]


def test_nothing_is_said():
    with pytest.raises(PlantEduError, match="nothing to compare"):
        difference_chart([], against="x")
