"""The second line: no id or name that reaches a page or a job opens what belongs to another."""

import json

import pytest

from plantedu.course.claims import Claims
from plantedu.errors import PlantEduError
from plantedu.jobs.worker import outcome
from plantedu.store.lineage import ancestry, checkpoints_of, family_tree, submit_branch
from plantedu.store.run import Metric
from plantedu.store.visible import VisibleStore, of_job, texts
from plantedu.store.work import Work

ANN, EVE = "ann-of-sixteen-letters", "eve-of-sixteen-letters"


@pytest.fixture
def hosted(monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")


def trained(store, learner, seed=0, **words):
    """A finished training with a number in its result and a checkpoint."""
    run_id = store.submit("train", {"seed": seed}, lane="training", learner=learner, **words)
    store.log(run_id, [Metric(10, "loss", 3.0)], step=10)
    folder = store.folder(run_id) / "checkpoints"
    folder.mkdir()
    (folder / "step-0010.safetensors").write_bytes(b"weights")
    number = {"value": 1.0, "null": 0.0, "control": "none", "n": 1, "question": "q"}
    store.finish(run_id, {"score": number})
    return run_id


DOORS = {
    "run": lambda seen, run: seen.run(run),
    "metrics": lambda seen, run: seen.metrics(run),
    "thinned": lambda seen, run: seen.thinned(run),
    "names": lambda seen, run: seen.metric_names(run),
    "events": lambda seen, run: seen.events(run),
    "seconds": lambda seen, run: seen.seconds(run),
    "ahead": lambda seen, run: seen.ahead(run),
    "folder": lambda seen, run: seen.folder(run),
    "checkpoints": checkpoints_of,
    "family": family_tree,
    "ancestry": ancestry,
    "branch": submit_branch,
    "cancel": lambda seen, run: seen.cancel(run),
    "pause": lambda seen, run: seen.pause(run),
    "resume": lambda seen, run: seen.resume(run),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_door_is_shut_for_others_and_open_for_who_has_a_share(store, hosted, door):
    run = trained(store, ANN)
    made = set(store.path.parent.rglob("*"))
    with pytest.raises(PlantEduError):
        door(VisibleStore(store, EVE), run)
    assert store.run(run).state == "done"
    new = {path.name for path in set(store.path.parent.rglob("*")) - made}
    assert new <= {".opened"}  # when it was looked at last, for the clean-up
    assert [run.id for run in store.runs()] == [run]
    if door not in [DOORS[name] for name in ("pause", "resume", "branch")]:  # it is done, and short
        door(VisibleStore(store, ANN), run)
        door(VisibleStore(store, ""), run)


def test_alone_everybody_at_the_machine_sees_all(store):
    run = trained(store, ANN)
    assert VisibleStore(store, EVE).run(run).id == run
    assert VisibleStore(store, EVE).runs() == store.runs()


def test_a_strangers_branch_of_a_shared_run_is_not_shown(store, hosted):
    """Two learners share a run; what one of them makes of it is not the other's to see."""
    shared = trained(store, ANN)
    store.submit("train", {"seed": 0}, lane="training", learner=EVE)
    own = trained(store, ANN, 1, parent=shared)
    secret = trained(store, EVE, 2, parent=shared)
    trained(store, EVE, 3, parent=secret)
    assert [one.run.id for one in family_tree(VisibleStore(store, ANN), shared)] == [shared, own]
    assert len(family_tree(store, shared)) == 4  # for who hosts it
    assert [run.id for run in VisibleStore(store, ANN).runs()] == [own, shared]


def test_a_line_of_descent_ends_where_others_begin(store, hosted):
    hidden = trained(store, EVE)
    own = trained(store, ANN, 1, parent=hidden)
    assert [run.id for run in ancestry(VisibleStore(store, ANN), own)] == [own]


REQUESTS = [
    {"checkpoint": "run:{run}@last"},
    {"encoders": ["cross-0", "run:{run}@10"]},
    {"settings": {"dictionary": "run:{run}"}},
    {"start": "run:{run}@plateau"},
    {"source": "run:{run}#/score"},
]


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_request_names_no_run_of_another_wherever_it_stands(store, hosted, request_):
    run = trained(store, ANN)
    text, short = (
        json.loads(json.dumps(request_).replace("{run}", words)) for words in (run, run[:3])
    )
    for words in (text, short):
        with pytest.raises(PlantEduError, match="There is no run"):
            VisibleStore(store, EVE).submit("spectrum", words, lane="analysis")
    assert VisibleStore(store, ANN).submit("spectrum", text, lane="analysis")


PATHS = [
    "file:/etc/passwd",
    "/srv/course/checkpoints/cross-0",
    "../cross-0",
    "shipped:a/../../b",
    "~/weights",
    "weights.safetensors",
    "C:\\weights",
    "https://example.org/weights",
    "data.npz",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_request_of_a_page_names_no_file(store, path):
    with pytest.raises(PlantEduError, match="not files of this machine"):
        VisibleStore(store, ANN).submit("spectrum", {"a": [{"checkpoint": path}]}, lane="analysis")
    assert VisibleStore(store, "").submit(
        "spectrum", {"checkpoint": path}, lane="analysis"
    )  # a terminal


@pytest.mark.parametrize(
    "words",
    ["cross-0", "shipped:stages/0600", "random:3", "cross-0/h", "bump/never-0450", "2 x 3.5"],
)
def test_what_ships_may_be_named(store, words):
    assert VisibleStore(store, ANN).submit("spectrum", {"checkpoint": words}, lane="analysis")


def test_a_job_looks_again(store, hosted):
    """A request that came into the store by another way is refused by who does it."""
    run = trained(store, ANN)
    sly = store.submit("spectrum", {"checkpoint": f"run:{run}@last"}, lane="analysis", learner=EVE)
    with pytest.raises(PlantEduError, match="There is no run"):
        of_job(store, store.run(sly))
    write, said = outcome(lambda _: {"read": "all"}, Work(store, store.run(sly), None))
    assert write == store.fail
    assert "There is no run" in said


def test_a_job_sees_its_own_run_and_its_parent_though_its_learner_has_left_them(store, hosted):
    parent = trained(store, ANN)
    own = store.submit(
        "train", {"start": f"run:{parent}@10"}, lane="training", learner=ANN, parent=parent
    )
    for run in (parent, own):
        with store.database.write() as link:
            link.execute("DELETE FROM shares")
        assert of_job(store, store.run(own)).run(run).id == run


def test_a_claim_rests_on_no_run_of_another(store, hosted, tmp_path):
    run, claims = trained(store, ANN), Claims(store.path)
    words = ("It tells the disease.", f"run:{run}#/score", "A null as high as this one.")
    with pytest.raises(PlantEduError, match="of yours"):
        claims.make(EVE, "02_training", *words, results=tmp_path, store=store)
    assert claims.make(ANN, "02_training", *words, results=tmp_path, store=store).value == 1.0


def test_a_parent_of_another_is_refused(store, hosted):
    run = trained(store, ANN)
    with pytest.raises(PlantEduError, match="of yours"):
        VisibleStore(store, EVE).submit("train", {"seed": 5}, lane="training", parent=run)


def test_all_texts_of_a_request_are_looked_at():
    found = texts({"a": ["b", {"c": ("d", 1, None)}], "e": True})
    assert list(found) == ["b", "d"]
