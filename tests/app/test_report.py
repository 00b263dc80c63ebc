"""The page of lesson 11: the card, one's own calibration, claims and export; empty states teach."""

import io
import json
import zipfile
from types import SimpleNamespace

import pytest

from app import session
from plantedu.course.claims import Claims
from plantedu.course.predictions import Predictions
from plantedu.jobs.jobs import job_for
from plantedu.store.work import Work
from tests.app.conftest import text_of
from tests.topics.report_card.results.test_own_method import result as own_result

LABS = {
    "Report card": "methods on",
    "My predictions": "You have revealed no prediction yet",
    "My claims": "You have claimed nothing yet",
    "Export": "report verify",
}


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, view="11_report", **state):
        app = open_page(view)
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.fixture
def answered(store, token):
    """Three revealed answers and one that is locked."""
    made = Predictions(store.path)
    for stem in ("01_pairs", "08_attacks"):
        for asked in session.lesson(stem).predictions[:2]:
            made.commit(token, stem, asked, asked.keys[0], 0.8)
    for asked in session.lesson("01_pairs").predictions[:2]:
        made.reveal(token, "01_pairs", asked.id, asked.keys[0])
    made.reveal(token, "08_attacks", session.lesson("08_attacks").predictions[0].id, "other")


@pytest.mark.parametrize(("lab", "said"), list(LABS.items()))
def test_every_lab_says_something_to_who_has_done_nothing(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


def test_the_page_names_every_control(open_lab):
    words = "".join(text_of(open_lab(lab)) for lab in LABS)
    for control in session.lesson("11_report").controls:
        assert control in words, control


def test_a_card_that_is_not_there_is_a_sentence(open_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    assert len(open_lab("Report card").info) >= 1


def test_ones_own_card_is_asked_of_the_worker(open_lab, store, workers):
    app = open_lab("Report card")
    app.button(key="ask report_card ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="report_card")
    assert run.request == {"worlds": 5, "seed": 1000, "methods": []}
    assert "analysis" in workers


def test_a_method_of_ones_own_is_a_command_and_a_file(open_lab, store):
    app = open_lab("Report card", **{"own method": True})
    typed = [one.value for one in app.code]
    assert any("report-card --own mine.py:my_map --as attribution" in one for one in typed)
    app.selectbox(key="own kind").set_value("attack").run()
    typed = [one.value for one in app.code]
    assert any('--as attack --beside "pgd" --save mine.json' in one for one in typed)
    upload = app.get("file_uploader")[0].upload
    upload("mine.json", b'{"name": 3}', "application/json").run()
    assert "no result of" in app.error[0].value
    result = json.dumps(own_result("one", "two").as_json()).encode()
    app = app.get("file_uploader")[0].upload("mine.json", result, "application/json").run()
    assert not app.exception, app.exception
    assert "**f**, graded as changepoints on worlds 0 to 4" in text_of(app)
    assert "yours less ours" in text_of(app)
    assert store.runs() == []  # nothing runs here


def test_ones_own_answers_are_taken_apart(open_lab, answered):
    words = text_of(open_lab("My predictions"))
    assert "3 revealed answers" in words
    assert "too few to say: 3 of 10" in words
    assert "1 still locked" in words


def test_a_report_is_made_and_fetched(open_lab, answered, token):
    app = open_lab("Export")
    app.button(key="make report").click().run()
    assert not app.exception, app.exception
    data = app.session_state["report zip"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        every = b"".join(archive.read(name) for name in archive.namelist())
    assert b"01_pairs" in every
    assert token.encode() not in every


def test_a_neighbours_report_is_verified_by_the_worker(open_lab, answered, store, token):
    """What was not made again stands by itself, with its reason; the zip is gone afterwards."""
    run_id = store.submit("report_card", {"worlds": 1}, lane="analysis", learner=token, worker="w")
    store.finish(run_id, {"x": 1.0}, worker="w")
    short = store.submit("ping", {"steps": 1}, lane="analysis", learner=token, worker="w")
    store.finish(short, {"x": 1.0}, worker="w")
    app = open_lab("Export")
    app.button(key="make report").click().run()
    data = app.session_state["report zip"]
    app.get("file_uploader")[0].upload("plantedu-report.zip", data, "application/zip").run()
    next(one for one in app.button if one.label == "Verify it").click().run()
    assert not app.exception, app.exception
    run = store.lease("analysis", "tester")
    wishes = SimpleNamespace(wish="")
    with pytest.MonkeyPatch.context() as patch:
        outlasts = "plantedu.course.report_export.verifying.apart"
        patch.setattr(outlasts, lambda record, *, seconds: None)
        result = job_for("neighbour_report")(Work(store, run, wishes))
    store.finish(run.id, result, worker="tester")
    assert not list(store.path.parent.rglob("uploads/*/*"))
    app.run()
    assert not app.exception, app.exception
    words = text_of(app)
    assert "2 differ, 2 not made again" in words, "two revealed answers are not the right ones"
    assert "**Not made again**, so nothing is known about these numbers" in words
    (left,) = [t.value for t in app.dataframe if "not made again" in str(t.value.values)]
    assert "takes more than 60 s here" in str(left.values)
    assert "'ping' is not on the list" in str(left.values)


def test_who_has_done_nothing_gets_no_report(open_lab):
    app = open_lab("Export")
    app.button(key="make report").click().run()
    assert "There is nothing to report yet" in text_of(app)


def test_a_claim_of_this_lesson_stands_among_all_and_at_its_end(open_lab, store, token):
    """Found by a rehearsal: two buttons of one key were an error box on the page."""
    source = "results/11_report.json#/grades/probe for the mark/alarms"
    Claims(store.path).make(
        *(token, "11_report", "A probe cries wolf.", source, "A probe that does not."),
        results=session.RESULTS,
    )
    app = open_lab("My claims")
    assert text_of(app).count("**A probe cries wolf.**") == 2
    (taken,) = [one for one in app.button if one.key.endswith("of all")]
    taken.click().run()
    assert not app.exception, app.exception
    assert Claims(store.path).of(token) == []


def test_a_claim_needs_a_number_with_a_null(open_lab, store, token):
    app = open_lab("Attack a pair", view="08_attacks")
    assert not app.text_area, "a closed form costs nothing"
    app.session_state["claiming 08_attacks"] = True
    app.run()
    app.text_area(key="claim text").input("Both sensors at once are fooled together.")
    app.text_area(key="claim mind").input("A second seed on which they stand.")
    form = next(b for b in app.button if b.label == "Claim it")
    form.click().run()
    assert "Choose the number" in text_of(app)
    assert Claims(store.path).of(token) == []
    ten = app.selectbox(key="claim source").options
    assert len(ten) == 10
    assert all("radius" in one or "Pictures made" in one or "attacked" in one for one in ten)
    app.text_input(key="claim search").input("both_at_4").run()
    app.selectbox(key="claim source").select("results/08_attacks.json#/both_at_4")
    next(b for b in app.button if b.label == "Claim it").click().run()
    (made,) = Claims(store.path).of(token)
    assert made.evidence.control in text_of(app)
    app.button(key=f"take back {made.number}").click().run()
    assert Claims(store.path).of(token) == []
