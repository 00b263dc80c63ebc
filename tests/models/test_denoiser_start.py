"""How a denoiser begins with another: the same pictures, enlarged pictures, all but the detail."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.denoiser_start import adopt, shared, take
from tests.models.test_denoiser import batch, denoiser


def measured(parts):
    draw = torch.Generator().manual_seed(3)
    rows = torch.randn((200, 5), generator=draw) @ torch.randn((5, 5), generator=draw) + 3
    rows[:, 2] = 4.0
    model = denoiser(parts=parts)
    other = torch.randn((200, 3), generator=draw)
    model.measure(torch.rand(10, 6, 8, 8), {"one/h/rgb": rows, "two/h/rgb": other})
    return model, rows


def test_a_denoiser_that_adopts_another_draws_as_it_does():
    old, rows = measured(0)
    new, _ = measured(4)  # one number stands still: four parts hold everything
    with torch.no_grad():
        old.body.unet.conv_in.weight.add_(0.1)
    old.average.module.load_state_dict(old.body.state_dict())
    adopt(new, old)
    x, times, given = torch.rand(4, 6, 8, 8), torch.rand(4), {"one/h/rgb": rows[:4]}
    torch.testing.assert_close(
        new.velocity(x, times, given), old.velocity(x, times, given), atol=1e-4, rtol=1e-3
    )
    with pytest.raises(PlantEduError, match="its own widths"):
        adopt(denoiser(channels=(16, 48)), old)


@pytest.mark.parametrize("joint", [False, True])
def test_a_larger_denoiser_that_adopts_a_smaller_one_draws_its_pictures_enlarged(joint):
    """Twice the pixels, as many places: it puts out the other's picture, each pixel four times."""
    knobs = {"output": "picture", "joint": joint, "decay": None}
    small = denoiser(**knobs).eval()
    large = denoiser(side=16, fold=4, scale=0.5, seed=1, **knobs).eval()
    adopt(large, small)
    one = batch()
    twice = torch.nn.Upsample(scale_factor=2)
    for part in (small, large):
        part.output = "target"  # what the network says, as it is
    out = small.velocity(one.images, one.times, one.given)
    found = large.velocity(0.5 * twice(one.images), one.times, one.given)
    torch.testing.assert_close(found, 0.5 * twice(out), atol=1e-4, rtol=1e-4)
    grain = torch.randn(4, 6, 8, 2, 8, 2, generator=torch.Generator().manual_seed(1))
    grain = (grain - grain.mean((3, 5), keepdim=True)).reshape(4, 6, 16, 16)
    still = large.velocity(0.5 * twice(one.images) + grain, one.times, one.given)
    torch.testing.assert_close(still, found, atol=1e-3, rtol=1e-3)  # it sees means alone


def test_a_network_that_puts_out_something_else_is_no_start():
    for knobs in ({"output": "picture"}, {"sensors": "rgb"}, {"prediction": "v"}, {"side": 16}):
        with pytest.raises(PlantEduError, match="A denoiser begins with one of its own"):
            adopt(denoiser(**knobs), denoiser())


def test_patches_that_do_not_divide_keep_the_mean_of_what_is_put_out():
    """From 3 px to 8 px, as what ships: a mean over each picture, to and fro."""
    knobs = {"output": "picture", "decay": None}
    small = denoiser(side=12, fold=3, **knobs).eval()
    large = denoiser(side=32, fold=8, scale=3 / 8, seed=1, **knobs).eval()
    adopt(large, small)
    for part in (small, large):
        part.output = "target"
    flat = torch.rand(4, 6, 1, 1, generator=torch.Generator().manual_seed(0))
    times = torch.full((4,), 0.5)
    out = small.velocity(flat.expand(-1, -1, 12, 12).contiguous(), times, {})
    found = large.velocity(3 / 8 * flat.expand(-1, -1, 32, 32), times, {})
    torch.testing.assert_close(found.mean((2, 3)), 3 / 8 * out.mean((2, 3)), atol=1e-4, rtol=1e-3)


def test_pixels_that_do_not_divide_are_shared_out():
    whole = shared(3, 8)
    torch.testing.assert_close(whole.sum(1), torch.full((3,), 1 / 3))
    torch.testing.assert_close(whole.sum(0), torch.full((8,), 1 / 8))
    assert (whole > 0).sum() == 10  # two of the eight stand across a border


def upon(**knobs):
    return denoiser(**{"output": "picture", "decay": None} | knobs)


def test_a_denoiser_that_takes_another_draws_as_it_does_until_detail_is_learned():
    old, new = upon(), upon(detail=True, seed=1, decay=0.9)
    old.mean.fill_(0.3)
    take(new, old)
    one = batch()
    said = old.velocity(one.images, one.times, one.given)
    assert torch.equal(new.velocity(one.images, one.times, one.given), said)
    assert float(new.mean.mean()) == pytest.approx(0.3)
    with torch.no_grad():
        new.average.module.detail.outward.bias.add_(0.1)
    assert not torch.equal(new.velocity(one.images, one.times, one.given), said)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({}, {}),
        ({"detail": True, "channels": (16, 48)}, {}),
        ({"detail": True}, {"scale": 0.5}),
        ({"detail": True}, {"slots": {"one/h/rgb": 5}}),
        ({"detail": True, "side": 16, "fold": 4}, {}),
        ({"detail": True}, {"output": "target"}),
        ({"detail": True}, {"output": "target", "prediction": "v"}),
        ({"detail": True, "sensors": "rgb"}, {"sensors": "rgn"}),
    ],
)
def test_detail_is_trained_upon_its_own_recipe_alone(mine, theirs):
    with pytest.raises(PlantEduError, match="of the same recipe in all else"):
        take(upon(**mine), upon(**theirs))
