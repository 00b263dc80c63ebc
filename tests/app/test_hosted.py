"""The app on a machine that many share: whose runs one sees, what is said, who looks after it."""

import time

import pytest

from plantedu.course.predictions import new_token
from plantedu.jobs.snapshot_note import note_snapshot
from plantedu.store.run import PHASE, Metric
from plantedu.training.recipe import Recipe
from tests.app.conftest import text_of

SECRET = "a-token-of-the-host"
DETAILS = "client.showErrorDetails"


def broken(*_):
    raise RuntimeError("no leaf in /srv/runs/secret")


def test_hosted_an_unforeseen_error_shows_no_insides(open_page, monkeypatch, hosted):
    app = open_page()
    monkeypatch.setattr("plantedu.course.progress.Progress.last_lesson", broken)
    app.run()
    (shown,) = app.exception
    assert "secret" not in str(shown.proto)
    assert "File " not in str(shown.proto)
    assert not shown.proto.stack_trace


def test_alone_an_unforeseen_error_shows_where_it_was(open_page, monkeypatch):
    app = open_page()
    monkeypatch.setattr("plantedu.course.progress.Progress.last_lesson", broken)
    app.run()
    assert "secret" in app.exception[0].message
    assert app.exception[0].stack_trace


@pytest.fixture
def of_another(store):
    """A training that somebody else has asked for."""
    recipe = Recipe(seed=77)
    return store.submit(
        "train", recipe.as_json(), lane="training", learner=new_token(), name="not yours"
    )


def test_alone_the_runs_of_everybody_at_the_machine_show(open_page, of_another):
    assert "not yours" in text_of(open_page("02_training", run=of_another))


def test_hosted_the_run_of_another_is_not_there(open_page, of_another, hosted):
    app = open_page("02_training", run=of_another)
    assert f"There is no run '{of_another}' of yours" in text_of(app)
    assert "not yours" not in text_of(app)
    assert not any("not yours" in option for box in app.selectbox for option in box.options)


def test_who_asks_for_the_same_sees_it(open_page, store, of_another, token, hosted):
    request = store.run(of_another).request
    assert store.submit("train", request, lane="training", learner=token) == of_another
    assert "not yours" in text_of(open_page("02_training", run=of_another))


def test_who_leaves_a_shared_run_leaves_it_to_the_others(
    open_page, store, of_another, token, hosted
):
    """It said Cancel, and then that there was no such run."""
    request = store.run(of_another).request
    store.submit("train", request, lane="training", learner=token)
    app = open_page("02_training", run=of_another)
    leave = next(one for one in app.button if "Leave (1" in one.label)
    leave.click().run()
    assert not app.exception
    assert store.run(of_another).state == "queued"
    assert not store.has_share(of_another, token)
    assert "goes on for the others" in app.toast[0].value
    assert "There is no run" not in text_of(app)


def test_a_wait_is_said_in_minutes_and_a_run_without_steps_by_its_phase(
    open_page, store, token, hosted
):
    """Next in line, nobody said how long; and an analysis stood at "step 0 of 0"."""
    ahead = store.submit("train", {"seed": 5}, lane="training", learner=new_token(), worker="w")
    store.set_step(ahead, 100, 700)
    store.log(ahead, [Metric(100, "steps_per_second", 2.0)], step=100)
    run_id = store.submit("train", Recipe(seed=6).as_json(), lane="training", learner=token)
    assert "Waiting: it is next, about 5 min" in text_of(open_page("02_training", run=run_id))
    store.stopped(ahead, "cancel")
    store.lease("training", "w")
    with store.database.write() as link:
        link.execute("UPDATE runs SET request = '{}', steps = 0 WHERE id = ?", (run_id,))
    store.event(run_id, 0, PHASE, "drawing the controls")
    text = text_of(open_page("02_training", run=run_id))
    assert "drawing the controls" in text
    assert "of 0" not in text


def test_the_limits_and_the_line_are_said(open_page, store, hosted):
    for seed in range(3):
        store.submit(
            "train", {"seed": 500 + seed}, lane="training", learner=new_token(), name="before"
        )
    app = open_page("02_training")
    app.button(key="train").click().run()
    text = text_of(app)
    assert "Waiting: 3 before it" in text
    assert "2 runs waiting at once" in text
    assert "replay a recorded run" in text


def test_a_third_waiting_run_is_refused_in_a_sentence(open_page, hosted):
    app = open_page("02_training")
    for _ in range(3):
        app.button(key="new seed").click().run()
        assert not app.exception
    assert "2 may wait at once" in text_of(app)


@pytest.mark.parametrize(
    ("secret", "given", "there"),
    [
        (SECRET, SECRET, True),
        (SECRET, "another-token-of-16", False),
        (SECRET, "", False),
        ("", "", False),
        ("short", "short", False),
    ],
)
def test_only_who_knows_the_token_looks_after_it(open_page, monkeypatch, secret, given, there):
    monkeypatch.setenv("PLANTEDU_HOST_TOKEN", secret)
    app = open_page(host=given)
    if not there:
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            app.switch_page("views/00_host.py")
        return
    app.switch_page("views/00_host.py").run()
    assert not app.exception
    assert [one.value for one in app.title] == ["How busy this machine is"]
    assert app.metric[0].label == "Waiting"
    assert app.dataframe[0].value["lane"].tolist() == ["training", "analysis", "replay"]


def host_page(open_page, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOST_TOKEN", SECRET)
    app = open_page(host=SECRET).switch_page("views/00_host.py").run()
    assert not app.exception
    return app


def test_the_host_sees_what_failed_and_how_old_the_snapshot_is(
    open_page, monkeypatch, store, plantedu_home
):
    assert "No snapshot is written" in text_of(host_page(open_page, monkeypatch))
    note_snapshot(plantedu_home, ok=True, now=time.time() - 600)
    note_snapshot(plantedu_home, ok=False, error="The disk is full.")
    run_id = store.submit("kept", {}, lane="analysis", worker="w")
    store.fail(run_id, "no leaf was found", worker="w")
    app = host_page(open_page, monkeypatch)
    assert "snapshot failed: The disk is full. The last that succeeded: 10 min ago" in text_of(app)
    failed = app.dataframe[1].value
    assert failed["run"].tolist() == [run_id]
    assert failed["reason"].tolist() == ["no leaf was found"]
    shown = {one.label: one.value for one in app.metric}
    assert {"Open pages", "Classes", "Memory in use", "Processes that want a core"} <= set(shown)


def test_short_of_memory_half_the_batch_is_offered(open_page, store, token):
    recipe = Recipe(seed=5)
    run_id = store.submit("train", recipe.as_json(), lane="training", learner=token, worker="w")
    store.fail(run_id, "There was not enough memory for this run: lower the batch.", worker="w")
    app = open_page("02_training", run=run_id)
    app.button(key=f"smaller {run_id}").click().run()
    assert not app.exception
    (made,) = store.runs(state="queued")
    assert made.request == recipe.as_json() | {"batch": recipe.batch // 2}


def test_an_old_driver_is_said_where_trainings_are_shown(open_page, half_done, plantedu_home):
    (plantedu_home / "hardware.txt").write_text("CPU: the driver is too old")
    assert "the driver is too old" in text_of(open_page("02_training", run=half_done))
