"""PROSPECT-D against a slow twin, published values and what physics demands."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from plantedu.data.renderer.cameras import CAMERAS, bands, wavelengths
from plantedu.data.renderer.optics import Tissue, interface, prospect, table
from plantedu.errors import PlantEduError


def _entering(angle_deg: float, n: float) -> float:
    """Fresnel's equations, integrated over the cone."""

    def flux(theta: float) -> float:
        c, c_in = math.cos(theta), math.sqrt(1 - (math.sin(theta) / n) ** 2)
        across, along = (c - n * c_in) / (c + n * c_in), (n * c - c_in) / (n * c + c_in)
        return (1 - (across**2 + along**2) / 2) * math.sin(2 * theta)

    top = math.radians(angle_deg)
    return quad(flux, 0, top, epsabs=1e-13)[0] / math.sin(top) ** 2


def _slow(contents: list[float], layers: int, nm: int) -> tuple[float, float]:
    """One wavelength, plate on plate, in plain numbers."""
    _, n, *absorptions = table()[nm - 400]
    k = sum(a * s for a, s in zip(contents, absorptions, strict=True)) / layers
    tau = 2 * quad(lambda mu: mu * math.exp(-k / mu), 0, 1, epsabs=1e-13)[0]
    t_12 = _entering(90, n)
    t_21 = t_12 / n**2
    through = tau * t_21 / (1 - ((1 - t_21) * tau) ** 2)

    def plate(enter: float) -> tuple[float, float]:
        return 1 - enter + (1 - t_21) * tau * enter * through, enter * through

    (R_1, T_1), (r, t) = plate(_entering(40, n)), plate(t_12)
    R, T = 0.0, 1.0
    for _ in range(layers - 1):
        echo = 1 / (1 - R * r)
        R, T = r + t * t * R * echo, t * T * echo
    echo = 1 / (1 - R * r)
    return R_1 + T_1 * R * t * echo, T_1 * T * echo


@pytest.mark.parametrize("layers", [1, 2, 5])
@pytest.mark.parametrize("nm", [400, 550, 661, 850, 900])
def test_equals_the_slow_twin(layers, nm):
    contents = [33.0, 7.0, 2.0, 0.3, 0.011, 0.006]
    fast = prospect(Tissue(layers, *contents), nm)
    np.testing.assert_allclose([x[0] for x in fast], _slow(contents, layers, nm), atol=1e-12)


@pytest.mark.parametrize("n", [1.2, 1.45, 1.52])
@pytest.mark.parametrize("angle_deg", [40.0, 90.0])
def test_interface_equals_fresnel_integrated(angle_deg, n):
    assert interface(angle_deg, np.array([n]))[0] == pytest.approx(
        _entering(angle_deg, n), abs=1e-10
    )


def _six_bands(**contents) -> np.ndarray:
    """B460 G540 R610, then 550, 660 and 850 nm, as the two cameras see them."""
    seen = [prospect(Tissue(**contents), wavelengths(c))[0] @ bands(c).T for c in CAMERAS]
    return np.concatenate([seen[0][::-1], seen[1][[1, 0, 2]]])


@pytest.mark.parametrize(
    ("contents", "published"),
    [
        ({}, [0.047, 0.096, 0.071, 0.124, 0.040, 0.441]),
        (
            {"layers": 1.15, "chlorophyll": 37, "dry_matter": 0.0045},
            [0.045, 0.083, 0.063, 0.107, 0.038, 0.393],
        ),
    ],
)
def test_band_values_of_the_table(contents, published):
    got = _six_bands(**contents)
    np.testing.assert_allclose(got[3:], published[3:], atol=6e-4)
    np.testing.assert_allclose(got[:3], published[:3], atol=8e-3)  # other RGB bands there


@pytest.mark.parametrize(
    ("change", "percent"),
    [
        ({"chlorophyll": 20}, [9, 39, 75, 44, 63, 0]),
        ({"anthocyanins": 6}, [-7, -30, -14, -37, 0, 0]),
        ({"carotenoids": 14}, [-6, -11, -1, -7, 0, 0]),
        ({"brown": 2}, [-10, -47, -34, -55, -7, -17]),
        ({"water": 0.002}, [0, 0, 0, 0, 0, 0]),
        ({"dry_matter": 0.009}, [0, -1, -1, -2, 0, -4]),
        ({"layers": 1.15}, [-4, -17, -16, -18, -7, -11]),
    ],
)
def test_sensitivities_of_the_table(change, percent):
    moved = 100 * (_six_bands(**change) / _six_bands() - 1)
    np.testing.assert_allclose(moved, percent, atol=3)


amount = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 4), amount, amount, amount, amount, amount, amount)
def test_no_leaf_gives_more_light_than_it_gets(layers, chl, car, ant, brown, water, dry):
    tissue = Tissue(layers, 150 * chl, 25 * car, 50 * ant, 4 * brown, 0.1 * water, 0.06 * dry)
    R, T = prospect(tissue, np.arange(400, 901, 20))
    assert (R >= 0).all()
    assert (T >= 0).all()
    assert (R + T <= 1 + 1e-9).all()  # rounding: at most 3e-11 in 4,000 leaves


@pytest.mark.parametrize("layers", [1.0, 1.5, 3.0])
def test_without_absorption_no_light_is_lost(layers):
    R, T = prospect(Tissue(layers, 0, 0, 0, 0, 0, 0), np.arange(400, 901, 50))
    np.testing.assert_allclose(R + T, 1, atol=1e-12)
    nearly = prospect(Tissue(layers, 0, 0, 0, 1e-9, 0, 0), np.arange(400, 901, 50))
    np.testing.assert_allclose(nearly, (R, T), atol=1e-6)


def test_more_pigment_is_darker_and_more_layers_are_brighter():
    many = Tissue(chlorophyll=np.array([[10.0], [30.0], [60.0]]))
    assert (np.diff(prospect(many, [550, 660])[0], axis=0) < 0).all()
    deep = Tissue(layers=np.array([[1.0], [1.7], [3.0]]))
    assert (np.diff(prospect(deep, [550, 850])[0], axis=0) > 0).all()


@pytest.mark.parametrize("nm", [399, 901, 550.5, [500, 1000]])
def test_wavelengths_off_the_table_are_refused(nm):
    with pytest.raises(PlantEduError, match="400 to 900"):
        prospect(Tissue(), nm)


@pytest.mark.parametrize(
    ("contents", "word"), [({"layers": 0.9}, "layers"), ({"chlorophyll": -1}, "chlorophyll is")]
)
def test_impossible_contents_are_refused(contents, word):
    with pytest.raises(PlantEduError, match=word):
        prospect(Tissue(**contents), 550)
