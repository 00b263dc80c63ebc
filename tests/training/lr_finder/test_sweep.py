"""The finder on curves whose answer is known, and what it must leave behind: nothing."""

import copy
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.training.lr_finder.rules import smoothed
from plantedu.training.lr_finder.sweep import find_lr, pretraining_curve, ramp, switches_inside
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import crops_of_step, make_objective, make_optimizer
from plantedu.training.recipe import Recipe

SMALL = Recipe(
    data="calm", pairs=32, image_size=16, crop_size=16, batch=8, steps=60, prototypes=8,
    hidden_dim=8, projection_dim=4, probe_plants=16, probe_factors=(), queue_length=24,
    queue_start=0.0, freeze_prototypes=5,
)  # fmt: skip


class Quadratic(nn.Module):
    """L = lambda/2 |w|^2: gradient descent diverges above a rate of 2 / lambda, whatever w is."""

    def __init__(self, curvature):
        super().__init__()
        self.curvature, self.w = curvature, nn.Parameter(torch.ones(3))

    def loss(self, batch):
        return SimpleNamespace(total=self.curvature / 2 * self.w.square().sum())


def on_quadratic(curvature, **knobs):
    objective = Quadratic(curvature)
    optimizer = torch.optim.SGD(objective.parameters(), lr=0.1)
    return find_lr(objective, optimizer, lambda k: None, **knobs), objective, optimizer


@pytest.mark.parametrize("curvature", [0.5, 4.0, 50.0])
def test_a_quadratic_diverges_above_two_over_lambda(curvature):
    curve, objective, optimizer = on_quadratic(curvature, start=0.1 / curvature, end=50 / curvature)
    rates, losses = np.array(curve.rates), np.array(curve.losses)
    grows = np.diff(losses) > 0  # from iteration k to k + 1, moved by the rate of k
    below = rates[:-1] < 2 / curvature
    assert not grows[below].any()
    assert grows[rates[:-1] > 2 / curvature].all()
    assert curve.diverged
    assert len(rates) < 100
    assert torch.equal(objective.w.detach(), torch.ones(3))
    assert optimizer.param_groups[0]["lr"] == 0.1
    assert objective.w.grad is None


def test_the_ramp_and_its_end_are_fastais():
    curve, _, _ = on_quadratic(1e-6, start=1e-5, end=1.0, iterations=50)  # too flat to diverge
    assert not curve.diverged
    assert len(curve.rates) == 50
    assert curve.rates[0] == 1e-5
    assert curve.rates[-1] == pytest.approx(1e-5 * 1e5 ** (49 / 50))  # the end is never used
    np.testing.assert_allclose(curve.smoothed, smoothed(np.array(curve.losses)))
    assert ramp(25, start=1e-5, end=1.0, iterations=50) == pytest.approx(10**-2.5)


@pytest.mark.filterwarnings("ignore:.*numpy.core is deprecated:DeprecationWarning")  # fastai's load
def test_it_stops_where_fastais_finder_stops(tmp_path):
    """fastai's own Learner and LRFinder on the same quadratic: same rates, same smoothed losses."""
    basics = pytest.importorskip("fastai.learner")
    schedule = pytest.importorskip("fastai.callback.schedule")
    from fastai.data.core import DataLoaders
    from fastai.optimizer import SGD

    rows = [(torch.zeros(1), torch.zeros(1)) for _ in range(40)]
    loader = torch.utils.data.DataLoader(rows, batch_size=1)
    net = Quadratic(4.0)
    net.forward = lambda x: 2.0 * net.w.square().sum()
    learner = basics.Learner(
        DataLoaders(loader, loader), net, loss_func=lambda out, y: out, opt_func=SGD, path=tmp_path
    )
    with learner.no_bar(), learner.no_logging():
        learner.fit(3, cbs=schedule.LRFinder(start_lr=0.03, end_lr=12.0, num_it=100))
    curve, _, _ = on_quadratic(4.0, start=0.03, end=12.0)
    theirs = [float(x) for x in learner.recorder.losses]
    assert len(theirs) == len(curve.losses)
    np.testing.assert_allclose(curve.rates, learner.recorder.lrs, rtol=1e-5)
    np.testing.assert_allclose(curve.smoothed, theirs, rtol=2e-4)


