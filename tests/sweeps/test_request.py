"""What is asked of a sweep, and how its bar counts."""

from pathlib import Path

import pytest

from plantedu.sweeps.request import Sweep, clock, threads_each


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00:00"), (59.6, "0:01:00"), (3_661, "1:01:01"), (90_000, "25:00:00")],
)
def test_seconds_as_a_clock_says_them(seconds, said):
    assert clock(seconds) == said


@pytest.mark.parametrize(
    ("given", "asked", "found"),
    [({"threads": 3}, "2", 3), ({}, "2", 2), ({"at_once": 2}, "", 4), ({}, "many", 8)],
)
def test_threads_are_those_asked_for_or_the_cores_shared(given, asked, found, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert threads_each(Sweep(Path("grid.json"), **given)) == found
