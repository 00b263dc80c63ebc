"""Ranks of spectra with known answers."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.rankme import rankme
from plantedu.topics.spectrum.nulls import rotation
from plantedu.topics.spectrum.ranks import (
    ALPHA_RANGE,
    alpha,
    covariance_values,
    participation_ratio,
)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_alpha_of_a_power_law_is_its_exponent(exponent):
    assert alpha(np.arange(1, 65.0) ** -exponent) == pytest.approx(exponent)


def test_alpha_is_recovered_from_rows():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(8000, 64)) * np.arange(1, 65) ** -0.5
    assert alpha(covariance_values(x @ rotation(64, draw))) == pytest.approx(1.0, abs=0.06)


def test_alpha_keeps_its_declared_range():
    assert ALPHA_RANGE == (5, 32)
    bent = np.arange(1, 65.0) ** -1.0
    bent[:4], bent[32:] = 50.0, 1e-9
    assert alpha(bent) == pytest.approx(1.0)
    with pytest.raises(PlantEduError, match="not defined here"):
        alpha(np.ones(16))
    with pytest.raises(PlantEduError, match="no power law"):
        alpha(np.r_[np.ones(10), np.zeros(54)])
    with pytest.raises(PlantEduError, match="later one"):
        alpha(np.ones(40), ranks=(9, 9))


def test_participation_counts_equal_directions():
    assert participation_ratio(np.r_[np.ones(7), np.zeros(9)]) == pytest.approx(7)
    assert participation_ratio(np.array([3.0])) == 1
    with pytest.raises(PlantEduError, match="undefined"):
        participation_ratio(np.zeros(3))


def test_covariance_values_are_those_of_numpys_covariance():
    x = np.random.default_rng(0).normal(size=(40, 6)) + 5
    wanted = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    assert covariance_values(x) == pytest.approx(wanted)
    wide = np.random.default_rng(0).normal(size=(5, 9))
    assert len(covariance_values(wide)) == 5


def test_rankme_of_what_is_measured_in_methods():
    """128 equal directions, ten, and one."""
    import torch

    draw = np.random.default_rng(0)
    full = torch.from_numpy(draw.normal(size=(20_000, 128)))
    ten = torch.from_numpy(draw.normal(size=(20_000, 10)) @ rotation(128, draw)[:10])
    assert rankme(full) == pytest.approx(128, abs=0.3)
    assert rankme(ten) == pytest.approx(10, abs=0.05)
    assert rankme(torch.ones(100, 128)) == pytest.approx(1, abs=1e-3)
