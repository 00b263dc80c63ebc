"""Networks small enough to know every map of by hand."""

import pytest
import torch
from torch import nn

from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.targets import Scored

SIDE = 8


class Linear(Scored):
    """s_k = w1_k . x1 + w2_k . x2."""

    outputs = 2

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        self.w1 = torch.randn(2, 3, SIDE, SIDE, generator=generator, dtype=torch.double)
        self.w2 = torch.randn(2, 3, SIDE, SIDE, generator=generator, dtype=torch.double)

    def forward(self, x1, x2):
        both = zip((x1, x2), (self.w1, self.w2), strict=True)
        return sum(x.flatten(1).to(w) @ w.flatten(1).T for x, w in both)


class Body(nn.Module):
    """A stem, four stages and a pool, named as timm names them."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(4)
            for k in range(1, 5):
                conv = nn.Conv2d(4, 4, 3, padding=1)
                setattr(self, f"layer{k}", nn.Sequential(conv, nn.ReLU(inplace=True)))
            self.global_pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.bn1(self.conv1(x))
        for k in range(1, 5):
            x = getattr(self, f"layer{k}")(x)
        return self.global_pool(x).flatten(1)


class Encoded(nn.Module):
    def __init__(self, seed: int) -> None:
        super().__init__()
        self.body = Body(seed)


class Convolved(Scored):
    """A convolutional network of both pictures in one call, with a linear head."""

    outputs = 2
    names = ("one", "other")

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.encoder = Encoded(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + 50)
            self.head = nn.Linear(8, 2)
        self.eval()
        self.requires_grad_(False)

    def forward(self, x1, x2):
        h = self.encoder.body(torch.cat([x1, x2]))
        return self.head(torch.cat(h.chunk(2), 1))


@pytest.fixture
def linear() -> Linear:
    return Linear().eval()


@pytest.fixture
def convolved() -> Convolved:
    return Convolved()


@pytest.fixture
def pair() -> PairBatch:
    generator = torch.Generator().manual_seed(5)
    x1, x2 = torch.rand(2, 3, 3, SIDE, SIDE, generator=generator)
    return PairBatch(x1, x2, ("a", "b", "c"), ("a", "b", "c"))


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
