"""The random-init twin beside a network: what it reads, and that it touches nothing."""

import torch
from torch import nn

import plantedu as pe
from plantedu.own.random_start import RandomStart
from plantedu.training.layer_probe import LayerProbe
from tests.own.loops import data, net


def test_the_twin_learned_nothing_and_calls_nobody():
    model, seen = net(), []
    model[0].register_forward_hook(lambda *_: seen.append(1))
    before, states = [p.clone() for p in model.parameters()], torch.get_rng_state()
    start = RandomStart({"0": "0"}, lambda: LayerProbe(classes=3, learning_rate=0.3), seed=7)
    x, y = data()
    read = []
    for _ in range(30):
        start.see(model, (x,))
        read.append(start.read(y)["0"])
    assert not seen
    assert read[-1] > 0.8  # blurred classes are easy for random weights, too: hence a start value
    assert start.twin is not None
    assert not torch.equal(start.twin[0][0].weight, model[0][0].weight)
    assert torch.equal(states, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert len(model[0]._forward_hooks) == 1
    start.end()
    assert start.read(y) == {}


def test_a_network_without_a_twin_is_said():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Linear(2, 2)

        def forward(self, batch):
            return self.body(batch["x"])

    elp, model = pe.ELP(layers=["body"], classes=2), Odd()
    with elp.watch(model):
        model({"x": torch.randn(4, 2)})
        elp.step(torch.tensor([0, 1, 0, 1]))
    assert "No random-init start" in elp.notes[0]
    assert "start/body" not in elp.series()
