"""Comparisons: names, labels and events fit together; what ships is there."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.results.comparisons import COMPARISONS, comparison, of_two
from plantedu.training.weights_spec import ROOT


@pytest.mark.parametrize("one", COMPARISONS, ids=lambda one: one.name)
def test_sides_have_labels_of_their_own_and_events_follow_a_member(one):
    for side in (one.first, one.second):
        assert len({member.label for member in side}) == len(side)
    assert {label for label, _ in one.events} <= {member.label for member in one.second}
    for member in (*one.first, *one.second):
        ships = (ROOT / f"{member.encoder}.safetensors").is_file()
        assert ships or member.encoder.startswith("random:"), member
    assert comparison(one.name) is one


def test_two_of_ones_own():
    found = of_two(("cross-0",), ("h", "z"), ("rgb", "rgn"))
    assert [m.sensor for m in (*found.first, *found.second)] == ["rgb"] * 2 + ["rgn"] * 2
    assert {m.encoder for m in (*found.first, *found.second)} == {"cross-0"}


def test_unknown_names_and_numbers_are_said():
    with pytest.raises(PlantEduError, match=r"called 'noses'. There are: layers, seeds"):
        comparison("noses")
    with pytest.raises(PlantEduError, match="one encoder or two; got 3"):
        of_two(("a", "b", "c"), ("h",), ("rgb",))
    with pytest.raises(PlantEduError, match="one sensor or two; got 0"):
        of_two(("a",), ("h",), ())
