"""Wrong versions of lesson 12's functions, by the name under which a check must know them."""

import numpy as np
import pytest
import torch

from plantedu.exercises import check
from plantedu.exercises.lesson_12 import best_of_many, followed
from plantedu.own.examination.cues import regions
from plantedu.own.examination.exchange import Plan, moved
from plantedu.own.examination.heads import Head
from plantedu.own.examination.in_pictures import balanced, named_by


def of_those_that_moved(other, same, wanted):
    called = (other == wanted).astype(float) - (same == wanted)
    return float(called.sum() / max(int((other != same).sum()), 1))


def _p(reached, shuffled):
    return (1 + reached) / (1 + len(shuffled))


def mean_of_the_cues(right, shuffled):
    return _p((shuffled.mean(1)[:, None] >= right).sum(0), shuffled)


def one_for_all(right, shuffled):
    return np.full(len(right), best_of_many(right, shuffled).min())


WRONG = {
    "12.5": {
        "the seam is left in": lambda other, same, wanted: float((other == wanted).mean()),
        "any difference counts": lambda other, same, wanted: float((other != same).mean()),
        "signs dropped": lambda other, same, wanted: float(
            np.abs((other == wanted).astype(float) - (same == wanted)).mean()
        ),
        "turned round": lambda other, same, wanted: -followed(other, same, wanted),
        "of those that moved": of_those_that_moved,
    },
    "12.6": {
        "each cue alone": lambda right, shuffled: _p((shuffled >= right).sum(0), shuffled),
        "zero is possible": lambda right, shuffled: (shuffled.max(1)[:, None] >= right).mean(0),
        "ties left out": lambda right, shuffled: _p(
            (shuffled.max(1)[:, None] > right).sum(0), shuffled
        ),
        "the mean of the cues": mean_of_the_cues,
        "turned round": lambda right, shuffled: _p(
            (shuffled.max(1)[:, None] < right).sum(0), shuffled
        ),
        "one p for all": one_for_all,
    },
}
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(("key", "name", "wrong"), EVERY)
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def test_followed_is_the_package_s():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (12, 3, 16, 16), dtype=np.uint8)
    plan = Plan(np.arange(6), rng.integers(6, 12, 6), rng.integers(6, 12, 6), np.arange(6) % 2)
    cue = regions()[0]
    head = Head("the corner", lambda x, rows: np.eye(2)[(x[:, 0, :2, :2].mean((1, 2)) > 127) * 1])
    seen = []

    def called(x, rows):
        seen.append(head.names(x, rows).argmax(1))
        return head.names(x, rows)

    effect = moved(cue, Head("the corner", called), pictures, plan)
    other, same = seen
    assert followed(other, same, plan.wanted) == pytest.approx(effect.mean())


def test_p_is_the_package_s():
    rng = np.random.default_rng(1)
    labels = np.arange(40) % 2
    cues = [rng.normal(size=(40, 3)) + shift * labels[:, None] for shift in (0.0, 0.5, 2.0)]
    named = named_by(cues, ["a", "b", "c"], labels, shuffles=20)
    right = np.array([one.right for one in named])
    assert right.argmax() == 2
    orders = np.stack([labels, labels[::-1]])
    assert balanced(torch.from_numpy(cues[2]), orders, np.arange(40) % 4 // 2)[0] > 0.8
    assert named[2].p == pytest.approx(1 / 21)
    assert np.all(best_of_many(right, np.zeros((20, 3))) == 1 / 21)
