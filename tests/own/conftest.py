"""Small pictures with a plain difference between two classes, and a small network."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from plantedu.own.images import Images, images
from plantedu.own.model import Model, model


class Small(nn.Module):
    """Two stages and a head: a network of a user, without a configuration."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.stage = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.ReLU())
        self.fc = nn.Linear(12, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.stage(self.stem(x)).mean((2, 3)))


@pytest.fixture(scope="session")
def own_images() -> Images:
    """40 pictures of 32 px; those of class "spot" have a bright spot in the middle."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 130, (40, 3, 32, 32), dtype=np.uint8)
    y = np.arange(40) % 2
    x[y == 1, 0, 10:22, 10:22] += 120
    return images(x, size=32, labels=[("plain", "spot")[k] for k in y])


@pytest.fixture(scope="session")
def small() -> nn.Module:
    torch.manual_seed(0)
    return Small().eval()


@pytest.fixture(scope="session")
def trained(own_images: Images) -> Model:
    """The network trained on the pictures by a few steps; it answers nearly all correctly."""
    torch.manual_seed(0)
    network = Small()
    steps = torch.optim.Adam(network.parameters(), lr=0.02)
    x, y = torch.tensor(own_images.pictures).float() / 255, torch.tensor(own_images.labels)
    for _ in range(60):
        steps.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        steps.step()
    return model(network, size=32)
