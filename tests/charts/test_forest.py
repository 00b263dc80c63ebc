"""Forest plots: every line with its interval and its null, zero where numbers are differences."""

import json

import pytest

from plantedu.charts.forest import forest_chart
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence


def line(value, null=0.0, **more):
    return Evidence(question="?", value=value, null=null, control="none", n=99, seeds=5, **more)


def test_lines_keep_their_order_intervals_and_nulls():
    lines = [("b", line(0.2, interval=(0.1, 0.3))), ("a", line(-0.1, null=0.05))]
    drawing = forest_chart(lines, unit="difference", zero=True)
    assert drawing.rows["what"].tolist() == ["b", "a"]
    assert drawing.rows["low"].tolist() == [0.1, -0.1]
    assert drawing.rows["null"].tolist() == [0.0, 0.05]
    assert "b 0.200 [0.100, 0.300] (none: 0.000); a -0.100 (none: 0.050)" in drawing.alt
    assert "n = 99 plants, 5 seeds" in drawing.alt
    assert '"datum": 0' in json.dumps(drawing.spec)
    assert '"datum": 0' not in json.dumps(forest_chart(lines, unit="accuracy").spec)
    assert '"data"' not in json.dumps(drawing.spec)


def test_nothing_to_compare_is_a_sentence():
    with pytest.raises(PlantEduError, match="nothing to compare"):
        forest_chart([], unit="x")
