"""Lesions: shapes against the formula in plain loops, places that stay, tissue that adds up."""

import math

import numpy as np
import pytest

from plantedu.data.renderer import leaf, lesions
from plantedu.data.renderer.random_streams import uniforms
from plantedu.data.renderer.tissues import BLAST, BROWN, HEALTHY
from plantedu.data.renderer.worlds import draw_factors, world

SIZE = 20


def _plant(**changes):
    table = draw_factors(world("field"), [3])
    return {name: column[0].item() for name, column in table.items()} | changes


def _lesions(**changes):
    draws = uniforms(0, "lesions", np.array([3]), count=lesions.DRAWS)[0]
    return lesions.place(_plant(**changes), draws)


@pytest.mark.parametrize("disease", [BLAST, BROWN])
def test_depth_equals_the_slow_twin(disease):
    spots = _lesions(disease=disease)
    blade = leaf.lay(_plant(), "rgb", SIZE)
    slow = np.full((SIZE, SIZE), -1.0)
    for y, x in np.ndindex(SIZE, SIZE):
        for t, n, a, b in spots.places:
            dt, ds = blade.t[y, x] - t, (blade.n[y, x] - n) * blade.half[y, x]
            bent = (dt / a) ** 2 + abs(ds / b)
            r = bent if disease == BLAST else math.hypot(dt / a, ds / b)
            slow[y, x] = max(slow[y, x], (1 - r) * b)
    np.testing.assert_allclose(lesions.depth(spots, blade), slow, atol=2e-6)


def test_blast_is_a_spindle_along_the_vein_and_brown_spot_is_round():
    spindles, spots = _lesions(disease=BLAST).places, _lesions(disease=BROWN).places
    assert all(a / b > 3 for _, _, a, b in spindles)
    assert all(0.9 < a / b < 1.5 for _, _, a, b in spots)


def test_fewer_lesions_are_the_first_of_the_many():
    many, few = (_lesions(disease=BLAST, lesion_count=k) for k in (12.0, 5.0))
    assert len(many.places) == 12
    assert few.places == many.places[:5]


def test_size_scales_lesions_in_place():
    small, large = (_lesions(disease=BROWN, lesion_size=mm) for mm in (2.0, 3.0))
    for (t, n, a, b), (t_, n_, a_, b_) in zip(small.places, large.places, strict=True):
        assert (t, n) == (t_, n_)
        assert (a_ / a, b_ / b) == pytest.approx((1.5, 1.5))


def test_a_healthy_leaf_has_none():
    assert _lesions(disease=HEALTHY).places == ()


@pytest.mark.parametrize("disease", [BLAST, BROWN])
def test_tissue_shares_add_up(disease):
    spots = _lesions(disease=disease, severity=0.8)
    blade = leaf.lay(_plant(), "rgb", 64)
    halo, dark, pale = shares = lesions.tissue_shares(
        lesions.depth(spots, blade), spots, blade.pixel
    )
    total = sum(shares)
    assert all(share.min() >= 0 for share in shares)
    assert total.max() <= 1 + 1e-6
    assert halo.max() > 0.5
    assert dark.max() > 0.5
    assert (pale.max() > 0.9) == (disease == BLAST)


def test_blast_grows_pale_with_severity():
    blade = leaf.lay(_plant(), "rgb", 64)

    def pale_share(severity):
        spots = _lesions(disease=BLAST, severity=severity)
        _, dark, pale = lesions.tissue_shares(lesions.depth(spots, blade), spots, blade.pixel)
        return pale.sum() / (dark + pale).sum()

    shares = [pale_share(s) for s in (0.0, 0.5, 1.0)]
    assert shares[0] < shares[1] < shares[2]
