"""Detail: nothing at first, nothing above its last time, a crop is treated as the whole is."""

from dataclasses import replace

import pytest
import torch

from plantedu.models.denoiser import LEAST_TIME
from plantedu.models.detail import STEP, UNTIL, Detail
from tests.models.test_denoiser import batch, denoiser


def drawn(shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def detail():
    """With weights that do something."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = Detail(3, 0.5)
        for weights in made.parameters():
            torch.nn.init.normal_(weights, std=0.2)
    return made.eval()


def test_it_begins_with_nothing():
    x = drawn((2, 6, 8, 8))
    assert not bool(Detail(6, 1.0)(x, x, torch.full((2,), 0.3)).any())


def test_above_its_last_time_it_adds_nothing(detail):
    x = drawn((3, 3, 8, 8))
    times = torch.tensor([UNTIL - 0.1, UNTIL + 0.1, 1.0])
    found = detail(x, x, times)
    assert found[0].abs().max() > 0
    assert found[1:].abs().max() == 0
    assert detail(x, x, times.clamp_min(UNTIL + 0.01)).abs().max() == 0


def test_each_picture_is_by_itself(detail):
    x, times = drawn((3, 3, 8, 8)), torch.tensor([0.1, 0.3, 0.5])
    found = detail(x, 2 * x, times)
    for k in range(3):
        alone = detail(x[k : k + 1], 2 * x[k : k + 1], times[k : k + 1])
        torch.testing.assert_close(found[k : k + 1], alone, atol=1e-4, rtol=1e-4)


def test_a_crop_is_what_it_is_in_the_whole_picture_but_for_its_rim(detail):
    """Norms over a picture would tell the two apart; beyond the reach nothing does."""
    x, g, t = drawn((1, 3, 176, 176)), drawn((1, 3, 176, 176), 1), torch.tensor([0.4])
    whole = detail(x, g, t)
    crop = detail(x[..., STEP:, STEP:], g[..., STEP:, STEP:], t)
    reach = 56  # 3 x 3 convolutions: 4 at half the pixels, 4 at a quarter, 4 at an eighth
    inside = whole[..., STEP + reach :, STEP + reach :]
    torch.testing.assert_close(crop[..., reach:, reach:], inside, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(crop, whole[..., STEP:, STEP:], atol=1e-4)


def test_what_a_denoiser_says_with_detail_is_the_formula():
    model, one = denoiser(output="picture", detail=True).eval(), batch()
    with torch.no_grad():
        model.body.detail.outward.bias.add_(0.2)
    one = replace(one, times=one.times.clamp_min(2 * LEAST_TIME))
    x_t, _ = model.noised(one.images, one.times, one.noise)
    found = model._run(model.body, x_t, one.times, one.given, {}, None)
    detail, model.body.detail = model.body.detail, None
    plain = model._run(model.body, x_t, one.times, one.given, {}, None)
    for k in range(4):
        t = one.times[k]
        seen = x_t[k] - t * plain[k]
        added = detail(x_t[k : k + 1], seen[None], t[None])[0]
        torch.testing.assert_close(found[k], (x_t[k] - seen - added) / t, atol=1e-3, rtol=1e-3)


def test_a_crop_is_learned_from_as_that_part_of_the_picture():
    model, one = denoiser(output="picture", detail=True, side=16), batch(side=16)
    model.average = None
    whole = model.eval().loss(one)
    part = model.loss(replace(one, crop=(8, 0, 8)))
    x_t, target = model.noised(model.inward(one.images), one.times, one.noise)
    found = model._run(model.body, x_t, one.times, one.given, one.kept, None)
    expected = (found - target)[..., 8:16, 0:8].square().mean()
    torch.testing.assert_close(part.total, expected, atol=1e-4, rtol=1e-4)
    assert part.total != whole.total
