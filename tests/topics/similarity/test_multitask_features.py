"""Encoders are trained where none are kept, and what is kept of them reads back."""

import numpy as np
import torch

from plantedu.topics.method import Context
from plantedu.topics.similarity import multitask_features as features
from plantedu.topics.similarity.multitask_features import (
    HELD,
    SIDE,
    TRAIN,
    arms,
    kept_features,
    moved,
    probed,
    train_missing,
)


def test_encoders_that_are_not_kept_are_trained_once(tmp_path, monkeypatch):
    made, steps = [], []

    def make(path, arm, bank, context):
        made.append(arm)
        facts = {f"{word} {name}": 0.5 for word in ("probe", "do") for name in features.FACTORS}
        np.savez(path, h=np.full((64, 8), arm[1], np.float32), **facts)

    monkeypatch.setattr(features, "_make", make)
    context = Context(step=lambda done, of: steps.append((done, of)))
    train_missing(tmp_path, tmp_path, 2, context)
    assert made == arms(2)
    assert steps[-1] == (16, 16)
    train_missing(tmp_path, tmp_path, 3, context)
    assert made[16:] == arms(3)[16:]
    few = kept_features(tmp_path, 40, 2)  # what another asked for does not change the result
    assert (len(few.complete), len(few.reduced["angle"])) == (8, 2)


def test_a_factor_that_h_holds_is_read_and_moves_it(monkeypatch):
    monkeypatch.setattr(features, "DO", 8)
    generator = np.random.default_rng(0)
    factors = {name: generator.random(TRAIN + HELD) for name in features.FACTORS}
    factors |= {"disease": generator.integers(0, 3, TRAIN + HELD)}
    h = torch.randn(HELD, 6, generator=torch.Generator().manual_seed(0))
    h[:, 0] = torch.from_numpy(factors["chlorophyll"][TRAIN:]).float()
    found = probed(h, factors)
    assert found["chlorophyll"] > 0.95
    assert found["angle"] < 0.1

    whole = torch.nn.Conv2d(3, 3, SIDE, groups=3, bias=False)
    torch.nn.init.constant_(whole.weight, 1 / SIDE**2)
    encoder = torch.nn.Sequential(whole, torch.nn.Flatten())
    far = moved(encoder, torch.randn(HELD, 3, generator=torch.Generator().manual_seed(0)))
    assert far["bloom"] != far["disease"] > 0
