"""Textures: standardised, tileable, the same ground at every size."""

import numpy as np

from plantedu.data.renderer.texture import SIDE, at, crumbs, octaves


def test_mean_0_and_deviation_1():
    for texture in (octaves("soil", 128, first=8, last=64, fall=0.8), crumbs(32)):
        assert texture.dtype == np.float32
        np.testing.assert_allclose([texture.mean(), texture.std()], [0, 1], atol=1e-5)


def test_the_seam_is_as_smooth_as_the_rest():
    texture = octaves("soil", 128, first=8, last=32, fall=0.8)
    steps = np.abs(np.diff(texture, axis=0)).mean(axis=1)
    assert np.abs(texture[0] - texture[-1]).mean() < 1.5 * steps.max()


def test_small_pictures_show_the_same_ground():
    fine = octaves("soil", 256, first=8, last=256, fall=0.6)
    coarse = octaves("soil", 64, first=8, last=256, fall=0.6)
    shrunk = fine.reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.corrcoef(shrunk.ravel(), coarse.ravel())[0, 1] > 0.95


def test_look_up_wraps_round():
    texture = octaves("mottle", SIDE, first=16, last=64, fall=0.6)
    places = np.array([[3.7, SIDE + 3.2, 5.0]], dtype=np.float32)
    np.testing.assert_array_equal(at(texture, places, places)[0], texture[[3, 3, 5], [3, 3, 5]])
