"""What a leaf reflects, from what it contains: the PROSPECT-D plate model.

A leaf is N plates of refractive index n; each absorbs k and passes the share tau of diffuse light:

    k   = (Cab k_ab + Car k_car + Ant k_ant + Cbrown k_brown + Cw k_w + Cm k_m) / N
    tau = (1 - k) exp(-k) + k^2 E1(k)

One plate between two surfaces, inner reflections summed (t_a: share of the light within
INCIDENCE_DEG of the normal that enters, t_12: of diffuse light, t_21 = t_12 / n^2, r = 1 - t):

    T_1 = t_a tau t_21 / (1 - r_21^2 tau^2),     R_1 = 1 - t_a + r_21 tau T_1
    t   = t_12 tau t_21 / (1 - r_21^2 tau^2),    r   = r_12 + r_21 tau t

and N - 1 plates (R_s, T_s) below it, by Stokes' solution, N being any real number >= 1:

    R = R_1 + T_1 R_s t / (1 - R_s r),           T = T_1 T_s / (1 - R_s r)

Good for bifacial leaves in diffuse reflection; it knows no gloss, no hairs and no wax.

Source: Jacquemoud & Baret 1990, doi:10.1016/0034-4257(90)90100-Z [jacquemoud1990];
Feret et al. 2017, doi:10.1016/j.rse.2017.03.004 [feret2017]; interface transmission: Allen 1973,
doi:10.1364/JOSA.63.000664 [allen1973]. Lesson: 01_pairs.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exp1

from plantedu.errors import PlantEduError, require

INCIDENCE_DEG = 40.0
TABLE = "leaf-optics-400-900nm.csv"


@dataclass(frozen=True)
class Tissue:
    """What a piece of leaf contains; each field a number or an array, and they broadcast.

    Attributes:
        layers: N, plates that scatter; >= 1.
        chlorophyll: Cab, ug/cm2.
        carotenoids: Car, ug/cm2.
        anthocyanins: Ant, ug/cm2.
        brown: Cbrown, brown pigments, arbitrary unit.
        water: Cw, cm.
        dry_matter: Cm, g/cm2.
    """

    layers: ArrayLike = 1.4
    chlorophyll: ArrayLike = 40.0
    carotenoids: ArrayLike = 8.0
    anthocyanins: ArrayLike = 1.0
    brown: ArrayLike = 0.0
    water: ArrayLike = 0.012
    dry_matter: ArrayLike = 0.005


def prospect(tissue: Tissue, wavelengths_nm: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Reflectance and transmittance of `tissue` at `wavelengths_nm`.

    Args:
        tissue: Its contents; an array's last axis meets the wavelengths (add one where needed).
        wavelengths_nm: Whole nanometres from 400 to 900, "wavelength".

    Returns:
        R and T, float64 in [0, 1], "... wavelength".

    Raises:
        PlantEduError: for a wavelength off the table, N < 1 or a negative amount.
    """
    n, *absorptions = _rows(np.atleast_1d(np.asarray(wavelengths_nm)))
    layers, *amounts = (
        np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in vars(tissue).values()
    )
    require(bool((layers >= 1).all()), "A leaf has N >= 1 layers; `layers` falls below 1.")
    lacking = next((n for n, a in vars(tissue).items() if np.min(a) < 0), "")
    require(not lacking, f"Contents of a leaf are not negative; {lacking} is.")
    k = sum(a * s for a, s in zip(amounts, absorptions, strict=True)) / layers
    return _pile(_transmission(np.asarray(k)), n, layers)


@cache
def table() -> np.ndarray:
    """The published table, "wavelength column": nm, n, k_ab, k_car, k_ant, k_brown, k_w, k_m."""
    text = resources.files("plantedu.data.renderer").joinpath(TABLE).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line and line[0].isdecimal()]
    return np.array([[float(cell) for cell in row.split(",")] for row in rows])


def _rows(nm: np.ndarray) -> np.ndarray:
    """Columns n and k_* of the table at the wavelengths, "column wavelength"."""
    first, last = table()[0, 0], table()[-1, 0]
    known = bool(((nm >= first) & (nm <= last) & (nm == np.floor(nm))).all())
    if not known:
        raise PlantEduError(f"Wavelengths are whole nm from {first:.0f} to {last:.0f}; got {nm}.")
    return table()[(nm - first).astype(int), 1:].T


def _transmission(k: np.ndarray) -> np.ndarray:
    """tau: share of diffuse light that passes a plate of absorption k; 1 where k is 0."""
    safe = np.where(k > 0, k, 1.0)
    return np.where(k > 0, (1 - safe) * np.exp(-safe) + safe**2 * exp1(safe), 1.0)


def _pile(tau: np.ndarray, n: np.ndarray, N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R and T of N plates that each pass tau."""
    t_a, t_12 = interface(INCIDENCE_DEG, n), interface(90.0, n)
    r_12, t_21 = 1 - t_12, t_12 / n**2
    r_21 = 1 - t_21
    through = tau * t_21 / (1 - (r_21 * tau) ** 2)
    T_1, t = t_a * through, t_12 * through
    R_1, r = 1 - t_a + r_21 * tau * T_1, r_12 + r_21 * tau * t
    R_s, T_s = _stokes(r, t, N - 1)
    return R_1 + T_1 * R_s * t / (1 - R_s * r), T_1 * T_s / (1 - R_s * r)


def _stokes(r: np.ndarray, t: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R and T of m equal plates (r, t): Stokes 1862; without absorption T = t / (t + (1 - t) m)."""
    lossless = r + t >= 1 - 1e-12
    r_, t_ = np.where(lossless, 0.3, r), np.where(lossless, 0.3, t)
    D = np.sqrt((1 + r_ + t_) * (1 + r_ - t_) * (1 - r_ + t_) * (1 - r_ - t_))
    a = (1 + r_**2 - t_**2 + D) / (2 * r_)
    b = ((1 - r_**2 + t_**2 + D) / (2 * t_)) ** m
    below = (a * b) ** 2 - 1
    T_free = t / (t + (1 - t) * m)
    R = np.where(lossless, 1 - T_free, a * (b**2 - 1) / below)
    return R, np.where(lossless, T_free, b * (a**2 - 1) / below)


def interface(angle_deg: float, n: np.ndarray) -> np.ndarray:
    """Share of unpolarised light within `angle_deg` of the normal that enters index n."""
    s2 = np.sin(np.deg2rad(angle_deg)) ** 2
    p, m, a = n**2 + 1, n**2 - 1, (n + 1) ** 2 / 2
    k = -(m**2) / 4
    root = 0.0 if angle_deg == 90 else np.sqrt((s2 - p / 2) ** 2 + k)
    b = root - (s2 - p / 2)
    t_s = _perpendicular(b, k) - _perpendicular(a, k)
    return (t_s + _parallel(b, n, p, m) - _parallel(a, n, p, m)) / (2 * s2)


def _perpendicular(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Antiderivative for light polarised across the plane of incidence."""
    return k**2 / (6 * x**3) + k / x - x / 2


def _parallel(x: np.ndarray, n: np.ndarray, p: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Antiderivative for light polarised in the plane of incidence."""
    z = 2 * p * x - m**2
    logs = -2 * n**2 * p * np.log(x) / m**2
    logs = logs + 16 * n**4 * (n**4 + 1) * np.log(z) / (p**3 * m**2)
    return -2 * n**2 * x / p**2 + logs + n**2 / (2 * x) + 16 * n**6 / (p**3 * z)
