"""The slow twins of lesson 02's checks agree with the package."""

import torch

from plantedu.exercises import checks_02 as checks
from plantedu.models.sinkhorn import sinkhorn
from plantedu.models.swav_loss import cross_entropies

SCORES = torch.rand((5, 3), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_slow_sinkhorn_is_the_package_s():
    slow = checks._slow_sinkhorn(SCORES, 0.2, 3)
    assert torch.allclose(slow, sinkhorn(SCORES, epsilon=0.2, iterations=3), atol=1e-12)


def test_ending_on_the_prototypes_is_another_answer():
    last = checks._columns_last(SCORES, 0.2, 2)
    assert torch.allclose(last.sum(0), torch.full((3,), 5 / 3, dtype=torch.float64))
    assert (last.sum(1) - 1).abs().max() > 1e-3


def test_the_slow_loss_is_the_package_s():
    scores, codes = checks._random_batch()
    by_code = [
        cross_entropies(scores[1 - k][None], codes[k][None], temperature=0.1) for k in (0, 1)
    ]
    known = torch.stack([one.mean() for one in by_code]).mean()
    assert torch.allclose(checks._slow_loss(scores, codes, 0.1), known)
