"""The probe is the authors' SGD probe, updated by hand: torch's own layers and optimiser agree."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.training.episodic_probe import EpisodicProbe


def batch(k, *, n=12, dim=5, classes=3):
    generator = torch.Generator().manual_seed(k)
    labels = torch.randint(classes, (n,), generator=generator)
    return torch.randn(n, dim, generator=generator) + labels[:, None], labels


def twin_of(probe):
    """The same probe from torch.nn and torch.optim."""
    layers = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3)).double()
    names = ("weight1", "bias1", "weight2", "bias2")
    with torch.no_grad():
        for parameter, name in zip(layers.parameters(), names, strict=True):
            parameter.copy_(probe.get_buffer(name))
    return layers, torch.optim.SGD(layers.parameters(), lr=0.01, momentum=0.9)


def weights(probe):
    return [probe.weight1, probe.bias1, probe.weight2, probe.bias2]


def test_it_is_torchs_sgd_on_two_linear_layers_also_across_a_fresh_start():
    probe = EpisodicProbe(5, 3, episode=4, seed=1, hidden=7).double()
    layers, optimizer = twin_of(probe)
    for k in range(10):
        features, labels = batch(k)
        torch.testing.assert_close(probe(features), layers(features.double()).detach())
        probe.update(features, labels)
        optimizer.zero_grad()
        F.cross_entropy(layers(features.double()), labels).backward()
        optimizer.step()
        if (k + 1) % 4 == 0:  # weights drawn again, biases and the optimiser's momentum kept
            with torch.no_grad():
                layers[0].weight.copy_(probe.weight1)
                layers[1].weight.copy_(probe.weight2)
        for mine, theirs in zip(weights(probe), layers.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs.detach())


def test_a_fresh_start_draws_weights_and_keeps_biases_and_momentum():
    probe = EpisodicProbe(50, 3, episode=3, seed=0, hidden=400)
    started = EpisodicProbe(50, 3, episode=0, seed=0, hidden=400)
    for k in range(3):
        features, labels = batch(k, dim=50)
        probe.update(features, labels)
        started.update(features, labels)
    assert probe.weight1.std() == pytest.approx(0.01, rel=0.05)
    assert started.weight1.std() > 0.05
    for name in ("bias1", "bias2", "weight1_momentum", "bias2_momentum", "weight2_momentum"):
        assert torch.equal(probe.get_buffer(name), started.get_buffer(name))
        assert probe.get_buffer(name).abs().sum() > 0


def test_nothing_flows_back_into_the_features():
    encoder = nn.Linear(4, 5)
    probe = EpisodicProbe(5, 3, episode=2, seed=0)
    features = encoder(torch.randn(6, 4))
    assert not probe(features).requires_grad
    probe.update(features, torch.randint(3, (6,)))
    assert encoder.weight.grad is None
    assert not list(probe.parameters())  # so no other optimiser finds it


def test_state_restores_to_the_same_future():
    one = EpisodicProbe(5, 3, episode=4, seed=9)
    for k in range(3):
        one.update(*batch(k))
    other = EpisodicProbe(5, 3, episode=4, seed=9)
    other.load_state_dict(one.state_dict())
    for k in range(3, 9):
        one.update(*batch(k))
        other.update(*batch(k))
    assert all(torch.equal(v, other.state_dict()[k]) for k, v in one.state_dict().items())
    assert int(one.updates) == 9


def test_it_learns_what_is_linear_and_not_what_is_noise():
    torch.manual_seed(0)
    labels = torch.randint(3, (600,))
    features = F.one_hot(labels, 3).float() @ torch.randn(3, 16) + 0.3 * torch.randn(600, 16)
    fresh = torch.randint(3, (600,))
    scores = []
    for truth in (labels, fresh):
        probe = EpisodicProbe(16, 3, episode=0, seed=0)
        for k in range(150):
            rows = torch.arange(400)[k % 4 * 100 : k % 4 * 100 + 100]
            probe.update(features[rows], truth[rows])
        scores.append(float((probe(features[400:]).argmax(1) == truth[400:]).float().mean()))
    assert scores[0] > 0.97
    assert scores[1] < 0.45


@pytest.mark.parametrize("value", [torch.inf, -torch.inf, torch.nan])
def test_a_batch_that_is_not_finite_is_skipped_and_leaves_no_trace(value):
    """One overflow left the probe at chance for good, through every fresh start."""
    probe, other = (EpisodicProbe(5, 3, episode=4, seed=2, hidden=7) for _ in "ab")
    for k in range(8):
        features, labels = batch(k)
        if k in (1, 6):
            features[3, 2] = value
            assert not probe.update(features, labels)
            other.updates += 1
        else:
            assert probe.update(features, labels)
            other.update(features, labels)
        if int(other.updates) % 4 == 0 and k not in (3, 7):
            other.start_anew()
    assert int(probe.skipped) == 2
    assert all(torch.equal(a, b) for a, b in zip(weights(probe), weights(other), strict=True))


def test_a_probe_that_a_huge_batch_broke_starts_anew_wholly():
    probe = EpisodicProbe(5, 3, episode=0, seed=2, hidden=7)
    features, labels = batch(0)
    features[3, 2] = 3e38
    probe.update(features, labels)
    for k in range(400):
        probe.update(*batch(k))
    assert 1 <= int(probe.skipped) <= 2
    features, labels = batch(500, n=400)
    assert float((probe(features).argmax(1) == labels).float().mean()) > 0.6


def test_a_fresh_start_heals_what_an_older_checkpoint_holds():
    probe = EpisodicProbe(5, 3, episode=0, seed=2, hidden=7)
    state = {
        k: v * torch.nan if v.is_floating_point() else v for k, v in probe.state_dict().items()
    }
    del state["skipped"]
    probe.load_state_dict(state)
    probe.start_anew()
    assert int(probe.skipped) == 0
    assert all(part.isfinite().all() for part in probe.buffers())
    assert probe.update(*batch(0))


@pytest.mark.parametrize(
    ("sizes", "knobs", "said"),
    [
        ((0, 3), {"episode": 1}, "widths of 1 or more"),
        ((4, 1), {"episode": 1}, "2 or more, got 1"),
        ((4, 3), {"episode": -1}, "0 or more, got -1"),
    ],
)
def test_bad_sizes_are_refused(sizes, knobs, said):
    with pytest.raises(PlantEduError, match=said):
        EpisodicProbe(*sizes, seed=0, **knobs)
