"""A neighbour's report in the worker's hands: what it says, and that the file is gone after it."""

import json
from types import SimpleNamespace

import pytest

from plantedu.course.report_export import neighbour
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.course.report_export.verifying import verify
from plantedu.errors import PlantEduError
from plantedu.jobs.jobs import job_for
from plantedu.store.limits import ALONE, HOSTED
from plantedu.store.run import PHASE
from plantedu.store.uploads import Uploads
from plantedu.store.work import StoppedError, Work
from tests.course.report_export.conftest import COURSE, RESULTS
from tests.course.report_export.test_packing import members
from tests.course.report_export.test_reading import changed

READER = "r" * 22


@pytest.fixture
def done(store):
    """The result of a report, as the worker's job makes it, and its phases."""

    def done(data, *, wish=""):
        uploads = Uploads(store.path.parent)
        name = uploads.keep(data, learner=READER)
        asked = {neighbour.FILE: name}
        run_id = store.submit("neighbour_report", asked, lane="analysis", learner=READER)
        work = Work(store, store.lease("analysis", "tester"), SimpleNamespace(wish=wish))
        try:
            found = job_for("neighbour_report")(work)
        finally:
            store.fail(run_id, "over", worker="tester")
            assert not list(store.path.parent.rglob("uploads/*/*"))
        return found, [one.detail for one in store.events(run_id) if one.name == PHASE]

    return done


def test_the_worker_finds_what_the_terminal_finds(done, zipped):
    found, phases = done(zipped)
    assert all(one["holds"] for one in found["steps"])
    assert len(found["steps"]) > 8
    assert phases == ["reading the zip, checking its records"]


@pytest.fixture
def with_run(record, token):
    """A report with one run that can be made again, but not in no time."""
    run_id = record.submit("report_card", {"worlds": 1}, lane="analysis", learner=token, worker="w")
    record.finish(run_id, {"x": 1.0}, worker="w")
    return pack(learner_record(token, record.path, record), COURSE, RESULTS)


def test_a_run_that_is_not_made_again_is_said_with_its_reason(done, with_run, monkeypatch):
    outlasts = "plantedu.course.report_export.verifying.apart"
    monkeypatch.setattr(outlasts, lambda record, *, seconds: None)
    found, phases = done(with_run)
    (left,) = [one for one in found["steps"] if one["holds"] is None]
    assert left["name"].startswith("run ")
    assert "not made again: it takes more than 60 s here" in left["says"]
    assert phases[-1].startswith("making again run ")


def test_a_class_that_asked_for_the_same_costs_one_run(done, with_run, monkeypatch):
    """Thirty reports hold one run of the class; each is compared with what was made once."""
    made = []
    outlasts = "plantedu.course.report_export.verifying.apart"
    monkeypatch.setattr(outlasts, lambda record, *, seconds: made.append(record) or {"x": 1.0})
    monkeypatch.setattr(neighbour, "_MADE", {})
    again = changed(with_run, rehash=True, **{"exercises.json": b"{}"})
    forged = members(with_run)["runs.json"].replace(b'"x": 1.0', b'"x": 9.0')
    assert forged != members(with_run)["runs.json"]
    found = [
        one["holds"]
        for data in (with_run, again, changed(with_run, rehash=True, **{"runs.json": forged}))
        for one in done(data)[0]["steps"]
        if one["name"].startswith("run ")
    ]
    assert found == [True, True, False]
    assert len(made) == 1


def test_what_a_worker_remembers_is_bounded(monkeypatch):
    monkeypatch.setattr(neighbour, "_MADE", {})
    monkeypatch.setattr(neighbour, "MOST_MADE", 2)
    outlasts = "plantedu.course.report_export.verifying.apart"
    monkeypatch.setattr(outlasts, lambda record, *, seconds: {"k": record["request"]["k"]})
    for k in range(5):
        assert neighbour.made_here({"kind": "a", "request": {"k": k}}, seconds=1) == {"k": k}
    assert len(neighbour._MADE) == 2


def test_a_cancel_is_heard_before_each_run(done, with_run):
    with pytest.raises(StoppedError):
        done(with_run, wish="cancel")


def test_a_forged_number_is_found(done, zipped):
    predictions = json.loads(members(zipped)["predictions.json"])
    predictions[1]["confidence"] = 0.95
    files = {"predictions.json": json.dumps(predictions).encode()}
    found, _ = done(changed(zipped, rehash=True, **files))
    assert "calibration" in [one["name"] for one in found["steps"] if one["holds"] is False]


def test_what_is_no_report_is_a_sentence_without_marks(done):
    with pytest.raises(PlantEduError, match="no zip that can be read"):
        done(b"no zip")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](http://a.b/c.png)", "??x?(http: //a.b/c.png)"),
        ("<b>www.a.b</b> *x*", "?b?www .a.b?/b? ?x?"),
        ("A report has fewer than 8,000,000 bytes: refused.",) * 2,
    ],
)
def test_a_strangers_words_are_neither_link_nor_picture(text, shown):
    assert neighbour.unmarked(text) == shown


@pytest.mark.parametrize(("bounds", "seconds"), [(ALONE, 60.0), (HOSTED, 20.0)])
def test_where_others_wait_a_run_has_fewer_seconds(bounds, seconds, monkeypatch):
    monkeypatch.setattr(neighbour, "limits", lambda: bounds)
    assert neighbour.longest() == seconds
    assert 5 * seconds < bounds.analysis


def test_verify_is_the_check_of_the_command():
    assert neighbour.verify is verify
