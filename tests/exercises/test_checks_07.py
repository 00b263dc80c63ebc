"""Worlds of lesson 07's checks hold what they say, with room for another arithmetic."""

import numpy as np
import pytest

from plantedu.exercises import checks_07 as checks
from plantedu.topics.spectrum.marchenko_pastur import correlation_values, marchenko_pastur
from plantedu.topics.spectrum.nulls import circular_sd, ginibre


def test_the_slanted_map_has_the_eigenvalues_that_are_stated():
    values = np.sort_complex(np.linalg.eigvals(checks.slanted()))
    turn = 2 * np.exp(2j * np.pi / 3)
    assert values == pytest.approx(np.array([np.conj(turn), turn, 1]), abs=1e-12)


def test_noise_spreads_as_the_check_expects():
    found = ginibre(24, generator=np.random.default_rng(0), draws=600).scores
    assert found.std() == pytest.approx(circular_sd(24), rel=0.1)
    assert abs(found.mean()) < 0.01


@pytest.mark.parametrize("planted", [0, 3])
def test_no_eigenvalue_lies_near_the_edge(planted):
    values, (_, edge) = correlation_values(checks.table(planted=planted)), marchenko_pastur(30, 300)
    assert (values > edge).sum() == planted
    assert np.abs(values - edge).min() > 0.1


def test_other_counts_differ():
    counts = checks._other_counts(checks.table(planted=3))
    assert len({3, *counts.values()}) == len(counts) + 1
