"""Curves are tidied in the open: sorted, averaged, with what was dropped counted."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.curve import tidy

STEPS = np.arange(40.0)
VALUES = np.sin(STEPS)


def test_a_clean_curve_is_left_alone():
    curve = tidy(STEPS, VALUES, name="train")
    assert curve.notes == ()
    assert (curve.name, curve.spacing, len(curve)) == ("train", 1.0, 40)
    np.testing.assert_array_equal(curve.values, VALUES)


def test_rows_without_a_number_are_dropped_and_counted():
    values = VALUES.copy()
    values[[3, 4]] = np.nan, np.inf
    curve = tidy(STEPS, values)
    assert len(curve) == 38
    assert "1 rows without a number" in curve.notes[0]
    assert "1 rows with an infinite value" in curve.notes[1]


def test_unsorted_steps_are_sorted():
    order = np.random.default_rng(0).permutation(40)
    curve = tidy(STEPS[order], VALUES[order])
    np.testing.assert_array_equal(curve.values, VALUES)
    assert "sorted" in curve.notes[0]


def test_repeated_steps_are_averaged():
    curve = tidy(np.r_[STEPS, 7.0], np.r_[VALUES, VALUES[7] + 2])
    assert len(curve) == 40
    assert curve.values[7] == pytest.approx(VALUES[7] + 1)
    assert any("1 rows repeat a step" in note for note in curve.notes)


def test_gaps_are_found_and_said():
    kept = (STEPS < 10) | (STEPS > 17)
    curve = tidy(STEPS[kept], VALUES[kept] + 1)
    assert curve.gaps() == [(9.0, 18.0)]
    assert "the widest from 9 to 18" in curve.notes[0]


@pytest.mark.parametrize(
    ("steps", "values", "said"),
    [
        (STEPS[:10], VALUES[:10], "10 usable rows; 30 are needed"),
        (STEPS, np.full(40, 2.5), "never changes: it is 2.5 in all 40 rows"),
        (STEPS, VALUES[:-1], "40 steps and 39 values"),
        (STEPS, np.full(40, np.nan), "0 usable rows"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(steps, values, said):
    with pytest.raises(PlantEduError, match=said):
        tidy(steps, values)
