"""A loss at ln K: collapsed or not started, by the shipped recordings."""

import numpy as np
import pytest

from plantedu.store.ln_k import standstill
from plantedu.store.recording import recording
from plantedu.store.series import Series


def series(name, until):
    rows = [row for row in recording(name).metrics() if row.name in ("loss", "entropy")]
    found = {}
    for which in ("loss", "entropy"):
        own = [(row.step, row.value) for row in rows if row.name == which and row.step <= until]
        steps, values = (np.array(column) for column in zip(*own, strict=True))
        none = np.full(len(values), np.nan)
        found[which] = Series(steps, values, none, none, none)
    return found


@pytest.mark.parametrize("name", ["cross-0", "cross-1", "cross-2"])
def test_runs_that_leave_later_have_not_started(name):
    found = standstill(series(name, 100), 64)
    assert found is not None
    assert not found.collapsed
    assert "not started yet" in found.text
    assert standstill(series(name, 300), 64) is None


@pytest.mark.parametrize("until", [120, 400])
def test_the_collapsed_run_is_named(until):
    found = standstill(series("collapse-0", until), 64)
    assert found is not None
    assert found.collapsed
    assert "collapsed" in found.text


@pytest.mark.parametrize("until", [20, 50, 100, 1200])
def test_a_loss_that_only_passes_ln_k_does_not_stand_there(until):
    assert standstill(series("shared_light-0", until), 64) is None
    assert standstill(series("rgb_only-0", until), 64) is None


def test_without_codes_it_says_where_it_stands_and_no_more():
    flat = np.full(60, np.log(64))
    one = {"loss": Series(np.arange(60), flat, flat, flat, flat)}
    found = standstill(one, 64)
    assert found is not None
    assert not found.collapsed
    assert "no plant from another" in found.text
    assert standstill({}, 64) is None
    assert standstill(one, 512) is None
