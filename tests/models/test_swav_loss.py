"""The loss arithmetic: known values, its slow twin, and lightly's."""

import math

import pytest
import torch
import torch.nn.functional as F

from plantedu.models.sinkhorn import sinkhorn
from plantedu.models.swav_loss import (
    entropy,
    prototype_usage,
    swapped_loss,
    swapped_prediction,
    term_weights,
)


def views(count, batch=6, k=5, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.rand(count, batch, k, generator=generator, dtype=dtype) * 2 - 1
    codes = torch.softmax(4 * torch.rand(count, batch, k, generator=generator, dtype=dtype), 2)
    return scores, codes


def test_terms_equal_plain_loops():
    scores, codes = views(4)
    codes = codes[:2]
    terms = swapped_prediction(scores, codes, temperature=0.1)
    for i in range(2):
        for v in range(4):
            wanted = 0.0
            for b in range(6):
                exps = [math.exp(s / 0.1) for s in scores[v, b].tolist()]
                for k in range(5):
                    wanted -= float(codes[i, b, k]) * math.log(exps[k] / sum(exps)) / 6
            assert float(terms[i, v]) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("k", [2, 64, 3000])
def test_collapse_is_exactly_the_logarithm_of_k(k):
    scores = torch.full((2, 8, k), 0.3)
    codes = torch.stack([sinkhorn(view, epsilon=0.02) for view in scores])
    loss = swapped_loss(scores, codes, coded=(1, 2), seen=(1, 2), temperature=0.1)
    assert float(loss.total) == pytest.approx(math.log(k), rel=1e-6)
    assert float(loss.parts["entropy"]) == pytest.approx(math.log(k), rel=1e-6)
    assert float(loss.parts["divergence"]) == pytest.approx(0, abs=1e-5)


def test_entropy_and_usage_of_one_hot_codes():
    codes = torch.eye(6)[[0, 1, 2, 2]][None]
    assert float(entropy(codes)) == 0
    perplexity = math.exp(-2 * 0.25 * math.log(0.25) - 0.5 * math.log(0.5))
    assert float(prototype_usage(codes)) == pytest.approx(perplexity / 6, rel=1e-6)
    assert float(prototype_usage(torch.full((2, 3, 6), 1 / 6))) == pytest.approx(1, rel=1e-6)


def test_directions_name_the_code_first_and_the_view_second():
    scores, codes = views(3)
    terms = swapped_prediction(scores, codes[:2], temperature=0.1)
    parts = swapped_loss(scores, codes[:2], coded=(1, 2), seen=(1, 2, 1), temperature=0.1).parts
    assert parts["x1_to_x2"] == terms[0, 1]
    assert parts["x2_to_x1"] == pytest.approx(float(terms[1, 0] + terms[1, 2]) / 2)
    assert parts["same_sensor"] == terms[0, 2]


def test_parts_add_up_and_carry_no_gradient():
    scores, codes = views(3)
    loss = swapped_loss(
        scores.requires_grad_(), codes[:2], coded=(1, 2), seen=(1, 2, 1), temperature=0.1
    )
    added = loss.parts["entropy"] + loss.parts["divergence"]
    assert float(added) == pytest.approx(float(loss.total.detach()), rel=1e-12)
    assert loss.total.requires_grad
    assert not any(part.requires_grad for part in loss.parts.values())
    assert all(part.ndim == 0 for part in loss.parts.values())


@pytest.mark.parametrize("within", [False, True])
def test_every_code_counts_alike_and_never_its_own_view(within):
    weights = term_weights((1, 1, 2, 2), (1, 1, 2, 2, 1), within_sensor=within)
    torch.testing.assert_close(weights["total"].sum(1), torch.full((4,), 0.25).double())
    assert weights["total"].diagonal().abs().max() == 0
    assert ("x1_to_x2" in weights) is not within


def test_one_sensor_has_no_cross_terms():
    assert set(term_weights((1, 1), (1, 1, 1), within_sensor=False)) == {"total", "same_sensor"}


@pytest.mark.parametrize("small", [0, 3])
@pytest.mark.parametrize("queue", [0, 32])
def test_loss_and_gradient_equal_lightly(small, queue):
    peer = pytest.importorskip("lightly.loss").SwaVLoss(
        temperature=0.1, sinkhorn_iterations=3, sinkhorn_epsilon=0.05
    )
    generator = torch.Generator().manual_seed(1)
    shapes = (2 + small, 16, 8), (10, 8), (2, queue, 8)
    # in double precision: in single, two orders of a sum differ by as much as is allowed here
    drawn = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
    z, c, before = (F.normalize(one, dim=-1) for one in drawn)
    past = before @ c.T
    ours, theirs = (torch.clone(z @ c.T).requires_grad_() for _ in range(2))
    both = [torch.cat([ours[i].detach(), past[i]]) for i in range(2)]
    codes = torch.stack([sinkhorn(view, epsilon=0.05)[:16] for view in both])
    seen = (1, 2, 1, 2, 1)[: 2 + small]
    loss = swapped_loss(ours, codes, coded=(1, 2), seen=seen, temperature=0.1)
    high, low = list(theirs[:2]), list(theirs[2:])
    wanted = peer(high, low, queue_outputs=list(past) if queue else None)
    loss.total.backward()
    wanted.backward()
    torch.testing.assert_close(loss.total, wanted.squeeze(), atol=1e-6, rtol=0)
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-7, rtol=1e-5)
