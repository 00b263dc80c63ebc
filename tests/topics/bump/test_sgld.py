"""Langevin walks: bowls and flatter valleys give the coefficients that are known."""

import math

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.bump.sgld import Sampler, coefficient, known_answers, settled, walk


def chains(loss, dim, sampler, seeds=3):
    """Coefficient of each chain of a loss with its minimum, 0, at 0."""
    found = []
    for seed in range(seeds):
        w = torch.zeros(dim, dtype=torch.float64, requires_grad=True)
        generator = torch.Generator().manual_seed(seed)
        trace = walk([w], lambda k, w=w: loss(w), sampler, generator=generator)
        assert torch.equal(w, torch.zeros(dim, dtype=torch.float64))
        found.append(coefficient(trace, sampler))
    return found


def bowl(w):
    return w.square().sum() / 2


def test_bowls_have_half_their_dimensions_and_fourth_powers_a_quarter():
    found = known_answers()
    assert [one.truth for one in found] == [1, 5, 100, 25]
    for one in found:
        assert one.value == pytest.approx(one.truth, rel=0.2)


def test_only_directions_that_rise_count():
    sampler = Sampler(step_size=2e-3, n_beta=100, localisation=1.0, draws=1500, burn_in=100)
    found = np.mean(chains(lambda w: w[:20].square().sum() / 2, 60, sampler))
    assert found == pytest.approx(10, rel=0.2)


def test_the_pull_home_lowers_it_as_the_formula_says():
    sampler = Sampler(step_size=2e-4, n_beta=100, localisation=300, draws=1500, burn_in=100)
    found = np.mean(chains(bowl, 200, sampler))
    assert found == pytest.approx(100 * 100 / (100 + 300), rel=0.1)


def test_off_a_minimum_it_is_negative():
    sampler = Sampler(step_size=1e-3, n_beta=100, localisation=0, draws=400, burn_in=0)
    found = chains(lambda w: bowl(w - 1) - bowl(torch.ones(10)), 10, sampler)
    assert max(found) < 0


def test_too_long_a_step_diverges_and_comes_home():
    sampler = Sampler(step_size=1.0, n_beta=100, localisation=0, draws=800, burn_in=0)
    assert chains(bowl, 3, sampler) == [math.inf] * 3


def test_a_trace_that_still_climbs_has_not_settled():
    sampler = Sampler(step_size=1, n_beta=1, localisation=0, draws=80, burn_in=10)
    noise = np.random.default_rng(0).normal(0, 0.1, 90)
    assert settled(1 + noise, sampler)
    assert not settled(np.linspace(0, 3, 90) + noise, sampler)
    assert not settled([*noise[:50], math.inf], sampler)
    assert settled([2.0] * 90, sampler)
    assert not settled(list(range(90)), sampler)


@pytest.mark.parametrize(("rho", "drifts", "calm"), [(0.0, 0.02, 0.9), (0.5, 0.12, 0.85)])
def test_a_drift_of_three_deviations_is_seen_and_none_is_left_alone(rho, drifts, calm):
    """200 walks of 60 correlated draws; the halves' test called .4 to .5 of the drifts settled."""
    rng, n = np.random.default_rng(0), 60
    walks = np.zeros((200, n + 100))
    for k in range(1, n + 100):
        walks[:, k] = rho * walks[:, k - 1] + math.sqrt(1 - rho**2) * rng.standard_normal(200)
    walks = walks[:, 100:]
    sampler = Sampler(step_size=1, n_beta=1, localisation=0, draws=n, burn_in=0)
    assert np.mean([settled(walk, sampler) for walk in walks]) >= calm
    assert np.mean([settled(walk, sampler) for walk in walks + np.linspace(0, 3, n)]) <= drifts


def test_draws_that_are_worth_too_few_cannot_be_judged():
    slow = np.cumsum(np.random.default_rng(1).standard_normal(60))
    slow -= np.linspace(0, slow[-1], 60)  # a walk that ends where it began
    sampler = Sampler(step_size=1, n_beta=1, localisation=0, draws=60, burn_in=0)
    assert not settled(slow, sampler)


def test_bad_samplers_are_refused():
    with pytest.raises(PlantEduError, match="step_size must be above 0"):
        Sampler(step_size=0, n_beta=1, localisation=0)
    with pytest.raises(PlantEduError, match="at least 4 draws"):
        Sampler(step_size=1, n_beta=1, localisation=0, draws=3)
