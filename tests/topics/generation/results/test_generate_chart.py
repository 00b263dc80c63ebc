"""The chart of drawn pictures: no number without its null."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.generate_chart import generate_chart


def test_every_number_stands_beside_what_was_told_nothing():
    one = Evidence(question="?", value=0.3, null=0.02, control="unconditional", n=16)
    found = generate_chart({"MRR": one, "spread": one})
    numbers, ends = (found.rows[found.rows["kind"] == k] for k in ("number", "axis end"))
    assert len(numbers) == 4
    assert ends[["number", "value"]].values.tolist() == [["MRR", 1.0]], "beside what it could be"
    assert set(found.rows["what"]) == {"conditional", "unconditional"}
    assert "unconditional 0.020" in found.alt
    assert generate_chart({"MRR": one}, dark=True).spec != generate_chart({"MRR": one}).spec


def test_nothing_to_draw_is_said():
    with pytest.raises(PlantEduError, match="no numbers"):
        generate_chart({})
