"""The page of lesson 03: every lab opens, asks the worker, and keeps what a learner has locked."""

from types import SimpleNamespace

import numpy as np
import pytest

from app import session
from app.labs.bump.detector import _happened
from plantedu.course.predictions import Predictions
from plantedu.errors import PlantEduError
from plantedu.jobs.jobs import Work
from plantedu.store.run import Metric
from plantedu.topics.bump import own_curve
from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS
from plantedu.topics.bump.clinic.verdict import judge
from tests.app.conftest import text_of


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("03_bump")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(
    ("lab", "said"),
    [
        ("The curve", "of curves stay below"),
        ("Two rulers", "random init"),
        ("Fork", "two controls with other batches"),
        ("Move the switch", "queue on from the first step: 2 of 5 runs with a drop"),
        ("Before and after", "Who moved: ruler"),
        ("Escape", "shuffled labels"),
        ("Grokking", "shuffled answers"),
        ("Clinic", "paid so far: 0"),
    ],
)
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


RECORDED = ("Two rulers", "Fork", "Move the switch", "Before and after", "Escape", "Grokking")


@pytest.mark.parametrize("lab", RECORDED)
def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch, lab):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    assert len(open_lab(lab).info) >= 1


@pytest.mark.parametrize("instrument", ["Line between", "Gradients", "LLC"])
def test_every_instrument_draws_its_recorded_result(open_lab, instrument):
    before = len(open_lab("Escape").get("vega_lite_chart"))
    app = open_lab("Before and after", instrument=instrument)
    assert len(app.get("vega_lite_chart")) >= before


def test_the_page_names_every_control(open_page, open_lab):
    words = text_of(open_page("03_bump"))
    for lab in (*RECORDED, "The curve", "Clinic"):
        words += text_of(open_lab(lab))
    for control in session.lesson("03_bump").controls:
        assert control in words, control


def test_the_recipe_is_shown_only_after_the_bet(open_lab):
    app = open_lab("The curve")
    assert "queue on" not in "\n".join(chart.proto.alt for chart in app.get("vega_lite_chart"))
    app.toggle(key="published bet").set_value(True).run()
    words = text_of(app)
    assert "1. *queue on*" in words
    assert "24,901" in words


@pytest.fixture
def file_page(open_lab, store, token):
    """The page with a file; what it asks is done at once, as the worker does it."""

    def file_page(text, *, name="mine.csv"):
        data = text if isinstance(text, bytes) else text.encode()
        app = open_lab("The curve", **{"curve source": "My file"})
        app.get("file_uploader")[0].upload(name, data, "text/csv").run()
        assert not app.exception, app.exception
        return app

    return file_page


def looked(app, store, learner):
    """The button is pressed, the run is done, the page looks again."""
    next(one for one in app.button if one.label == "Look for steps").click().run()
    run = store.lease("analysis", "tester")
    if run is not None:  # the same asked twice is one run
        try:
            result = own_curve.job(Work(store, run, SimpleNamespace(wish="")))
            store.finish(run.id, result, worker="tester")
        except PlantEduError as error:
            store.fail(run.id, str(error), worker="tester")
    app.run()
    assert not app.exception, app.exception
    assert not list(store.path.parent.rglob("uploads/*/*")), learner
    return app


def losses(step, *, at=250, rows=400):
    generator = np.random.default_rng(0)
    loss = 5 - np.arange(rows) / 400 + generator.normal(0, 0.02, rows)
    loss[at:] -= step
    return loss


def test_a_file_of_ones_own_is_searched_by_the_worker_and_deleted(
    file_page, store, token, monkeypatch
):
    """The server only keeps the bytes: a table of a megabyte may cost a gigabyte to parse."""
    text = "step,loss\n" + "\n".join(f"{10 * k},{v:.5f}" for k, v in enumerate(losses(0.5)))
    with monkeypatch.context() as patch:
        patch.setattr(
            "plantedu.topics.bump.changepoints.reading.opened",
            lambda *_: pytest.fail("parsed in the server"),
        )
        app = file_page(text)
    assert not list(store.path.parent.rglob("uploads/*/*"))
    app = looked(app, store, token)
    app.text_input(key="curve events").set_value("2500 queue on; 300 warm-up").run()
    assert not app.exception, app.exception
    words = text_of(app)
    assert "at step **2,500**" in words
    assert "1. *queue on*" in words
    assert "column" not in [box.label for box in app.selectbox]


def test_where_several_columns_qualify_one_is_chosen(file_page, store, token):
    rows = zip(losses(0.5), losses(0.5, at=150), strict=True)
    text = "step,a loss,b loss\n" + "\n".join(
        f"{10 * k},{a:.5f},{b:.5f}" for k, (a, b) in enumerate(rows)
    )
    app = looked(file_page(text), store, token)
    assert any("2 columns could be the loss" in one.value for one in app.info)
    assert app.selectbox(key="file column").options == ["a loss", "b loss"]
    app.selectbox(key="file column").select("b loss").run()
    app = looked(app, store, token)
    words = text_of(app)
    assert "at step **1,500**" in words
    assert "Column `b loss`" in words


