"""Heavy tails: where one value may lie far off by luck, one value is no evidence of a step.

    nu, sigma by maximum likelihood of Student's t among innovations, against the Gaussian
    c = sqrt(nu) sigma     where t's likelihood stops to trust a value any more

t is taken where BIC prefers it; else c = inf, so that Gaussian noise loses nothing. Innovations of
an autocorrelated series that lie far off look like a step in their first row: the clip leaves the
later rows to decide. Of values beyond three scales only their number counts, the rows of candidate
steps among them: a true step is one large value, heavy tails are many.

Large values may also come in bursts. Then c is at most one scale of the noise between bursts, so
that a burst is hardly louder than the rest, and the null draws blocks as long as bursts.

Source: t for robust fits, Lange et al. 1989 [lange1989]; BIC, Schwarz 1978 [schwarz1978].
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln
from scipy.stats import norm
from scipy.stats import t as student

DEGREES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)  # nu that are tried
SIGMAS = np.geomspace(0.3, 1.3, 24)
BURSTS = 3.5  # sd of a mean of autocorrelations, above which they are no luck
FAR = 3.0  # scales; beyond, values are counted


@dataclass(frozen=True)
class Tails:
    """How far values may lie off.

    Attributes:
        clip: c, in local scales; inf for Gaussian noise.
        bursts: Whether large values come together.
    """

    clip: float = np.inf
    bursts: bool = False


GAUSSIAN = Tails()


def tails_of(innovations: np.ndarray, *, steps: int = 0) -> Tails:
    """The tails of innovations, see `clip_of`."""
    bursts = clustered(innovations)
    clip = clip_of(innovations, steps=steps)
    return Tails(min(clip, 1.0) if bursts else clip, bursts)


def clustered(innovations: np.ndarray) -> bool:
    """Whether large innovations come together: |u|, clipped, is autocorrelated over 8 lags."""
    size = np.abs(innovations)
    size = np.minimum(size, 3 * np.median(size))
    size = size - size.mean()
    rows, lags = len(size), range(1, 9)
    mean = np.mean([(size[:-lag] * size[lag:]).sum() for lag in lags]) / max(
        (size**2).sum(), 1e-300
    )
    return bool(mean > BURSTS / np.sqrt(8 * rows))


def clip_of(innovations: np.ndarray, *, steps: int = 0) -> float:
    """c, in the unit of the innovations; inf where they are Gaussian.

    Args:
        innovations: "rows", about 0, in robust standard deviations.
        steps: Candidate steps, whose rows lie beyond `FAR` and are not among the innovations.
    """
    size = np.abs(innovations)
    near = size[size <= FAR]
    beyond = len(size) - len(near) + steps
    gaussian = _gaussian(near, beyond).max()
    heavy = _student(near, beyond)
    kind, scale = np.unravel_index(int(heavy.argmax()), heavy.shape)
    if heavy[kind, scale] - 0.5 * np.log(len(size)) <= gaussian:
        return np.inf
    return float(np.sqrt(DEGREES[kind]) * SIGMAS[scale])


def log_density(innovations: np.ndarray) -> np.ndarray:
    """Log-likelihood of each value under the likelier of Gaussian and t, "rows"."""
    values = innovations[:, None]
    best = norm.logpdf(values, scale=SIGMAS)
    best = best[:, best.sum(0).argmax()]
    worth = best.sum() + 0.5 * np.log(len(innovations))
    for degrees in DEGREES:
        heavy = student.logpdf(values, degrees, scale=SIGMAS)
        heavy = heavy[:, heavy.sum(0).argmax()]
        if heavy.sum() > worth:
            best, worth = heavy, heavy.sum()
    return np.asarray(best)


def _gaussian(near: np.ndarray, beyond: int) -> np.ndarray:
    """Log-likelihood by sigma of values of which `beyond` are known to lie beyond `FAR` only."""
    logs = -0.5 * (near**2).sum() / SIGMAS**2 - len(near) * np.log(SIGMAS * np.sqrt(2 * np.pi))
    return logs + beyond * np.log(2 * norm.sf(FAR / SIGMAS))


def _student(near: np.ndarray, beyond: int) -> np.ndarray:
    """The same of t, "degrees sigmas"."""
    nu = np.array(DEGREES)[:, None]
    whole = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(SIGMAS)
    inner = np.log1p((near / SIGMAS[:, None]) ** 2 / nu[:, :, None]).sum(2)
    tails = beyond * np.log(2 * student.sf(FAR / SIGMAS, nu))
    return len(near) * whole - (nu + 1) / 2 * inner + tails
