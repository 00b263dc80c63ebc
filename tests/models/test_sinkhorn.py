"""Sinkhorn against its textbook form in float64, and the facts published about it."""

import math

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.sinkhorn import sinkhorn


def slow_sinkhorn(scores, epsilon, iterations):
    """Multiplicative form, number by number: prototypes to 1/K, then samples to 1/N."""
    n, k = scores.shape
    rows = [[math.exp(float(s) / epsilon) for s in row] for row in scores.double()]
    for _ in range(iterations):
        for j in range(k):
            mass = sum(row[j] for row in rows)
            for row in rows:
                row[j] /= mass * k
        for row in rows:
            mass = sum(row)
            row[:] = [value / (mass * n) for value in row]
    return torch.tensor(rows, dtype=torch.float64) * n


def random_scores(n, k, seed=0, dim=8, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    z, c = (torch.randn(rows, dim, generator=generator, dtype=dtype) for rows in (n, k))
    return torch.nn.functional.normalize(z, dim=1) @ torch.nn.functional.normalize(c, dim=1).T


@pytest.mark.parametrize("epsilon", [0.005, 0.02, 0.05, 0.5])
@pytest.mark.parametrize("shape", [(12, 5), (5, 12), (7, 7)])
def test_equals_the_multiplicative_form_number_by_number(epsilon, shape):
    scores = random_scores(*shape)
    wanted = slow_sinkhorn(scores, epsilon, 3)
    torch.testing.assert_close(sinkhorn(scores, epsilon=epsilon), wanted, atol=1e-12, rtol=1e-9)
    in_float32 = sinkhorn(scores.float(), epsilon=epsilon)
    assert (in_float32 - wanted).abs().max() < 1e-4


def test_rows_sum_to_one_and_prototypes_share_the_mass():
    codes = sinkhorn(random_scores(512, 32, dim=128, dtype=torch.float32), epsilon=0.05)
    torch.testing.assert_close(codes.sum(1), torch.ones(512), atol=1e-5, rtol=0)
    torch.testing.assert_close(codes.sum(0), torch.full((32,), 16.0), atol=0, rtol=0.012)


def test_many_rounds_balance_prototypes_better_than_few():
    scores = random_scores(64, 16)
    few, many = (sinkhorn(scores, epsilon=0.05, iterations=n).sum(0) for n in (1, 200))
    assert (many - 4).abs().max() < 1e-4 < (few - 4).abs().max()


def test_a_soft_epsilon_gives_uniform_codes():
    codes = sinkhorn(random_scores(20, 6), epsilon=1e6)
    torch.testing.assert_close(codes, torch.full_like(codes, 1 / 6), atol=1e-5, rtol=0)


def test_few_samples_cannot_be_sharper_than_the_floor():
    n, k = 16, 256
    codes = sinkhorn(random_scores(n, k, dtype=torch.float32), epsilon=0.02, iterations=100)
    assert codes.max() <= n / k * 1.01
    assert -torch.xlogy(codes, codes).sum(1).min() >= math.log(k / n) - 0.01


def test_a_queue_of_four_times_the_prototypes_takes_the_floor_away():
    scores = random_scores(1024, 256, dim=128, dtype=torch.float32)
    alone, among = (sinkhorn(s, epsilon=0.01)[:16] for s in (scores[:16], scores))
    floor, entropy = math.log(256 / 16), [-torch.xlogy(q, q).sum(1).mean() for q in (alone, among)]
    assert entropy[0] > floor > entropy[1]


def test_matched_samples_and_prototypes_get_a_permutation():
    order = torch.randperm(9, generator=torch.Generator().manual_seed(3))
    codes = sinkhorn(torch.eye(9)[order], epsilon=0.02)
    torch.testing.assert_close(codes, torch.eye(9)[order], atol=1e-6, rtol=0)


def test_a_shift_of_one_sample_or_one_prototype_changes_little():
    """Sample shifts cancel at the fixed point; that is what makes codes a balanced matching."""
    scores = random_scores(10, 4)
    shifted = scores + torch.linspace(0, 0.3, 10, dtype=torch.float64)[:, None]
    same = [sinkhorn(s, epsilon=0.1, iterations=300) for s in (scores, shifted)]
    torch.testing.assert_close(*same, atol=1e-9, rtol=0)


def test_extreme_scores_stay_finite_at_the_smallest_epsilon():
    scores = torch.ones(8, 4)
    scores[3:] = -1
    scores[0, 0] = -1
    codes = sinkhorn(scores, epsilon=0.005)
    assert torch.isfinite(codes).all()
    torch.testing.assert_close(codes.sum(1), torch.ones(8), atol=1e-5, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_scores_are_worked_on_in_float32(dtype):
    scores = random_scores(12, 5, dtype=torch.float32).to(dtype)
    codes = sinkhorn(scores, epsilon=0.01)
    assert codes.dtype == torch.float32
    wanted = slow_sinkhorn(scores, 0.01, 3)
    assert (codes - wanted).abs().max() < 1e-4


def test_autocast_outside_does_not_reach_inside():
    scores = random_scores(12, 5, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = sinkhorn(scores, epsilon=0.02)
    assert torch.equal(inside, sinkhorn(scores, epsilon=0.02))


def test_no_gradient_flows_through_codes():
    assert not sinkhorn(random_scores(6, 3).requires_grad_(), epsilon=0.05).requires_grad


@pytest.mark.parametrize(("epsilon", "iterations"), [(0.0, 3), (-0.1, 3), (0.05, 0)])
def test_refuses_what_it_cannot_do(epsilon, iterations):
    with pytest.raises(PlantEduError, match=r"epsilon must|at least 1"):
        sinkhorn(torch.zeros(2, 2), epsilon=epsilon, iterations=iterations)
