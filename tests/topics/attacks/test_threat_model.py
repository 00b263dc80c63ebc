"""Balls: the projection's slow twin, what is tied, the 8-bit grid, and what is refused."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.threat_model import Budget

SHAPE = (2, 4, 3, 8, 8)


def change(scale=0.2, seed=0):
    return scale * torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


def projected_slowly(delta, radius, norm):
    """Plain loops in float64."""
    out, d = delta.double().clone(), 3 * 8 * 8
    for s in range(2):
        for n in range(4):
            one = out[s, n].flatten()
            if norm == "linf":
                for k in range(len(one)):
                    one[k] = max(-radius[s], min(radius[s], float(one[k])))
            else:
                length = sum(float(v) ** 2 for v in one) ** 0.5
                one *= min(1.0, radius[s] * d**0.5 / max(length, 1e-12))
            out[s, n] = one.view(3, 8, 8)
    return out


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_projection_equals_its_slow_twin(norm):
    delta, radius = change(), (0.05, 0.11)
    fast = Budget(radius, norm=norm).project(delta)
    torch.testing.assert_close(
        fast.double(), projected_slowly(delta, radius, norm), atol=1e-6, rtol=0
    )


def test_one_ball_for_the_pair_may_be_spent_on_one_sensor():
    delta = change()
    delta[1] = 0
    spent = Budget.on("both", 0.05, norm="l2_pair").project(delta)
    length = spent.flatten(2).square().sum((0, 2)).sqrt()
    torch.testing.assert_close(length, torch.full((4,), 0.05 * (2 * 192) ** 0.5))


def test_the_channel_order_of_what_is_tied():
    """Slots 0 and 1 are red and green in both files; 2 is blue here and near infrared there."""
    budget = Budget.on("shared", 0.1)
    allowed = budget.allowed(change())
    assert allowed[:, :, :2].all()
    assert not allowed[:, :, 2].any()
    slope = budget.pull(change())
    assert torch.equal(slope[0], slope[1])
    drawn = budget.draw(change(), torch.Generator().manual_seed(0))
    assert torch.equal(drawn[0, :, :2], drawn[1, :, :2])


def test_a_mask_of_one_sensor_closes_a_tied_change_for_both():
    mask = torch.ones(2, 1, 1, 8, 8)
    mask[0, ..., :4] = 0
    allowed = Budget.on("shared", 0.1, mask=mask).allowed(change())
    assert not allowed[:, :, :, :, :4].any()


@pytest.mark.parametrize("norm", ["linf", "l2", "l2_pair"])
@pytest.mark.parametrize("radius", [0.0, 0.4 / 255, 1 / 255, 2.5 / 255, 8 / 255, 1.0])
@pytest.mark.parametrize("where", ["rgb", "both"])
def test_rounded_changes_are_whole_levels_inside_the_ball(norm, radius, where):
    if norm == "l2_pair" and where == "rgb":
        pytest.skip("one ball for the pair has one radius")
    clean = torch.full(SHAPE, 128.0)
    budget = Budget.on(where, radius, norm=norm)
    delta = budget.project(change(scale=3 * radius + 0.01)) * budget.allowed(clean)
    levels = budget.rounded(delta.clamp(-0.5, 0.49))
    assert torch.equal(levels, levels.round())
    assert budget.fits(clean, clean + levels)


def test_the_check_sees_what_left_the_ball_or_the_mask():
    clean = torch.full(SHAPE, 100.0)
    budget = Budget.on("rgb", 4 / 255)
    near, far, other = clean.clone(), clean.clone(), clean.clone()
    near[0, 0, 0, 0, 0] += 4
    far[0, 0, 0, 0, 0] += 5
    other[1, 0, 0, 0, 0] += 1
    assert budget.fits(clean, near)
    assert not budget.fits(clean, far)
    assert not budget.fits(clean, other)


@pytest.mark.parametrize("radius", [-0.1, 1.5, float("nan"), "much"])
def test_a_radius_outside_the_range_is_refused(radius):
    with pytest.raises(PlantEduError, match="share of the full range"):
        Budget.on("rgb", radius)


def test_unknown_words_are_refused_with_those_that_are_known():
    with pytest.raises(PlantEduError, match="rgb, rgn, both, shared"):
        Budget.on("thermal", 0.1)
    with pytest.raises(PlantEduError, match="linf, l2, l2_pair"):
        Budget.on("rgb", 0.1, norm="l7")
    with pytest.raises(PlantEduError, match="one radius"):
        Budget((0.1, 0.2), tied=True)
