"""Charts of what is kept: both nulls on the chart, blind factors in words, edges."""

import pytest

from plantedu.charts.edges import beyond
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.invariances import kept_chart


def evidence(value, null=0.0):
    ends = (value - 0.1, value + 0.1)
    return Evidence(
        question="?", value=value, null=null, control="unconditional", n=9, interval=ends
    )


LINES = [
    ("soil_rgb", "pinned", evidence(2.0), 0.4),
    ("angle", "free", evidence(0.1), 0.9),
    ("mesophyll", "unclear", evidence(0.4), 0.1),
    ("noise_rgb", "cannot be read", evidence(-9.0), 0.0),
]


@pytest.mark.parametrize("dark", [False, True])
def test_factors_nulls_and_blind_ones(dark):
    drawing = kept_chart(LINES, condition="cross-0 h of rgb", dark=dark)
    factors = drawing.rows[drawing.rows["kind"] == "factor"]
    assert set(factors["factor"]) == {"soil_rgb", "angle", "mesophyll"}
    assert factors["pinned"].max() == 2.0
    assert "soil_rgb" in beyond(drawing)  # drawn on the edge, the number is said
    assert "pinned: soil_rgb 2.00" in drawing.alt
    assert "unclear: mesophyll 0.40" in drawing.alt
    assert "1 pinned, 1 unclear, 1 free, 1 cannot be read" in drawing.caption
    assert "Cannot be read: noise_rgb" in drawing.alt
    assert set(drawing.rows["of"].dropna()) == {"factor set to one value", "random weights"}
    narrow = kept_chart([(*LINES[0][:3], None)], condition="x", narrow=True, dark=dark)
    assert set(narrow.rows["of"].dropna()) == {"unconditional"}


def test_nothing_is_said():
    with pytest.raises(PlantEduError, match="nothing to show"):
        kept_chart([], condition="x")
