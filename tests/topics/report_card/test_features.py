"""Dictionaries of known directions and of none: agreement tells them apart, a good fit does not."""

from plantedu.topics.report_card import features


def test_two_seeds_agree_on_what_is_there_and_fit_what_is_not():
    marks = [mark for seed in (0, 1) for mark in features.beyond_gaussian(seed)]
    assert [mark.there for mark in marks] == [True, False] * 2
    assert all(mark.right for mark in marks)
    assert all(mark.said for mark in features.fits(1))
    assert features.beyond_random(1) == features.beyond_random(1)
