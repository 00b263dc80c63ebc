"""Units held in groups: the loop, known heads, reliability that says when nothing can be seen."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.ablation import agreement, moved
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.groups import Order, moved_by, used

RNG = np.random.default_rng


def planted(n=600, units=64, seed=0):
    """Units that tell a factor the more the higher their number, over much of their own noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    strength = np.linspace(0, 2, units)
    x = np.maximum((y == 1)[:, None] * strength + 0.5 * rng.normal(size=(n, units)) + 1, 0)
    return x, DiscreteTarget("disease", y, levels=3), strength


def test_a_group_of_one_is_a_unit_and_a_group_is_the_loop_over_plants():
    x, _, _ = planted(n=40, units=6)
    weights = np.random.default_rng(1).normal(size=(6, 3))
    head = lambda h: np.tanh(h @ weights)  # noqa: E731
    singles = moved_by(x, head, [np.array([j]) for j in range(6)])
    assert np.allclose(singles, moved(x, head))
    group, centre = [1, 4], x.mean(axis=0)
    up = down = 0.0
    middle = head(x).mean(axis=0)
    for row in x:
        held = row.copy()
        for j in group:
            held[j] = centre[j]
        up += float(((head(row[None]) - head(held[None])) ** 2).sum())
        down += float(((head(row[None]) - middle) ** 2).sum())
    assert moved_by(x, head, [np.array(group)])[0] == pytest.approx(up / down)


def test_a_head_that_reads_selective_units_and_one_that_reads_the_others():
    x, one, strength = planted(n=300, units=32)
    found = {}
    for name, weights in (("selective", strength**2), ("others", (2 - strength) ** 2)):
        head = lambda h, w=weights: h @ w[:, None]  # noqa: E731
        found[name] = used(x, one, head, generator=RNG(3), groups=16)
    assert found["selective"].by_groups.agrees > 0.9
    assert found["others"].by_groups.agrees < -0.9
    for one_ in found.values():
        assert one_.by_groups.effect > 0.9
        assert one_.by_groups.luck < 0.6
        assert one_.by_groups.corrected is not None
    assert found["selective"].moved[-1] > found["selective"].at_random


def test_a_reader_of_many_like_units_has_an_order_that_is_noise_and_its_reliability_says_so():
    """Old: -.04 was read as 'selective is not used'; this order cannot agree with anything."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 400)
    said = (y == 1) + 0.3 * rng.normal(size=400)
    x = np.maximum(1 + said[:, None] + 0.05 * rng.normal(size=(400, 80)), 0)  # all the same unit
    head = lambda h: h.mean(axis=1, keepdims=True)  # noqa: E731
    found = used(x, DiscreteTarget("disease", y, levels=3), head, generator=rng, groups=16)
    assert abs(found.by_reader.effect) < 0.4
    assert found.by_reader.corrected is None


def test_correction_by_hand():
    assert Order(0.4, 0.1, 0.64, 1.0).corrected == pytest.approx(0.5)
    assert Order(0.9, 0.1, 0.6, 0.6).corrected == 1
    assert Order(0.0, 0.1, 0.9, 0.1).corrected is None


def test_attenuation_is_what_spearman_says():
    """Two orders that agree wholly, seen through noise: r is sqrt(r_1 r_2)."""
    rng = np.random.default_rng(0)
    true = rng.normal(size=4000)
    a = [true + 0.7 * rng.normal(size=4000) for _ in range(2)]
    b = [true + 1.0 * rng.normal(size=4000) for _ in range(2)]
    order = Order(agreement(a[0], b[0]), 0.0, agreement(*a), agreement(*b))
    assert order.agrees < 0.65
    assert Order(order.agrees, 0, order.selective, max(order.effect, 0.5)).corrected > 0.93


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda x, one, h: used(x, one, h, generator=RNG(0), groups=99), "99 groups"),
        (lambda x, one, h: used(-x, one, h, generator=RNG(0), groups=4), "negative"),
        (lambda x, one, h: moved_by(x, lambda u: u[:, :1] * 0, [np.array([0])]), "same of every"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(does, said):
    x, one, _ = planted(n=60, units=8)
    with pytest.raises(PlantEduError, match=said):
        does(x, one, lambda h: h)
