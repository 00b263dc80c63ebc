"""A planted head is the map that was planted, and looks like a projector."""

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.planted_head import planted_head


def test_it_computes_the_map_and_has_the_projectors_layers():
    draw = torch.Generator().manual_seed(0)
    matrix = torch.randn(5, 5, dtype=torch.float64, generator=draw)
    head = planted_head(matrix)
    x = torch.randn(20, 5, dtype=torch.float64, generator=draw)
    assert torch.allclose(head(x), x @ matrix, atol=1e-12)
    assert [type(part) for part in head] == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]


def test_a_rectangular_map_is_refused():
    with pytest.raises(PlantEduError, match="to itself"):
        planted_head(torch.ones(3, 4))
