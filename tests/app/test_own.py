"""Lesson 12's page: a stranger is examined, a report is read, false alarms stand beside hits."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from app.labs.own.alarms import lines
from app.labs.own.yours import read
from plantedu.errors import PlantEduError
from plantedu.own.examination.page import page
from plantedu.own.examination.report_numbers import ReportNumbers, from_names
from plantedu.shipped_files import results
from tests.app.conftest import text_of


def lab():
    from app.labs.own.examine import examine

    examine()


def kept(name):
    return json.loads((results() / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def opened(token, workers):
    def opened():
        app = AppTest.from_function(lab, default_timeout=60)
        app.query_params["learner"] = token
        app.run()
        assert not app.exception, app.exception
        return app

    return opened


def test_an_examination_is_asked_for_shown_and_kept(opened, store):
    app = opened()
    app.selectbox(key="examined").set_value("foreign-b").run()
    app.button(key="ask examine foreign-b quick").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="examine")
    assert run.lane == "analysis"
    assert run.request == {"encoder": "foreign-b", "quick": True, "seed": 0}
    store.lease("analysis", "tester")
    store.finish(run.id, from_names(kept("12_report")["b"]).as_json(), worker="tester")
    app = opened()
    app.selectbox(key="examined").set_value("foreign-b").run()
    words = text_of(app)
    assert "FOUND: predictions follow" in words
    assert "What would change our mind" in "".join(one.label for one in app.expander)
    places = app.selectbox(key="own section").options
    assert len(places) == 13
    for k in range(len(places)):
        app.selectbox(key="own section").set_value(k).run()
        assert not app.exception, app.exception
    assert app.get("vega_lite_chart")


def test_the_recorded_twin_is_shown_and_nothing_is_found(opened):
    app = opened()
    app.session_state["examined before"] = True
    app.run()
    assert not app.exception, app.exception
    assert "FOUND" not in text_of(app)


def test_a_report_is_read_from_its_page_and_from_its_numbers():
    report = from_names(kept("12_report")["a"])
    assert read(page(report).encode()) == report
    assert read(json.dumps(report.as_json()).encode()) == report
    for other in (b"{}", b"<html>", b"\xff", b"[]"):
        with pytest.raises((ValueError, KeyError, TypeError, AttributeError, PlantEduError)):
            read(other)


def test_hits_stand_beside_false_alarms():
    (found, hits), (alarm, alarms) = lines(kept("12_examine")["mark"])
    assert (found, alarm) == ("found", "false alarms")
    assert hits.n == alarms.n
    assert alarms.null == 0.05


def test_names_and_back():
    report = from_names(kept("12_report")["b"])
    assert ReportNumbers.from_json(report.as_json()) == report
