"""Cameras: bands, light, tone, noise, JPEG."""

import numpy as np
import pytest

from plantedu.data.renderer.cameras import (
    CAMERAS,
    RGB,
    RGN,
    bands,
    developed,
    exposed,
    sensor_noise,
    through_jpeg,
    tone,
    wavelengths,
)
from plantedu.data.renderer.random_streams import noise_bytes

LIGHT = {
    f"{n}_{s}": np.array([v]) for n, v in (("light", 1.0), ("warmth", 0.0)) for s in ("rgb", "rgn")
}


@pytest.mark.parametrize("camera", CAMERAS)
def test_bands_are_weights_that_peak_at_their_centres(camera):
    np.testing.assert_allclose(bands(camera).sum(axis=1), 1)
    peaks = wavelengths(camera)[bands(camera).argmax(axis=1)]
    np.testing.assert_array_equal(peaks, camera.centres_nm)


def test_private_bands_are_private():
    assert wavelengths(RGB).max() < 700  # infrared cut
    assert wavelengths(RGN).min() > 510  # no blue


def test_exposed_equals_the_plain_sums():
    nm = wavelengths(RGN)
    surface = np.linspace(0.1, 0.6, len(nm))
    factors = LIGHT | {"light_rgn": np.array([1.3]), "warmth_rgn": np.array([0.7])}
    plain = np.zeros(3)
    for c in range(3):
        raw = [
            sum(
                S * R * 1.3 * RGN.exposure * (x / nm.mean()) ** 0.7
                for S, R, x in zip(row, surface, nm, strict=True)
            )
            for row in bands(RGN)
        ]
        plain[c] = sum(RGN.matrix[c][b] * raw[b] for b in range(3))
    got = exposed(RGN, surface[None, None], factors)
    np.testing.assert_allclose(got[0, 0], plain, rtol=1e-12)


def test_a_grey_card_is_grey_and_warm_light_reddens_it():
    card = np.full((1, 1, len(wavelengths(RGB))), 0.2)
    grey = exposed(RGB, card, LIGHT)[0, 0]
    np.testing.assert_allclose(grey, grey[0], rtol=0.03)
    warm = exposed(RGB, card, LIGHT | {"warmth_rgb": np.array([1.0])})[0, 0]
    assert warm[0] / warm[2] > 1.3 * grey[0] / grey[2]


def test_tone_rises_from_black_to_white():
    assert tone()[0] == 0
    assert (np.diff(tone()) > 0).all()
    assert 250 < tone()[-1] <= 255


def test_developed_equals_the_curve_and_clips():
    linear = np.array([-0.5, 0.0, 0.18, 0.5, 9.0], dtype=np.float32)
    got = developed(linear.copy(), np.zeros(5, dtype=np.float32))
    middle = 255 * (1.055 * np.array([0.18, 0.5]) ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(got[2:4], middle, atol=1)
    assert got[0] == got[1] == 0
    assert got[4] >= 254
    bright = developed(linear.copy(), np.full(5, 400, dtype=np.float32))
    assert (bright == 255).all()


def test_noise_has_the_deviation_asked_for():
    raw = noise_bytes(0, "test", 0, 4 * 90_000).reshape(4, -1)
    noise = sensor_noise(3.0, raw)
    assert noise.mean() == pytest.approx(0, abs=0.05)
    assert noise.std() == pytest.approx(3.0, rel=0.01)


def test_jpeg_loses_more_at_lower_quality_and_nothing_at_100():
    rng = np.random.default_rng(0)
    image = rng.integers(60, 200, (3, 32, 32), dtype=np.uint8)
    assert through_jpeg(image, 100) is image
    loss = [np.abs(through_jpeg(image, q).astype(int) - image).mean() for q in (95, 60)]
    assert 0 < loss[0] < loss[1]
