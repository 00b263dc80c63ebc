"""One picture: the mixture against plain sums, the mark, the lens."""

import numpy as np
import pytest

from plantedu.data.renderer import lesions, picture
from plantedu.data.renderer.cameras import CAMERAS, RGB
from plantedu.data.renderer.random_streams import noise_bytes, uniforms
from plantedu.data.renderer.worlds import draw_factors, set_factor, world


def _sight(camera=RGB, plant=1, **do):
    table = draw_factors(world("calm"), [plant])
    for name, value in ({"jpeg_quality": 100, "noise": 0.5} | do).items():
        set_factor(table, name, value)
    one = {name: column[0].item() for name, column in table.items()}
    draws = uniforms(0, "lesions", np.array([plant]), count=lesions.DRAWS)[0]
    return picture.Sight(
        one,
        lesions.place(one, draws),
        [0.5] * 4 + [0.9],
        [0.1, 0.2],
        picture.palettes(camera, table)[0],
    )


def _taken(sight, camera=RGB, size=48):
    noise = noise_bytes(0, "test", 0, 12 * size * size).reshape(4, 3, size, size)
    return picture.take(camera, sight, size, noise)


@pytest.mark.parametrize("count", [2, 5])
def test_the_mixture_is_the_plain_sum(count):
    rng = np.random.default_rng(0)
    palette = rng.random((8, 3)).astype(np.float32)
    shares = [rng.random((4, 5)).astype(np.float32) for _ in range(count + 3)]
    rows = [*range(count), 5, 6, 7]
    plain = sum(
        np.multiply.outer(palette[row].astype(float), s)
        for row, s in zip(rows, shares, strict=True)
    )
    np.testing.assert_allclose(picture._mixed(shares, palette), plain, rtol=1e-6)


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_picture_has_its_shapes(camera):
    taken = _taken(_sight(camera), camera)
    assert taken.image.shape == (3, 48, 48)
    assert taken.image.dtype == np.uint8
    assert taken.leaf.shape == taken.lesions.shape == (48, 48)
    assert 0.3 < taken.leaf.mean() < 0.95


def test_a_healthy_leaf_is_green_and_soil_is_brown():
    taken = _taken(_sight(disease="healthy", light=1.0, warmth=0.0, bloom=0.0, mark="absent"))
    red, green, blue = (band[taken.leaf].mean() for band in taken.image)
    assert green > red + 15 > blue + 15
    red, green, blue = (band[~taken.leaf].mean() for band in taken.image)
    assert red > green > blue


def test_the_mark_is_white_and_stays_in_its_corner():
    without, with_mark = (_taken(_sight(mark=m)).image for m in ("absent", "present"))
    changed = (without != with_mark).any(axis=0)
    rows, columns = np.nonzero(changed)
    assert rows.min() > 36
    assert columns.min() > 36
    assert with_mark[:, 43, 43].min() > 150


def test_vignetting_darkens_the_corners_alone():
    flat, dim = (_taken(_sight(vignetting=v)).image.astype(int) for v in (0.0, 0.4))
    loss = (flat - dim).mean(axis=0)
    assert abs(loss[22:26, 22:26].mean()) < 1.5
    assert min(loss[:3, :3].mean(), loss[:3, -3:].mean()) > 10


def test_more_light_is_brighter():
    levels = [_taken(_sight(light=v)).image.mean() for v in (0.6, 1.0, 1.5)]
    assert levels[0] < levels[1] < levels[2]
