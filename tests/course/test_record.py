"""What is kept of a learner goes when they ask, all of it, and nothing of anybody else."""

import sqlite3
from contextlib import closing

import pytest

from plantedu import shipped_files
from plantedu.course.claims import Claims
from plantedu.course.classes import Classes
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.progress import Progress
from plantedu.course.record import Record
from plantedu.errors import PlantEduError
from plantedu.jobs.snapshot import restore, snapshot
from plantedu.jobs.snapshot_generations import generations, history
from plantedu.store.run import Metric
from plantedu.store.store import Store
from plantedu.store.uploads import Uploads
from plantedu.store.visitors import Visitors

LESSON = lessons_in(shipped_files.lessons())[0]
ASKED = LESSON.predictions[0]
CLAIM = (
    "INSERT INTO claims (learner, lesson, claim, source, evidence, mind, time) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
HASHED_FOR_A_DAY = {"visitors"}


@pytest.fixture
def store(plantedu_home):
    return Store(plantedu_home / "plantedu.sqlite")


def fill(store, *tokens):
    """The same record for each: answers, a class, runs alone and a shared one, a file."""
    path = store.path
    code, _ = Classes(path).begin()
    Claims(path)
    for token in tokens:
        Predictions(path).commit(token, LESSON.stem, ASKED, ASKED.keys[0], 0.7)
        Progress(path).opened(token, "01_pairs")
        Progress(path).solved(token, "01_pairs", "exercise")
        with store.database.write() as link:
            row = (token, LESSON.stem, "It leaks.", "a.json#/b", "{}", "Another split.", 1.0)
            link.execute(CLAIM, row)
        Classes(path).join(code, token)
        Visitors(path).arrive(token, party="here", room=code)
        alone = store.submit("kept", {"of": token}, lane="analysis", learner=token)
        store.submit("kept", {"of": "all"}, lane="analysis", learner=token)
        store.folder(alone).joinpath("picture.png").write_bytes(b"x")
        store.log(alone, [Metric(1, "loss", 2.0)])
        Uploads(path.parent).keep(b"leaf", learner=token)


def where(path, word):
    """Tables in which a word stands, and files below the home that are named or hold it."""
    with closing(sqlite3.connect(path)) as link:
        names = [n for (n,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name
            for name in names
            if any(
                word in str(value) for row in link.execute(f"SELECT * FROM {name}") for value in row
            )
        }


def test_all_of_one_and_nothing_of_another(store):
    ann, ben = new_token(), new_token()
    fill(store, ann, ben)
    assert where(store.path, ann) > {"predictions", "progress", "claims", "members", "shares"}
    before, kept = where(store.path, ben), Record(store, ben).kept()
    assert (kept.answers, kept.classes, kept.runs, kept.uploads) == (4, 1, 2, 1)
    Record(store, ann).delete()
    assert where(store.path, ann) <= HASHED_FOR_A_DAY
    assert where(store.path, ben) == before
    assert Record(store, ben).kept() == kept
    gone = Record(store, ann).kept()
    assert (gone.answers, gone.classes, gone.runs, gone.uploads) == (0, 0, 0, 0)
    (shared,) = [run for run in store.runs() if run.request == {"of": "all"}]
    assert (shared.state, shared.learner) == ("queued", ben)
    assert len(list((store.path.parent / "runs").glob("*"))) == 1


def test_start_again_keeps_runs_and_class(store):
    ann = new_token()
    fill(store, ann)
    Record(store, ann).start_again()
    kept = Record(store, ann).kept()
    assert (kept.answers, kept.classes, kept.runs, kept.uploads) == (0, 1, 2, 1)
    Predictions(store.path).commit(ann, LESSON.stem, ASKED, ASKED.keys[1], 0.9)
    assert Record(store, ann).kept().answers == 1


def test_a_run_that_does_not_let_go_is_nobodys(store, monkeypatch):
    """The worker hears of it at its next heartbeat; what it writes until then is of no learner."""
    monkeypatch.setattr("plantedu.course.record.PATIENCE", 0.2)
    ann = new_token()
    run_id = store.submit("kept", {}, lane="analysis", learner=ann, name="ann's", worker="w")
    Record(store, ann).delete()
    run = store.run(run_id)
    assert (run.learner, run.name) == ("", "")
    assert store.heartbeat(run_id, "w") == "cancel"
    assert where(store.path, ann) == set()


def test_who_is_blocked_stays_blocked_and_their_address_counts(store):
    ann = new_token()
    fill(store, ann)
    Visitors(store.path).block(ann, address=True)
    Record(store, ann).delete()
    with pytest.raises(PlantEduError, match="has closed"):
        Visitors(store.path).check("another token of hers", "here")


def test_a_snapshot_of_before_is_not_the_longest_history(store, tmp_path):
    """Else it would be kept for ever, with the record that was deleted."""
    ann, disk = new_token(), tmp_path / "disk"
    fill(store, ann)
    snapshot(store.path.parent, disk, now=1000.0)
    _, before = history(store.path)
    Record(store, ann).delete()
    _, after = history(store.path)
    assert after >= before
    snapshot(store.path.parent, disk, now=2000.0)
    newest = generations(disk)[0]
    assert max(generations(disk), key=lambda one: (one.rows, one.number)) == newest
    assert restore(tmp_path / "home of another machine", disk)
    assert where(tmp_path / "home of another machine" / "plantedu.sqlite", ann) <= HASHED_FOR_A_DAY


def test_only_a_token_has_a_record(store):
    with pytest.raises(PlantEduError, match="Only a learner"):
        Record(store, "%")
