"""Tissues and soil: private cues stay private, diseased tissue looks as described."""

import numpy as np
import pytest

from plantedu.data.renderer.cameras import CAMERAS, RGB, RGN, bands, wavelengths
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.tissues import BLAST, BROWN, TISSUES, reflectance, soil
from plantedu.data.renderer.worlds import draw_factors, world

SWEEP = np.linspace(0, 1, 21)


def _factors(**columns):
    table = draw_factors(world("field"), np.arange(len(SWEEP)))
    middle = {n: np.full(len(SWEEP), c[0]) for n, c in table.items()}
    return middle | columns


def _seen(camera, **columns):
    nm = wavelengths(camera)
    return reflectance(_factors(**columns), nm) @ bands(camera).T


def _span(name):
    f = factor(name)
    return f.low + SWEEP * (f.high - f.low)


def test_mesophyll_moves_no_band_of_the_rgb_camera():
    seen = _seen(RGB, mesophyll=_span("mesophyll"))
    assert (seen == seen[0]).all()
    near_infrared = _seen(RGN, mesophyll=_span("mesophyll"))[:, 0]
    assert (np.diff(near_infrared[:, 2]) > 0).all()
    assert near_infrared[-1, 2] - near_infrared[0, 2] > 0.1
    assert (near_infrared[:, :2] == near_infrared[0, :2]).all()


def test_bloom_moves_no_band_of_the_rgn_camera():
    seen = _seen(RGN, bloom=_span("bloom"))
    assert (seen == seen[0]).all()
    blue = _seen(RGB, bloom=_span("bloom"))[:, 0, 2]
    assert (np.diff(blue) > 0).all()
    assert blue[-1] > 1.7 * blue[0]


def test_chlorophyll_is_seen_by_both():
    for camera in CAMERAS:
        seen = _seen(camera, chlorophyll=_span("chlorophyll"))[:, 0]
        assert (np.diff(seen[:, :2], axis=0) < 0).all()


@pytest.mark.parametrize("disease", [BLAST, BROWN])
def test_dead_tissue_has_lost_its_green_and_severity_goes_one_way(disease):
    columns = {"disease": np.full(len(SWEEP), disease), "severity": SWEEP}
    seen = dict(zip(TISSUES, np.moveaxis(_seen(RGB, **columns), 1, 0), strict=True))
    assert (seen["healthy"][:, 1] > seen["healthy"][:, 0]).all()  # green before red
    assert (seen["dark"][:, 0] > seen["dark"][:, 1]).all()  # brown
    assert (seen["pale"].mean(axis=1) > 2 * seen["dark"].mean(axis=1)).all()
    assert (np.diff(seen["pale"].mean(axis=1)) > 0).all()
    if disease == BROWN:
        assert (np.diff(seen["dark"].mean(axis=1)) < 0).all()


def test_reflectance_stays_physical():
    many = draw_factors(world("field"), np.arange(200))
    for camera in CAMERAS:
        seen = reflectance(many, wavelengths(camera))
        assert seen.min() > 0
        assert seen.max() < 1


def test_dry_soil_is_brighter_and_soil_rises_to_the_infrared():
    ground = soil(SWEEP, np.array([450.0, 650.0, 850.0]))
    assert (np.diff(ground, axis=0) > 0).all()
    assert (np.diff(ground, axis=2) > 0).all()
    assert (ground[:, 0] > ground[:, 1]).all()
