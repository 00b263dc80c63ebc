"""Probes look and do not touch, at the steps they were asked for."""

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from plantedu.training.fit import Observer, State, fit
from plantedu.training.linear_probe import Target
from plantedu.training.online_probes import EpisodicProbes, features_of, shrunk


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
        lambda: images,
        [Target("mark", "both", 2, labels, labels)],
        every=5,
        seeds=2,
        seed=0,
        side=12,
    )
    state = State(objective, torch.optim.AdamW(objective.parameters()), steps=12)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    assert set(probes.measure(state)) == {"chance/mark/both"}
    found = probes.late(state)
    assert torch.equal(torch.rand(3), expected), "probes drew from the global generator"
    assert found is not None
    assert found.step == 0
    assert set(found.values) == {"probe/mark/both", "null/mark/both"}
    assert probes.late(state) is None
    assert all(torch.equal(v, before[k]) for k, v in objective.state_dict().items())
    assert all(part.training for part in objective.modules())
    state.step = 3
    assert probes.measure(state) == {}
    state.step = 12
    assert "probe/mark/both" in probes.measure(state)


class Recorder(Observer):
    """Keeps what it is called with."""

    def __init__(self):
        self.records, self.events = [], []

    def on_step(self, state, record):
        self.records.append(record)

    def on_event(self, step, name, detail):
        self.events.append((step, name, detail))


def test_an_episode_without_finite_features_is_skipped_counted_and_told():
    """One overflow must not end a run, and must not be shown as chance."""
    torch.manual_seed(0)
    objective = Watched()
    objective.head = nn.Linear(8, 1)

    def loss(batch):
        poison = batch in (5, 6)
        with torch.no_grad():
            objective.encoder[0].bias[:1] = torch.nan if poison else 0.0
        total = objective.head(torch.ones(1, 8)).mean()
        return SimpleNamespace(total=total, parts={}, events=())

    objective.loss = loss
    rng = np.random.default_rng(0)
    images = {"rgb": tuple(rng.integers(0, 255, (40, 3, 16, 16), np.uint8) for _ in "ab")}
    labels = torch.arange(40) % 2
    hidden = (torch.zeros(40).bool(), torch.ones(40).bool())
    targets = [
        Target("mark", "rgb", 2, labels, labels),
        Target("lesion_count", "rgb", 0, labels.float(), labels.float(), hidden),
    ]
    probes = EpisodicProbes(lambda: images, targets, every=3, seeds=2, seed=0, side=12)
    state = State(objective, torch.optim.AdamW(objective.head.parameters()), steps=12)
    recorder = Recorder()
    fit(state, lambda step: step, learning_rate=lambda step: 1e-3, observers=[probes, recorder])
    found = {record.step: record.values for record in recorder.records if record.step % 3 == 0}
    assert "probe/mark/rgb" not in found[6]
    assert found[6]["probes_skipped"] == 1
    assert all(np.isfinite(found[step]["probe/mark/rgb"]).all() for step in (3, 9, 12))
    left_out, skipped = recorder.events
    assert left_out[:2] == (0, "probe left out")
    assert "None of 40 training plants show lesion_count" in left_out[2]
    assert skipped[:2] == (6, "probes skipped")
    assert "40 of 40 training and 40 of 40 held-out" in skipped[2]


def test_the_episode_of_step_0_is_of_the_weights_before_the_first_step():
    torch.manual_seed(1)
    objective = Watched().train()
    rng = np.random.default_rng(0)
    images = {"rgb": tuple(rng.integers(0, 255, (60, 3, 16, 16), np.uint8) for _ in "ab")}
    images["rgn"] = images["rgb"]
    levels = torch.from_numpy(images["rgb"][0].mean((1, 2, 3)))
    target = Target("level", "rgb", 0, levels, levels)
    probes = EpisodicProbes(lambda: images, [target], every=5, seeds=1, seed=0, side=12)
    state = State(objective, torch.optim.AdamW(objective.parameters()), steps=12)
    expected = probes.episode(objective.encoder, 0)
    probes.measure(state)
    with torch.no_grad():
        for weight in objective.parameters():
            weight.normal_()
    state.step = 1
    found = probes.late(state)
    assert found is not None
    assert found.values == expected
    assert probes.episode(objective.encoder, 0) != expected


def test_features_are_in_evaluation_mode_and_in_order():
    torch.manual_seed(0)
    encoder = Watched().encoder.train()
    images = np.random.default_rng(1).integers(0, 255, (10, 3, 12, 12), np.uint8)
    images = shrunk(images, 12)
    together = features_of(encoder, images, batch=4)
    alone = torch.cat([features_of(encoder, images[k : k + 1]) for k in range(10)])
    torch.testing.assert_close(together, alone)
