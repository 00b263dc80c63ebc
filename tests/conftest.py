"""Shape annotations are checked while the tests run; every test has a home and a store of its own.

Real workers never outlive their test.
"""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

# Two cores are shared with browsers and workers: threads that wait for each other cost more than
# they bring at these sizes. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import torch
from beartype import BeartypeConf, beartype
from hypothesis import settings
from jaxtyping import install_import_hook
from PIL import Image

# Stores wait for the disk at every answer that is kept: in memory the tests of a store take half as
# long. What passes is taken away at once (pyproject.toml), so little is held.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # bytes
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# An int is a float to a reader, so it is one to the checker (PEP 484's numeric tower).
typecheck = ModuleType("typecheck")
typecheck.check = beartype(conf=BeartypeConf(is_pep484_tower=True))
sys.modules["typecheck"] = typecheck
# Recipe is a door: it must refuse wrong types by itself, in a sentence.
CHECKED = [
    "data",
    "models",
    "training.fit",
    "training.linear_probe",
    "training.online_probes",
    "training.pair_source",
    "training.crop_preview",
]
install_import_hook([f"plantedu.{name}" for name in CHECKED], "typecheck.check")

from plantedu.data import render_cache  # noqa: E402  (after the hook)
from plantedu.jobs import launch  # noqa: E402
from plantedu.jobs.launch import start  # noqa: E402
from plantedu.jobs.threads import share_cores  # noqa: E402
from plantedu.store.store import Store  # noqa: E402
from plantedu.training.recipe import Recipe  # noqa: E402

share_cores()
os.environ["PLANTEDU_AHEAD"] = "0"  # a worker of a test loads what the test needs
MOST_CHUNKS = 96  # rendered chunks that a process of tests keeps, 1.6 MB each at 64 pixels


settings.register_profile("long")  # asked for by --hypothesis-profile; see test_doors


@pytest.fixture(autouse=True)
def plantedu_home(tmp_path, monkeypatch):
    """Nothing that a test writes reaches the user's own runs."""
    home = tmp_path / "home"
    monkeypatch.setenv("PLANTEDU_HOME", str(home))
    return home


@pytest.fixture(autouse=True, scope="session")
def _rendered_once() -> Iterator[None]:
    """Each test has a folder of rendered pairs of its own; what lies there is drawn once a process.

    A chunk is 64 pairs, half a second, and most methods open the same ones. What a chunk holds
    follows from world, size and number alone, which tests/data/renderer asks without this.
    """
    before, drawn = render_cache.render, {}

    def render(world, indices, *, size):
        key = (world, size, int(indices[0]), len(indices))
        if key not in drawn:
            if len(drawn) >= MOST_CHUNKS:
                drawn.pop(next(iter(drawn)))
            drawn[key] = before(world, indices, size=size)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render_cache, "render", render)
        yield


@pytest.fixture(autouse=True)
def _no_worker_stays() -> Iterator[None]:
    """A worker that a test started goes with it: one had trained on beside all that followed."""
    yield
    for one in launch._started:
        one.process.kill()
        one.process.wait(timeout=20)
    launch._started.clear()


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


@pytest.fixture(scope="session")
def expect_worker() -> Callable[[Path], None]:
    """Says in the store of a folder that a worker is on its way, so that a page starts none.

    A worker that nobody waits for loads torch and renders plants beside the tests that follow.
    """

    def expect(folder: Path) -> None:
        store = Store(folder / "plantedu.sqlite")
        with store.database.write() as link:
            link.execute(
                "INSERT INTO workers (lane, starting) VALUES ('training', ?)", (time.time(),)
            )
        store.close()

    return expect


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


X = [[1, 2, 0], [3, 4, 1], [5, 7, 2], [2, 0, 5], [4, 4, 4], [0, 1, 3.0]]
Y = [[2, 1], [4, 3], [6, 8], [1, 0], [3, 5], [0, 2.0]]


@pytest.fixture
def golden():
    """Twelve rows whose values other implementations agree on."""
    return torch.tensor(X, dtype=torch.float64), torch.tensor(Y, dtype=torch.float64)


@pytest.fixture
def noise():
    """Gaussian noise by seed and shape, float64."""

    def noise(seed, *shape):
        return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()

    return noise


LABELS = ("blast", "brown", "healthy")


@pytest.fixture
def challenge(tmp_path):
    """Path of a fresh clean folder that a test may damage."""
    path = tmp_path / "rice"
    (path / "images").mkdir(parents=True)
    generator = np.random.default_rng(0)
    rows = {"Train.csv": [["Image_id", "Label"]], "Test.csv": [["Image_id"]]}
    for k in range(12):
        for ending in ("", "_rgn"):
            name = f"id_{k}{ending}.jpg"
            coarse = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((40, 30), Image.Resampling.BICUBIC)
            picture.save(path / "images" / name, "JPEG", quality=95, subsampling=0)
            if k < 8:
                rows["Train.csv"].append([name, LABELS[k % 3]])
            else:
                rows["Test.csv"].append([name])
    asked = [[f"id_{k}.jpg", "0.3", "0.3", "0.4"] for k in range(8, 12)]
    rows["SampleSubmission.csv"] = [["Image_id", *LABELS], *asked]
    for name, lines in rows.items():
        with (path / name).open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    return path
