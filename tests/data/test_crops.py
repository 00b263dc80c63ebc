"""Crops against a pixel-by-pixel twin, and what windows, colours and pairings must keep."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plantedu.data.crops import PAIRINGS, CropSpec, _blur, _grid, _windows, crop_each, make_crops
from plantedu.errors import PlantEduError

PLAIN = {"gain": 0.0, "offset": 0.0, "gamma": 0.0, "blur": 0.0}
WHOLE = PLAIN | {"large_scale": (1.0, 1.0), "rotation_deg": 0.0, "flip": False}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def pairs(batch=3, side=12, seed=0):
    shape = (batch, 3, side, side)
    return (torch.randint(0, 256, shape, generator=generator(seed + s)).byte() for s in (1, 2))


def slow_crop(image, theta, size):
    """One crop, pixel by pixel: window, turn, flip, bilinear, reflected beyond the border."""
    side = image.shape[-1]

    def reflected(place):
        place = (place + 0.5) % (2 * side)
        return min(place, 2 * side - place) - 0.5

    crop = np.zeros((3, size, size))
    for row in range(size):
        for column in range(size):
            u = ((2 * column + 1) / size - 1, (2 * row + 1) / size - 1, 1)
            x, y = (sum(t * v for t, v in zip(line, u, strict=True)) for line in theta.tolist())
            x, y = (min(max(reflected(((v + 1) * side - 1) / 2), 0), side - 1) for v in (x, y))
            left, top = min(int(x), side - 2), min(int(y), side - 2)
            for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
                weight = abs(1 - dx - (x - left)) * abs(1 - dy - (y - top))
                crop[:, row, column] += weight * image[:, top + dy, left + dx]
    return crop / 255


def test_equal_a_pixel_by_pixel_twin():
    x1, x2 = pairs()
    spec = CropSpec(large_size=7, large_scale=(0.4, 0.9), **PLAIN)
    crops = make_crops(x1, x2, spec, generator(5)).large
    theta = _windows(6, spec.large_scale, spec, generator(5)).double()
    for view, images in enumerate((x1, x2)):
        for plant in range(3):
            wanted = slow_crop(images[plant].double().numpy(), theta[3 * view + plant], 7)
            np.testing.assert_allclose(crops[view, plant], wanted, atol=2e-5)


def test_one_crop_of_each_image_is_a_view_of_its_pair():
    x1, x2 = pairs()
    spec = CropSpec(large_size=7)
    alone = crop_each(torch.cat([x1, x2]), spec, generator(5))
    assert torch.equal(alone, make_crops(x1, x2, spec, generator(5)).large.flatten(0, 1))


def test_grid_is_affine_grid():
    theta = torch.randn(5, 2, 3, generator=generator())
    wanted = F.affine_grid(theta, [5, 3, 9, 9], align_corners=False)
    torch.testing.assert_close(_grid(theta, 9), wanted)


def test_the_whole_window_unturned_is_the_image_itself():
    x1, x2 = pairs()
    crops = make_crops(x1, x2, CropSpec(large_size=12, **WHOLE), generator()).large
    torch.testing.assert_close(crops, torch.stack([x1, x2]) / 255, atol=1e-5, rtol=0)


def test_large_images_are_shrunk_by_averaging_first():
    x1, x2 = pairs(side=48)
    crops = make_crops(x1, x2, CropSpec(large_size=12, **WHOLE), generator()).large
    wanted = F.avg_pool2d(torch.cat([x1, x2]) / 255, 4).view_as(crops)
    torch.testing.assert_close(crops, wanted, atol=1e-5, rtol=0)


def test_windows_have_the_stated_area_and_stay_inside_before_they_turn():
    spec = CropSpec()
    theta = _windows(4000, (0.2, 0.7), spec, generator())
    area = torch.linalg.det(theta[:, :, :2])
    side, c = area.abs().sqrt(), theta[:, :, 2].abs().amax(1)
    assert 0.2 - 1e-5 <= area.abs().min() < 0.21
    assert 0.69 < area.abs().max() <= 0.7 + 1e-5
    assert (c + side <= 1 + 1e-5).all()
    assert 0.45 < (area < 0).float().mean() < 0.55
    turns = torch.atan2(-theta[:, 0, 1], theta[:, 1, 1])
    assert turns.min() < -0.99 * math.pi
    assert turns.max() > 0.99 * math.pi
    assert turns.mean().abs() < 0.1


def test_rotation_and_flip_keep_to_their_knobs():
    theta = _windows(500, (0.5, 0.5), CropSpec(rotation_deg=10, flip=False), generator())
    turns = torch.atan2(-theta[:, 0, 1], theta[:, 1, 1])
    assert (torch.linalg.det(theta[:, :, :2]) > 0).all()
    assert 9 < math.degrees(turns.abs().max()) <= 10.001


@pytest.mark.parametrize(
    ("pairing", "small"),
    [
        ("cross", (1, 2, 1)),
        ("within_both", (1, 2, 1)),
        ("rgb_only", (1,) * 3),
        ("nir_only", (2,) * 3),
    ],
)
def test_each_view_shows_the_sensor_that_it_names(pairing, small):
    x1, x2 = torch.full((2, 3, 12, 12), 51).byte(), torch.full((2, 3, 12, 12), 204).byte()
    spec = CropSpec(large_size=8, small_crops=3, small_size=6, **PLAIN)
    crops = make_crops(x1, x2, spec, generator(), pairing)
    assert crops.large_sensors == PAIRINGS[pairing]
    assert crops.small_sensors == small
    assert crops.large.shape == (len(PAIRINGS[pairing]), 2, 3, 8, 8)
    assert crops.small.shape == (3, 2, 3, 6, 6)
    level = {1: 0.2, 2: 0.8}
    for views, sensors in ((crops.large, crops.large_sensors), (crops.small, small)):
        for view, sensor in zip(views, sensors, strict=True):
            torch.testing.assert_close(view, torch.full_like(view, level[sensor]))


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_every_view_and_plant_has_its_own_window_unless_shared(pairing):
    ramp = torch.arange(16).mul(16).byte().expand(2, 3, 16, 16).contiguous()
    spec = CropSpec(large_size=8, rotation_deg=0, flip=False, **PLAIN)
    own = make_crops(ramp, ramp, spec, generator(), pairing).large
    shared = make_crops(
        ramp, ramp, CropSpec(**(vars(spec) | {"shared_window": True})), generator(), pairing
    ).large
    assert len({float(crop.mean()) for crop in own.flatten(0, 1)}) == own.shape[0] * 2
    assert all(torch.equal(view, shared[0]) for view in shared)
    assert not torch.equal(shared[0, 0], shared[0, 1])


def test_colour_changes_band_by_band_and_stays_in_range():
    grey = torch.full((64, 3, 8, 8), 128).byte()
    spec = CropSpec(large_size=8, gain=0.2, gamma=0.3, offset=0.05)
    crops = make_crops(grey, grey, spec, generator()).large
    bands = crops[..., 0, 0].flatten(0, 1)
    torch.testing.assert_close(crops, crops[..., :1, :1].expand_as(crops))
    assert len({tuple(row) for row in bands.tolist()}) == 128
    assert bands.std(0).min() > 0.05
    assert torch.corrcoef(bands.T)[0, 1].abs() < 0.3
    white = torch.full_like(grey, 255)
    harsh = make_crops(white, grey * 0, CropSpec(offset=0.5, gain=1), generator()).large
    assert (harsh.min(), harsh.max()) == (0, 1)


def test_the_colour_formula():
    grey = torch.full((1, 3, 8, 8), 64).byte()
    one = {"large_size": 8, "rotation_deg": 0, "flip": False}
    gained = make_crops(grey, grey, CropSpec(**one, **(PLAIN | {"gain": 1.0})), generator(3)).large
    bent = make_crops(grey, grey, CropSpec(**one, **(PLAIN | {"gamma": 1.0})), generator(3)).large
    u = (gained / (64 / 255)).log()
    torch.testing.assert_close(bent, (64 / 255) ** u.exp(), rtol=1e-3, atol=1e-4)


def test_blur_is_a_gaussian_of_the_stated_width():
    dot = torch.zeros(2, 3, 21, 21)
    dot[:, :, 10, 10] = 1
    blurred = _blur(dot, torch.tensor([0.8, 1.6]))
    steps = torch.arange(21) - 10.0
    for crop, sigma in zip(blurred, (0.8, 1.6), strict=True):
        torch.testing.assert_close(crop.sum((1, 2)), torch.ones(3))
        spread = (crop[0].sum(0) * steps**2).sum().sqrt()
        assert float(spread) == pytest.approx(sigma, rel=0.03)
    flat = torch.full((2, 3, 9, 9), 0.4)
    torch.testing.assert_close(_blur(flat, torch.tensor([0.5, 2.0])), flat)


def test_the_generator_alone_decides():
    x1, x2 = pairs()
    spec = CropSpec(large_size=8, small_crops=2, small_size=6, gamma=0.2, blur=1.0)
    torch.manual_seed(0)
    one = make_crops(x1, x2, spec, generator(1))
    torch.manual_seed(1)
    same, other = (make_crops(x1, x2, spec, generator(seed)) for seed in (1, 2))
    assert torch.equal(one.large, same.large)
    assert torch.equal(one.small, same.small)
    assert not torch.equal(one.large, other.large)


def test_small_crops_leave_the_large_ones_as_they_are():
    x1, x2 = pairs()
    few, more = (
        make_crops(x1, x2, CropSpec(large_size=8, small_size=6, small_crops=n), generator(1))
        for n in (0, 2)
    )
    assert few.small is None
    assert torch.equal(few.large, more.large)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("large_size", 2),
        ("small_size", 0),
        ("large_scale", (0.0, 1.0)),
        ("small_scale", (0.5, 0.2)),
        ("large_scale", (0.5, 1.5)),
        ("small_crops", -1),
        ("rotation_deg", 270.0),
        ("gain", -0.1),
        ("offset", 1.5),
        ("blur", 20.0),
    ],
)
def test_a_knob_out_of_range_is_named(knob, value):
    with pytest.raises(PlantEduError, match=knob):
        CropSpec(**{knob: value})


def test_images_that_do_not_pair_up_are_refused():
    x1, x2 = pairs()
    with pytest.raises(PlantEduError, match="pairing must be one of"):
        make_crops(x1, x2, CropSpec(), generator(), "both")
    with pytest.raises(PlantEduError, match=r"two uint8 tensors of one shape .*\(2, 3, 12, 12\)"):
        make_crops(x1, x2[:2], CropSpec(), generator())
    with pytest.raises(PlantEduError, match=r"float32"):
        make_crops(x1 / 255, x2 / 255, CropSpec(), generator())
