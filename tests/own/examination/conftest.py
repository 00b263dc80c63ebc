"""A tiny network and forty leaf-like pictures of two classes, one of them with a bright corner."""

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.own.examination.asked import Asked
from plantedu.own.images import images
from plantedu.own.model import model


class Tiny(nn.Module):
    """Two convolutions, a mean over places, a linear head."""

    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(3, 12, 5, 2, 2), nn.ReLU())
        self.layer2 = nn.Sequential(nn.Conv2d(12, 16, 3, 2, 1), nn.ReLU())
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        return self.fc(self.layer2(self.layer1(x)).mean((2, 3)))


def leaves(count=40, seed=0):
    """A green band on brown ground; class 1 has a bright corner."""
    rng = np.random.default_rng(seed)
    x = np.empty((count, 3, 32, 32), np.uint8)
    x[:] = np.array([150, 120, 80], np.uint8)[:, None, None]
    x[:, :, 8:24] = np.array([90, 150, 70], np.uint8)[:, None, None]
    x += rng.integers(0, 50, x.shape, dtype=np.uint8)
    labels = np.arange(count) % 2
    x[labels == 1, :, :4, :4] = 250
    return x, labels


@pytest.fixture(scope="session")
def asked():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        net = Tiny()
    x, labels = leaves()
    me = model(net, size=32, mean=0.5, std=0.25)
    return Asked(me, images(x, size=32, labels=labels), quick=True)
