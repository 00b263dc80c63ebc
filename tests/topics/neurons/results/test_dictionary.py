"""Charts of a dictionary: its curve, its worth with what is not defined, its questions."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.results.dictionary import (
    CodeScores,
    auroc_chart,
    curve_chart,
    worth_chart,
)

ROWS = (
    CodeScores("dictionary", 0.1, 8, 0.2, 0.05, 0.9, {"angle": 0.7, "mark": 0.9}),
    CodeScores("random dictionary", 0.3, 8, 0.5, 0.0, None, {"angle": 0.6, "mark": 0.6}),
)


def test_the_curve_says_where_it_stands():
    assert "after 20 steps: 0.200" in curve_chart([(1, 0.9, 0), (20, 0.2, 0.1)]).alt
    with pytest.raises(PlantEduError, match="Not trained yet"):
        curve_chart([])


def test_worth_leaves_out_what_is_not_defined():
    drawing = worth_chart(ROWS, "n = 4", dark=True)
    assert len(drawing.rows) == 5
    assert "loss recovered 0.90" in drawing.alt
    assert "not defined (nothing is read)" in drawing.alt
    with pytest.raises(PlantEduError, match="nothing to compare"):
        worth_chart((), "n")


def test_questions_are_ordered_by_the_first_row():
    drawing = auroc_chart(ROWS, "n = 4")
    assert drawing.rows["question"].tolist()[:2] == ["mark", "angle"]
    assert "mark dictionary 0.90, random dictionary 0.60" in drawing.alt
