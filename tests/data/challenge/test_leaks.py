"""Dealing plants to Train and Test: honest by default; leaks are of the four noted kinds."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantedu.data.challenge.leaks import LEAKS, places
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError

FIELD = world("field", 3)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 200), st.floats(0, 0.9), st.integers(0, 50))
def test_honest_folders_deal_each_disease_alike(pairs, share, seed):
    assigned = places(world("field", seed), pairs, test_share=share, leak=False)
    assert sorted(place.index for place in assigned) == list(range(pairs))
    assert len({place.id for place in assigned}) == pairs
    assert all(p.rgb_side == p.rgn_side and not p.leak for p in assigned)
    for label, count in Counter(p.label for p in assigned).items():
        test = sum(p.label == label and p.rgb_side == "test" for p in assigned)
        assert abs(test - share * count) <= 0.5


def test_a_plant_keeps_its_name_and_disease_whatever_is_asked_for():
    few = {p.index: (p.id, p.label) for p in places(FIELD, 20, test_share=0.3, leak=False)}
    many = {p.index: (p.id, p.label) for p in places(FIELD, 90, test_share=0.1, leak=True)[::-1]}
    honest = {p.index: (p.id, p.label) for p in places(FIELD, 90, test_share=0.3, leak=False)}
    assert few.items() <= honest.items()
    assert many.keys() == honest.keys()


def test_names_do_not_tell_the_order_or_the_disease():
    assigned = places(FIELD, 300, test_share=0.3, leak=False)
    order = [place.index for place in assigned]
    assert order != sorted(order)
    assert len({place.label for place in assigned[:12]}) == 3


def test_leaks_are_the_four_kinds():
    assigned = places(FIELD, 64, test_share=0.3, leak=True)
    by_id = {place.id: place for place in assigned}
    assert len(by_id) == len(assigned) == 64 + 3 * 2
    counts = Counter(place.leak for place in assigned if place.leak)
    assert counts == {"copy": 4, "saved_again": 4, "twin": 2, "two_ids": 4}
    for place in assigned:
        assert (place.rgb_side != place.rgn_side) == (place.leak == "twin")
        if place.original:
            first = by_id[place.original]
            assert (first.index, first.label, first.rgb_side) == (place.index, place.label, "train")
            assert place.rgb_side == ("train" if place.leak == "two_ids" else "test")


def test_every_kind_of_leak_is_there_in_the_smallest_folder():
    assigned = places(FIELD, 16, test_share=0.3, leak=True)
    assert {place.leak for place in assigned} == {"", *LEAKS}


@pytest.mark.parametrize(
    ("pairs", "share", "leak", "said"),
    [
        (0, 0.3, False, "at least 1 pair; got 0"),
        (-4, 0.3, False, "at least 1 pair; got -4"),
        (8, 1.0, False, r"in \[0, 1\); got 1.0"),
        (8, -0.1, False, r"in \[0, 1\); got -0.1"),
        (8, 0.3, True, "Leaks need 16 pairs.*got 8 pairs"),
        (20, 0.9, True, "with . in Train"),
    ],
)
def test_what_cannot_be_dealt_is_refused(pairs, share, leak, said):
    with pytest.raises(PlantEduError, match=said):
        places(FIELD, pairs, test_share=share, leak=leak)
