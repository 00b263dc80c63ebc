"""A page's examination: steps are counted, a cancelled one goes on, files are refused."""

from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.own import examine as door
from plantedu.own import examine_job
from plantedu.own.examination.copies import copies
from plantedu.own.examination.forecasts import forecasts
from plantedu.own.examination.report_numbers import ReportNumbers
from plantedu.own.examine_job import job
from plantedu.store.run import PHASE
from plantedu.store.store import Store
from plantedu.store.work import StoppedError, Work


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "plantedu.sqlite")


def working(store, wish="", **request):
    run_id = store.submit("examine", request, lane="analysis", learner="a" * 22, fresh=True)
    store.lease("analysis", "tester")
    return Work(store, store.run(run_id), SimpleNamespace(wish=wish))


def test_sections_are_counted_and_what_a_cancelled_run_did_is_kept(store, monkeypatch):
    calls, work = [], working(store, encoder="foreign-a")

    def counted(asked):
        calls.append("copies")
        return copies(asked)

    def wished(asked):
        work.wishes.wish = "cancel"
        return counted(asked)

    rest = ("forecasts", "Meant?", forecasts)
    monkeypatch.setattr(door, "SECTIONS", (("copies", "Twice?", wished), rest))
    with pytest.raises(StoppedError):
        job(work)
    assert store.run(work.run.id).step == 1
    monkeypatch.setattr(door, "SECTIONS", (("copies", "Twice?", counted), rest))
    again = working(store, encoder="foreign-a")
    found = ReportNumbers.from_json(job(again))
    assert calls == ["copies"]
    assert [one.key for one in found.sections] == ["copies", "forecasts"]
    run = store.run(again.run.id)
    assert (run.step, run.steps) == (2, 2)
    said = [one.detail for one in store.events(run.id) if one.name == PHASE]
    assert said[-1] == "2 of 2: Meant?"


def test_the_oldest_examinations_make_room(store, monkeypatch):
    monkeypatch.setattr(door, "SECTIONS", (("copies", "Twice?", copies),))
    monkeypatch.setattr(examine_job, "MOST", 2)
    for encoder in ("foreign-a", "foreign-b", "random:1001"):
        job(working(store, encoder=encoder))
    assert len(list((store.path.parent / "examined").iterdir())) == 2


def test_a_request_names_no_file(store):
    with pytest.raises(PlantEduError, match="no file and no module"):
        job(working(store, encoder="py:os:getcwd"))
