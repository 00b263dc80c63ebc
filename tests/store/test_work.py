"""A run in the hands of a worker."""

from types import SimpleNamespace

import pytest

from plantedu.store.paths import bank_folder
from plantedu.store.work import StoppedError, Work


@pytest.mark.parametrize("wish", ["cancel", "pause", "lost"])
def test_a_wish_stops_the_job_and_says_which(store, wish):
    run = store.run(store.submit("ping", {"steps": 1, "seconds": 0}, lane="analysis"))
    with pytest.raises(StoppedError) as stopped:
        Work(store, run, SimpleNamespace(wish=wish)).check()
    assert stopped.value.reason == wish
    assert Work(store, run, SimpleNamespace(wish="")).check() is None


def test_the_bank_lies_in_the_home(plantedu_home):
    assert bank_folder() == plantedu_home / "bank"