def test_of_several_splits_one_is_chosen(file_page, store, token):
    text = "step,loss,split\n" + "\n".join(
        f"{10 * k},{v:.5f},{name}"
        for name, at in (("train", 250), ("valid", 150))
        for k, v in enumerate(losses(0.5, at=at))
    )
    app = looked(file_page(text), store, token)
    assert "at step **2,500**" in text_of(app)
    app.selectbox(key="file split").select("valid").run()
    assert "at step **1,500**" in text_of(looked(app, store, token))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no column step and no column loss; it has a, b."),
        ("step,loss\n1,2\n2,3\n", "30 are needed"),
        (b"\x1f\x8b damaged", "is damaged or was cut off"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_without_a_path(
    file_page, store, token, text, said
):
    app = looked(file_page(text), store, token)
    errors = "\n".join(one.value for one in app.error)
    assert said in errors
    assert "/tmp" not in errors
    assert "--column" not in errors


def test_an_event_without_a_step_is_said_on_the_page(file_page):
    app = file_page("step,loss\n" + "\n".join(f"{k},{k % 7}" for k in range(60)))
    app.text_input(key="curve events").set_value("queue").run()
    assert any("4000 queue on" in one.value for one in app.warning)


@pytest.mark.parametrize(
    ("lab", "button", "kind", "lane"),
    [
        ("Fork", "ask fork ", "fork", "analysis"),
        ("Move the switch", "ask switch ", "switch", "analysis"),
        ("Grokking", "ask grokking ", "grokking", "analysis"),
        ("Before and after", "ask crossing ", "crossing", "analysis"),
        ("Escape", "ask escape ", "escape", "analysis"),
    ],
)
def test_a_button_asks_the_worker_once(open_lab, store, workers, lab, button, kind, lane):
    app = open_lab(lab)
    app.button(key=button).click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind=kind)
    assert run.lane == lane
    assert lane in workers
    assert "Waiting: it is next" in text_of(app)
    app.button(key=button).click().run()
    assert len(store.runs(kind=kind)) == 1


def test_a_fork_is_drawn_while_it_goes(open_lab, store):
    app = open_lab("Fork")
    app.button(key="ask fork ").click().run()
    (run,) = store.runs(kind="fork")
    store.lease("analysis", "tester")
    store.set_step(run.id, 400, 700)
    names = [f"{arm}/{what}" for arm in ("off", "on") for what in ("loss", "ruler/none")]
    rows = [Metric(400 + k, name, 4.8) for k in range(1, 20) for name in names]
    store.log(run.id, rows, step=419)
    words = text_of(app.run())
    assert words.count("queue on") > text_of(open_lab("Grokking")).count("queue on")


def wrong_key(truth):
    return next(key for key in KEYS if key != truth)


def test_a_diagnosis_is_locked_paid_for_and_kept(open_lab, token):
    case = draw_case(1)
    truth = judge(case, KEYS[0], 0.5).truth.key
    app = open_lab("Clinic")
    app.button(key="order rate").click().run()
    app.button(key="order plants").click().run()
    assert "paid so far: 6" in text_of(app)
    app.radio(key="diagnosis 1 choice").set_value(wrong_key(truth))
    app.slider(key="diagnosis 1 sure").set_value(80)
    next(b for b in app.button if b.label == "Lock my diagnosis").click().run()
    assert not app.exception, app.exception
    label = next(one.label for one in CAUSES if one.key == truth)
    assert f"It was {label}" in text_of(app)
    again = open_lab("Clinic", case=1)
    words = text_of(again)
    assert f"It was {label}" in words, "a reload must not undo a diagnosis"
    assert "less 6 for tests" in words
    assert again.button(key="order raw").disabled
    assert not [b for b in again.button if b.label == "Lock my diagnosis"]
    assert Predictions().of(token, "clinic")["case 1"].answer == truth


def test_the_next_case_is_another_one_and_a_new_visit_begins_at_an_open_case(open_lab):
    app = open_lab("Clinic")
    app.button(key="next case").click().run()
    assert app.number_input(key="case").value == 2
    app.radio(key="diagnosis 2 choice").set_value(KEYS[0])
    next(b for b in app.button if b.label == "Lock my diagnosis").click().run()
    assert "Your cases so far: 1" in text_of(app)
    assert open_lab("Clinic").number_input(key="case").value == 1


def test_a_case_does_not_tell_its_cause(open_lab):
    for number in range(1, 7):
        app = open_lab("Clinic", case=number)
        app.button(key="order parts").click().run()
        rows = [chart.proto.data.data for chart in app.get("vega_lite_chart")]
        spoken = repr(rows) + "\n".join(c.proto.alt for c in app.get("vega_lite_chart"))
        for key in KEYS:
            assert key not in spoken


@pytest.mark.parametrize("words", ["10² queue on", "⑩ queue on", "-5 queue on", "4000"])
def test_an_event_without_a_step_is_a_sentence(words):
    """A squared digit is a digit to Python, and no number."""
    with pytest.raises(PlantEduError, match="An event is a step and a name"):
        _happened(words)
    assert _happened("4,000 queue on; 9000 restart")[0].step == 4000
