"""Noticed is filled, blind is hollow, chance is drawn."""

import pytest
import vl_convert

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.similarity.results.sensitivity import sensitivity_chart


def test_points_say_whether_a_measure_noticed():
    one = Evidence(question="?", value=0.9, null=0.5, control="seeds", n=11, interval=(0.8, 1.0))
    rows = [("CKA", "disease", one, 0.01), ("CKA", "bloom", one, 0.4)]
    drawing = sensitivity_chart(rows, says="says")
    assert drawing.rows["kind"].tolist() == ["noticed", "blind", "null"]
    picture = vl_convert.vegalite_to_svg(
        sensitivity_chart(rows, says="says", dark=True).vega_lite()
    )
    assert "bloom" in picture
    assert "AUROC" in picture


def test_nothing_to_show_is_said():
    with pytest.raises(PlantEduError, match="nothing to show"):
        sensitivity_chart([], says="")
