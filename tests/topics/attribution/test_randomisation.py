"""Weights made random from the head down."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.randomisation import STAGES, cascade, randomised, rank_correlation
from plantedu.topics.attribution.targets import encoder_of
from tests.topics.attribution.conftest import Convolved


def test_every_stage_makes_one_more_part_random(convolved):
    fresh, seen = Convolved(seed=1), []
    before = {k: v.clone() for k, v in convolved.state_dict().items()}
    for stage, twin in randomised(convolved, fresh):
        now, other = twin.state_dict(), fresh.state_dict()
        same = {k for k, v in now.items() if torch.equal(v, other[k])}
        seen.append((stage, same))
    assert [stage for stage, _ in seen] == list(STAGES)
    assert "head.weight" in seen[0][1]
    assert "encoder.body.layer4.0.weight" not in seen[0][1]
    assert "encoder.body.layer4.0.weight" in seen[1][1]
    assert "encoder.body.conv1.weight" not in seen[-2][1]
    assert seen[-1][1] == set(before), "all is random at the end"
    assert all(torch.equal(v, before[k]) for k, v in convolved.state_dict().items())


def test_likeness():
    a = np.random.default_rng(0).random((2, 3, 8, 8))
    assert rank_correlation(a, a).tolist() == pytest.approx([1, 1, 1])
    assert rank_correlation(a, np.exp(5 * a)).tolist() == pytest.approx([1, 1, 1])
    assert rank_correlation(a, -a).tolist() == pytest.approx([-1, -1, -1])
    assert rank_correlation(a, np.ones_like(a)).tolist() == [0, 0, 0]


def test_a_map_that_does_not_look_at_weights_stays(convolved, pair):
    def drawn():
        return torch.Generator().manual_seed(0)

    same = cascade(method("ig"), convolved, convolved, pair, 1, generator=drawn)
    assert all(one.tolist() == pytest.approx([1, 1, 1]) for one in same.values())
    other = cascade(method("ig"), convolved, Convolved(seed=1), pair, 1, generator=drawn)
    assert other["stem"].mean() < 0.95


def test_another_architecture(linear, convolved):
    del convolved.encoder.body.layer3
    with pytest.raises(PlantEduError, match=r"\['layer3'\] are not there"):
        next(randomised(convolved, convolved))
    with pytest.raises(PlantEduError, match="no encoder"):
        next(randomised(linear, linear))
    assert encoder_of(convolved)
