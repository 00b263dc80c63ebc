"""Marchenko-Pastur edges and parallel analysis."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.marchenko_pastur import (
    correlation_values,
    marchenko_pastur,
    parallel_analysis,
)

DRAW = np.random.default_rng(0)


def test_edges_of_3000_prototypes_in_128_dimensions():
    assert marchenko_pastur(128, 3000) == pytest.approx((0.6295, 1.4558), abs=1e-3)


@pytest.mark.parametrize(("dim", "rows"), [(100, 2000), (200, 400)])
def test_noise_lies_between_the_edges(dim, rows):
    values = np.linalg.svd(DRAW.normal(size=(rows, dim)), compute_uv=False) ** 2 / rows
    low, high = marchenko_pastur(dim, rows)
    assert values.min() == pytest.approx(low, abs=0.06)
    assert values.max() == pytest.approx(high, abs=0.06)


def test_no_rows_have_no_edges():
    with pytest.raises(PlantEduError, match="1 or more"):
        marchenko_pastur(4, 0)


@pytest.mark.parametrize("factors", [0, 1, 3])
def test_planted_factors_are_counted(factors):
    loads = DRAW.normal(size=(factors, 20))
    x = DRAW.normal(size=(300, factors)) @ loads + DRAW.normal(size=(300, 20))
    found = parallel_analysis(x, generator=np.random.default_rng(1), shuffles=39)
    assert found.count == factors
    assert (found.p <= 0.05) == (factors > 0)


def test_correlation_values_sum_to_the_columns_and_constants_are_left_out():
    x = np.column_stack([DRAW.normal(size=(50, 5)), np.ones(50)])
    assert correlation_values(x[:, :5]).sum() == pytest.approx(5)
    assert len(parallel_analysis(x, generator=DRAW, shuffles=19).values) == 5
