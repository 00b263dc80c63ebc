"""Probes read what is there, find nothing in shuffled labels, and do not touch what they read."""

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.training.fit import State
from plantedu.training.probes import EpisodicProbes, Target, features_of, fit_linear, read_off
from plantedu.training.randomness import generator_for


def planted_features(plants=400, dim=24, noise=0.1):
    """Features that hold one class and one number, each along directions of its own."""
    generator = generator_for(1, "features")
    classes = torch.randint(0, 3, (plants,), generator=generator)
    number = torch.randn(plants, generator=generator)
    features = noise * torch.randn(plants, dim, generator=generator)
    features[torch.arange(plants), classes] += 1
    features[:, 5] += number
    return features, classes, number


def targets_of(classes, number, half):
    return [
        Target("disease", "rgb", 3, classes[:half], classes[half:]),
        Target("angle", "rgb", 0, number[:half], number[half:]),
    ]


def test_reads_what_is_planted_and_nothing_from_shuffled_labels():
    features, classes, number = planted_features()
    targets = targets_of(classes, number, 200)
    found = read_off(features[:200], features[200:], targets, seeds=3, seed=0, step=0)
    assert found["probe/disease/rgb"][0] > 0.98
    assert found["probe/angle/rgb"][0] > 0.95
    assert abs(found["null/disease/rgb"][0] - 1 / 3) < 0.12
    assert found["null/angle/rgb"][0] < 0.1
    for value, low, high in found.values():
        assert low <= value <= high


def test_features_without_the_factor_score_at_chance():
    generator = generator_for(2, "noise")
    noise = torch.randn(600, 24, generator=generator)
    labels = torch.arange(600) % 3
    target = Target("disease", "rgb", 3, labels[:300], labels[300:])
    found = read_off(noise[:300], noise[300:], [target], seeds=3, seed=0, step=0)
    assert abs(found["probe/disease/rgb"][0] - 1 / 3) < 0.1
    assert target.chance == pytest.approx(1 / 3)


def test_same_gradient_as_autograd_in_float64():
    """Slow twin: one seed, plain autograd on cross-entropy plus squared error, same Adam."""
    features, classes, number = planted_features(plants=60, dim=6)
    features = torch.nn.functional.pad(features, (0, 1), value=1.0)
    targets = targets_of(classes, number, 60)
    wanted = [target.wanted for target in targets]
    fast = fit_linear(
        features, targets, wanted=wanted, seeds=1, generator=generator_for(3, "probe"), steps=25
    )
    generator = generator_for(3, "probe")
    weights = (0.01 * torch.randn(7, 1, 4, generator=generator))[:, 0].double()
    seen = (torch.rand(60, 1, generator=generator).argsort(0) < 48)[:, 0]
    weights.requires_grad_()
    adam = torch.optim.Adam([weights], lr=0.02)
    for _ in range(25):
        answers = features.double()[seen] @ weights
        loss = nn.functional.cross_entropy(answers[:, :3], classes[seen])
        loss = loss + 0.5 * (answers[:, 3] - wanted[1][seen, 0].double()).square().mean()
        loss = loss + 0.5 * 0.02 * weights.square().sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    torch.testing.assert_close(fast[:, 0].double(), weights.detach(), atol=1e-4, rtol=1e-3)


def test_score_of_a_number_is_r2():
    target = Target("angle", "rgb", 0, torch.tensor([0.0, 2.0]), torch.tensor([0.0, 1.0, 2.0]))
    spread = target.train.std()
    exact = ((target.held_out - 1) / spread)[:, None]
    assert target.score(exact) == pytest.approx(1.0)
    assert target.score(torch.zeros(3, 1)) == pytest.approx(0.0)


class Watched(nn.Module):
    """An objective with BatchNorm, whose running statistics a careless probe would move."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )


def test_probes_look_and_do_not_touch():
    torch.manual_seed(0)
    objective = Watched().train()
    before = {k: v.clone() for k, v in objective.state_dict().items()}
    rng = np.random.default_rng(0)
    images = {
        s: tuple(rng.integers(0, 255, (40, 3, 16, 16), np.uint8) for _ in "ab")
        for s in ("rgb", "rgn")
    }
    labels = torch.arange(40) % 2
    probes = EpisodicProbes(
        images, [Target("mark", "both", 2, labels, labels)], every=5, seeds=2, seed=0, side=12
    )
    state = State(objective, torch.optim.AdamW(objective.parameters()), steps=12)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    found = probes.measure(state)
    assert torch.equal(torch.rand(3), expected), "probes drew from the global generator"
    assert set(found) == {"probe/mark/both", "null/mark/both", "chance/mark/both"}
    assert all(torch.equal(v, before[k]) for k, v in objective.state_dict().items())
    assert all(part.training for part in objective.modules())
    state.step = 3
    assert probes.measure(state) == {}
    state.step = 12
    assert "probe/mark/both" in probes.measure(state)


def test_features_are_in_evaluation_mode_and_in_order():
    torch.manual_seed(0)
    encoder = Watched().encoder.train()
    images = np.random.default_rng(1).integers(0, 255, (10, 3, 12, 12), np.uint8)
    together = features_of(encoder, images, side=12, batch=4)
    alone = torch.cat([features_of(encoder, images[k : k + 1], side=12) for k in range(10)])
    torch.testing.assert_close(together, alone)
