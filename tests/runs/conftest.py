"""A store of its own for every test, and real workers that never outlive their test."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from plantedu.runs.launch import start
from plantedu.runs.store import Store
from plantedu.runs.threads import share_cores
from plantedu.training.recipe import Recipe

share_cores()
HOLD = """
import sqlite3, sys, time
link = sqlite3.connect(sys.argv[1], isolation_level=None)
link.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
link.execute("ROLLBACK")
"""


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Ctrl-C works as in a terminal, also where the tests were started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Clock:
    """A wall clock that a test can move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(plantedu_home, clock) -> Iterator[Store]:
    kept = Store(plantedu_home / "plantedu.sqlite", clock=clock)
    yield kept
    kept.close()


@pytest.fixture
def start_worker(store) -> Iterator[Callable[[str], subprocess.Popen]]:
    """Starts real worker processes; they are gone when the test is over."""
    started = []

    def begin(lane: str) -> subprocess.Popen:
        started.append(start(lane, store.path.parent, 60.0))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(timeout=20)


@pytest.fixture
def until() -> Callable[..., float]:
    """Waits for something to be true; how long that took."""

    def wait(true: Callable[[], object], *, seconds: float = 30.0) -> float:
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, "waited in vain"
            time.sleep(0.02)
        return time.monotonic() - began

    return wait


@pytest.fixture
def held_for():
    """Another process that holds the write lock of a database for some seconds."""
    started = []

    def hold(path, seconds):
        words = [sys.executable, "-c", HOLD, str(path), str(seconds)]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "held\n"

    yield hold
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def tiny() -> Recipe:
    """A training of a second."""
    return Recipe(
        data="calm",
        pairs=32,
        batch=8,
        steps=7,
        image_size=16,
        crop_size=16,
        hidden_dim=8,
        projection_dim=4,
        prototypes=4,
        probe_plants=16,
        probe_every=3,
        probe_seeds=1,
        probe_factors=("disease",),
        checkpoint_every=2,
    )
