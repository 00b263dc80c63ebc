"""Lineages: branches stand under their parents and begin where they left them."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.family.results.lineage_chart import Kin, in_tree, lineage_chart

FAMILY = [
    Kin("c", "third", parent="b", left_at=50, steps=10),
    Kin("a", "first", steps=100),
    Kin("x", "alone", parent="gone", steps=7),
    Kin("b", "second", parent="a", left_at=60, steps=80),
]


def test_branches_follow_their_parents():
    order, begins = in_tree(FAMILY)
    names = [one.id for one in order]
    assert names.index("a") + 1 == names.index("b") == names.index("c") - 1
    assert begins == {"a": 0, "b": 60, "c": 110, "x": 0}


def test_runs_and_branches_are_drawn_and_said():
    drawing = lineage_chart(FAMILY, chosen="b")
    assert drawing.rows["kind"].value_counts().to_dict() == {"run": 3, "branch": 2, "chosen": 1}
    bar = drawing.rows.query("kind == 'chosen'").iloc[0]
    assert (bar["begin"], bar["end"]) == (60, 140)
    assert "Lineage of 4 runs" in drawing.alt
    assert "second from a at step 60" in drawing.alt


def test_no_runs_and_circles_are_sentences():
    with pytest.raises(PlantEduError, match="no runs yet"):
        lineage_chart([])
    with pytest.raises(PlantEduError, match="p, q are their own ancestors"):
        lineage_chart([Kin("p", "", parent="q"), Kin("q", "", parent="p")])
