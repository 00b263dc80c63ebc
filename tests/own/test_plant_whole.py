"""Whole-picture plants beside their slow twins."""

import numpy as np
from scipy import ndimage

from plantedu.own.plant_whole import blur, gained, noise, rotation, scale

RNG = np.random.default_rng


def picture(size=32):
    return RNG(0).integers(0, 256, (3, size, size), dtype=np.uint8)


def test_a_gain_is_the_formula_pixel_by_pixel():
    x, gains = picture(), np.array([0.5, 1.0, 1.7])
    slow = np.clip((x / 255) ** 2.2 * gains[:, None, None], 0, 1) ** (1 / 2.2) * 255
    assert (gained(x, gains) == np.rint(slow)).all()


def test_blur_is_scipys():
    slow = ndimage.gaussian_filter(picture(64).astype(float), (0, 2, 2), mode="mirror", truncate=3)
    assert np.abs(blur(picture(64), 1.0, RNG(0)).astype(float) - slow).max() <= 1.5


def test_noise_has_its_size():
    grey = np.full((3, 64, 64), 128, np.uint8)
    assert abs(noise(grey, 1.0, RNG(0)).std() - 25) < 0.6


def test_a_turn_keeps_the_middle_and_a_scaling_too():
    x = np.full((3, 33, 33), 60, np.uint8)
    x[:, 12:21, 12:21] = 200
    for change in (rotation, scale):
        found = change(x, 1.0, RNG(1))
        assert found[0, 16, 16] == 200
        assert found.shape == x.shape