@pytest.fixture(scope="module")
def swav(tmp_path_factory):
    """An objective that has trained some steps, with everything that a step moves."""
    source = open_source(SMALL, tmp_path_factory.mktemp("bank"))
    objective = make_objective(SMALL)
    optimizer = make_optimizer(objective, SMALL)
    for step in range(2):
        optimizer.zero_grad()
        objective.loss(crops_of_step(SMALL, source, "cpu", step)).total.backward()
        optimizer.step()
    return objective, optimizer, lambda k: crops_of_step(SMALL, source, "cpu", 2 + k)


def bits(objective, optimizer):
    moments = copy.deepcopy(optimizer.state_dict())
    tensors = {k: v.clone() for k, v in objective.state_dict().items()}
    for index, kept in moments["state"].items():
        tensors |= {f"{index}/{k}": v for k, v in kept.items()}
    return tensors, moments["param_groups"]


@pytest.mark.parametrize("end", [1.0, 1e20])  # the second one ends in a loss that is no number
def test_swav_is_left_as_it_was_bit_for_bit(swav, end):
    objective, optimizer, batches = swav
    objective.eval()
    before, groups = bits(objective, optimizer)
    state = torch.random.get_rng_state()
    curve = find_lr(objective, optimizer, batches, start=1e-6, end=end, iterations=60)
    after, groups_after = bits(objective, optimizer)
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert {"step", "queue.embeddings", "queue.inserted", "queue_used"} <= before.keys()
    assert any("running_mean" in name for name in before)
    assert groups == groups_after
    assert not objective.training
    assert torch.equal(state, torch.random.get_rng_state())
    assert all(p.grad is None for p in objective.parameters())
    assert np.isfinite(curve.losses).all()
    assert min(curve.losses) < curve.losses[0]  # it did train


def test_it_is_left_as_it_was_when_somebody_stops_it(swav):
    objective, optimizer, batches = swav
    before, _ = bits(objective, optimizer)

    def stop(k, rate, loss):
        if k == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_lr(objective, optimizer, batches, tick=stop)
    after, _ = bits(objective, optimizer)
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_switches_are_where_the_objective_makes_them(swav):
    objective, optimizer, batches = swav
    seen, loss = [], objective.loss

    def watched(batch):
        found = loss(batch)
        seen.extend((len(counted), name) for name, _ in found.events)
        counted.append(1)
        return found

    counted = []
    objective.loss = watched
    try:
        find_lr(objective, optimizer, batches, start=1e-6, end=1e-2, iterations=40)
    finally:
        del objective.loss
    expected = switches_inside(SMALL, 40, first_step=2)
    assert tuple(sorted(seen)) == expected == ((1, "queue on"), (3, "prototypes released"))


def test_the_published_finder_crosses_its_own_queue_switch():
    published = Recipe(pairs=2670, batch=32, queue_length=2048, queue_start=0.5, steps=2 * 83)
    assert switches_inside(published, 100) == ((83, "queue on"),)
    assert switches_inside(published, 80) == ()
    assert switches_inside(Recipe(), 100) == ()


def test_a_recipe_has_a_curve_that_its_seed_repeats(tmp_path):
    knobs = {"bank_folder": tmp_path, "start": 1e-5, "end": 1.0, "iterations": 30}
    one, again = (pretraining_curve(SMALL, **knobs) for _ in range(2))
    assert one == again
    assert len(one.losses) == 30
    assert set(one.suggestions) == {"valley", "steep", "minimum", "slide"}
    assert all(math.isfinite(rate) for rate in one.suggestions.values())


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"start": 1.0, "end": 0.1}, "has to rise"),
        ({"start": 0.0}, "has to rise"),
        ({"end": float("inf")}, "has to rise"),
        ({"iterations": 20}, "30 iterations or more"),
        ({"start": 100.0, "end": 1000.0}, "finite points are left"),  # diverged at once
    ],
)
def test_ramps_that_cannot_be_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        on_quadratic(4.0, **knobs)
