"""Half-samples: for a mean they give the interval that is known; for CKA the bootstrap does not."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.cka import gram, gram_cka
from plantedu.statistics.subsampling import half_sample_interval


def test_a_mean_gets_the_interval_that_is_known():
    values = np.random.default_rng(0).normal(3, 2, 400)
    low, high = half_sample_interval(
        lambda k: values[k].mean(), n=400, generator=np.random.default_rng(1), halves=2000
    )
    wide = 1.96 * values.std(ddof=1) / np.sqrt(400)
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.1 * wide)
    assert high - low == pytest.approx(2 * wide, rel=0.08)


def test_copies_of_a_plant_would_raise_cka():
    """Why it is not the bootstrap: independent noise, where the truth is 0."""
    generator = torch.Generator().manual_seed(0)
    kx, ky = (gram(torch.randn(80, 200, generator=generator)) for _ in range(2))

    def measure(rows):
        return gram_cka(kx[rows][:, rows], ky[rows][:, rows])

    draws = np.random.default_rng(0)
    low, high = half_sample_interval(measure, n=80, generator=draws)
    assert low < 0 < high
    boots = [measure(draws.integers(0, 80, 80)) for _ in range(50)]
    assert np.quantile(boots, 0.025) > high


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match="got 7"):
        half_sample_interval(lambda k: 0.0, n=7, generator=np.random.default_rng(0))
