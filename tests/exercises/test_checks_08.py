"""Worlds of lesson 08's checks hold what they say."""

import numpy as np

from plantedu.exercises import checks_08 as checks


def test_pictures_are_files_and_slopes_differ():
    levels, slopes = 255 * checks.pictures(), checks.slopes()
    assert float((levels - levels.round()).abs().max()) < 1e-4
    sizes = slopes.abs()[slopes != 0]
    assert float(sizes.max() / sizes.min()) > 1000
    assert bool((slopes == 0).any() and (slopes > 0).any() and (slopes < 0).any())


def test_the_slow_rule_on_the_cases_by_hand():
    step, now, halved = checks.halved_slowly(*checks.cases())
    assert halved.tolist() == [False, True, False, True, False, True, True, False]
    assert step.tolist() == [2, 1, 1, 0.5, 0.5, 1, 1, 0.25]
    assert now.tolist() == [5, 6, 4, 1, 1, 2, 9, 9]


def test_the_slow_rule_changes_nothing_that_it_is_given():
    given = checks.cases()
    before = [one.copy() for one in given]
    checks.halved_slowly(*given)
    assert all(np.array_equal(one, was) for one, was in zip(given, before, strict=True))
