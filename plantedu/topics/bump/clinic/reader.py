"""The automatic diagnosis: a softmax regression on named features, with a temperature.

    p(c | x) = softmax((W z + b) / T)_c,       z = (x - mean) / sd of the reference cases

W minimises the sum of cross-entropies over the reference half's cases plus decay |W|^2 / 2
(`statistics/softmax_regression.py`). T minimises the cross-entropy of cases whose training seed was
left out of the fit, one seed after the other, all inside the reference half. Held-out runs take no
part.

Source: Guo et al. 2017, arXiv:1706.04599 (temperature) [guo2017]. Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from plantedu.statistics.softmax_regression import SoftmaxRegression, fit_softmax
from plantedu.topics.bump.clinic.cases import Case, CaseMeasurements, draw_case
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.features import FEATURES, WORDS, features
from plantedu.topics.bump.clinic.recorded import Bank, bank

REFERENCE_CASES = 720
DECAY = 0.5


@dataclass(frozen=True)
class Diagnosis:
    """What is thought of a case.

    Attributes:
        cause: The most probable one.
        confidence: Its probability.
        probabilities: Of every cause, in the order of CAUSES.
        because: The three features that raised it most above the mean cause, in words.
    """

    cause: str
    confidence: float
    probabilities: tuple[float, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reader:
    """A fitted softmax regression with its temperature.

    Attributes:
        columns: Which features it reads.
        fitted: W, b and the scale of each of these features.
        temperature: T.
    """

    columns: tuple[int, ...]
    fitted: SoftmaxRegression
    temperature: float = 1.0

    def scores(self, read: np.ndarray) -> np.ndarray:
        """W z + b of cases, "cases causes"."""
        return self.fitted.scores(read[:, self.columns])

    def probabilities(self, read: np.ndarray) -> np.ndarray:
        """p of cases, "cases causes"."""
        return softmax(self.scores(read) / self.temperature, axis=1)

    def diagnose(self, seen: CaseMeasurements) -> Diagnosis:
        """The diagnosis of what could be measured."""
        read = features(seen)
        probabilities = self.probabilities(read[None])[0]
        best = int(np.argmax(probabilities))
        return Diagnosis(
            KEYS[best],
            float(probabilities[best]),
            tuple(float(p) for p in probabilities),
            tuple(WORDS[FEATURES[self.columns[k]]] for k in self._raised(read, best)[:3]),
        )

    def _raised(self, read: np.ndarray, best: int) -> list[int]:
        """Columns by how far each raised a cause above the mean cause, the furthest first."""
        fitted, held = self.fitted, self.fitted.weights[:-1]
        z = (read[list(self.columns)] - fitted.middle) / fitted.spread
        above = held[:, best] - held.mean(1)
        return [int(k) for k in np.argsort(-z * above)]


def fit(
    read: np.ndarray, causes: np.ndarray, seeds: np.ndarray, *, columns: Sequence[str] = FEATURES
) -> Reader:
    """Fit weights and temperature.

    Args:
        read: Features of the reference cases, "cases features".
        causes: Number of each case's cause.
        seeds: Training seed of each case's run; folds are made of them.
        columns: Names of the features that are read.
    """
    chosen = tuple(FEATURES.index(name) for name in columns)
    left_out, truths = [], []
    for seed in np.unique(seeds):
        inside = seeds != seed
        if inside.any() and (~inside).any():
            one = _weights(read[inside], causes[inside], chosen)
            left_out.append(one.scores(read[~inside]))
            truths.append(causes[~inside])
    whole = _weights(read, causes, chosen)
    temperature = (
        best_temperature(np.concatenate(left_out), np.concatenate(truths)) if left_out else 1.0
    )
    return replace(whole, temperature=temperature)


def best_temperature(scores: np.ndarray, truths: np.ndarray) -> float:
    """T from .2 to 10 that makes the truths most probable."""

    def cost(log_t: float) -> float:
        log_p = log_softmax(scores / np.exp(log_t), axis=1)
        return float(-log_p[np.arange(len(truths)), truths].mean())

    found: Any = minimize_scalar(cost, bounds=(np.log(0.2), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def _weights(read: np.ndarray, causes: np.ndarray, columns: tuple[int, ...]) -> Reader:
    """W and b."""
    held = DECAY / len(read)
    return Reader(columns, fit_softmax(read[:, columns], causes, count=len(KEYS), penalty=held))


def read_cases(cases: Sequence[Case], source: Bank) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, causes and training seeds of cases, for fitting and scoring alone."""
    read = np.stack([features(case.seen) for case in cases])
    causes = np.array([KEYS.index(case._truth) for case in cases])
    seeds = np.array([source.entries[case._run].seed for case in cases])
    return read, causes, seeds


@lru_cache(maxsize=1)
def reference() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the shipped reference half holds: features, causes, seeds of its cases."""
    source = bank()
    cases = [draw_case(k, half="reference", source=source) for k in range(REFERENCE_CASES)]
    return read_cases(cases, source)


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Fitted on the shipped reference half, once a process."""
    return fit(*reference())


def diagnose(case: Case) -> Diagnosis:
    """Our own diagnosis of a case, from all tests."""
    return reader().diagnose(case.seen)
