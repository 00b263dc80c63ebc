"""Checkpoints of a long run: first, last and those about its events stay, the rest is thinned."""

from itertools import pairwise

import pytest

from plantedu.store.thinning import MOST, checkpoints_in, superfluous, thin
from plantedu.training.checkpoints import checkpoint_path


def test_first_last_and_events_stay_and_the_rest_is_even():
    steps = list(range(100, 10_100, 100))
    gone = superfluous(steps, marked={3333, 5000}, most=20)
    left = sorted(set(steps) - set(gone))
    assert len(left) == 20
    assert {100, 10_000, 3300, 3400, 5000} <= set(left)
    gaps = [b - a for a, b in pairwise(left)]
    assert max(gaps) <= 1000


def test_a_short_run_keeps_all_and_marked_ones_are_never_too_many():
    assert superfluous(range(10)) == []
    assert superfluous([]) == []
    assert superfluous([5], most=0) == []
    assert superfluous(range(20), marked=range(20), most=10) == []
    assert len(superfluous(range(100), marked=range(100), most=10)) == 90


def test_as_it_grows_it_stays_even():
    """One checkpoint more each time, as a run makes them."""
    left, step = [], 0
    for step in range(50, 50_050, 50):
        left.append(step)
        left = sorted(set(left) - set(superfluous(left)))
    assert (len(left), left[0], left[-1]) == (MOST, 50, step)
    gaps = [b - a for a, b in pairwise(left)]
    assert max(gaps) <= 8 * 50_000 / MOST  # none is lost that would leave a hole


@pytest.fixture
def run_id(store):
    run_id = store.submit("train", {}, lane="training", worker="w")
    for step in range(10, 410, 10):
        path = checkpoint_path(store.folder(run_id), step)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return run_id


def test_a_runs_own_events_and_branches_are_asked(store, run_id):
    store.event(run_id, 123, "queue on")
    store.event(run_id, 200, "checkpoint")
    request = {"start": f"run:{run_id}@170"}
    store.submit("train", request, lane="training", parent=run_id)
    gone = thin(store, run_id)
    left = checkpoints_in(store.folder(run_id))
    assert len(left) == MOST
    assert {10, 120, 130, 170, 400} <= left.keys()
    assert not set(gone) & left.keys()
    assert thin(store, run_id) == []
