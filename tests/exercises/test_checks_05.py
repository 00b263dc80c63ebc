"""The slow twins of lesson 05's checks agree with the package and with figures by hand."""

import numpy as np
import pytest

from plantedu.exercises import checks_05 as checks
from plantedu.statistics.retrieval import chance_mrr


def test_a_share_by_hand():
    assert checks._share(np.array([[0.0, 2.0], [4.0, 6.0], [6.0, 10.0]])) == pytest.approx(31 / 43)


def test_equal_similarities_are_chance():
    assert checks._mrr(np.full((4, 4), 0.5)) == pytest.approx(chance_mrr(4))


def test_the_wrong_versions_answer_otherwise():
    table = np.random.default_rng(9).integers(0, 4, (6, 6)) / 4
    assert len({round(checks._mrr(table, name), 6) for name in ("", *checks.WRONG_RANKS)}) == 6
    readings = np.random.default_rng(7).normal(size=(6, 1)) + np.zeros((6, 3))
    readings = readings + np.random.default_rng(8).normal(size=(6, 3))
    shares = {round(checks._share(readings, name), 6) for name in ("", *checks.WRONG_SHARES[:4])}
    assert len(shares) == 5
