"""Charts of the diagnosis: luck beside every count, the diagonal beside every bin."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.results.diagnosis import clinic_confusion, reliability_chart


def test_confusions_carry_what_luck_would_give():
    drawing = clinic_confusion([[3, 1], [0, 4]], ["a", "b"])
    cell = drawing.rows.set_index(["is", "called"]).loc[("a", "b")]
    assert (cell["cases"], cell["by luck"], cell["share"]) == (1, 2.5, 0.25)
    assert "1 of a called b (by luck 2.5)" in drawing.alt
    assert "88%" in drawing.alt


def test_an_empty_table_is_refused():
    with pytest.raises(PlantEduError, match="at least one case"):
        clinic_confusion([[0, 0], [0, 0]], ["a", "b"])


def test_reliability_draws_its_diagonal():
    drawing = reliability_chart([(0.95, 10, 0.97, 1.0)], 0.03, 0.02)
    assert drawing.rows[drawing.rows["kind"] == "null"]["right"].tolist() == [0, 1]
    assert "10 cases stated 0.97, right 1.00" in drawing.alt
    assert drawing.spec != reliability_chart([(0.95, 10, 0.97, 1.0)], 0.03, 0.02, dark=True).spec
