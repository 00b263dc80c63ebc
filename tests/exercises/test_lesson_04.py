"""Wrong versions of lesson 04's functions, by the name under which a check must know them."""

import numpy as np
import pytest

from plantedu.exercises import check
from plantedu.exercises.checks_04 import _greedy, _read, _runs


def lengths_with_equals(losses):
    lengths = np.ones(len(losses), dtype=int)
    for i in range(1, len(losses)):
        lengths[i] = 1 + lengths[:i][losses[:i] >= losses[i]].max(initial=0)
    return lengths


def _error(p, labels, bins, *, confidence=None, signed=False, even=False, middle=False, left=False):
    confidence = p.max(1) if confidence is None else confidence
    right = p.argmax(1) == labels
    place = (confidence * bins).astype(int) + 1 if left else np.ceil(confidence * bins).astype(int)
    parts = []
    for b in range(1, bins + 1):
        inside = place == b
        if inside.any():
            said = (b - 0.5) / bins if middle else confidence[inside].mean()
            gap = right[inside].mean() - said
            parts.append((inside.mean(), gap if signed else abs(gap)))
    if even:
        return float(np.mean([gap for _, gap in parts]))
    return float(sum(share * gap for share, gap in parts))


def by_rows(p, labels, bins):
    return float(np.abs((p.argmax(1) == labels) - p.max(1)).mean())


def of_label(p, labels, bins):
    return _error(p, labels, bins, confidence=p[np.arange(len(labels)), labels])


def _luck(scores, shuffles, rng, *, add=1, deal=None, best=None):
    deal = deal or (lambda s: rng.permutation(s.ravel()).reshape(s.shape))
    best = best or (lambda s: s.mean(1).max())
    observed = best(scores)
    larger = sum(best(deal(scores)) >= observed - 1e-12 for _ in range(shuffles))
    return float((add + larger) / (add + shuffles))


def fixed_winner(scores, shuffles, rng):
    winner = scores.mean(1).argmax()
    return _luck(scores, shuffles, rng, best=lambda s: s.mean(1)[winner])


WRONG = {
    "04.5": {
        "the rate at the lowest loss": lambda rates, losses: float(rates[losses.argmin()]),
        "the steepest point": lambda rates, losses: float(rates[np.diff(losses).argmin()]),
        "neighbouring points only": lambda rates, losses: _read(rates, _runs(losses)),
        "equal losses count as falling": lambda r, losses: _read(r, lengths_with_equals(losses)),
        "the first falling step is taken at once": lambda r, ls: _read(r, _greedy(ls)),
    },
    "04.6": {
        "each row by itself": by_rows,
        "gaps cancel": lambda *a: _error(*a, signed=True),
        "every bin weighs the same": lambda *a: _error(*a, even=True),
        "the probability of the label": of_label,
        "the middle of the bin": lambda *a: _error(*a, middle=True),
        "a confidence of 1 falls out": lambda *a: _error(*a, left=True),
    },
    "04.7": {
        "p can be 0": lambda *a: _luck(*a, add=0),
        "the winner is fixed beforehand": fixed_winner,
        "shuffled within settings": lambda s, n, rng: _luck(
            s, n, rng, deal=lambda s: rng.permuted(s, axis=1)
        ),
        "scores are drawn with repeats": lambda s, n, rng: _luck(
            s, n, rng, deal=lambda s: rng.choice(s.ravel(), s.shape)
        ),
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)
