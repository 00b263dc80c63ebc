"""Wrong versions of lesson 03's functions, by the name under which a check must know them."""

import numpy as np
import pytest

from plantedu.exercises import check
from plantedu.exercises.checks_03 import _softmax
from plantedu.exercises.lesson_03 import largest_drop


def _drops(losses, half, last=1):
    steps = range(half, len(losses) - half + last)
    return {t: losses[t - half : t].mean() - losses[t : t + half].mean() for t in steps}


def step_before(losses, half):
    step, size = largest_drop(losses, half)
    return step - 1, size


def counts_windows(losses, half):
    step, size = largest_drop(losses, half)
    return step - half, size


def counts_rises(losses, half):
    drops = _drops(losses, half)
    best = max(drops, key=lambda t: abs(drops[t]))
    return best, float(abs(drops[best]))


def neighbours(losses, half):
    best = int(np.diff(losses).argmin()) + 1
    return best, float(losses[best - 1] - losses[best])


def without_last(losses, half):
    drops = _drops(losses, half, last=0)
    best = max(drops, key=drops.get)
    return best, float(drops[best])


def _p(losses, statistic, block, shuffles, rng, *, shuffle=None, add=1, tie=True, whole=False):
    blocks = losses[: len(losses) // block * block].reshape(-1, block)
    shuffle = shuffle or (lambda blocks, rng: rng.permutation(blocks))
    observed = statistic(losses if whole else blocks.ravel())
    null = np.array([statistic(shuffle(blocks, rng).ravel()) for _ in range(shuffles)])
    larger = (null >= observed) if tie else (null > observed)
    return float((add + larger.sum()) / (add + shuffles))


def _p_with(**changed):
    return lambda *args: _p(*args, **changed)


def _objectives(scores, queue, codes_of, temperature, wrong):
    every, n = np.vstack([scores, queue]), len(scores)
    if wrong == "overflow":
        parts = np.exp(every / temperature)
        log_p = np.log(parts / parts.sum(1, keepdims=True))
    else:
        log_p = np.log(_softmax(every / (1.0 if wrong == "temperature" else temperature)) + 1e-300)
    alone, codes = codes_of(scores), codes_of(every)
    if wrong == "apart":
        codes = np.vstack([codes_of(scores), codes_of(queue)])
    kept = codes[-n:] if wrong == "turned" else codes[:n]
    if wrong == "mean":
        kept, predicted = codes, log_p
    else:
        predicted = log_p[:n]
    return float(-(alone * log_p[:n]).sum(1).mean()), float(-(kept * predicted).sum(1).mean())


def _objectives_with(wrong):
    return lambda *args: _objectives(*args, wrong)


WRONG = {
    "03.6": {
        "the last step before the fall": step_before,
        "t counts windows": counts_windows,
        "a rise counts as well": counts_rises,
        "the largest difference of neighbours": neighbours,
        "the last window is left out": without_last,
    },
    "03.7": {
        "p can be 0": _p_with(add=0),
        "ties do not count": _p_with(tie=False),
        "single losses are shuffled": _p_with(shuffle=lambda b, rng: rng.permutation(b.ravel())),
        "losses are shuffled inside blocks": _p_with(
            shuffle=lambda b, rng: rng.permuted(b, axis=1)
        ),
        "blocks are drawn with repeats": _p_with(shuffle=lambda b, rng: rng.choice(b, len(b))),
        "the rest is kept in the curve alone": _p_with(whole=True),
    },
    "03.8": {
        "the queue's plants are in the mean": _objectives_with("mean"),
        "the queue's codes are kept": _objectives_with("turned"),
        "the queue never reaches the codes": _objectives_with("apart"),
        "the temperature is left out": _objectives_with("temperature"),
        "exp overflows": _objectives_with("overflow"),
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)
