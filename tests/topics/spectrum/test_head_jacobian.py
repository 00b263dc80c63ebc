"""The head's Jacobian in closed form is what autograd says."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from plantedu.topics.spectrum.head_jacobian import head_jacobians


@pytest.fixture
def head():
    torch.manual_seed(0)
    found = nn.Sequential(nn.Linear(6, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Linear(10, 4))
    found.train()
    with torch.no_grad():
        found(3 * torch.randn(64, 6) + 1)
    return found.double().eval()


@pytest.mark.parametrize("unit", [False, True])
def test_it_is_what_autograd_says(head, unit):
    h = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(5))

    def out(row):
        g = head(row[None])[0]
        return F.normalize(g, dim=0) if unit else g

    wanted = torch.stack([torch.autograd.functional.jacobian(out, row) for row in h])
    assert torch.allclose(head_jacobians(head, h, unit=unit), wanted, atol=1e-10)


def test_on_the_sphere_it_has_no_component_along_z(head):
    h = torch.randn(3, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    z = F.normalize(head(h), dim=1)
    along = z[:, None] @ head_jacobians(head, h)
    assert along.abs().max() < 1e-12
