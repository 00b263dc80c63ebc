"""A store of an earlier commit opens in this version, keeps every row, and works."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from plantedu.course.claims import Claims
from plantedu.course.classes import Classes
from plantedu.course.predictions import Predictions
from plantedu.course.progress import Progress
from plantedu.jobs.lanes import claim_lane, lane_worker
from plantedu.jobs.snapshot import restore, snapshot
from plantedu.store.database import Database
from plantedu.store.schema import SCHEMA
from plantedu.store.store import Store
from plantedu.store.upgrade import columns, missing_columns

TOKEN = "a-learner-of-mine-1"
FIRST = Path(__file__).with_name("first_store.sql").read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path):
    """The file of a store that the first commit to keep one has made."""
    made = tmp_path / "of old" / "plantedu.sqlite"
    made.parent.mkdir()
    with contextlib.closing(sqlite3.connect(made)) as link:
        link.executescript(FIRST)
    return made


def check(store):
    """What was kept is there, and a worker can take the run that waits."""
    done, waits = store.run("0a1b2c3d"), store.run("0a1b2c3e")
    assert (done.result, waits.state) == ({"loss": 1.5}, "queued")
    assert store.metrics(done.id)["loss"].values.tolist() == [2.5, 1.5]
    assert set(Predictions(store.path).of(TOKEN)) == {"02_training/disease_probe"}
    assert Progress(store.path).solved_by(TOKEN) == {"02_training": {"exercise"}}
    assert len(Claims(store.path).of(TOKEN)) == 1
    assert Classes(store.path).begin("here")
    assert claim_lane(store, "training", "w", 1)
    assert lane_worker(store, "training")["started"] > 0
    assert store.lease("training", "w").id == waits.id
    assert store.heartbeat(waits.id, "w") == "go"
    store.finish(waits.id, {}, worker="w")


def test_the_first_store_opens_and_works(path):
    """Its lanes had no column `started`: no worker could claim one, and nothing was done."""
    store = Store(path)
    check(store)
    store.close()


def test_a_snapshot_of_it_comes_back(path, tmp_path):
    snapshot(path.parent, tmp_path / "disk")
    assert restore(tmp_path / "new", tmp_path / "disk")
    store = Store(tmp_path / "new" / path.name)
    check(store)
    store.close()


def test_several_processes_may_open_it_at_once(path):
    failed = []

    def opens():
        try:
            Database(path).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=opens) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []


def test_each_column_of_today_could_be_added_to_a_store_of_the_first_day():
    """A column without a default would lock every older store out."""
    old = sqlite3.connect(":memory:")
    old.executescript(FIRST)
    statements = tuple(filter(None, map(str.strip, SCHEMA.split(";"))))
    missing = missing_columns(old, statements)
    assert missing
    for statement in missing:
        old.execute(statement)
    assert missing_columns(old, statements) == []
    for table, wanted in columns(statements).items():
        there = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
        assert not there or set(there) >= {one.name for one in wanted}
    old.close()
