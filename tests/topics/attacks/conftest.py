"""Small models with known answers, and pictures of eight pixels a side."""

import pytest
import torch
from torch import nn

from plantedu.topics.attacks.criteria import Margin

SIDE = 8


class Linear(nn.Module):
    """Logits that are linear in the pair; the sensors' weights are known."""

    def __init__(self, classes=3, seed=0, side=SIDE):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.weight = nn.Parameter(
            torch.randn(classes, 2, 3, side, side, generator=generator), requires_grad=False
        )
        self.eval()

    def forward(self, views):
        return torch.einsum("snchw,kschw->nk", views - 0.5, self.weight)


class Bent(Linear):
    """The same, bent: a small network whose slope turns."""

    def forward(self, views):
        return 4 * torch.tanh(super().forward(views) / 6)


@pytest.fixture
def linear():
    return Linear()


@pytest.fixture
def bent():
    return Bent()


@pytest.fixture
def views():
    """Six pairs, uint8, away from the ends of the range."""
    generator = torch.Generator().manual_seed(1)
    return torch.randint(60, 196, (2, 6, 3, SIDE, SIDE), generator=generator).byte()


@pytest.fixture
def said(linear, views):
    """What the linear model says of the clean pairs: with these labels all are right."""
    return linear(views.float() / 255).argmax(1)


@pytest.fixture
def goal(said):
    return Margin(said)


@pytest.fixture
def draw():
    """A fresh generator of seed 0."""
    return lambda seed=0: torch.Generator().manual_seed(seed)
