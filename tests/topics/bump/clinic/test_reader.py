"""The automatic diagnosis: a known answer, gradients, temperature, and no look at held-out runs."""

import numpy as np
import pytest

from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.features import FEATURES, WORDS
from plantedu.topics.bump.clinic.reader import best_temperature, diagnose, fit, reader, reference

SIZE = len(FEATURES)


def blobs(apart: float, seed: int = 0):
    """Cases whose k-th feature is high for cause k."""
    generator = np.random.default_rng(seed)
    causes = np.arange(360) % len(KEYS)
    read = generator.normal(size=(360, SIZE))
    read[np.arange(360), causes] += apart
    return read, causes, np.arange(360) // 90


def test_causes_that_stand_apart_are_told_apart_and_shuffled_ones_are_not():
    read, causes, seeds = blobs(9.0)
    fresh, truths, _ = blobs(9.0, seed=1)
    assert (fit(read, causes, seeds).probabilities(fresh).argmax(1) == truths).mean() > 0.98
    shuffled = np.random.default_rng(2).permutation(causes)
    assert (fit(read, shuffled, seeds).probabilities(fresh).argmax(1) == truths).mean() < 0.3


def test_the_fit_is_where_the_cost_of_a_plain_loop_is_least():
    read, causes, seeds = blobs(2.0)
    found = fit(read, causes, seeds)
    fitted = found.fitted
    z = (read - fitted.middle) / fitted.spread

    def cost(weights: np.ndarray) -> float:
        total = 0.25 * (weights[:-1] ** 2).sum()
        for row, truth in zip(z, causes, strict=True):
            scores = row @ weights[:-1] + weights[-1]
            total += np.log(np.exp(scores).sum()) - scores[truth]
        return total

    generator = np.random.default_rng(0)
    least = cost(fitted.weights)
    for _ in range(5):
        assert cost(fitted.weights + 0.02 * generator.normal(size=fitted.weights.shape)) > least


def test_a_temperature_is_found_again():
    generator = np.random.default_rng(0)
    scores = 2 * generator.normal(size=(4000, 12))
    shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    truths = (shares.cumsum(1) > generator.random((4000, 1))).argmax(1)
    assert best_temperature(3 * scores, truths) == pytest.approx(3, rel=0.1)


def test_only_the_named_features_are_read():
    read, causes, seeds = blobs(9.0)
    one = fit(read, causes, seeds, columns=FEATURES[:3])
    other = read.copy()
    other[:, 3:] += 100
    assert np.array_equal(one.probabilities(read), one.probabilities(other))


def test_the_reference_is_of_even_training_seeds():
    assert set(reference()[2] % 2) == {0}


def test_the_shipped_diagnosis_states_probabilities_and_is_mostly_right():
    diagnoses = [(diagnose(case), case._truth) for case in (draw_case(k) for k in range(48))]
    for one, _ in diagnoses:
        assert sum(one.probabilities) == pytest.approx(1)
        assert one.confidence == max(one.probabilities)
        assert len(set(one.because) & set(WORDS.values())) == 3
    assert np.mean([one.cause == truth for one, truth in diagnoses]) >= 0.85
    assert reader() is reader()
