"""Heads whose algorithm is known: they copy, attenuate, rotate or invert what they are given.

    h_1 = s + e_1,  h_1' = s + e_1',  h_2 = (s + e_2) M

with s a Gaussian signal of power-law variance, noise that leaves a stated share of the variance to
the signal (the reliability), and M = V B V^T for a rotation V at random and B one of

    copy I      attenuate a I      rotate: theta in every plane      invert -I
    mixed: half I, half -I

What an instrument should read: S = cos theta, gain a, turn theta. Noise with the signal's spectrum
is the easy case: it hides all directions alike. `looks_like` takes both covariances as they are
measured in a layer, or white noise, which hides the weak directions whole.

Lesson: 07_spectrum.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.topics.spectrum.nulls import rotation

KINDS = ("copy", "attenuate", "rotate", "invert", "mixed")
VERDICTS = {
    "copy": "copies",
    "attenuate": "attenuates",
    "rotate": "rotates",
    "invert": "inverts",
    "mixed": "mixed",
}


@dataclass(frozen=True, eq=False)
class Planted:
    """A map and what is true of it.

    Attributes:
        kind: One of KINDS.
        matrix: M, "dim dim"; rows are plants, so y = x M.
        score: True S.
        gain: True mean of |lambda|.
        turn: True mean of |arg lambda|, degrees.
    """

    kind: str
    matrix: np.ndarray
    score: float
    gain: float
    turn: float


def planted(
    kind: str, dim: int, *, generator: np.random.Generator, size: float | None = None
) -> Planted:
    """A map of a kind.

    Args:
        kind: One of KINDS.
        dim: Width, even.
        generator: Draws the basis.
        size: Gain of `attenuate` (default .5), degrees of `rotate` (default 60).

    Raises:
        PlantEduError: for an unknown kind, an odd width, or a size out of range.
    """
    require(kind in KINDS, f"A planted head is one of {', '.join(KINDS)}; got {kind!r}.")
    require(dim >= 2 and dim % 2 == 0, f"A planted head has an even width, got {dim}.")
    gain, turn = 1.0, {"invert": 180.0, "mixed": 90.0}.get(kind, 0.0)
    if kind == "attenuate":
        gain = 0.5 if size is None else size
        require(0 < gain < 1, f"An attenuation lies between 0 and 1, got {gain}.")
    if kind == "rotate":
        turn = 60.0 if size is None else size
        require(0 < turn < 180, f"A turn lies between 0 and 180 degrees, got {turn}.")
    v = rotation(dim, generator)
    matrix = v @ (gain * _block(kind, dim, turn)) @ v.T
    return Planted(kind, matrix, float(np.cos(np.radians(turn))), gain, turn)


def _block(kind: str, dim: int, turn: float) -> np.ndarray:
    """B: the map in its own basis."""
    if kind == "mixed":
        return np.diag(np.where(np.arange(dim) % 2 == 0, 1.0, -1.0))
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    plane = np.array([[c, s], [-s, c]]) if kind == "rotate" else np.eye(2) * round(c)
    return np.kron(np.eye(dim // 2), plane)


def covariances(first: np.ndarray, again: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of what two looks at the same plants share, and of what is one look's own.

        Cov(x, x') made symmetric,      Cov(x - x') / 2

    Args:
        first: One look, "plants dim".
        again: Another one, with noise of its own.
    """
    a, b = first - first.mean(0), again - again.mean(0)
    shared = a.T @ b / len(a)
    return (shared + shared.T) / 2, (a - b).T @ (a - b) / (2 * len(a))


def looks_like(
    n: int,
    signal: np.ndarray,
    noise: np.ndarray,
    *,
    generator: np.random.Generator,
    count: int = 3,
) -> list[np.ndarray]:
    """Gaussian looks with given covariances, each "n dim".

    Args:
        n: Plants.
        signal: Covariance of the signal, "dim dim"; what is negative in it counts as 0.
        noise: Of each look's own noise.
        generator: Draws both.
        count: How many looks.
    """
    s, e = _root(signal), _root(noise)
    shared = generator.normal(size=(n, len(s))) @ s.T
    return [shared + generator.normal(size=(n, len(s))) @ e.T for _ in range(count)]


def _root(covariance: np.ndarray) -> np.ndarray:
    """R with R R^T the nearest covariance."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return vectors * np.sqrt(np.maximum(values, 0))


def looks(
    n: int,
    dim: int,
    *,
    generator: np.random.Generator,
    reliability: float = 0.7,
    decay: float = 0.5,
    count: int = 3,
) -> list[np.ndarray]:
    """Several looks at the same n plants, each "n dim", with noise of their own.

    Args:
        n: Plants.
        dim: Width.
        generator: Draws signal and noise.
        reliability: Share of the variance that is signal, in (0, 1].
        decay: Exponent of the signal's variance, j^-decay.
        count: How many looks.

    Raises:
        PlantEduError: for a reliability out of range.
    """
    require(0 < reliability <= 1, f"A reliability lies in (0, 1], got {reliability}.")
    size = np.arange(1, dim + 1) ** (-decay / 2)
    basis = rotation(dim, generator)
    signal = generator.normal(size=(n, dim)) * size
    noise = np.sqrt((1 - reliability) / reliability)
    return [
        (signal + generator.normal(size=(n, dim)) * size * noise) @ basis.T for _ in range(count)
    ]
