"""What the eigenvalues of a square map say: copy, attenuate, turn or invert.

    S = sum lambda / sum |lambda|   in [-1, 1]

S is the mean cosine of arg lambda, each eigenvalue weighing |lambda|. A copy has lambda = 1, an
attenuation 0 < lambda < 1, a turn by theta the pairs r exp(+-i theta), an inversion lambda < 0.
S says nothing about how much is carried (a map times .01 has the same S): read it with R2. It says
nothing at all where input and output do not share a basis, and it is 1 for every symmetric positive
map, so for a covariance, a Gram matrix, or a closed loop (`readback.py`).

A is normal if A A^T = A^T A; then eigenvalues are as steady as A. How far it is from that:

    departure = sqrt(|A|_F^2 - sum |lambda|^2) / |A|_F   in [0, 1)

Source: the score: Elhage et al. 2021 [elhage2021], who call it a summary to be read beside other
evidence; departure from normality: Henrici 1962 [henrici1962]. Lesson: 07_spectrum.
"""

import numpy as np

from plantedu.errors import require
from plantedu.topics.spectrum.results.eigenvalues import SpectrumSummary

STRAIGHT, EVEN = 20.0, 20.0  # degrees: "no turn", and "every direction turns alike"
WHOLE = 0.8  # gain below which a copy is called attenuated
PARTLY = 0.5  # |S| from which a map without one turn still leans one way


def verdict(reading: SpectrumSummary, gain: float | None = None) -> str:
    """What a map does: copies, attenuates, inverts, rotates, partly copies or inverts, or mixed.

    Args:
        reading: Its eigenvalues in numbers.
        gain: Its gain corrected for noise (`dilution.py`); None for the gain as read.
    """
    if reading.turn <= STRAIGHT:
        whole = reading.gain if gain is None else gain
        return "copies" if whole >= WHOLE else "attenuates"
    if reading.turn >= 180 - STRAIGHT:
        return "inverts"
    if reading.spread <= EVEN:
        return "rotates"
    partly = {True: "partly copies", False: "partly inverts"}
    return partly[reading.score > 0] if abs(reading.score) >= PARTLY else "mixed"


def eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """Eigenvalues of a square matrix, complex, the largest first.

    Raises:
        PlantEduError: for a rectangular one.
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    require(
        matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1],
        f"Only a square map has eigenvalues; this one is {' x '.join(map(str, matrix.shape))}. A "
        "projection head has singular values (python -m plantedu spectrum jacobian).",
    )
    found = np.linalg.eigvals(matrix).astype(complex)
    return found[np.argsort(-np.abs(found), kind="stable")]


def copying_score(values: np.ndarray) -> float:
    """S of some eigenvalues.

    Raises:
        PlantEduError: if all of them are 0.
    """
    size = float(np.abs(values).sum())
    require(size > 0, "S of a map whose eigenvalues are all 0 is undefined.")
    return float(np.real(values).sum() / size)


def copying_scores(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S of many square maps at once, "maps", and their eigenvalues, "maps dim"."""
    values = np.linalg.eigvals(matrices).astype(complex)
    return np.real(values).sum(1) / np.abs(values).sum(1), values


def departure(matrix: np.ndarray, values: np.ndarray) -> float:
    """Henrici's departure from normality, relative to the size of the matrix."""
    whole = float((np.asarray(matrix) ** 2).sum())
    return float(np.sqrt(max(whole - float((np.abs(values) ** 2).sum()), 0) / whole))


def read(matrix: np.ndarray) -> SpectrumSummary:
    """Read a square map off its eigenvalues.

    Raises:
        PlantEduError: for a rectangular map, or one whose eigenvalues are all 0.
    """
    values = eigenvalues(matrix)
    score, size = copying_score(values), np.abs(values)
    turns = np.degrees(np.abs(np.angle(values)))
    turn = float(np.average(turns, weights=size))
    spread = float(np.sqrt(np.average((turns - turn) ** 2, weights=size)))
    return SpectrumSummary(score, float(size.mean()), turn, spread, departure(matrix, values))
