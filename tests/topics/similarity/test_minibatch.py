"""Minibatch CKA: one batch is the whole, many come close, noise stays at 0."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.cka import debiased_cka
from plantedu.topics.similarity.minibatch import MinibatchCka, minibatch_cka


def test_one_batch_is_debiased_cka(noise):
    x, y = noise(0, 30, 5), noise(0, 30, 5) @ noise(1, 5, 8) + noise(2, 30, 8)
    assert minibatch_cka([(x, y)]) == pytest.approx(debiased_cka(x, y), rel=1e-10)


def test_many_batches_come_close_and_noise_stays_at_nothing(noise):
    x, other = noise(0, 2048, 6), noise(3, 2048, 9)
    y = x @ noise(1, 6, 8) + noise(2, 2048, 8)
    told = minibatch_cka(zip(x.split(64), y.split(64), strict=True))
    assert told == pytest.approx(debiased_cka(x, y), abs=0.02)
    assert abs(minibatch_cka(zip(x.split(16), other.split(16), strict=True))) < 0.02


def test_equals_ckatorch(noise):
    peer = pytest.importorskip("ckatorch")
    x, y = noise(0, 4, 16, 6), noise(1, 4, 16, 9)
    wanted = float(peer.cka_batch(x, y))
    assert minibatch_cka(zip(x, y, strict=True)) == pytest.approx(wanted, abs=1e-9)


def test_what_cannot_be_added_is_said(noise):
    seen = MinibatchCka()
    with pytest.raises(PlantEduError, match="No batch"):
        seen.value()
    with pytest.raises(PlantEduError, match="8 and 7 rows"):
        seen.add(noise(0, 8, 2), noise(1, 7, 2))
    with pytest.raises(PlantEduError, match="4 plants or more; got 3"):
        seen.add(noise(0, 3, 2), noise(1, 3, 2))
