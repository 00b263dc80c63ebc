"""A small network, a plain loop that draws random numbers, and how many hooks hang on a network."""

import torch
from torch import nn


def net():
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2))
    return nn.Sequential(body, nn.Flatten(), nn.Linear(32, 3))


def data():
    draws = torch.Generator().manual_seed(1)
    y = torch.randint(3, (64,), generator=draws)
    means = torch.randn(3, 1, 4, 4, generator=draws)
    x = means[y] + 0.3 * torch.randn(64, 1, 4, 4, generator=draws)
    return x, y


def trained(model, elp=None, passes=4, fail=-1):
    """A plain loop whose dropout and order draw global random numbers."""
    torch.manual_seed(5)
    optimiser = torch.optim.SGD(model.parameters(), 0.05)
    x, y = data()
    for k in range(passes):
        for rows in torch.randperm(len(x)).split(16):
            logits = model(x[rows])
            loss = nn.functional.cross_entropy(logits, y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if elp is not None:
                elp.step(y[rows], loss=loss, logits=logits)
        if k == fail:
            raise KeyError("the loop's own mistake")
        if elp is not None:
            elp.end_pass()


def hooks(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
