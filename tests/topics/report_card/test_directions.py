"""Directions of a dictionary beside the known ones."""

from plantedu.topics.report_card import directions


def test_live_directions_are_both_near_a_known_one_and_not():
    every, two = directions.every_live(0), directions.of_two_seeds(0)
    assert [m.there for m in every] == [m.there for m in two]
    assert {m.there for m in every} == {True, False}
    assert all(m.said for m in every)
    precision = [sum(m.there for m in marks if m.said) / max(sum(m.said for m in marks), 1)
                 for marks in (every, two)]  # fmt: skip
    assert precision[1] > precision[0]
