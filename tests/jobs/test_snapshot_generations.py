"""Which generations there are, which are sound, which stay."""

import sqlite3
import time

import pytest

from plantedu.jobs.snapshot_generations import (
    Generation,
    best,
    christen,
    generations,
    history,
    identity,
    name_of,
    run_ids,
    superfluous,
)
from plantedu.store.database import Database
from plantedu.store.store import Store

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def made(tmp_path, number, *, at, store="0000000a", rows=1):
    name = name_of(number, store, rows, at)
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(at))
    return Generation(tmp_path / name, number, stamp, store, rows)


def over_time(tmp_path, minutes, **more):
    return [made(tmp_path, k + 1, at=1e9 + k * MINUTE, **more) for k in range(minutes)]


def test_names_there_and_back(tmp_path):
    folder = tmp_path / "generations"
    folder.mkdir()
    wanted = [made(folder, n, at=1e9 - n * HOUR, rows=n) for n in (3, 12, 100)]
    for one in wanted:
        one.path.write_bytes(b"")
    (folder / ".plantedu.sqlite.7.part").write_bytes(b"")
    assert generations(tmp_path) == wanted[::-1]  # by number, though the clock ran back
    assert generations(tmp_path / "nowhere") == []


def test_each_minute_hour_and_day_is_kept_for_its_time(tmp_path):
    now = 1e9 + 20 * DAY
    found = over_time(tmp_path, 20 * 24 * 60, rows=5)
    gone = {one.path for one in superfluous(found, now)}
    kept = [one for one in found if one.path not in gone]
    assert [one.number for one in kept[-5:]] == [one.number for one in found[-5:]]
    hours = {one.stamp[:11] for one in kept}
    assert {one.stamp[:11] for one in found[-23 * 60 :]} <= hours
    assert len({one.stamp[:8] for one in kept}) >= 14
    assert len(kept) <= 5 + 24 + 14 + 1


def test_the_longest_history_stays_for_ever(tmp_path):
    long = made(tmp_path, 1, at=1e9, rows=900)
    found = [long, *over_time(tmp_path, 3000, rows=2)[1:]]
    assert long not in superfluous(found, 1e9 + 3000 * MINUTE)


def test_a_younger_store_takes_nothing_from_an_older_one(tmp_path):
    old = over_time(tmp_path, 10, store="0000000a", rows=900)
    young = [
        made(tmp_path, 11 + k, at=1e9 + (10 + k) * MINUTE, store="0000000b", rows=1)
        for k in range(3000)
    ]
    gone = superfluous([*old, *young], 1e9 + 3010 * MINUTE)
    assert not set(old[-5:]) & set(gone)
    assert best([*old, *young]) == old[-1]
    later = superfluous([*old, *young], 1e9 + 60 * DAY)  # silent for long: its last stays
    assert old[-1] not in later
    assert old[-2] in later


def test_of_one_store_the_newest_is_best_also_when_it_is_shorter(tmp_path):
    found = [made(tmp_path, 1, at=1e9, rows=9), made(tmp_path, 2, at=1e9, rows=8)]
    assert best(found) == found[1]
    assert best([]) is None


def test_history_counts_what_learners_were_told(tmp_path):
    store = Store(tmp_path / "a.sqlite")
    run_id = store.submit("kept", {}, lane="analysis", learner="ann")
    store.close()
    name, rows = history(store.path)
    assert rows == 1
    with sqlite3.connect(store.path) as link:
        link.execute("CREATE TABLE claims (number INTEGER)")
        link.execute("INSERT INTO claims VALUES (1)")
        assert identity(link) == name
    assert history(store.path) == (name, 2)
    assert run_ids(store.path) == {run_id}


def test_each_store_has_a_number_and_an_old_one_gets_one(tmp_path):
    names = set()
    for k in range(3):
        Database(tmp_path / f"{k}.sqlite").close()
        names.add(history(tmp_path / f"{k}.sqlite")[0])
    assert len(names) == 3
    with sqlite3.connect(tmp_path / "0.sqlite") as link:
        link.execute("PRAGMA application_id=0")
    christen(tmp_path / "0.sqlite")
    name = history(tmp_path / "0.sqlite")[0]
    assert name != "00000000"
    christen(tmp_path / "0.sqlite")
    assert history(tmp_path / "0.sqlite")[0] == name


@pytest.mark.parametrize("content", [b"", b"garbage " * 4096], ids=["0 bytes", "garbage"])
def test_what_is_no_database_has_no_history(tmp_path, content):
    (tmp_path / "a.sqlite").write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError):
        history(tmp_path / "a.sqlite")


def test_databases_of_others_and_of_newer_plantedus_have_no_history(tmp_path):
    with sqlite3.connect(tmp_path / "a.sqlite") as link:
        link.execute("CREATE TABLE runs (number INTEGER)")
    with pytest.raises(sqlite3.DatabaseError, match="no store"):
        history(tmp_path / "a.sqlite")
    with sqlite3.connect(tmp_path / "a.sqlite") as link:
        link.execute("PRAGMA user_version=99")
    with pytest.raises(sqlite3.NotSupportedError, match="newer"):
        history(tmp_path / "a.sqlite")
