"""A linear reader reads what is planted, and finds nothing in shuffled labels."""

import pytest
import torch
from torch import nn

from plantedu.training.linear import Target, fit_linear, read_off
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
    assert found["probe/angle/rgb"][0] > 0.85
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


def test_converges_to_the_minimum_that_autograd_finds_in_float64():
    """Slow twin: one seed, L-BFGS on cross-entropy plus squared error plus the penalty."""
    features, classes, number = planted_features(plants=60, dim=6)
    features = torch.nn.functional.pad(features, (0, 1), value=1.0)
    targets = targets_of(classes, number, 60)
    wanted = [target.wanted for target in targets]
    fast = fit_linear(
        features, targets, wanted=wanted, seeds=1, generator=generator_for(3, "probe"), steps=300
    )
    generator = generator_for(3, "probe")
    torch.randn(7, 1, 4, generator=generator)
    seen = (torch.rand(60, 1, generator=generator).argsort(0) < 48)[:, 0]
    weights = torch.zeros(7, 4, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10)

    def loss():
        search.zero_grad()
        answers = features.double()[seen] @ weights
        total = nn.functional.cross_entropy(answers[:, :3], classes[seen])
        total = total + 0.5 * (answers[:, 3] - wanted[1][seen, 0].double()).square().mean()
        total = total + 0.5 * 0.3 * weights.square().sum()
        total.backward()
        return total

    search.step(loss)
    torch.testing.assert_close(fast[:, 0].double(), weights.detach(), atol=1e-4, rtol=1e-3)


def test_score_of_a_number_is_r2():
    target = Target("angle", "rgb", 0, torch.tensor([0.0, 2.0]), torch.tensor([0.0, 1.0, 2.0]))
    spread = target.train.std()
    exact = ((target.held_out - 1) / spread)[:, None]
    assert target.score(exact) == pytest.approx(1.0)
    assert target.score(torch.zeros(3, 1)) == pytest.approx(0.0)


def test_plants_in_which_a_factor_does_not_show_are_left_out():
    """The number is read where it shows; elsewhere its label is noise that must not matter."""
    features, _classes, number = planted_features()
    hidden = torch.arange(400) % 2 == 0
    poisoned = torch.where(hidden, 1000.0 * torch.randn(400), number)
    shows = (~hidden[:200], ~hidden[200:])
    target = Target("angle", "rgb", 0, poisoned[:200], poisoned[200:], shows)
    found = read_off(features[:200], features[200:], [target], seeds=2, seed=0, step=0)
    assert found["probe/angle/rgb"][0] > 0.85


def test_a_feature_that_hardly_moves_is_not_blown_up():
    """One held-out outlier in a nearly constant feature must not decide the score."""
    features, _classes, number = planted_features()
    features[:, 20] = 1e-7 * torch.randn(400)
    features[250, 20] = 1.0
    target = Target("angle", "rgb", 0, number[:200], number[200:])
    found = read_off(features[:200], features[200:], [target], seeds=2, seed=0, step=0)
    assert found["probe/angle/rgb"][0] > 0.85
