"""Planted units: what is there is found, what is not is not, and the traps say yes to both."""

import numpy as np
import pytest

from plantedu.topics.report_card import units


def shares(run, seeds: int = 8) -> tuple[float, float]:
    """Hits and false alarms over some worlds."""
    marks = [mark for seed in range(seeds) for mark in run(seed)]
    return tuple(float(np.mean([m.said for m in marks if m.there is t])) for t in (True, False))


@pytest.mark.parametrize(
    ("method", "trap"),
    [
        (units.tested, units.nats),
        (units.other_half, units.same_half),
        (units.held, units.selective),
        (units.twins, units.top_plants),
    ],
)
def test_a_method_has_few_false_alarms_and_its_trap_has_many(method, trap):
    hits, alarms = shares(method)
    assert hits > 0.5
    assert alarms < 0.2
    hits, alarms = shares(trap)
    assert hits > 0.9
    assert alarms > 0.4


def test_axes_are_special_where_each_unit_serves_one_factor():
    assert [mark.said for mark in units.axes(0)] == [True, False]
    assert [mark.said for mark in units.clean(0)] == [True, True]


def test_one_unit_in_twenty_passes_by_luck():
    rng = np.random.default_rng(0)
    wanted = rng.random(60) > 0.4
    values = units.auroc(rng.normal(size=(60, 20_000)), wanted)
    assert np.mean(values > units._by_luck(wanted)) == pytest.approx(0.05, abs=0.006)


@pytest.mark.parametrize("run", [units.tested, units.held, units.other_half, units.twins])
def test_a_world_gives_the_same_marks_again_and_another_world_others(run):
    assert run(3) == run(3)
    assert run(4) != run(3)


def test_a_head_does_not_move_with_a_unit_that_it_does_not_read():
    unread = [mark for seed in range(4) for mark in units.held(seed) if not mark.there]
    assert max(mark.value for mark in unread) == 0
