"""The slow twins of lesson 09's checks are right, and their worlds have room."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from plantedu.exercises import checks_09 as checks
from plantedu.exercises.lesson_09 import integrated_gradients


def test_the_slope_by_its_formula_is_the_slope():
    x, start = torch.tensor([[2.0, 5.0]]).double(), torch.tensor([[1.0, -1.0]]).double()
    found = integrated_gradients(checks._bent, x, start, steps=3)
    assert checks.averaged(x, start, [1 / 6, 0.5, 5 / 6]) == pytest.approx(found)


def test_maps_of_the_small_network_are_complete_with_room():
    score, (x, start) = checks._network(), checks._pictures(5)
    found = integrated_gradients(score, x, start, steps=64).flatten(1).sum(1)
    wanted = score(x) - score(start)
    assert float((found - wanted).abs().max()) < 0.002 * float(wanted.abs().min())


def test_the_slow_likeness_is_spearman_s():
    before, maps = checks.hidden_maps()
    for one, other in ((before, maps[0]), (before.relu(), maps[1].relu())):
        rows = zip(one.abs().flatten(1).numpy(), other.abs().flatten(1).numpy(), strict=True)
        known = [spearmanr(a, b)[0] for a, b in rows]
        assert checks._correlation([one], [other])[0].tolist() == pytest.approx(known)


def test_other_likenesses_differ():
    before, maps = checks.hidden_maps()
    known = checks._correlation([before] * 3, maps)
    for kwargs in ({"ranks": False}, {"size": False}):
        assert float((checks._correlation([before] * 3, maps, **kwargs) - known).abs().max()) > 0.01


def test_a_recorder_tells_fresh_stages_from_mixed_ones():
    trained, fresh, twin = (checks.network(seed) for seed in (1, 2, 1))
    seen = checks._Recorder()
    seen(twin, torch.zeros(1))
    twin.head.load_state_dict(fresh.head.state_dict())
    seen(twin, torch.zeros(1))
    assert seen.random(trained, fresh) == ([("head",)], "")
    twin.body.load_state_dict(dict(fresh.body.named_parameters()), strict=False)
    seen(twin, torch.zeros(1))
    assert seen.random(trained, fresh)[1] == "body"
    assert np.isfinite(trained[0][1].running_mean.numpy()).all()
