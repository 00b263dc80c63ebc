"""Logs: averages against plain loops, artefacts that leave the rest as it was."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.records import WAYS, ema, restarted_average, running_mean, with_gap

VALUES = np.random.default_rng(0).normal(3, 1, 60)


def test_an_average_of_a_constant_is_the_constant_and_from_zero_it_climbs():
    assert ema(np.full(50, 2.0), 0.9) == pytest.approx(np.full(50, 2.0))
    climbing = ema(np.full(50, 2.0), 0.9, from_zero=True)
    assert climbing[0] == pytest.approx(0.2)
    assert climbing[-1] == pytest.approx(2 * (1 - 0.9**50))


def test_averages_are_the_weighted_sums_of_the_definition():
    beta = 0.8
    for t in (0, 7, 59):
        weights = np.array([beta ** (t - k) for k in range(t + 1)])
        assert ema(VALUES, beta)[t] == pytest.approx(
            (weights * VALUES[: t + 1]).sum() / weights.sum()
        )
        assert running_mean(VALUES)[t] == pytest.approx(VALUES[: t + 1].mean())
    assert np.array_equal(ema(VALUES, 0.0), VALUES)


@pytest.mark.parametrize("way", WAYS)
def test_a_restart_changes_nothing_before_it_and_something_at_it(way):
    falling = np.linspace(6, 2, 60)
    one, other = (restarted_average(falling, row, way, beta=0.9) for row in (30, 50))
    assert one[:30] == pytest.approx(other[:30])
    assert abs(one[30] - one[29]) > 3 * abs(one[29] - one[28])


def test_a_gap_takes_rows_and_looks_out_and_leaves_the_others():
    rows = {"step": np.arange(1.0, 61), "loss": VALUES}
    looks = {"step": np.arange(10.0, 61, 10), "first": np.arange(6.0)}
    short, few = with_gap(rows, looks, 20, 15)
    assert len(short["step"]) == 45
    assert np.diff(short["step"]).max() == 16
    assert short["loss"].tolist() == [*VALUES[:20], *VALUES[35:]]
    assert few["step"].tolist() == [10, 20, 40, 50, 60]


def test_an_unknown_way_and_an_impossible_memory_are_refused():
    with pytest.raises(PlantEduError, match="restarted by"):
        restarted_average(VALUES, 10, "twice", beta=0.9)
    with pytest.raises(PlantEduError, match="below 1"):
        ema(VALUES, 1.0)
