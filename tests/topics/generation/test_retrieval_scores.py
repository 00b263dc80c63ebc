"""Likeness: sources that are found and not, copies that stand near, the plain loop, refusals."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.retrieval import chance_mrr
from plantedu.topics.generation.retrieval_scores import (
    judge_of,
    kid_evidence,
    mean_evidence,
    nearest,
    ranks,
    score,
)


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def look(x1, x2):
    return torch.cat([x.flatten(1) for x in (x1, x2)], 1)


GALLERY = noise(40, 6, 4, 4)
OWN = np.arange(5, 15)


def test_a_source_is_found_in_its_own_pictures_and_by_lot_in_others():
    judge = judge_of("pixels", look, GALLERY)
    near = GALLERY[OWN][:, None] + 0.01 * noise(10, 3, 6, 4, 4, seed=1)
    assert ranks(judge, near, OWN).tolist() == [[1.0] * 3] * 10
    lost = ranks(judge, noise(10, 30, 6, 4, 4, seed=2), OWN)
    assert float((1 / lost).mean()) == pytest.approx(chance_mrr(40), abs=0.04)
    assert float(lost.mean()) == pytest.approx(20.5, abs=2.5)


def test_nearest_equals_a_plain_loop():
    a, b = noise(4, 7, seed=3) - 0.5, noise(9, 7, seed=4) - 0.5
    far, which = nearest(a, b)
    for i in range(4):
        all_far = [1 - float(torch.cosine_similarity(a[i], b[j], dim=0)) for j in range(9)]
        assert float(far[i]) == pytest.approx(min(all_far), abs=1e-6)
        assert int(which[i]) == int(np.argmin(all_far))


def test_a_painter_that_copies_its_training_plants_is_caught():
    judge, known = judge_of("pixels", look, GALLERY), noise(60, 6, 4, 4, seed=5)
    samples, free = noise(10, 3, 6, 4, 4, seed=6), noise(40, 6, 4, 4, seed=7)
    honest = score(judge, samples, free, known[:10, None], judge.of(known), OWN)
    copied = known[torch.arange(30) % 60].unflatten(0, (10, 3))
    copying = score(judge, copied, free, known[:10, None], judge.of(known), OWN)
    assert copying.copies.value < 0.01 < honest.copies.value
    assert honest.copies.value == pytest.approx(honest.copies.null, rel=0.25)
    assert honest.mrr.null == chance_mrr(40)
    assert honest.mean_rank.null == 20.5
    assert honest.nothing < 0.3


def test_kid_of_real_pictures_is_at_its_null_and_of_others_above():
    rng = np.random.default_rng(0)
    real, more = torch.randn(120, 6, generator=torch.Generator().manual_seed(0)), noise(40, 6)
    same = torch.randn(40, 6, generator=torch.Generator().manual_seed(1))
    still = kid_evidence(same, real, question="?", rng=rng)
    moved = kid_evidence(more + 1, real, question="?", rng=rng)
    assert abs(still.value - still.null) < 0.5
    assert moved.value > 5 * abs(moved.null) + 1
    assert moved.interval[0] > still.interval[1]
    with pytest.raises(PlantEduError, match="twice as many real ones; got 120"):
        kid_evidence(real, real, question="?", rng=rng)


def test_a_mean_has_its_interval_and_conditions_their_sources():
    mean = mean_evidence(np.arange(9.0), null=0.0, control="c", question="?")
    assert mean.value == 4
    assert mean.interval[0] < 4 < mean.interval[1]
    with pytest.raises(PlantEduError, match="3 conditions need as many sources"):
        ranks(judge_of("pixels", look, GALLERY), noise(3, 2, 6, 4, 4), OWN)
