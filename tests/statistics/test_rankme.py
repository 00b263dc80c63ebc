"""RankMe: known ranks."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.rankme import rankme


@pytest.mark.parametrize("k", [1, 3, 8])
def test_k_even_directions_have_rank_k(k):
    generator = torch.Generator().manual_seed(0)
    columns = torch.linalg.qr(torch.randn(40, k, generator=generator))[0]
    turn = torch.linalg.qr(torch.randn(16, 16, generator=generator))[0]
    assert rankme(columns @ turn[:k]) == pytest.approx(k, abs=1e-3)


def test_uneven_directions_count_less():
    values = torch.tensor([1.0, 0.5, 0.25])
    p = values / values.sum()
    assert rankme(torch.diag(values)) == pytest.approx(float((-(p * p.log()).sum()).exp()), 1e-5)


def test_fewer_rows_mean_a_lower_ceiling():
    z = torch.randn(400, 64, generator=torch.Generator().manual_seed(0))
    assert rankme(z[:32]) < 32.001 < rankme(z)


def test_nothing_has_no_rank():
    with pytest.raises(PlantEduError, match="all zero"):
        rankme(torch.zeros(4, 3))
