"""The blade's geometry against plain trigonometry, pixel by pixel."""

import math

import numpy as np
import pytest

from plantedu.data.renderer import leaf
from plantedu.data.renderer.worlds import draw_factors, world

SIZE = 24


def _plant(**changes):
    table = draw_factors(world("field"), [3])
    return {name: column[0].item() for name, column in table.items()} | changes


def _slow(f, sensor, column, row):
    """Leaf coordinates of one pixel's middle."""
    x, y = ((2 * place + 1) / SIZE - 1 for place in (column, row))
    x, y = x - 2 * f[f"shift_x_{sensor}"], y - 2 * f[f"shift_y_{sensor}"]
    turn = math.radians(f["angle"] + f[f"rotation_{sensor}"])
    x, y = x / f[f"scale_{sensor}"], y / f[f"scale_{sensor}"]
    t = math.cos(turn) * x + math.sin(turn) * y
    s = -math.sin(turn) * x + math.cos(turn) * y - 0.13 * f["bend"] * t * t
    return t, s / (f["width"] / leaf.FRAME_MM * (1 - 0.10 * t))


@pytest.mark.parametrize("sensor", ["rgb", "rgn"])
def test_equals_the_slow_twin(sensor):
    plant = _plant()
    blade = leaf.lay(plant, sensor, SIZE)
    slow = [[_slow(plant, sensor, c, r) for c in range(SIZE)] for r in range(SIZE)]
    np.testing.assert_allclose(np.stack([blade.t, blade.n], axis=-1), slow, atol=3e-6)


def test_a_straight_level_leaf_covers_its_width():
    straight = {f"{n}_rgb": 0.0 for n in ("shift_x", "shift_y", "rotation")} | {"scale_rgb": 1.0}
    for width in (9.0, 14.0):
        blade = leaf.lay(_plant(angle=0.0, bend=0.0, width=width, **straight), "rgb", SIZE)
        cover = leaf.coverage(blade, edge=blade.pixel)
        assert cover.mean() == pytest.approx(width / leaf.FRAME_MM, abs=0.005)
        middle = cover[:, SIZE // 2].sum() * leaf.FRAME_MM / SIZE
        assert middle == pytest.approx(width, abs=0.1)


def test_the_edge_is_soft_over_one_pixel():
    blade = leaf.lay(_plant(angle=30.0), "rgb", 64)
    cover = leaf.coverage(blade, edge=blade.pixel)
    assert cover.min() == 0
    assert cover.max() == 1
    between = ((cover > 0) & (cover < 1)).mean()
    assert 0.01 < between < 0.08


@pytest.mark.parametrize("size", [16, 64, 224])
def test_textures_and_shades_stay_in_range(size):
    blade = leaf.lay(_plant(), "rgn", size)
    for share in (leaf.veins(blade), leaf.gloss(blade, -1.0)):
        assert share.min() >= 0
        assert share.max() <= 1
    assert leaf.shading(blade, 1.0)[np.abs(blade.n) <= 1].min() > 0.6
    for streaks in (leaf.fibres(blade, 0.3, 0.9), leaf.mottle(blade, 0.9, 0.1)):
        assert np.isfinite(streaks).all()
        assert streaks.std() > 0.3


def test_both_cameras_see_the_same_fibres():
    same = {f"{n}_{s}": 0.0 for n in ("shift_x", "shift_y", "rotation") for s in ("rgb", "rgn")}
    plant = _plant(scale_rgb=1.0, scale_rgn=1.0, **same)
    one, other = (leaf.fibres(leaf.lay(plant, s, SIZE), 0.2, 0.7) for s in ("rgb", "rgn"))
    np.testing.assert_array_equal(one, other)


def test_fine_veins_fade_where_pixels_are_coarse():
    far, near = (leaf.veins(leaf.lay(_plant(), "rgb", size)) for size in (24, 448))
    beside = 0.5  # away from the midrib
    assert far[np.abs(leaf.lay(_plant(), "rgb", 24).n) > beside].max() < 0.05
    assert near[np.abs(leaf.lay(_plant(), "rgb", 448).n) > beside].max() > 0.2
