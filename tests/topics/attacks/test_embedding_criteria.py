"""Goals of an encoder: known places on the sphere."""

import math

import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.embedding_criteria import (
    Assignment,
    Away,
    Blind,
    Breakaway,
    Parting,
    Unseen,
)

ROWS = torch.arange(3)


def sphere(seed=0):
    return F.normalize(torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(seed)), dim=2)


def test_nothing_moved_is_nothing_gained():
    z = sphere()
    torch.testing.assert_close(Away(z).loss(z, ROWS), torch.zeros(3))
    assert not Away(z).reached(z, ROWS).any()
    same = Assignment(z, F.normalize(torch.eye(5), dim=1))
    torch.testing.assert_close(same.loss(z, ROWS), torch.zeros(3), atol=1e-6, rtol=0)
    assert not same.reached(z, ROWS).any()


def test_away_counts_the_sensors_it_is_told():
    z = sphere()
    moved = z.clone()
    moved[:, 1] = -z[:, 1]
    assert Away(z, ("rgb",)).loss(moved, ROWS).abs().max() < 1e-6
    torch.testing.assert_close(Away(z, ("rgn",)).loss(moved, ROWS), torch.full((3,), 2.0))
    assert Away(z).reached(moved, ROWS).all()


def test_assignment_is_the_divergence_in_plain_loops():
    z, other, C = sphere(), sphere(1), F.normalize(torch.eye(5), dim=1)
    losses = Assignment(z, C, "rgn", 0.1).loss(other, ROWS)
    for n in range(3):
        p, q = ((v[n, 1] @ C.T / 0.1).double().softmax(0).tolist() for v in (z, other))
        slow = sum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True))
        assert float(losses[n]) == pytest.approx(slow, rel=1e-4)


def test_breakaway_compares_with_every_other_partner():
    z = torch.zeros(3, 2, 5)
    z[ROWS, 0, ROWS] = z[ROWS, 1, ROWS] = 1.0
    goal = Breakaway(z, "rgb")
    torch.testing.assert_close(goal.loss(z, ROWS), torch.full((3,), -1.0))
    swapped = z.clone()
    swapped[:, 0] = z[:, 0].roll(1, 0)
    assert goal.reached(swapped, ROWS).all()
    some = Breakaway(z, "rgb", places=torch.tensor([2, 0]))
    assert not some.reached(z[[2, 0]], torch.arange(2)).any()
    with pytest.raises(PlantEduError, match="the batch has 1"):
        Breakaway(z[:1])


def test_parting_goes_both_ways():
    z = sphere()
    z[:, 1] = z[:, 0]
    parts = Parting(torch.tensor([True, True, False]), 0.5)
    assert parts.reached(z, ROWS).tolist() == [False, False, True]
    z[:, 1] = -z[:, 0]
    assert parts.reached(z, ROWS).tolist() == [True, True, False]


def test_unseen_needs_both_and_blind_only_the_name():
    labels = torch.tensor([0, 0, 0])
    answer = torch.tensor([[0.0, 2.0, 0.9], [0.0, 2.0, 0.1], [2.0, 0.0, 0.9]])
    assert Unseen(Margin(labels), 0.5).reached(answer, ROWS).tolist() == [True, False, False]
    assert Blind(Margin(labels)).reached(answer, ROWS).tolist() == [True, True, False]
    losses = Unseen(Margin(labels), 0.5, scale=10).loss(answer, ROWS)
    torch.testing.assert_close(losses, torch.tensor([0.2, -0.4, -0.2]))
